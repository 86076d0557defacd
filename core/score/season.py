"""The season of each category and region: by how much a month usually differs from the year around it.

Reads  businesses, revenue (only what was known on `until`)
Writes season_index(category, region, month, ln_si), season_info(key, value)

Estimated once, then frozen: it is saved with the models and scores later months unchanged. Region '' is the whole
category, for cells the index has not seen. How it is made (own choices, robust rather than clever):
1. Deviation of each business's month from the median of its own twelve months around it, in logarithms.
2. Median of the deviations over the businesses of a cell, and of a category, month by month.
3. One coefficient per category for the days of Lunar New Year and Chuseok in a month, which move between January and
   February, September and October: least squares within calendar months, so that it does not pick up the fixed season.
4. Median over the years of what is left, per calendar month, with mean 0 over the year: one odd year, such as 2020, has
   one vote.
5. A cell of n < 100 businesses keeps n/100 of its own season, the rest is its category's.
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

SAMPLE_PER_CELL = 500  # a median over 500 is exact to about 1 %; more only costs time
FULL_CELL = 100
MIN_MONTHS = 24
WINDOW, WINDOW_NEEDS = 12, 10
AHEAD_MONTHS = 24
HOLIDAY_DAYS_A_MONTH = 0.5  # 3 + 3 days a year
MAX_PER_DAY = 0.10  # nobody loses more than a tenth of a month by one day: larger estimates are a coincidence
FORMAT = 1
KEYS = ["category", "region"]
INDEX = pa.schema([("category", pa.string()), ("region", pa.string()), ("month", pa.date32()), ("ln_si", pa.float64())])
INFO = pa.schema([("key", pa.string()), ("value", pa.string())])


def season_index(con: db.Connection, until: date) -> int:
    """Create season_index and season_info from the months up to `until`; number of rows of the index."""
    _write(con, *estimate(con, until))
    return db.count(con, "season_index")


def estimate(con: db.Connection, until: date) -> tuple[pd.DataFrame, dict[str, object]]:
    """The index from the months up to `until` and its facts, without writing them (a backtest needs many)."""
    sample = db.query(con, "core/score/sql/season_sample", {"until": until, "sample": SAMPLE_PER_CELL})
    cells = _cells(con)
    months = _months(sample, until)
    observed = int(sample["month_index"].nunique())
    is_estimated = observed >= MIN_MONTHS
    rates = pd.Series(0.0, index=sorted(cells["category"].unique()))
    profiles = pd.DataFrame(0.0, index=pd.MultiIndex.from_frame(cells), columns=range(12))
    if is_estimated:
        moves = _deviations(sample)
        rates = rates.add(_holiday_rates(moves), fill_value=0.0)
        profiles = _profiles(moves, rates, sample, cells)
    info: dict[str, object] = {"format": FORMAT, "until": until.isoformat(), "months": observed}
    info["estimated"] = is_estimated
    info |= {"businesses": int(sample["business_id"].nunique()), "sample_per_cell": SAMPLE_PER_CELL}
    info |= {f"holiday_day.{category}": round(float(rate), 6) for category, rate in rates.items()}
    return _index(profiles, rates, months), info


def _cells(con: db.Connection) -> pd.DataFrame:
    """Every category x region of the book, and each whole category as region ''."""
    cells = db.query(con, "core/score/sql/season_cells")
    whole = cells[["category"]].drop_duplicates().assign(region="")
    return pd.concat([cells, whole]).drop_duplicates().sort_values(KEYS, ignore_index=True)


def _months(sample: pd.DataFrame, until: date) -> np.ndarray:
    """Month indices (12 x year + month - 1) from the first month with data to AHEAD_MONTHS after `until`."""
    last = until.year * 12 + until.month - 1
    first = int(sample["month_index"].min()) if len(sample) else last - MIN_MONTHS
    return np.arange(min(first, last), last + AHEAD_MONTHS + 1)


def _deviations(sample: pd.DataFrame) -> pd.DataFrame:
    """Rows of category, region, month_index, deviation: each business's month against its own year around it."""
    wide = sample.pivot(index=["business_id", *KEYS], columns="month_index", values="ln_sales")
    wide = wide.reindex(columns=range(wide.columns.min(), wide.columns.max() + 1))
    values = wide.to_numpy()
    moves = np.full(values.shape, np.nan)
    for month in range(WINDOW // 2, values.shape[1] - WINDOW // 2 + 1):
        around = values[:, month - WINDOW // 2 : month + WINDOW // 2]
        moves[:, month] = values[:, month] - median(at_least(around, WINDOW_NEEDS))
    long = pd.DataFrame(moves, index=wide.index, columns=wide.columns).stack().rename("deviation")
    return long.reset_index().astype({"month_index": int})


def _holiday_rates(moves: pd.DataFrame) -> pd.Series:
    """Change of log sales per lunar holiday in the month, one number per category."""
    common = moves.groupby(["category", "month_index"])["deviation"].median().reset_index()
    common["days"] = holiday_days(common["month_index"])
    by_season = common.groupby([common["category"], common["month_index"] % 12])
    days = common["days"] - by_season["days"].transform("mean")
    gap = common["deviation"] - by_season["deviation"].transform("mean")
    sums = pd.DataFrame({"xy": days * gap, "xx": days * days}).groupby(common["category"]).sum()
    return (sums["xy"] / sums["xx"].where(sums["xx"] > 0)).fillna(0.0).clip(-MAX_PER_DAY, MAX_PER_DAY)


def _profiles(moves: pd.DataFrame, rates: pd.Series, sample: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Fixed season of each cell: rows (category, region), columns calendar month 0 to 11, mean 0."""
    whole = _seasons(moves.assign(region=""), rates)
    own = _seasons(moves, rates).reindex(pd.MultiIndex.from_frame(cells))
    wide = whole.loc[[(category, "") for category in cells["category"]]].set_axis(own.index) if len(cells) else own
    members = sample.groupby(KEYS)["business_id"].nunique().reindex(own.index).fillna(0)
    share = (members / FULL_CELL).clip(upper=1).where(own.notna().all(axis=1), 0.0)
    profiles = own.fillna(0.0).mul(share, axis=0) + wide.mul(1 - share, axis=0)
    return profiles.fillna(0.0)


def _seasons(moves: pd.DataFrame, rates: pd.Series) -> pd.DataFrame:
    """Median over years of the monthly medians without the holiday part; 0 where a calendar month was never seen."""
    common = moves.groupby([*KEYS, "month_index"])["deviation"].median().reset_index()
    days = holiday_days(common["month_index"]) - HOLIDAY_DAYS_A_MONTH
    common["fixed"] = common["deviation"] - common["category"].map(rates) * days
    seasons = common.pivot_table(index=KEYS, columns=common["month_index"] % 12, values="fixed", aggfunc="median")
    seasons = seasons.reindex(columns=range(12))
    return seasons.sub(seasons.mean(axis=1), axis=0)


def _index(profiles: pd.DataFrame, rates: pd.Series, months: np.ndarray) -> pd.DataFrame:
    """One row per cell and month: fixed season plus the moving holidays of that very month."""
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
    """Lunar holidays per calendar month; substitute holidays are left out, they come and go by decree."""
    counts: dict[int, int] = {}
    for day, name in holidays.country_holidays("KR", years=year, language="en_US").items():
        if ("Korean New Year" in name or "Chuseok" in name) and "lternative" not in name:
            counts[day.month] = counts.get(day.month, 0) + 1
    return counts


def save_season(con: db.Connection, path: Path) -> None:
    """Write the index and its facts as JSON lines: the frozen, versioned form in the models folder."""
    info = db.query(con, "core/score/sql/season_info")
    index = db.query(con, "core/score/sql/season_rows")
    rows = index.assign(month=index["month"].astype(str)).to_dict("records")
    lines = [{"info": dict(zip(info["key"], info["value"], strict=True))}, *rows]
    path.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in lines), encoding="utf-8")


def load_season(con: db.Connection, path: Path) -> None:
    """Put a saved index back into season_index and season_info."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    index = pd.DataFrame(lines[1:], columns=[*KEYS, "month", "ln_si"])
    _write(con, index, lines[0]["info"])


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
