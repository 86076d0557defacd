"""Words on a payment: its level, what the bank does with it, the parts of its risk index and its reasons."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from pages.shared.charts import theme
from pages.shared.parts import table_formats
from pages.shared.read import reference
from pages.shared.text import Number, features, lang, money, number, percent, t, unknown
from pages.shared.text.escape import clean
from pages.shared.text.names import plain_code_word

LEVELS = ("very_high", "high", "not_assessable", "medium", "low")
SHARES = ("hour_habit", "failed_share_30d")
FLAGS = ("last_failed", "first_merchant", "first_method")


def level(code: str) -> str:
    """Name of a level of risk."""
    return t(f"payments.level.{code}")


def action(code: str) -> str:
    """What the bank does with a payment of a level."""
    return t(f"payments.action.{code}")


def index(value: Number) -> str:
    """The index with two digits; it is no probability and gets no percent sign."""
    return t("text.unknown") if unknown(value) else number(value, 2)


def method(code: object) -> str:
    """Way of paying."""
    return plain_code_word("payment_method", str(code))


def category(code: object) -> str:
    """Kind of the shop that was paid."""
    return reference().names["categories", lang()].get(str(code), clean(code))


def outcome(succeeded: object) -> str:
    """Whether the payment went through."""
    if unknown(succeeded):
        return t("text.unknown")
    return t("payments.went_through" if succeeded else "payments.went_wrong")


def reasons(packed: object, model: str) -> list[str]:
    """The reasons of one model for a payment, heaviest first, as "feature: value".

    packed : model -> reasons, as JSON or as a mapping
    """
    by_model = json.loads(packed) if isinstance(packed, str) else packed
    return [_reason(entry) for entry in by_model.get(model, [])] if isinstance(by_model, Mapping) else []


def _reason(entry: Mapping[str, Any]) -> str:
    """The feature that carries most of a reason, and its value."""
    name, value = features.feature(entry["feature"]), entry["value"]
    if unknown(value):
        return t("payments.reason_unknown", name=name)
    return t("payments.reason", name=name, value=_value(str(entry["feature"]), float(value)))


def _value(feature: str, value: float) -> str:
    if feature in FLAGS:
        return t("payments.yes" if value else "payments.no")
    if feature in SHARES:
        return percent(value)
    return number(value) if value == int(value) else number(value, 2)


def why(shares: Mapping[str, float], packed: object) -> str:
    """The largest part of the index with its share; the heaviest reason too where that part is the chance of fraud."""
    parts = {part: share for part, share in shares.items() if not unknown(share)}
    if not parts or not max(parts.values()):
        return "–"
    part = max(parts, key=lambda name: parts[name])
    fraud_reasons = reasons(packed, "fraud") if part == "fraud" else []
    share = percent(parts[part] / sum(parts.values()), 0)
    return " · ".join([t("payments.why_part", part=t(f"payments.part_name.{part}"), share=share), *fraud_reasons[:1]])


def styler(table: pd.DataFrame, levels: pd.Series) -> Styler:
    """A table of payments with its figures in words and its levels in colour.

    Parameters
    ----------
    table : with columns level, risk_index, amount_krw and p_success
    levels : code of the level of each row
    """
    formats: dict[str, table_formats.Format] = {
        "risk_index": index,
        "amount_krw": money,
        "p_success": lambda p: percent(p, 0),
    }
    colours = levels.map(theme.risk_css)
    return table_formats.styler(table, formats).apply(lambda _: colours, subset=["level"])
