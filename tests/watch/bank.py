"""Makes a small bank for the tests of core.watch: a few customers over 24 month ends, in the tables that it reads.

    con = bank("A", "B", tiers={"A": {NEWEST: 2}}, days_past_due={"B": {NEWEST: 45}})

By default a customer is in tier 3 at every month end, has no loan and stays with the bank.
"""

from collections.abc import Mapping
from datetime import date

from core import db
from core.calendar import month_ends

NEWEST = date(2024, 12, 31)
ENDS = month_ends(NEWEST, 24)

# Tables of the build, as far as core.watch reads them.
TABLES = (
    "CREATE TABLE opportunity_history (business_id VARCHAR, as_of DATE, tier INTEGER, score INTEGER, state VARCHAR)",
    "CREATE TABLE loans (loan_id VARCHAR, business_id VARCHAR, closed_on DATE)",
    "CREATE TABLE repayments (loan_id VARCHAR, month DATE, days_past_due INTEGER)",
    "CREATE TABLE revenue (business_id VARCHAR, month DATE, revenue_krw BIGINT)",
    "CREATE TABLE model_test (entity_id VARCHAR, as_of DATE, model VARCHAR, p DOUBLE)",
    "CREATE TABLE pd_scores (business_id VARCHAR, as_of DATE, pd_12m DOUBLE, pd_basis VARCHAR)",
    "CREATE TABLE churn_scores (business_id VARCHAR, as_of DATE, churn_3m DOUBLE)",
    "CREATE TABLE churn_spells (business_id VARCHAR, month DATE, back_month DATE, is_closing BOOLEAN)",
    "CREATE TABLE business_scores (business_id VARCHAR, manager_id VARCHAR, expected_loss_krw BIGINT)",
)

Monthly = Mapping[str, Mapping[date, int]]


def bank(
    *customers: str,
    tiers: Monthly | None = None,
    closed_on: Mapping[str, date] | None = None,
    insufficient_on: Mapping[str, date] | None = None,
    days_past_due: Monthly | None = None,
    left_on: Mapping[str, date] | None = None,
    expected_loss_krw: Mapping[str, int] | None = None,
    pd_12m: Mapping[str, float] | None = None,
) -> db.Connection:
    """A database in memory.

    Parameters
    ----------
    customers : ids of the businesses, all in the book of manager M001
    tiers : customer -> month end -> tier, where it is not 3
    closed_on : customer -> first month end at which the business is closed
    insufficient_on : customer -> month end at which its data do not suffice for a tier
    days_past_due : customer -> month end -> days; gives the customer a loan, which is on time at the other month ends
    left_on : customer -> first day of the month in which it left for another bank
    expected_loss_krw : customer -> won, where it is not one million
    pd_12m : customer -> probability of default at the newest month end
    """
    con = db.connect()
    for statement in TABLES:
        con.execute(statement)
    for customer in customers:
        states = _states((closed_on or {}).get(customer), (insufficient_on or {}).get(customer))
        _insert(con, "opportunity_history", _history(customer, (tiers or {}).get(customer, {}), states))
        loss = (expected_loss_krw or {}).get(customer, 1_000_000)
        _insert(con, "business_scores", [(customer, "M001", loss)])
    for customer, days in (days_past_due or {}).items():
        _insert(con, "loans", [(f"L{customer}", customer, None)])
        _insert(con, "repayments", [(f"L{customer}", day.replace(day=1), days.get(day, 0)) for day in ENDS])
    for customer, month in (left_on or {}).items():
        _insert(con, "churn_spells", [(customer, month, None, False)])
    for customer, probability in (pd_12m or {}).items():
        _insert(con, "pd_scores", [(customer, NEWEST, probability, "exposed")])
    return con


def _states(closed_on: date | None, insufficient_on: date | None) -> dict[date, str]:
    """Month end -> state without a tier; who is closed stays closed."""
    states = {day: "CLOSED" for day in ENDS if closed_on and day >= closed_on}
    return states | ({insufficient_on: "INSUFFICIENT"} if insufficient_on else {})


def _history(customer: str, tiers: Mapping[date, int], states: Mapping[date, str]) -> list[tuple]:
    rows = []
    for day in ENDS:
        tier = None if day in states else tiers.get(day, 3)
        rows.append((customer, day, tier, tier and 20 * tier - 10, states.get(day, "OK")))
    return rows


def _insert(con: db.Connection, table: str, rows: list[tuple]) -> None:
    con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
