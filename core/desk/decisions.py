"""Decisions on recommendations: taken, declined or overridden, and why.

A decision names the recommendation by build, as-of, product and rank, so it stays valid when the build is deleted.
Decisions are added and never changed: a second opinion is another decision, and both are shown.

Reads and writes desk_decisions.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope

TABLE = schema.decisions
# Reasons to choose from, by decision; "other" needs a text.
REASONS = {
    "taken": ("agreed", "asked_for", "other"),
    "declined": ("refused", "has_elsewhere", "too_dear", "not_now", "not_reached", "other"),
    "overridden": ("not_suitable", "other_need", "knows_more", "data_wrong", "other"),
}


@dataclass(frozen=True)
class Recommendation:
    """A recommendation and the build that made it."""

    build_id: str
    as_of: date
    product_id: str
    rank: int


@dataclass(frozen=True)
class Decision:
    """taken, declined or overridden; the code of the reason; a text; for an override the product offered instead."""

    decision: str
    reason: str
    text: str = ""
    instead_product_id: str | None = None

    def __post_init__(self) -> None:
        if self.reason not in REASONS.get(self.decision, ()):
            raise ValueError(f"{self.decision!r} for {self.reason!r} is no decision; see core.desk.decisions.REASONS")


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Decisions on a business's recommendations of all builds, the newest first."""
    return records.of_business(desk, TABLE, scope, business_id)


def decide(desk: Desk, scope: Scope, business: Business, on: Recommendation, decision: Decision) -> str:
    """Id of a new decision; refused as `empty` when the reason is "other" and there is no text."""
    needs_text = decision.text.strip() or decision.reason == "other"
    text = records.clean_text(decision.text) if needs_text else ""
    return records.add(desk, TABLE, scope, business, vars(on) | vars(decision) | {"text": text})
