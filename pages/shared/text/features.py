"""Names of models, features, metrics and algorithms; a code without a name shows itself."""

from pages.shared.text import Number, lang, number, strings, t, unknown
from pages.shared.text.escape import clean
from pages.shared.text.names import plain_code_word

SMOTE = "_smote"  # ending of an algorithm that was trained with SMOTE, in the report of the comparison


def metric(code: str) -> str:
    """Name of a metric."""
    return strings(lang()).get(f"metric.{code}", code)


def metric_help(code: str) -> str | None:
    """What a metric means; None without an explanation."""
    return strings(lang()).get(f"metric_help.{code}")


def algorithm(key: str) -> str:
    """Name of an algorithm of the comparison."""
    return plain_code_word("algorithm", key)


def full_name(key: str) -> str:
    """Name of an algorithm, with SMOTE where it was trained with it."""
    name = algorithm(key.removesuffix(SMOTE))
    return t("lending.name_smote", name=name) if key.endswith(SMOTE) else name


def feature(code: str) -> str:
    """Short name of a feature, for axes."""
    return plain_code_word("feature", code)


def model(name: str) -> str:
    """What a model predicts, short."""
    return plain_code_word("model", name)


def interval(low: Number, high: Number, digits: int = 3) -> str:
    """A 95 % interval in words."""
    if unknown(low) or unknown(high):
        return t("text.unknown")
    return t("models.interval", low=number(low, digits), high=number(high, digits))


def metric_short(code: str) -> str:
    """Name of a metric where there is little room."""
    return strings(lang()).get(f"metric_short.{code}", metric(code))


def label(name: str, card_words: object) -> str:
    """What a model predicts, exactly; in the words of its card where the strings have none."""
    return strings(lang()).get(f"code.label.{name}", clean(card_words) if card_words else t("text.unknown"))
