"""A few businesses written by hand with every table that advice reads, to see rules hold and fail at their limits.

Everybody begins as a healthy shop at AS_OF: tier 4, sales of 20 million a month, deposits of 30 million, no debt.
"""

from datetime import date
from pathlib import Path

import duckdb

from core import db
from core.advice import rules
from core.sources.products import catalogue

AS_OF = date(2024, 12, 31)
TABLES = """
CREATE TABLE businesses(business_id VARCHAR, manager_id VARCHAR, registration_no VARCHAR, category VARCHAR,
  district_code VARCHAR, employees INTEGER, owner_birth_year INTEGER, opened_on DATE, customer_since DATE,
  status VARCHAR, status_on DATE);
CREATE TABLE revenue(business_id VARCHAR, month DATE, revenue_krw BIGINT, available_on DATE);
CREATE TABLE balances(business_id VARCHAR, month DATE, deposit_avg_krw BIGINT, inflow_krw BIGINT, outflow_krw BIGINT,
  overdraft_limit_krw BIGINT, overdraft_used_krw BIGINT, available_on DATE);
CREATE TABLE loans(loan_id VARCHAR, business_id VARCHAR, product_id VARCHAR, principal_krw BIGINT, annual_rate DOUBLE,
  opened_on DATE, matures_on DATE, repayment VARCHAR, closed_on DATE, available_on DATE);
CREATE TABLE repayments(loan_id VARCHAR, month DATE, due_krw BIGINT, paid_krw BIGINT, days_past_due INTEGER,
  available_on DATE);
CREATE TABLE holdings(holding_id VARCHAR, business_id VARCHAR, product_id VARCHAR, opened_on DATE, ends_on DATE,
  closed_on DATE, available_on DATE);
CREATE TABLE interactions(business_id VARCHAR, product_id VARCHAR, "at" TIMESTAMP, action VARCHAR, available_on DATE);
CREATE TABLE suitability(business_id VARCHAR, kind VARCHAR, recorded_on DATE, expires_on DATE, available_on DATE);
CREATE TABLE opportunity_history(business_id VARCHAR, as_of DATE, score INTEGER, tier INTEGER, state VARCHAR);
CREATE TABLE pd_scores(business_id VARCHAR, as_of DATE, pd_12m DOUBLE, pd_basis VARCHAR);
CREATE TABLE churn_scores(business_id VARCHAR, as_of DATE, churn_3m DOUBLE, level VARCHAR);
CREATE TABLE drivers(business_id VARCHAR, model VARCHAR, reason VARCHAR, contribution DOUBLE, rank INTEGER);
"""
SHOPS = """
INSERT INTO businesses SELECT unnest($ids), 'M1', '1231200005', 'dining', '11170', 2, 1980, DATE '2015-03-01',
  DATE '2018-03-01', 'open', NULL;
CREATE TEMP TABLE months AS SELECT CAST(m AS DATE) AS month, last_day(m) AS known
  FROM range(DATE '2022-01-01', DATE '2025-01-01', INTERVAL 1 MONTH) AS r(m);
INSERT INTO revenue SELECT business_id, month, 20000000, known FROM businesses, months;
INSERT INTO balances SELECT business_id, month, 30000000, 11000000, 10000000, 0, 0, known FROM businesses, months;
INSERT INTO opportunity_history
  SELECT business_id, known, 70, 4, 'OK' FROM businesses, months WHERE known IN ('2024-12-31', '2023-12-31');
"""


def bank(*shops: str) -> duckdb.DuckDBPyConnection:
    """A database with these shops, the real catalogue of products and the real rules."""
    con = db.connect()
    con.execute(TABLES)
    for statement in SHOPS.split(";"):
        if statement.strip():
            con.execute(statement, {"ids": list(shops)} if "$ids" in statement else None)
    catalogue.load(con, Path("nothing fetched"))
    return con


def score(con: duckdb.DuckDBPyConnection, shop: str, value: int | None, tier: int | None) -> None:
    """Give a shop another score of today."""
    con.execute(
        "UPDATE opportunity_history SET score = $score, tier = $tier WHERE business_id = $id AND as_of = $as_of",
        {"score": value, "tier": tier, "id": shop, "as_of": AS_OF},
    )


def lend(con: duckdb.DuckDBPyConnection, shop: str, opened: str, principal: int = 12_000_000, **more: object) -> None:
    """A loan of five years at 6 %; `due` a month and `days` past due as the bank reported them in the newest month."""
    loan = f"L{db.count(con, 'loans')}"
    known = more.get("known", min(opened, str(AS_OF)))
    con.execute(
        "INSERT INTO loans VALUES ($loan, $shop, 'L04', $principal, $rate, $opened, DATE '2030-12-31', 'annuity', NULL,"
        " $known)",
        {
            "loan": loan,
            "shop": shop,
            "principal": principal,
            "rate": more.get("rate", 0.06),
            "opened": opened,
            "known": known,
        },
    )
    if "due" in more:
        con.execute(
            "INSERT INTO repayments VALUES ($loan, DATE '2024-12-01', $due, $due, $days, DATE '2024-12-31')",
            {"loan": loan, "due": more["due"], "days": more.get("days", 0)},
        )


def prepared(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The same database with rules, facts and conditions."""
    rules.catalogue(con)
    rules.facts(con, AS_OF)
    rules.conditions(con)
    return con


def failed(con: duckdb.DuckDBPyConnection, shop: str) -> dict[str, list[str]]:
    """The rules that speak against each product for a shop."""
    rows = rules.blocked(prepared(con), shop)
    return dict(zip(rows["product_id"], rows["failed_rules"], strict=True))
