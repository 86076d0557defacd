"""What a row of monthly sales says: change, volatility, trend and season, as raw values and as utilities of 0 to 1.

Reads  Arrow batches of core/score/sql/score_months.sql (business sales, newest month first)
Writes Arrow batches, one row per business, ready for score_peers.sql and score_points.sql

One function from batches to batches: DuckDB feeds it with `to_arrow_reader`, Spark with `mapInArrow`. Nothing crosses
rows, so neither the order nor the size of batches matters. Unknown months are NaN inside and NULL outside, never zero.

Where the specification (domain notes, B) leaves a choice:
- A year-ago block with fewer than two months falls back to the quarter change as a short history does: a gap in the
  feed a year ago should not leave a well observed business without a score.
- The constant under the logarithm, where T-11..T-3 has no sales, comes from T-11..T-1 and not T-11..T: with the newest
  month in it a better month can lower the score by up to 27 points (property 2 of B.5 outranks the letter of B.1).
- "Consecutive pairs" are adjacent calendar months, both observed: a step over a gap is not a monthly step.
- Volatility is capped by .5 + u_trend; where the trend is unknown (five months only) the change stands in for it, so
  that a collapse too short for a trend gets no points for being smooth.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from core.config import policy

Array = np.ndarray

MONTHS, YEAR = 24, 12
FLOOR_KRW = 10_000.0  # smallest constant added before the logarithm
FLOOR_SHARE = 0.01
LOG_CLIP = 1.1  # a threefold step; larger ones are events, not volatility
SEASON_CLIP = (-1.1, 0.30)
# Twelve places: far below what a score shows, far above what differs between processors, so ties stay ties.
PLACES = 12

CARRIED = ("business_id", "as_of", "category", "region", "status", "days_past_due")
VALUES = ("change_raw", "vol_raw", "trend_raw", "season_raw", "u_change", "u_vol", "u_trend", "u_season")
FACTS = ("change_fallback", "negative_sales", "sudden_jump", "has_months", "has_season", "is_zero_2m", "is_zero_year")
SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in ("business_id", "category", "region", "status")],
        ("as_of", pa.date32()),
        ("days_past_due", pa.int32()),
        ("months_observed", pa.int32()),
        *[(name, pa.bool_()) for name in FACTS],
        *[(name, pa.float64()) for name in VALUES],
    ]
)


def components(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Component values of every business, batch by batch, in SCHEMA."""
    for batch in batches:
        yield record_batch(batch, measured(matrix(batch, "r", MONTHS), matrix(batch, "si", YEAR)))


def matrix(batch: pa.RecordBatch, prefix: str, ages: int) -> Array:
    """(rows, ages) values of the columns <prefix>_00, <prefix>_01, …; NaN where NULL."""
    columns = [batch.column(f"{prefix}_{age:02d}").to_numpy(zero_copy_only=False) for age in range(ages)]
    return np.column_stack(columns).astype(float)


