"""A small bank with every table that advice reads: a few shops, changed by keyword, to test rules at their limits.

    con = bank("A", "B")                                        # two healthy shops at AS_OF
    add_loan(con, "A", "2022-05-01", due_krw=300_000)           # a loan that A repays
    update(con, "opportunity_history", "B", score=20, tier=1)   # B in the weakest tier
    failed_rules(con, "A")["D01"]                               # the rules that forbid product D01 to shop A

A healthy shop: score 70, tier 4, sales of 20 million won a month, deposits of 30 million, no debt.
"""

from datetime import date
from pathlib import Path

import pandas as pd

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


def bank(*shops: str) -> db.Connection:
    """A database with these healthy shops, the real catalogue of products and the real rules."""
    con = db.connect()
    con.execute(TABLES)
    for statement in SHOPS.split(";"):
        if statement.strip():
            con.execute(statement, {"ids": list(shops)} if "$ids" in statement else None)
    catalogue.load(con, Path("nothing fetched"))
    return con


def insert(con: db.Connection, table: str, **row: object) -> None:
    """One row; columns that are not named are NULL, `available_on` is the row's own day unless it is named."""
    days = [row[column] for column in ("opened_on", "recorded_on", "at", "month") if column in row]
    row = {"available_on": days[0]} | row if days else row
    columns, values = (", ".join(form.format(column) for column in row) for form in ('"{}"', "${}"))
    con.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})", row)


def update(con: db.Connection, table: str, shop: str | None = None, **values: object) -> None:
    """Set columns of one shop, of all shops without one; of opportunity_history the row of AS_OF."""
    changes = ", ".join(f"{column} = ${column}" for column in values)
    day = f" AND as_of = DATE '{AS_OF}'" if table == "opportunity_history" else ""
    con.execute(
        f"UPDATE {table} SET {changes} WHERE business_id = coalesce($shop, business_id){day}", values | {"shop": shop}
    )


def add_loan(
    con: db.Connection,
    shop: str,
    opened_on: str,
    *,
    principal_krw: int = 12_000_000,
    rate: float = 0.06,
    due_krw: int | None = None,
    days_past_due: int = 0,
    known_on: str | None = None,
) -> None:
    """A loan until the end of 2030, known to the bank at AS_OF unless `known_on` is later.

    With `due_krw` its newest instalment is reported, `days_past_due` days late.
    """
    loan = f"L{db.count(con, 'loans')}"
    terms = {"principal_krw": principal_krw, "annual_rate": rate, "matures_on": "2030-12-31", "repayment": "annuity"}
    known = {"available_on": known_on or min(opened_on, str(AS_OF))}
    insert(con, "loans", loan_id=loan, business_id=shop, product_id="L04", opened_on=opened_on, **terms, **known)
    if due_krw is not None:
        paid = {"due_krw": due_krw, "paid_krw": due_krw, "days_past_due": days_past_due}
        insert(con, "repayments", loan_id=loan, month="2024-12-01", available_on=AS_OF, **paid)


def prepare(con: db.Connection) -> db.Connection:
    """Write catalogue, facts and conditions; the same database."""
    rules.write_catalogue(con)
    rules.write_facts(con, AS_OF)
    rules.write_conditions(con)
    return con


def products_of(con: db.Connection, shop: str) -> pd.DataFrame:
    """Eligibility of every product for a shop, by product_id; writes what it reads first."""
    return rules.eligibility(prepare(con), shop).set_index("product_id")


def failed_rules(con: db.Connection, shop: str) -> dict[str, list[str]]:
    """The rules that forbid each product to a shop."""
    return products_of(con, shop)["failed_rules"].to_dict()


def fact(con: db.Connection, column: str) -> object:
    """One column of advice_facts in a bank of one shop."""
    return con.execute(f"SELECT {column} FROM advice_facts").fetchall()[0][0]
