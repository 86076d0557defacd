"""How a whole category moves from one quarter to the next, and how much of the coming move can be expected.

A few years of quarters are too few to estimate a season, and the years of COVID-19 differ from all others. So the moves
into the same quarter that the panel has are pooled with those of 2015-2018 (data/reference/city_moves.csv), and only as
much is expected as all but a third of these years reached.

Own choice. On city totals of 2016-2018 and on the panel's 2020-2021 the third had less error in its worst quarter than
the median or the mean, and gained nearly as much. 2022 was known when this was chosen (see blend.DAMPING), so only
later quarters are a clean test.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from core import reference
from core.models.forecast.arrays import Array

# A category with fewer series than this moves with the whole: a median of a handful is noise.
MIN_SERIES = 30
# Share of the known years whose move stays below what is expected: an expected move that does not come
# costs as much as an unexpected one that does, and only the latter leaves the forecast no worse than the last value.
CAUTION = 1 / 3


def moves(change: Array, weights: Array, categories: Mapping[str, Array]) -> Array:
    """Log change of each series' category in each quarter, (n_series, n_quarters): the shift that is best for WAPE.

    change, weights : (n_series, n_quarters) log change of sales, and sales of the quarter before
    """
    moves = np.empty_like(change)
    for j, (changes, sizes) in enumerate(zip(change.T, weights.T, strict=True)):
        moves[:, j] = weighted_median(changes, sizes)
        for own in categories.values():
            if np.isfinite(changes[own]).sum() >= MIN_SERIES:
                moves[own, j] = weighted_median(changes[own], sizes[own])
    return moves


def lagged(values: Array) -> Array:
    """The columns of the quarter before; NaN before the first.

    >>> lagged(np.array([[1.0, 2.0]])).tolist()
    [[nan, 1.0]]
    """
    return np.hstack([np.full((len(values), 1), np.nan), values[:, :-1]])


def weighted_median(values: Array, weights: Array) -> float:
    """The smallest value at which half of the weight is reached; NaN where nothing is known.

    >>> weighted_median(np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 5.0]))
    9.0
    """
    is_known = np.isfinite(values) & (weights > 0)
    if not is_known.any():
        return np.nan
    return float(np.quantile(values[is_known], 0.5, weights=weights[is_known], method="inverted_cdf"))


def expected(moves: Array, quarters: Sequence[int], target: int) -> Array:
    """Expected log move of each series' category into `target`, (n_series,)."""
    same = [j for j, quarter in enumerate(quarters) if quarter % 10 == target % 10 and j > 0]
    rows, place = np.unique(np.nan_to_num(moves), axis=0, return_inverse=True)
    return np.array([seasonal_move(np.append(row[same], usual(target % 10))) for row in rows])[place.ravel()]


def seasonal_move(years: Array) -> float:
    """Expected move from those into the same quarter of all known years: what two thirds of them reached, else 0.

    >>> [seasonal_move(np.array(years)) for years in ([0.03, 0.05, 0.06, 0.30], [0.1, -0.1, -0.1, 0.2], [])]
    [0.05, 0.0, 0.0]
    """
    if not len(years):
        return 0.0
    sign = float(np.sign(np.median(years)))
    return sign * max(float(np.quantile(sign * years, CAUTION)), 0.0)


@cache
def usual(quarter: int) -> tuple[float, ...]:
    """Moves into the first to fourth quarter in 2015-2018.

    >>> [round(min(map(abs, usual(quarter))), 4) for quarter in (1, 2)]
    [0.0285, 0.0353]
    """
    rows = reference.rows("city_moves.csv")
    return tuple(float(row["median_log_change"]) for row in rows if int(row["quarter"]) % 10 == quarter)
