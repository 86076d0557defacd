"""How a street does: the opportunity score of trade area x industry cells and of districts, quarter by quarter.

Reads  market_sales, market_areas
Writes market_scores (one row per cell and quarter), market_districts (one row per district and quarter)

The city publishes quarters, not months, so each component is the nearest quarterly kin of the business score's, with
the same weights, anchors, tiers and SQL from the components on (own choice; domain notes B give the monthly original):

- change    ln(q / q-4). A quarter already is three months' sum, so no median is needed. Where q-4 is absent:
            seasonally adjusted change against the quarter before, flag CHANGE_FALLBACK_QOQ.
- vol       root mean square of the falls between adjacent adjusted quarters, last 8 quarters, at least 4 pairs.
            Capped by .5 + u_trend like the business score.
- trend     4 x Theil-Sen slope of adjusted log sales over the last 8 quarters, at least 5 known: an area in a
            definition change or with one new shop jumps a hundredfold, a median of slopes does not care.
- season    newest adjusted quarter against the median of the four before it, at least 3 known.
- industry  mid-rank share of `change` among the areas of the same industry in the same quarter; at least 10 of them.

A history of fewer than 8 quarters is shrunk towards the industry's median score. Cells that the file does not have are
unknown, never zero: no row for them, no imputed quarter, and INSUFFICIENT under 5 of 8 quarters. The seasonal index of
an industry at a quarter uses earlier quarters only (market_season.sql), and is 0 until two years can be compared.
What to know: scores of earlier quarters use today's published figures, which the city has revised since; a district's
earlier quarters count today's cells only, so streets that have died since are not in its growth.
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
    _rate(con, "core/score/sql/market_quarters", quarters)
    rows = db.create_table(con, table, "core/score/sql/market_scores")
    _rate(con, "core/score/sql/market_district_quarters", quarters)
    db.create_table(con, "market_districts", "core/score/sql/market_districts")
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")
    return rows


def _quarters(con: db.Connection) -> list[int]:
    """Quarter indices to score: those with four before them, else the newest alone (it will say INSUFFICIENT)."""
    found = con.execute("SELECT DISTINCT quarter_index FROM market_cells ORDER BY quarter_index").fetchall()
    indices = [row[0] for row in found]
    return [index for index in indices if index >= indices[0] + MIN_QUARTERS - 1] or indices[-1:] or [0]


def _rate(con: db.Connection, rows: str, quarters: list[int]) -> None:
    """market_rows of all quarters, and market_rated: their scores."""
    for done, index in enumerate(quarters):
        db.create_table(con, "market_season", "core/score/sql/market_season", {"quarter_index": index})
        wanted = {"quarter_index": index, "quarter_end": quarter_end(index)}
        if done == 0:
            db.create_table(con, "market_rows", rows, wanted)
        else:
            db.insert(con, "market_rows", rows, wanted)
    opportunity.rate(con, "market_rows", components)
    opportunity.rank_peers(con)
    opportunity.weigh(con)
    opportunity.combine(con, "market_rated", QUARTERS)
    opportunity.drop_steps(con)


def quarter_end(quarter_index: int) -> date:
    """Last day of a quarter given as 4 x year + quarter - 1.

    >>> quarter_end(2024 * 4 + 3)
    datetime.date(2024, 12, 31)
    """
    year, quarter = divmod(quarter_index, 4)
    year = max(year, 1)
    return date(year, quarter * 3 + 3, monthrange(year, quarter * 3 + 3)[1])


def components(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Component values of every cell, batch by batch, in the schema of the business score."""
    for batch in batches:
        yield record_batch(batch, measured(matrix(batch, "r", QUARTERS), matrix(batch, "si", QUARTERS)))


def measured(sales: Array, ln_si: Array) -> dict[str, Array]:
    """Component columns from (rows, 8) sales and ln SI, newest quarter first."""
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
