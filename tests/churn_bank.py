"""A handful of customers whose account is written month by month, to read labels and flows of leaving by hand."""

import duckdb

from core import db

TABLES = """
CREATE TABLE businesses(business_id VARCHAR, manager_id VARCHAR, industry_code VARCHAR, category VARCHAR,
  region VARCHAR, trade_area_code VARCHAR, opened_on DATE, customer_since DATE, status VARCHAR, status_on DATE,
  available_on DATE);
CREATE TABLE revenue(business_id VARCHAR, month DATE, revenue_krw BIGINT, available_on DATE);
CREATE TABLE balances(business_id VARCHAR, month DATE, deposit_avg_krw BIGINT, inflow_krw BIGINT, outflow_krw BIGINT,
  card_settlement_krw BIGINT, overdraft_limit_krw BIGINT, overdraft_used_krw BIGINT, autopay_count INTEGER,
  logins INTEGER, available_on DATE);
CREATE TABLE loans(loan_id VARCHAR, business_id VARCHAR, product_id VARCHAR, principal_krw BIGINT, opened_on DATE,
  matures_on DATE, repayment VARCHAR, closed_on DATE, available_on DATE);
CREATE TABLE repayments(loan_id VARCHAR, month DATE, due_krw BIGINT, paid_krw BIGINT, days_past_due INTEGER,
  available_on DATE);
CREATE TABLE holdings(business_id VARCHAR, product_id VARCHAR, opened_on DATE, ends_on DATE, closed_on DATE,
  available_on DATE);
CREATE TABLE contacts(business_id VARCHAR, "at" TIMESTAMP, complaint INTEGER, available_on DATE);
"""


CUSTOMERS = """
INSERT INTO businesses SELECT unnest($ids), 'M1', 'CS100001', 'retail', 'R1', '1000001', DATE '2019-01-01',
  DATE '2020-01-01', 'open', NULL, DATE '2020-01-01';
INSERT INTO holdings SELECT business_id, 'D01', DATE '2020-06-01', NULL, NULL, DATE '2020-06-01' FROM businesses;
CREATE TEMP TABLE months AS SELECT CAST(m AS DATE) AS month, last_day(m) AS known
  FROM range(DATE '2021-01-01', DATE '2024-01-01', INTERVAL 1 MONTH) AS r(m);
INSERT INTO revenue SELECT business_id, month, 8000000, known FROM businesses, months;
INSERT INTO balances
  SELECT business_id, month, 10000000, 5000000, 5000000, 3000000, 0, 0, 4, 8, known FROM businesses, months;
DROP TABLE months;
"""


def bank(*customers: str) -> duckdb.DuckDBPyConnection:
    """These customers, January 2021 to December 2023: every month a deposit of 10 million won, 5 million paid in, eight
    log-ins and sales of 8 million; one product."""
    con = db.connect()
    con.execute(TABLES)
    for statement in CUSTOMERS.split(";"):
        if statement.strip():
            con.execute(statement, {"ids": list(customers)} if "$ids" in statement else None)
    return con


def change(con: duckdb.DuckDBPyConnection, name: str, first: str, last: str = "2023-12", **values: int) -> None:
    """Overwrite columns of the account (deposit, inflow, logins) or the sales from one month to another."""
    columns = {"deposit": "deposit_avg_krw", "inflow": "inflow_krw", "logins": "logins", "sales": "revenue_krw"}
    for key, value in values.items():
        table = "revenue" if key == "sales" else "balances"
        con.execute(
            f"UPDATE {table} SET {columns[key]} = $value WHERE business_id = $id"
            " AND month BETWEEN CAST($first AS DATE) AND CAST($last AS DATE)",
            {"value": value, "id": name, "first": f"{first}-01", "last": f"{last}-01"},
        )
