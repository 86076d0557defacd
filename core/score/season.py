"""Seasonal index of each category and region: by how much a calendar month usually differs from the year around it.

Reads  businesses, revenue (only what was known on `until`)
Writes season_index(category, region, month, ln_si), season_info(key, value)

The index is estimated once and then frozen: it is saved with the models and scores later months unchanged. Region '' is
the whole category, for cells that were not seen. The estimate is robust, in five steps:
1. Deviation of each month of a business from the median of its twelve months around it, in logarithms.
2. Median of the deviations over the businesses of a cell, and of a category, month by month.
3. One coefficient per category for the days of Lunar New Year and Chuseok in a month; they move between January and
   February, September and October. Least squares within calendar months, so that the coefficient holds no fixed season.
4. Median over the years of the rest, per calendar month, with mean 0 over the year: one odd year, such as 2020, has one
   vote.
5. A cell of n < 100 businesses has the weight n/100, its category the rest.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pyarrow as pa

from core import db
from core.score.components import at_least, median

SAMPLE_PER_CELL = 500  # a median over 500 is exact to about 1 %; more rows only take time
FULL_CELL = 100
MIN_MONTHS = 24
WINDOW, WINDOW_MIN = 12, 10
MONTHS_AHEAD = 24
HOLIDAY_DAYS_A_MONTH = 0.5  # 3 + 3 days a year
MAX_PER_DAY = 0.10  # one day takes at most a tenth of a month's sales: larger estimates are a coincidence
FORMAT = 1
KEYS = ["category", "region"]
INDEX = pa.schema([("category", pa.string()), ("region", pa.string()), ("month", pa.date32()), ("ln_si", pa.float64())])
INFO = pa.schema([("key", pa.string()), ("value", pa.string())])


def create_index(con: db.Connection, until: date) -> int:
    """Create season_index and season_info from the months up to `until`; number of rows of the index."""
    _write(con, *estimate(con, until))
    return db.count(con, "season_index")


def estimate(con: db.Connection, until: date) -> tuple[pd.DataFrame, dict[str, object]]:
    """The index from the months up to `until` and facts about it; writes nothing (a backtest needs many)."""
    sample = db.query(con, "core/score/sql/season_sample", {"until": until, "sample": SAMPLE_PER_CELL})
    cells = _cells(con)
    months = int(sample["month_index"].nunique())
    rates = pd.Series(0.0, index=sorted(cells["category"].unique()))
    profiles = pd.DataFrame(0.0, index=pd.MultiIndex.from_frame(cells), columns=range(12))
    if months >= MIN_MONTHS:
        deviations = _deviations(sample)
        rates = rates.add(_holiday_rates(deviations), fill_value=0.0)
        profiles = _profiles(deviations, rates, sample, cells)
    info: dict[str, object] = {
        "format": FORMAT,
        "until": until.isoformat(),
        "months": months,
        "estimated": months >= MIN_MONTHS,
        "businesses": int(sample["business_id"].nunique()),
        "sample_per_cell": SAMPLE_PER_CELL,
    }
    info |= {f"holiday_day.{category}": round(float(rate), 6) for category, rate in rates.items()}
    return _index(profiles, rates, _month_indices(sample, until)), info


def _cells(con: db.Connection) -> pd.DataFrame:
    """Every category x region of the bank, and each whole category as region ''."""
    cells = db.query(con, "core/score/sql/season_cells")
    return pd.concat([cells, cells.assign(region="")]).drop_duplicates().sort_values(KEYS, ignore_index=True)


def _month_indices(sample: pd.DataFrame, until: date) -> np.ndarray:
    """Month indices (12 x year + month - 1) from the first month with data to MONTHS_AHEAD after `until`."""
    last = until.year * 12 + until.month - 1
    first = int(sample["month_index"].min()) if len(sample) else last - MIN_MONTHS
    return np.arange(min(first, last), last + MONTHS_AHEAD + 1)


def _deviations(sample: pd.DataFrame) -> pd.DataFrame:
    """Columns category, region, month_index, deviation: each month of a business against the year around it."""
    wide = sample.pivot(index=["business_id", *KEYS], columns="month_index", values="ln_sales")
    wide = wide.reindex(columns=range(wide.columns.min(), wide.columns.max() + 1))
    values = wide.to_numpy()
    deviations = np.full(values.shape, np.nan)
    for month in range(WINDOW // 2, values.shape[1] - WINDOW // 2 + 1):
        around = values[:, month - WINDOW // 2 : month + WINDOW // 2]
        deviations[:, month] = values[:, month] - median(at_least(around, WINDOW_MIN))
    long = pd.DataFrame(deviations, index=wide.index, columns=wide.columns).stack().rename("deviation")
    return long.reset_index().astype({"month_index": int})


def _holiday_rates(deviations: pd.DataFrame) -> pd.Series:
    """Change of log sales per lunar holiday in the month, one number per category."""
    medians = deviations.groupby(["category", "month_index"])["deviation"].median().reset_index()
    medians["days"] = holiday_days(medians["month_index"])
    by_season = medians.groupby([medians["category"], medians["month_index"] % 12])
    days = medians["days"] - by_season["days"].transform("mean")
    gap = medians["deviation"] - by_season["deviation"].transform("mean")
    sums = pd.DataFrame({"xy": days * gap, "xx": days * days}).groupby(medians["category"]).sum()
    return (sums["xy"] / sums["xx"].where(sums["xx"] > 0)).fillna(0.0).clip(-MAX_PER_DAY, MAX_PER_DAY)


def _profiles(deviations: pd.DataFrame, rates: pd.Series, sample: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Fixed season of each cell: rows (category, region), columns calendar month 0 to 11, mean 0."""
    of_category = _seasons(deviations.assign(region=""), rates)
    own = _seasons(deviations, rates).reindex(pd.MultiIndex.from_frame(cells))
    wide = (
        of_category.loc[[(category, "") for category in cells["category"]]].set_axis(own.index) if len(cells) else own
    )
    businesses = sample.groupby(KEYS)["business_id"].nunique().reindex(own.index).fillna(0)
    weight = (businesses / FULL_CELL).clip(upper=1).where(own.notna().all(axis=1), 0.0)
    return (own.fillna(0.0).mul(weight, axis=0) + wide.mul(1 - weight, axis=0)).fillna(0.0)


