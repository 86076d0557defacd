"""A small bank in memory with the columns of the checked tables: a hidden health drives sales, balances and arrears.

Made for the tests of the default model, in which a loader or the demo generator would only be in the way.
"""

import duckdb
import numpy as np
import pandas as pd

from core import db

FIRST = pd.Period("2019-01", "M")
CATEGORIES = ("korean_food", "cafe_bakery", "retail")
REGIONS = ("R1", "R2")


def bank(businesses: int = 600, months: int = 60, seed: int = 1, bad_share: float = 0.06) -> duckdb.DuckDBPyConnection:
    """A database with every table the default model reads; `bad_share` is roughly the yearly default rate."""
    random = np.random.default_rng(seed)
    tables = _tables(random, businesses, months, bad_share)
    con = db.connect()
    for name, frame in tables.items():
        con.register("made", frame)
        con.execute(f"CREATE TABLE {name} AS FROM made")
        con.unregister("made")
    for name in DAYS:
        for table, columns in DAYS.items():
            if table == name:
                for column in columns:
                    con.execute(f"ALTER TABLE {table} ALTER {column} TYPE DATE")
    return con


DAYS = {
    "businesses": ("opened_on", "customer_since", "status_on", "available_on"),
    "revenue": ("month", "available_on"),
    "balances": ("month", "available_on"),
    "loans": ("opened_on", "matures_on", "closed_on", "available_on"),
    "repayments": ("month", "available_on"),
    "holdings": ("opened_on", "ends_on", "closed_on", "available_on"),
    "contacts": ("available_on",),
    "market_sales": ("available_on",),
    "market_stores": ("available_on",),
}


