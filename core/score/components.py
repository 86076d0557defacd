"""Components of the opportunity score from monthly sales: change, volatility, trend and season (docs/score.md).

Reads  Arrow batches of core/score/sql/score_months.sql (sales of a business, newest month first)
Writes Arrow batches, one row per business, that score_peers.sql and score_points.sql read

Each component is a raw value and a utility from 0 to 1. `components` takes batches and returns batches: DuckDB feeds it
with `to_arrow_reader`, Spark with `mapInArrow`. No value depends on another row, so the order and the size of the
batches do not matter. Unknown months are NaN here and NULL in the tables, never zero.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from core.config import policy

Array = np.ndarray

MONTHS, YEAR = 24, 12
FLOOR_KRW = 10_000.0  # smallest constant that is added before the logarithm
FLOOR_SHARE = 0.01
LOG_CLIP = 1.1  # a factor of three; larger steps are events, not volatility
SEASON_CLIP = (-LOG_CLIP, 0.30)
# Far finer than the score, far coarser than the differences between processors: equal values stay equal.
DECIMALS = 12

INPUTS = ("business_id", "as_of", "category", "region", "status", "days_past_due")
FACTS = ("change_fallback", "negative_sales", "sudden_jump", "has_months", "has_season", "is_zero_2m", "is_zero_year")
VALUES = ("change_raw", "vol_raw", "trend_raw", "season_raw", "u_change", "u_vol", "u_trend", "u_season")
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
        yield record_batch(batch, component_columns(matrix(batch, "r", MONTHS), matrix(batch, "si", YEAR)))


def matrix(batch: pa.RecordBatch, prefix: str, ages: int) -> Array:
    """(rows, ages) values of the columns <prefix>_00, <prefix>_01, …; NaN where NULL."""
    columns = [batch.column(f"{prefix}_{age:02d}").to_numpy(zero_copy_only=False) for age in range(ages)]
    return np.column_stack(columns).astype(float)


def record_batch(batch: pa.RecordBatch, columns: dict[str, Array]) -> pa.RecordBatch:
    """The INPUTS of `batch` and the columns computed from it, in SCHEMA; NaN becomes NULL."""
    arrays = [
        batch.column(field.name).cast(field.type) if field.name in INPUTS else _arrow(columns[field.name], field.type)
        for field in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _arrow(values: Array, kind: pa.DataType) -> pa.Array:
    return pa.array(values, type=kind, mask=np.isnan(values) if values.dtype.kind == "f" else None)


def component_columns(sales: Array, ln_si: Array) -> dict[str, Array]:
    """FACTS, VALUES and months_observed from (rows, 24) sales and (rows, 12) ln SI, newest month first."""
    observed = ~np.isnan(sales)
    net = np.where(sales < 0, 0.0, sales)
    year = net[:, :YEAR]
    # The newest months are not used: with them a better month could lower the score.
    floor = log_floor(net[:, 3:YEAR], net[:, 1:YEAR])
    adjusted = np.log(year + floor[:, None]) - np.nan_to_num(ln_si)
    change, is_fallback = _change(net, adjusted, floor)
    values = {
        "change_raw": change,
        "vol_raw": downside(adjusted, pairs=4),
        "trend_raw": YEAR * slope(adjusted, points=6),
        "season_raw": season_gap(adjusted[:, :3], adjusted[:, 3:], recent=2, earlier=3),
    }
    newest_step = adjusted[:, 0] - median(adjusted[:, 3:])
    facts = {
        "change_fallback": is_fallback,
        "negative_sales": (sales < 0).any(axis=1),
        "sudden_jump": np.nan_to_num(newest_step) > LOG_CLIP,
        "has_months": (observed[:, :6].sum(axis=1) > 3) & (observed[:, :YEAR].sum(axis=1) >= 3),
        "has_season": ~np.isnan(ln_si).any(axis=1),
        "is_zero_2m": (net[:, :2] == 0).all(axis=1),
        "is_zero_year": observed[:, :YEAR].any(axis=1) & ~(np.nan_to_num(year) > 0).any(axis=1),
        "months_observed": observed[:, :YEAR].sum(axis=1).astype(np.int32),
    }
    return facts | utilities(values)


def _change(net: Array, adjusted: Array, floor: Array) -> tuple[Array, Array]:
    """Log change against a year ago, or against the quarter before where that is unknown; and where that was so."""
    now, year_ago = at_least(net[:, :3], 2), at_least(net[:, 12:15], 2)
    yearly = np.log((median(now) + floor) / (median(year_ago) + floor))
    is_short = np.isnan(net[:, 14:]).all(axis=1)  # nothing observed 15 or more months back
    quarterly = median(at_least(adjusted[:, :3], 2)) - median(at_least(adjusted[:, 3:6], 2))
    needs_fallback = is_short | np.isnan(yearly)
    return np.where(needs_fallback, quarterly, yearly), needs_fallback & ~np.isnan(quarterly)


def utilities(values: dict[str, Array]) -> dict[str, Array]:
    """The raw values rounded, and their utilities by the bank's anchors (policy.toml)."""
    anchors = policy()["score"]["anchors"]
    values = {name: np.round(raw, DECIMALS) for name, raw in values.items()}
    u = {name: utility(values[f"{name}_raw"], anchors[name]) for name in ("change", "vol", "trend", "season")}
    # A steady fall is not stable. Five months have no trend yet; then the change stands in for it.
    direction = np.where(np.isnan(u["trend"]), u["change"], u["trend"])
    u["vol"] = np.where(np.isnan(direction), u["vol"], np.minimum(u["vol"], 0.5 + direction))
    return values | {f"u_{name}": column for name, column in u.items()}


