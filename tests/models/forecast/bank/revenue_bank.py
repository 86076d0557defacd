"""A small bank for the tests of the revenue forecast: sales vary around a level with a season; no other data."""

import numpy as np
import pandas as pd

from core import db

FIRST = pd.Period("2020-01", "M")
REGIONS = ("R1", "R2")
CATEGORIES = ("korean_food", "dining", "cafe_bakery")
EMPTY = {
    "balances": "business_id VARCHAR, month DATE, inflow_krw BIGINT, card_settlement_krw BIGINT,"
    " deposit_avg_krw BIGINT, available_on DATE",
    "market_sales": "area_code VARCHAR, industry_code VARCHAR, category VARCHAR, quarter INTEGER, sales_krw BIGINT,"
    " available_on DATE",
    "market_footfall": "area_code VARCHAR, quarter INTEGER, people BIGINT, available_on DATE",
}


def bank(businesses: int = 300, months: int = 60, seed: int = 1) -> db.Connection:
    """A database with businesses and sales from 2020-01; the tables of the account and the city are empty."""
    random = np.random.default_rng(seed)
    ids = [f"B{number:05d}" for number in range(businesses)]
    con = db.connect()
    _put(con, "businesses", _businesses(ids), ("opened_on", "customer_since", "status_on", "available_on"))
    _put(con, "revenue", _revenue(random, ids, months), ("month", "available_on"))
    for table, columns in EMPTY.items():
        con.execute(f"CREATE TABLE {table}({columns})")
    return con


def _put(con: db.Connection, table: str, frame: pd.DataFrame, days: tuple[str, ...]) -> None:
    con.register("rows", frame)
    con.execute(f"CREATE TABLE {table} AS FROM rows")
    con.unregister("rows")
    for column in days:
        con.execute(f"ALTER TABLE {table} ALTER {column} TYPE DATE")


def _businesses(ids: list[str]) -> pd.DataFrame:
    numbers = np.arange(len(ids))
    return pd.DataFrame(
        {
            "business_id": ids,
            "manager_id": np.array(["RM1", "RM2"])[numbers % 2],
            "category": np.array(CATEGORIES)[numbers % 3],
            "region": np.array(REGIONS)[numbers // 3 % 2],
            "industry_code": "CS100001",
            "trade_area_code": None,
            "opened_on": pd.Timestamp("2015-03-01"),
            "customer_since": pd.Timestamp("2019-12-01"),
            "status": "open",
            "status_on": pd.Series([pd.NaT] * len(ids), dtype="datetime64[us]"),
            "available_on": pd.Timestamp("2019-12-01"),
        }
    )


def _revenue(random: np.random.Generator, ids: list[str], months: int) -> pd.DataFrame:
    drift = np.zeros((len(ids), months))
    for column in range(1, months):
        drift[:, column] = 0.9 * drift[:, column - 1] + random.normal(0, 0.12, len(ids))
    season = 0.15 * np.sin(np.arange(months) * np.pi / 6)
    size = random.normal(16.5, 0.8, len(ids))[:, None]
    won = np.exp(size + season + drift + random.normal(0, 0.05, drift.shape)).astype("int64")
    business, month = np.indices(won.shape).reshape(2, -1)
    periods = pd.PeriodIndex([FIRST + column for column in range(months)])
    return pd.DataFrame(
        {
            "business_id": np.array(ids)[business],
            "month": periods.start_time.to_numpy()[month],
            "revenue_krw": won.ravel(),
            "available_on": periods.end_time.normalize().to_numpy()[month],
        }
    )
