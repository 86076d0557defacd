"""Decisions on recommendations: taken, declined or overridden, and why.

A decision names the recommendation by build, as-of, product and place, so it stands when the build is gone. Decisions
are added and never changed: who thinks otherwise later adds another, and both are shown.

Reads and writes desk_decisions.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope

TABLE = schema.decisions
# Reasons to choose from, by decision; "other" wants words.
REASONS = {
    "taken": ("agreed", "asked_for", "other"),
    "declined": ("refused", "has_elsewhere", "too_dear", "not_now", "not_reached", "other"),
    "overridden": ("not_suitable", "other_need", "knows_more", "data_wrong", "other"),
}


@dataclass(frozen=True)
class Recommendation:
    """What was recommended, and by which build."""

    build_id: str
    as_of: date
    product_id: str
    rank: int


@dataclass(frozen=True)
class Decision:
    """taken, declined or overridden; the reason's code; words; for an override the product offered instead."""

    decision: str
    reason: str
    text: str = ""
    instead_product_id: str | None = None

    def __post_init__(self) -> None:
        if self.reason not in REASONS.get(self.decision, ()):
            raise ValueError(f"{self.decision!r} for {self.reason!r} is no decision; see core.desk.decisions.REASONS")


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Decisions on a business's recommendations of all builds, the newest first."""
    return records.rows(desk, TABLE, scope, TABLE.c.business_id == business_id)


def decide(desk: Desk, scope: Scope, business: Business, on: Recommendation, made: Decision) -> str:
    """Id of a new decision; refused as `empty` when the reason is "other" and no words say which."""
    text = records.words(made.text) if made.text.strip() or made.reason == "other" else ""
    return records.add(desk, TABLE, scope, business, vars(on) | vars(made) | {"text": text})