def utility(raw: Array, anchors: list[float]) -> Array:
    """Piecewise linear from anchors (low, middle, high) to (0, 0.5, 1), clipped; anchors may fall. NaN stays NaN.

    >>> utility(np.array([0.05, 0.15, 0.9]), [0.40, 0.15, 0.05]).tolist()
    [1.0, 0.5, 0.0]
    """
    sign = 1.0 if anchors[0] < anchors[-1] else -1.0
    return np.interp(sign * raw, sign * np.array(anchors), [0.0, 0.5, 1.0])


def log_floor(months: Array, more_months: Array) -> Array:
    """Won that are added before the logarithm: 1 % of the median month with sales, at least FLOOR_KRW.

    `more_months` are used where no month of `months` had sales.
    """
    typical = median(np.where(months > 0, months, np.nan))
    typical = np.where(np.isnan(typical), median(np.where(more_months > 0, more_months, np.nan)), typical)
    return np.fmax(FLOOR_SHARE * typical, FLOOR_KRW)


def at_least(values: Array, minimum: int) -> Array:
    """The rows with at least `minimum` known values; the others all NaN."""
    return np.where((~np.isnan(values)).sum(axis=1, keepdims=True) >= minimum, values, np.nan)


def median(values: Array) -> Array:
    """Median of the known values of each row; NaN where none is known. (numpy's nanmedian takes ten times as long.)

    >>> median(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]])).tolist()
    [2.0, nan]
    """
    counts = (~np.isnan(values)).sum(axis=1, keepdims=True)
    ordered = np.sort(values, axis=1)  # NaN last
    low = np.take_along_axis(ordered, np.maximum(counts - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(counts // 2, values.shape[1] - 1), axis=1)
    return np.where(counts > 0, (low + high) / 2, np.nan)[:, 0]


def mean(values: Array) -> Array:
    """Mean of the known values of each row; NaN where none is known. (numpy's nanmean warns of such rows.)"""
    counts = (~np.isnan(values)).sum(axis=1)
    return np.where(counts > 0, np.nansum(values, axis=1) / np.maximum(counts, 1), np.nan)


def slope(adjusted: Array, points: int) -> Array:
    """Theil-Sen slope per step over the known points of each row, newest first; NaN with fewer than `points` points."""
    newer, older = np.triu_indices(adjusted.shape[1], 1)
    usable = at_least(adjusted, points)
    return median((usable[:, newer] - usable[:, older]) / (older - newer))


def downside(adjusted: Array, pairs: int) -> Array:
    """Root mean square of the falls between adjacent known points; for independent noise of sd s it equals s."""
    falls = np.minimum(np.clip(adjusted[:, :-1] - adjusted[:, 1:], -LOG_CLIP, LOG_CLIP), 0)
    return np.sqrt(mean(at_least(falls**2, pairs)))


def season_gap(recent_values: Array, earlier_values: Array, recent: int, earlier: int) -> Array:
    """Mean distance of the recent points from the median of the earlier ones; gains are clipped sooner than losses."""
    usual = median(at_least(earlier_values, earlier))
    return mean(np.clip(at_least(recent_values, recent) - usual[:, None], *SEASON_CLIP))