def _tables(random: np.random.Generator, n: int, months: int, bad_share: float) -> dict[str, pd.DataFrame]:
    ids = np.array([f"B{number:05d}" for number in range(n)])
    health = _walk(random, n, months)
    size = np.exp(random.normal(16.5, 0.8, n))
    season = 1 + 0.1 * np.sin(np.arange(months) * np.pi / 6)
    revenue = size[:, None] * season * np.exp(0.35 * health + random.normal(0, 0.15, (n, months)))
    arrears = _arrears(random, health, bad_share)
    closed_at = np.where(random.random(n) < 0.05, random.integers(months // 2, months, n), -1)
    starts = np.array([(FIRST + m).start_time for m in range(months)])
    ends = np.array([(FIRST + m).end_time.normalize() for m in range(months)])
    since = random.integers(-60, 12, n)
    grid = (np.arange(months)[None, :] >= since[:, None]) & (
        (closed_at[:, None] < 0) | (np.arange(months)[None, :] <= closed_at[:, None])
    )
    seen = grid & (random.random((n, months)) > 0.02)
    rows, column = np.nonzero(seen)
    kept, when = np.nonzero(grid)
    lent = random.random(n) < 0.7
    owed, due_month = np.nonzero(grid & lent[:, None])
    category, region = np.array(CATEGORIES)[np.arange(n) % 3], np.array(REGIONS)[np.arange(n) % 2]
    customer_since = np.array([(FIRST + int(m)).start_time for m in since])
    limit = np.where(random.random(n) < 0.4, 20_000_000, 0)
    flow = revenue[kept, when]
    businesses = pd.DataFrame(
        {
            "business_id": ids,
            "industry_code": "CS100001",
            "category": category,
            "region": region,
            "trade_area_code": np.where(np.arange(n) % 2 == 0, "1000001", "1000002"),
            "opened_on": customer_since - pd.Timedelta(days=400),
            "customer_since": customer_since,
            "status": np.where(closed_at >= 0, "closed", "open"),
            "status_on": [ends[m] if m >= 0 else pd.NaT for m in closed_at],
            "available_on": customer_since,
        }
    )
    loans = pd.DataFrame(
        {
            "loan_id": "L" + pd.Series(ids[lent]),
            "business_id": ids[lent],
            "principal_krw": (size[lent] * 3).astype("int64"),
            "opened_on": customer_since[lent],
            "matures_on": customer_since[lent] + pd.Timedelta(days=3650),
            "repayment": np.where(np.arange(lent.sum()) % 2 == 0, "bullet", "equal_payment"),
            "closed_on": pd.Series([pd.NaT] * int(lent.sum()), dtype="datetime64[us]"),
            "available_on": customer_since[lent],
        }
    )
    due = (size[owed] * 0.08).astype("int64")
    late = arrears[owed, due_month]
    repayments = pd.DataFrame(
        {
            "loan_id": "L" + pd.Series(ids[owed]),
            "month": starts[due_month],
            "due_krw": due,
            "paid_krw": np.where(late >= 30, 0, due),
            "days_past_due": late,
            "available_on": ends[due_month],
        }
    )
    return {
        "businesses": businesses,
        "revenue": pd.DataFrame(
            {
                "business_id": ids[rows],
                "month": starts[column],
                "revenue_krw": revenue[rows, column].astype("int64"),
                "available_on": ends[column],
            }
        ),
        "balances": pd.DataFrame(
            {
                "business_id": ids[kept],
                "month": starts[when],
                "deposit_avg_krw": (flow * np.exp(0.5 * health[kept, when])).astype("int64"),
                "inflow_krw": (flow * 0.9).astype("int64"),
                "outflow_krw": (flow * (0.9 - 0.1 * health[kept, when]).clip(0.3)).astype("int64"),
                "card_settlement_krw": (flow * 0.5).astype("int64"),
                "overdraft_limit_krw": limit[kept],
                "overdraft_used_krw": (limit[kept] * np.clip(0.4 - 0.2 * health[kept, when], 0, 1)).astype("int64"),
                "autopay_count": 3,
                "logins": random.poisson(8, len(kept)),
                "available_on": ends[when],
            }
        ),
        "loans": loans,
        "repayments": repayments,
        "holdings": pd.DataFrame(
            {
                "business_id": ids,
                "opened_on": customer_since,
                "ends_on": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
                "closed_on": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
                "available_on": customer_since,
            }
        ),
        "contacts": pd.DataFrame(
            {
                "business_id": ids[kept][::7],
                "at": starts[when][::7] + pd.Timedelta(days=9, hours=10),
                "complaint": (random.random(len(kept[::7])) < 0.05).astype(int),
                "available_on": starts[when][::7] + pd.Timedelta(days=9),
            }
        ),
        **_market(months),
    }


def _walk(random: np.random.Generator, n: int, months: int) -> np.ndarray:
    """Health of each business by month: a slow random walk around zero."""
    health = np.empty((n, months))
    health[:, 0] = random.normal(0, 1, n)
    for month in range(1, months):
        health[:, month] = 0.95 * health[:, month - 1] + random.normal(0, 0.31, n)
    return health


def _arrears(random: np.random.Generator, health: np.ndarray, bad_share: float) -> np.ndarray:
    """Days past due by month: trouble starts more often in bad health, grows, and is cured or not."""
    days = np.zeros(health.shape, dtype=int)
    for month in range(1, health.shape[1]):
        before, weak = days[:, month - 1], health[:, month - 3 if month > 3 else 0]
        starts = random.random(len(before)) < bad_share * 0.6 * np.exp(-1.1 * weak - 0.6)
        cured = random.random(len(before)) < 1 / (1 + np.exp(-0.6 - 1.2 * weak + before / 60))
        days[:, month] = np.where(before > 0, np.where(cured, 0, before + 30), np.where(starts, 12, 0))
    return days


def _market(months: int) -> dict[str, pd.DataFrame]:
    quarters = [FIRST + m for m in range(0, months, 3)]
    facts = [(area, quarter, number) for area in ("1000001", "1000002") for number, quarter in enumerate(quarters)]
    keys = pd.DataFrame(
        {
            "area_code": [area for area, _, _ in facts],
            "industry_code": "CS100001",
            "category": "korean_food",
            "quarter": [quarter.year * 10 + quarter.quarter for _, quarter, _ in facts],
            "available_on": [(quarter + 2).end_time.normalize() + pd.Timedelta(days=60) for _, quarter, _ in facts],
        }
    )
    sales = keys.assign(sales_krw=[1_000_000_000 + 10_000_000 * number for _, _, number in facts])
    return {"market_sales": sales, "market_stores": keys.drop(columns="category").assign(stores=50, closed=2)}
