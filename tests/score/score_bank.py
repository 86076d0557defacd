"""A bank made from lists of monthly sales: the tables that the opportunity score reads, in a real DuckDB."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from core import db
from core.calendar import month_end
from core.score import opportunity
from core.score.components import YEAR, components

AS_OF = date(2024, 12, 31)
M = 10_000_000

SCHEMA = """
CREATE TABLE businesses (business_id VARCHAR, category VARCHAR, region VARCHAR, customer_since DATE, status VARCHAR,
    status_on DATE, available_on DATE);
CREATE TABLE revenue (business_id VARCHAR, month DATE, revenue_krw BIGINT, sales_count BIGINT, available_on DATE);
CREATE TABLE loans (loan_id VARCHAR, business_id VARCHAR, available_on DATE);
CREATE TABLE repayments (loan_id VARCHAR, month DATE, days_past_due INTEGER, available_on DATE);
CREATE TABLE season_index (category VARCHAR, region VARCHAR, month DATE, ln_si DOUBLE);
"""


@dataclass(frozen=True)
class Shop:
    """One business: its sales, oldest month first, None where the month is unknown."""

    sales: list[float | None]
    status: str = "open"
    status_on: date | None = None
    dpd: int | None = None
    category: str = "korean_food"
    region: str = "R1"
    since: date | None = None


def bank(shops: dict[str, Shop], as_of: date = AS_OF, ln_si: list[float] | None = None) -> db.Connection:
    """A database of these shops; the last of their sales is of the month of `as_of`; `ln_si` is for the last months."""
    con = db.connect()
    con.execute(SCHEMA)
    ids = list(shops)
    put(con, "businesses", [{"business_id": key, **_facts(shops[key])} for key in ids])
    put(con, "revenue", [row for key in ids for row in _months(key, shops[key].sales, as_of)])
    late = [key for key in ids if shops[key].dpd is not None]
    put(con, "loans", [{"loan_id": f"L-{key}", "business_id": key, "available_on": as_of} for key in late])
    put(
        con,
        "repayments",
        [
            {
                "loan_id": f"L-{key}",
                "month": as_of.replace(day=1),
                "days_past_due": shops[key].dpd,
                "available_on": as_of,
            }
            for key in late
        ],
    )
    season = [0.0] * 24 if ln_si is None else ln_si
    cells = sorted({(shop.category, region) for shop in shops.values() for region in (shop.region, "")})
    put(
        con,
        "season_index",
        [
            {"category": category, "region": region, "month": month_end(as_of, before).replace(day=1), "ln_si": value}
            for category, region in cells
            for before, value in enumerate(reversed(season))
        ],
    )
    return con


def _facts(shop: Shop) -> dict:
    return {
        "category": shop.category,
        "region": shop.region,
        "customer_since": shop.since,
        "status": shop.status,
        "status_on": shop.status_on,
    }


def _months(key: str, sales: list[float | None], as_of: date) -> list[dict]:
    ends = [month_end(as_of, before) for before in reversed(range(len(sales)))]
    return [
        {"business_id": key, "month": end.replace(day=1), "revenue_krw": round(value), "available_on": end}
        for end, value in zip(ends, sales, strict=True)
        if value is not None
    ]


def put(con: db.Connection, table: str, rows: list[dict]) -> None:
    """Insert rows by column name."""
    if rows:
        con.register("new_rows", pa.Table.from_pylist(rows))
        con.execute(f"INSERT INTO {table} BY NAME FROM new_rows")
        con.unregister("new_rows")


def scored(con: db.Connection, as_of: date = AS_OF) -> pd.DataFrame:
    """Scores as the build makes them; rows by business_id."""
    opportunity.score(con, as_of, "scores")
    return con.execute("FROM scores").df().set_index("business_id").sort_index()


def scored_against(
    con: db.Connection, peer: float | None, cell_median: float | None, as_of: date = AS_OF
) -> pd.DataFrame:
    """The same steps with a given industry percentile and a given median of the cell."""
    db.create_table(con, "score_months", "core/score/sql/score_months", {"as_of": as_of})
    opportunity.create_components(con, "score_months", components)
    con.execute(
        "CREATE OR REPLACE TABLE score_peers AS SELECT business_id, as_of, 50 AS peers, "
        "CAST($peer AS DOUBLE) AS u_industry FROM score_components",
        {"peer": peer},
    )
    opportunity.create_points(con)
    con.execute("UPDATE score_medians SET cell_median = $median", {"median": cell_median})
    opportunity.write_scores(con, "scores", YEAR)
    return con.execute("FROM scores").df().set_index("business_id").sort_index()
