"""Words for what models are measured by and made of; a code without a word shows itself."""

from pages.shared.text import Number, lang, number, strings, t, unknown
from pages.shared.text.escape import clean
from pages.shared.text.names import plain_code_word

SMOTE = "_smote"  # what the comparison's report puts behind an algorithm that was trained with it


def metric(code: str) -> str:
    """Name of a metric."""
    return strings(lang()).get(f"metric.{code}", code)


def metric_help(code: str) -> str | None:
    """What a metric means, for whoever meets it first."""
    return strings(lang()).get(f"metric_help.{code}")


def algorithm(key: str) -> str:
    """Name of an algorithm of the comparison."""
    return plain_code_word("algorithm", key)


def full_name(key: str) -> str:
    """An algorithm and, where it is so, that it was trained with SMOTE."""
    name = algorithm(key.removesuffix(SMOTE))
    return t("lending.name_smote", name=name) if key.endswith(SMOTE) else name


def feature(code: str) -> str:
    """Short name of a feature, for axes."""
    return plain_code_word("feature", code)


def model(name: str) -> str:
    """What a model foretells."""
    return plain_code_word("model", name)


def interval(low: Number, high: Number, digits: int = 3) -> str:
    """A 95 % interval in words."""
    if unknown(low) or unknown(high):
        return t("text.unknown")
    return t("models.interval", low=number(low, digits), high=number(high, digits))


def metric_short(code: str) -> str:
    """Name of a metric where there is little room."""
    return strings(lang()).get(f"metric_short.{code}", metric(code))


def label(name: str, written: object) -> str:
    """What a model foretells, exactly; in the card's own words where the strings have none."""
    return strings(lang()).get(f"code.label.{name}", clean(written) if written else t("text.unknown"))