def _seasons(deviations: pd.DataFrame, rates: pd.Series) -> pd.DataFrame:
    """Median over years of the monthly medians without the holiday part; 0 where a calendar month was never seen."""
    medians = deviations.groupby([*KEYS, "month_index"])["deviation"].median().reset_index()
    days = holiday_days(medians["month_index"]) - HOLIDAY_DAYS_A_MONTH
    medians["fixed"] = medians["deviation"] - medians["category"].map(rates) * days
    seasons = medians.pivot_table(index=KEYS, columns=medians["month_index"] % 12, values="fixed", aggfunc="median")
    seasons = seasons.reindex(columns=range(12))
    return seasons.sub(seasons.mean(axis=1), axis=0)


def _index(profiles: pd.DataFrame, rates: pd.Series, months: np.ndarray) -> pd.DataFrame:
    """One row per cell and month: fixed season plus the holidays of that month."""
    per_day = profiles.index.get_level_values("category").map(rates).to_numpy(dtype=float)
    days = holiday_days(pd.Series(months)).to_numpy() - HOLIDAY_DAYS_A_MONTH
    ln_si = profiles.to_numpy()[:, months % 12] + per_day[:, None] * days[None, :]
    dates = [date(int(month) // 12, int(month) % 12 + 1, 1) for month in months]
    wide = pd.DataFrame(np.round(ln_si, 6), index=profiles.index, columns=pd.Index(dates, name="month"))
    return wide.stack().rename("ln_si").reset_index()


def holiday_days(month_indices: pd.Series) -> pd.Series:
    """Days of Lunar New Year and Chuseok (three each, weekends included) in each month.

    >>> holiday_days(pd.Series([2024 * 12 + 1, 2024 * 12 + 8, 2024 * 12 + 6])).tolist()
    [3.0, 3.0, 0.0]
    """
    return month_indices.map(lambda index: float(_lunar_days(int(index) // 12).get(int(index) % 12 + 1, 0)))


@cache
def _lunar_days(year: int) -> dict[int, int]:
    """Lunar holidays per calendar month, without substitute holidays: decrees add and remove those."""
    counts: dict[int, int] = {}
    for day, name in holidays.country_holidays("KR", years=year, language="en_US").items():
        if ("Korean New Year" in name or "Chuseok" in name) and "lternative" not in name:
            counts[day.month] = counts.get(day.month, 0) + 1
    return counts


def save(con: db.Connection, path: Path) -> None:
    """Write the index and its facts as JSON lines: the frozen version in the models folder."""
    info = db.query(con, "core/score/sql/season_info")
    index = db.query(con, "core/score/sql/season_rows")
    rows = index.assign(month=index["month"].astype(str)).to_dict("records")
    lines = [{"info": dict(zip(info["key"], info["value"], strict=True))}, *rows]
    path.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in lines), encoding="utf-8")


def load(con: db.Connection, path: Path) -> None:
    """Create season_index and season_info from a saved index."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    _write(con, pd.DataFrame(lines[1:], columns=[*KEYS, "month", "ln_si"]), lines[0]["info"])


def _write(con: db.Connection, index: pd.DataFrame, info: dict[str, object]) -> None:
    rows = index.assign(month=pd.to_datetime(index["month"]).dt.date)
    facts = {"key": list(info), "value": [str(value) for value in info.values()]}
    tables = {
        "season_index": pa.Table.from_pandas(rows, schema=INDEX, preserve_index=False),
        "season_info": pa.table(facts, schema=INFO),
    }
    for table, content in tables.items():
        con.register("season_content", content)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM season_content")
        con.unregister("season_content")
