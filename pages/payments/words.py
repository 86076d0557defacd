"""A payment in words: its level, what the bank does with it, its parts and its reasons."""

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
    """The index, two digits; it is no probability and gets no percent sign."""
    return t("text.unknown") if unknown(value) else number(value, 2)


def method(code: object) -> str:
    """How it was paid."""
    return plain_code_word("payment_method", str(code))


def category(code: object) -> str:
    """What kind of shop was paid."""
    return reference().names["categories", lang()].get(str(code), clean(code))


def outcome(succeeded: object) -> str:
    """Whether the payment went through."""
    if unknown(succeeded):
        return t("text.unknown")
    return t("payments.went_through" if succeeded else "payments.went_wrong")


def reasons(packed: object, model: str) -> list[str]:
    """The reasons of one model for a payment, heaviest first, as "feature: value"; `packed` as JSON or unpacked."""
    found = json.loads(packed) if isinstance(packed, str) else packed
    return [reason(one) for one in found.get(model, [])] if isinstance(found, Mapping) else []


def reason(found: Mapping[str, Any]) -> str:
    """One reason: the feature that carries most of it and its value."""
    name, value = features.feature(found["feature"]), found["value"]
    if unknown(value):
        return t("payments.reason_unknown", name=name)
    return t("payments.reason", name=name, value=_value(str(found["feature"]), float(value)))


def _value(feature: str, value: float) -> str:
    if feature in FLAGS:
        return t("payments.yes" if value else "payments.no")
    if feature in SHARES:
        return percent(value)
    return number(value) if value == int(value) else number(value, 2)


def why(shares: Mapping[str, float], packed: object) -> str:
    """What the index is mostly made of, and the heaviest reason where it is the chance of fraud."""
    known = {part: share for part, share in shares.items() if not unknown(share)}
    if not known or not max(known.values()):
        return "–"
    part = max(known, key=lambda name: known[name])
    told = reasons(packed, "fraud") if part == "fraud" else []
    share = percent(known[part] / sum(known.values()), 0)
    return " · ".join([t("payments.why_part", part=t(f"payments.part_name.{part}"), share=share), *told[:1]])


def styled(table: pd.DataFrame, levels: pd.Series) -> Styler:
    """A table of payments with columns level, risk_index, amount_krw and p_success; `levels` are the rows' codes."""
    formats: dict[str, table_formats.Format] = {
        "risk_index": index,
        "amount_krw": money,
        "p_success": lambda p: percent(p, 0),
    }
    marked = levels.map(theme.risk_css)
    return table_formats.styler(table, formats).apply(lambda _: marked, subset=["level"])