def record_batch(batch: pa.RecordBatch, columns: dict[str, Array]) -> pa.RecordBatch:
    """Carried columns of `batch` beside the measured ones, NaN as NULL."""
    carried = {name: batch.column(name) for name in CARRIED}
    arrays = [
        carried[field.name].cast(field.type) if field.name in carried else _arrow(columns[field.name], field.type)
        for field in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _arrow(values: Array, kind: pa.DataType) -> pa.Array:
    unknown = np.isnan(values) if values.dtype.kind == "f" else None
    return pa.array(values, type=kind, mask=unknown)


def measured(sales: Array, ln_si: Array) -> dict[str, Array]:
    """All columns that SCHEMA adds, from (rows, 24) sales and (rows, 12) ln SI, newest month first."""
    observed = ~np.isnan(sales)
    net = np.where(sales < 0, 0.0, sales)
    floor = log_floor(net[:, 3:YEAR], net[:, 1:YEAR])
    adjusted = np.log(net[:, :YEAR] + floor[:, None]) - np.nan_to_num(ln_si)
    change, is_fallback = _change(net, adjusted, floor)
    values = {
        "change_raw": change,
        "vol_raw": downside(adjusted, pairs=4),
        "trend_raw": YEAR * slope(adjusted, points=6),
        "season_raw": season_gap(adjusted[:, :3], adjusted[:, 3:], recent=2, earlier=3),
    }
    last_jump = adjusted[:, 0] - median(adjusted[:, 3:])
    year = net[:, :YEAR]
    facts = {
        "change_fallback": is_fallback,
        "negative_sales": (sales < 0).any(axis=1),
        "sudden_jump": np.nan_to_num(last_jump) > LOG_CLIP,
        "has_months": (observed[:, :6].sum(axis=1) > 3) & (observed[:, :YEAR].sum(axis=1) >= 3),
        "has_season": ~np.isnan(ln_si).any(axis=1),
        "is_zero_2m": (net[:, :2] == 0).all(axis=1),
        "is_zero_year": observed[:, :YEAR].any(axis=1) & ~(np.nan_to_num(year) > 0).any(axis=1),
        "months_observed": observed[:, :YEAR].sum(axis=1).astype(np.int32),
    }
    return facts | utilities(values)


def _change(net: Array, adjusted: Array, floor: Array) -> tuple[Array, Array]:
    """Log change against a year ago, or against last quarter where the year-ago block is not there."""
    now, year_ago = at_least(net[:, :3], 2), at_least(net[:, 12:15], 2)
    yearly = np.log((median(now) + floor) / (median(year_ago) + floor))
    is_short = np.isnan(net[:, 14:]).all(axis=1)  # nothing observed 15 or more months back
    quarterly = median(at_least(adjusted[:, :3], 2)) - median(at_least(adjusted[:, 3:6], 2))
    needs_fallback = is_short | np.isnan(yearly)
    return np.where(needs_fallback, quarterly, yearly), needs_fallback & ~np.isnan(quarterly)


def utilities(values: dict[str, Array]) -> dict[str, Array]:
    """The raw values rounded, and their utilities by the bank's anchors (policy.toml)."""
    values = {name: np.round(raw, PLACES) for name, raw in values.items()}
    u = {
        name: utility(values[f"{name}_raw"], policy()["score"]["anchors"][name])
        for name in ("change", "vol", "trend", "season")
    }
    known_fall = np.where(np.isnan(u["trend"]), u["change"], u["trend"])
    u["vol"] = np.where(np.isnan(known_fall), u["vol"], np.minimum(u["vol"], 0.5 + known_fall))
    return values | {f"u_{name}": column for name, column in u.items()}


def utility(raw: Array, anchors: list[float]) -> Array:
    """Piecewise linear from anchors (lo, mid, hi) to (0, 0.5, 1), clipped; anchors may fall. NaN stays NaN.

    >>> utility(np.array([0.05, 0.15, 0.9]), [0.40, 0.15, 0.05]).tolist()
    [1.0, 0.5, 0.0]
    """
    rising = np.array(anchors) if anchors[0] < anchors[-1] else -np.array(anchors)
    sign = 1.0 if anchors[0] < anchors[-1] else -1.0
    return np.interp(sign * raw, rising, [0.0, 0.5, 1.0])


def log_floor(usual: Array, wider: Array) -> Array:
    """Won added before the logarithm: 1 % of the usual positive month, at least FLOOR_KRW.

    `wider` stands in where no month of `usual` had sales; neither may hold the newest month.
    """
    typical = median(np.where(usual > 0, usual, np.nan))
    typical = np.where(np.isnan(typical), median(np.where(wider > 0, wider, np.nan)), typical)
    return np.fmax(FLOOR_SHARE * typical, FLOOR_KRW)


def at_least(values: Array, needed: int) -> Array:
    """The rows with at least `needed` known values; the others all NaN."""
    return np.where((~np.isnan(values)).sum(axis=1, keepdims=True) >= needed, values, np.nan)


def median(values: Array) -> Array:
    """Median of the known values of each row; NaN where none is known. (numpy's nanmedian takes ten times as long.)

    >>> median(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]])).tolist()
    [2.0, nan]
    """
    known = (~np.isnan(values)).sum(axis=1, keepdims=True)
    ordered = np.sort(values, axis=1)  # NaN last
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[1] - 1), axis=1)
    return np.where(known > 0, (low + high) / 2, np.nan)[:, 0]


def mean(values: Array) -> Array:
    """Mean of the known values of each row; NaN where none is known."""
    known = (~np.isnan(values)).sum(axis=1)
    return np.where(known > 0, np.nan_to_num(values).sum(axis=1) / np.maximum(known, 1), np.nan)


def slope(adjusted: Array, points: int) -> Array:
    """Theil-Sen slope per step over the known points of each row, newest first; needs at least `points`."""
    newer, older = np.triu_indices(adjusted.shape[1], 1)
    slopes = (adjusted[:, newer] - adjusted[:, older]) / (older - newer)
    return np.where((~np.isnan(adjusted)).sum(axis=1) >= points, median(slopes), np.nan)


def downside(adjusted: Array, pairs: int) -> Array:
    """Root mean square of the falls between adjacent known points; for pure noise of sd s it comes to s."""
    falls = np.minimum(np.clip(adjusted[:, :-1] - adjusted[:, 1:], -LOG_CLIP, LOG_CLIP), 0)
    return np.sqrt(mean(at_least(falls**2, pairs)))


def season_gap(recent_values: Array, earlier_values: Array, recent: int, earlier: int) -> Array:
    """How far the recent points stand from the median of the earlier ones, great gains clipped sooner than losses."""
    usual = median(at_least(earlier_values, earlier))
    return mean(np.clip(at_least(recent_values, recent) - usual[:, None], *SEASON_CLIP))
