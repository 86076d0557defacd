"""What a product is called, why it is offered, why it is not, and until when tied sales are forbidden."""

from collections.abc import Iterable
from typing import Any

from pages.shared.read import read
from pages.shared.text import day, lang, t, unknown
from pages.shared.text.escape import clean, safe

MAX_NAME_LENGTH = 80  # the catalogue's names are sentences in English


def names() -> dict[str, str]:
    """Code -> name of the catalogue's products, as plain text; a row without a name shows its code."""
    rows = read("shared/product_names")
    words = rows[f"name_{lang()}"].fillna(rows["product_id"])
    return {code: clean(name, MAX_NAME_LENGTH) for code, name in zip(rows["product_id"], words, strict=True)}


def name(code: object) -> str:
    """Name of a product for Markdown; the code itself where the catalogue lacks it."""
    return safe(names().get(str(code), str(code)), MAX_NAME_LENGTH)


def reasons(codes: Iterable[str]) -> str:
    """Why a product is offered, in one line."""
    return " · ".join(t(f"offer_reason.{code}") for code in codes)


def rules(codes: Iterable[str]) -> str:
    """The rules that forbid a product, or what they ask to confirm, in one line."""
    return " · ".join(t(f"rule.{code}") for code in codes)


def as_of() -> str:
    """The days of the catalogue's oldest and newest rows."""
    days = read("shared/product_names")["as_of"].dropna()
    return " ~ ".join(dict.fromkeys((day(days.min()), day(days.max())))) if len(days) else day(None)


def tied_sales_block(row: Any) -> str:
    """Until when no deposit, investment or mutual aid may be offered because of a loan (tied sales, 꺾기), in words.

    `row` has loan_within_31_days, planned_loan_on and tying_until (31 days after the last loan).
    """
    if unknown(row["loan_within_31_days"]):
        return t("text.unknown")
    if not row["loan_within_31_days"]:
        return t("offers.tying_none")
    if unknown(row["planned_loan_on"]):
        return t("offers.tying_until", day=day(row["tying_until"]))
    return t("offers.tying_planned")
