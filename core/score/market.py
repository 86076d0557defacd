"""Market scores: the opportunity score of trade area x industry cells and of districts, by quarter (docs/score.md).

Reads  market_sales, market_areas
Writes market_scores (one row per cell and quarter), market_districts (one row per district and quarter)

The city publishes quarters, so the monthly components have quarterly counterparts here. Weights, anchors, tiers and all
SQL after the components are those of the business score. A cell that is absent from the file is unknown, never zero: it
has no row, and no quarter is imputed. The seasonal index of an industry at a quarter uses earlier quarters only.

Limits: scores of earlier quarters use the figures published today, which the city has revised since. Earlier quarters
of a district count the cells that exist today, so streets that have closed since are not in its growth.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from core import db
from core.score import opportunity
from core.score.components import (
    LOG_CLIP,
    Array,
    downside,
    log_floor,
    matrix,
    median,
    record_batch,
    season_gap,
    slope,
    utilities,
)

QUARTERS = 8
YEAR = 4
MIN_QUARTERS = 5
STEPS = ("market_rows", "market_rated", "market_season", "market_moves", "market_cells")


def score(con: db.Connection, table: str = "market_scores") -> int:
    """Create `table` and market_districts for every quarter with enough history; number of rows of `table`."""
    db.create_table(con, "market_cells", "core/score/sql/market_cells")
    db.create_table(con, "market_moves", "core/score/sql/market_moves")
    quarters = _quarters(con)
    _create_rated(con, "core/score/sql/market_quarters", quarters)
    rows = db.create_table(con, table, "core/score/sql/market_scores")
    _create_rated(con, "core/score/sql/market_district_quarters", quarters)
    db.create_table(con, "market_districts", "core/score/sql/market_districts")
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")
    return rows


def _quarters(con: db.Connection) -> list[int]:
    """Indices of the quarters to score: those with four before them, else the newest alone (it is INSUFFICIENT)."""
    rows = con.execute("SELECT DISTINCT quarter_index FROM market_cells ORDER BY quarter_index").fetchall()
    indices = [index for (index,) in rows]
    return [index for index in indices if index >= indices[0] + MIN_QUARTERS - 1] or indices[-1:] or [0]


def _create_rated(con: db.Connection, name: str, quarters: list[int]) -> None:
    """market_rows of all quarters from the SELECT `name`, and their scores in market_rated."""
    for place, index in enumerate(quarters):
        db.create_table(con, "market_season", "core/score/sql/market_season", {"quarter_index": index})
        params: opportunity.Params = {"quarter_index": index, "quarter_end": quarter_end(index)}
        opportunity.write_rows(con, "market_rows", name, params, append=place > 0)
    opportunity.create_components(con, "market_rows", components)
    opportunity.create_peers(con)
    opportunity.create_points(con)
    opportunity.write_scores(con, "market_rated", QUARTERS)
    opportunity.drop_steps(con)


def quarter_end(quarter_index: int) -> date:
    """Last day of a quarter given as 4 x year + quarter - 1.

    >>> quarter_end(2024 * 4 + 3)
    datetime.date(2024, 12, 31)
    """
    year, quarter = divmod(quarter_index, 4)
    year, month = max(year, 1), 3 * quarter + 3
    return date(year, month, monthrange(year, month)[1])


def components(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Component values of every cell, batch by batch, in the schema of the business score."""
    for batch in batches:
        yield record_batch(batch, component_columns(matrix(batch, "r", QUARTERS), matrix(batch, "si", QUARTERS)))


def component_columns(sales: Array, ln_si: Array) -> dict[str, Array]:
    """The columns of core.score.components.component_columns from (rows, 8) sales and ln SI, newest quarter first."""
    observed = ~np.isnan(sales)
    net = np.where(sales < 0, 0.0, sales)
    floor = log_floor(net[:, 1:], net[:, 1:])
    adjusted = np.log(net + floor[:, None]) - np.nan_to_num(ln_si)
    yearly = np.log((net[:, 0] + floor) / (net[:, YEAR] + floor))
    quarterly = adjusted[:, 0] - adjusted[:, 1]
    values = {
        "change_raw": np.where(np.isnan(yearly), quarterly, yearly),
        "vol_raw": downside(adjusted, pairs=4),
        "trend_raw": YEAR * slope(adjusted, points=MIN_QUARTERS),
        "season_raw": season_gap(adjusted[:, :1], adjusted[:, 1 : 1 + YEAR], recent=1, earlier=3),
    }
    never = np.zeros(len(sales), dtype=bool)
    facts = {
        "change_fallback": np.isnan(yearly) & ~np.isnan(quarterly),
        "negative_sales": (sales < 0).any(axis=1),
        "sudden_jump": np.nan_to_num(adjusted[:, 0] - median(adjusted[:, 1:])) > LOG_CLIP,
        "has_months": observed[:, 0] & (observed.sum(axis=1) >= MIN_QUARTERS),
        "has_season": ~np.isnan(ln_si).all(axis=1),
        "is_zero_2m": never,
        "is_zero_year": never,
        "months_observed": observed.sum(axis=1).astype(np.int32),
    }
    return facts | utilities(values)
