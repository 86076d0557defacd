"""A handful of customers over thirty month ends, as the scored history and the checked tables have them."""

from datetime import date

import pandas as pd

from core import db
from core.calendar import month_ends

NEWEST = date(2024, 12, 31)
ENDS = month_ends(NEWEST, 24)
PLACES = "closed"


def bank(tiers: dict[str, dict[date, int]], states: dict[str, dict[date, str]] | None = None) -> db.Connection:
    """A database in memory; tier 3 where nothing is said, no loans, nobody away.

    Parameters
    ----------
    tiers : business -> month end -> tier
    states : business -> month end -> state without a tier (CLOSED, INSUFFICIENT)
    """
    con = db.connect()
    said = states or {}
    rows = [
        (business, day, None if _state(said, business, day) else found.get(day, 3), _state(said, business, day) or "OK")
        for business, found in tiers.items()
        for day in ENDS
    ]
    history = pd.DataFrame(rows, columns=["business_id", "as_of", "tier", "state"])
    history["score"] = history["tier"].map(lambda tier: None if pd.isna(tier) else 20.0 * tier - 10)
    con.register("made", history.astype({"tier": "Int64"}))
    con.execute(
        "CREATE TABLE opportunity_history AS SELECT business_id, CAST(as_of AS DATE) AS as_of,"
        " CAST(tier AS INTEGER) AS tier, CAST(score AS INTEGER) AS score, state FROM made"
    )
    con.unregister("made")
    for statement in EMPTY:
        con.execute(statement)
    con.executemany("INSERT INTO business_scores VALUES (?, 'M001', 1000000)", [[business] for business in tiers])
    return con


def _state(said: dict[str, dict[date, str]], business: str, day: date) -> str | None:
    """Closed for good: from the first month end on."""
    found = said.get(business, {})
    closed = min((when for when, state in found.items() if state == "CLOSED"), default=None)
    return "CLOSED" if closed and day >= closed else found.get(day)


EMPTY = (
    "CREATE TABLE loans (loan_id VARCHAR, business_id VARCHAR, closed_on DATE)",
    "CREATE TABLE repayments (loan_id VARCHAR, month DATE, days_past_due INTEGER)",
    "CREATE TABLE revenue (business_id VARCHAR, month DATE, revenue_krw BIGINT)",
    "CREATE TABLE model_test (entity_id VARCHAR, as_of DATE, model VARCHAR, p DOUBLE)",
    "CREATE TABLE pd_scores (business_id VARCHAR, as_of DATE, pd_12m DOUBLE, pd_basis VARCHAR)",
    "CREATE TABLE churn_scores (business_id VARCHAR, as_of DATE, churn_3m DOUBLE)",
    "CREATE TABLE churn_spells (business_id VARCHAR, month DATE, back_month DATE, is_closing BOOLEAN)",
    "CREATE TABLE business_scores (business_id VARCHAR, manager_id VARCHAR, expected_loss_krw BIGINT)",
)


def lend(con: db.Connection, business: str, late: dict[date, int]) -> None:
    """Give a business a loan that is so many days late at these month ends, and on time at the others."""
    con.execute("INSERT INTO loans VALUES ($loan, $business, NULL)", {"loan": f"L{business}", "business": business})
    rows = [[f"L{business}", day.replace(day=1), late.get(day, 0)] for day in ENDS]
    con.executemany("INSERT INTO repayments VALUES (?, ?, ?)", rows)
