"""Tying (꺾기): until when nothing may be sold to a customer because of a loan, in words."""

from typing import Any

from pages.shared.text import day, t, unknown


def block(row: Any) -> str:
    """Until when no deposit, investment or mutual aid may be offered because of a loan; that there is no such block.

    `row` has loan_within_31_days, planned_loan_on and tying_until (31 days after the last loan).
    """
    if unknown(row["loan_within_31_days"]):
        return t("text.unknown")
    if not row["loan_within_31_days"]:
        return t("offers.tying_none")
    if unknown(row["planned_loan_on"]):
        return t("offers.tying_until", day=day(row["tying_until"]))
    return t("offers.tying_planned")
