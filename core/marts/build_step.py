"""Marts: the tables that pages read, joined from the checked tables and the results of score and models.

Reads  checked tables, market_scores, market_areas, opportunity_now, opportunity_history, pd_scores, churn_scores,
       churn_flows, drivers, segments, season_index, score_ledger, scores_shown, recommendations
Writes open_loans, recent_contracts, loan_balances, points_lost, peer_revenue, business_revenue, business_scores,
       business_scores_history, peer_stats, business_context, business_street, business_cards (a view), worklist,
       build_info, checks
"""

from datetime import date
from typing import Any

from core import db, tables
from core.config import policy
from core.errors import DataError

# What the work list reads of the policy, by section.
WORKLIST = {
    "worklist": (
        "loss_avoided",
        "loss_avoided_defaulted",
        "offer_by_visit",
        "offer_worth_krw",
        "weak_tier",
        "strong_tier",
        "fall_tiers",
        "early_dpd",
        "late_dpd",
        "maturity_days",
        "silent_days",
        "rest_days",
        "workout_dpd",
    ),
    "desk": ("pd_up", "pd_floor"),
}
NESTED = ("steps", "pd", "churn", "models")  # parts of the summary that are no single value: only in build.json


def bank_marts(con: db.Connection, as_of: date) -> int:
    """Write every mart of the bank's book at `as_of`; rows of business_scores."""
    at = {"as_of": as_of}
    inputs = ("anomalies", "pd_scores", "churn_scores", "churn_flows", "drivers", "segments", "scores_shown")
    tables.ensure(con, *inputs)
    for name in ("open_loans", "recent_contracts"):
        db.create_table(con, name, f"core/marts/sql/{name}", at)
    db.create_table(con, "loan_balances", "core/marts/sql/loan_balances")
    db.create_table(con, "points_lost", "core/marts/sql/points_lost", policy()["score"]["weights"])
    db.create_table(con, "peer_revenue", "core/marts/sql/peer_revenue", at)
    db.create_table(con, "business_revenue", "core/marts/sql/business_revenue", at)
    db.create_table(con, "business_scores_history", "core/marts/sql/business_scores_history")
    params = at | {"lgd": policy()["default"]["lgd"], "loans_known": tables.is_reported(con, "loans")}
    rows = db.create_table(con, "business_scores", "core/marts/sql/business_scores", params)
    for name in ("peer_stats", "business_context", "business_street"):
        db.create_table(con, name, f"core/marts/sql/{name}")
    db.create_view(con, "business_cards", "core/marts/sql/business_cards")
    db.create_table(con, "worklist", "core/marts/sql/worklist", worklist_params(as_of))
    con.execute("DROP TABLE points_lost")
    return rows


def worklist_params(as_of: date) -> dict[str, Any]:
    """Parameters of worklist.sql: the as-of, and every number that the bank decides (core/policy.toml)."""
    return {"as_of": as_of} | {name: policy()[section][name] for section, names in WORKLIST.items() for name in names}


def checks(con: db.Connection) -> int:
    """Write the table checks; the number of checks.

    Raises
    ------
    DataError : a check does not hold; names it with its value and the expected one
    """
    rows = db.create_table(con, "checks", "core/marts/sql/checks")
    failed = con.execute("SELECT check_name, value, expected FROM checks WHERE NOT ok").fetchall()
    if failed:
        failures = "; ".join(f"{name} is {value:g}, expected {expected}" for name, value, expected in failed)
        raise DataError(f"the build does not hold together and was not published: {failures}")
    return rows


def write_info(con: db.Connection, summary: dict) -> None:
    """Write build_info(key, value), both text, from the entries of the summary that are single values."""
    con.execute("CREATE OR REPLACE TABLE build_info (key VARCHAR, value VARCHAR)")
    flat = [(key, None if value is None else str(value)) for key, value in summary.items() if key not in NESTED]
    con.executemany("INSERT INTO build_info VALUES (?, ?)", flat)
