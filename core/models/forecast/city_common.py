"""How a whole category moves from one quarter to the next, and how much of the coming move can be expected.

A few years of quarters are too few to learn a season, and years differ. Two cautious readings are averaged
(the second from two years on):
  agreed   the season (mean of earlier years, shrunk) and the pull of the level back to its year's mean are two
           witnesses; where they disagree nothing is expected, where they agree the smaller one
  weakest  a season counts only as far as every earlier year went that way (the weakest of them), shrunk
Own choice, made on rolling origins of 2020Q3-2021Q4 and on the city's totals of 2015-2018, where it cost at most a few
percent in any quarter. What 2022 then showed (a pull that did not come in 2022Q3) is why city_blend.bearable bounds the
expected move. Three forms of that bound were tried with 2022 in view (with the learners' gain, by the calmest quarter
or by the mean of four, and the move alone): figures of 2022 are no clean test of it. Only later quarters are.
"""

from collections.abc import Sequence

import numpy as np

from core.models.forecast.city_panel import YEAR, Array, Panel

# A category with fewer series than this moves with the whole: a median of a handful is noise.
MIN_SERIES = 30
# One year cannot agree with itself.
MIN_YEARS = 2
# Years that say "no season", added to those seen.
DOUBT = 1.0
# How much of its distance from the year's mean a level gives back in one quarter.
PULL = 0.5
# Older years are other times: shops, people and the city's own definitions have changed since.
MAX_YEARS = 3
MOVED, CHANGED = "moved", "changed"


def moves(panel: Panel) -> Array:
    """Log change of each series' category in each quarter, (n_series, n_quarters): the shift that serves WAPE best."""
    return panel.once(MOVED, lambda: _moves(panel))


def _moves(panel: Panel) -> Array:
    changes, weights = changed(panel), before(panel.values["sales"])
    whole = np.array([weighted_median(changes[:, j], weights[:, j]) for j in range(changes.shape[1])])
    found = np.tile(whole, (len(changes), 1))
    for own in panel.categories().values():
        for j in range(changes.shape[1]):
            if np.isfinite(changes[own, j]).sum() >= MIN_SERIES:
                found[own, j] = weighted_median(changes[own, j], weights[own, j])
    return found


def changed(panel: Panel) -> Array:
    """Log change of each series from the quarter before, (n_series, n_quarters)."""
    return panel.once(CHANGED, lambda: panel.logs() - before(panel.logs()))


def before(values: Array) -> Array:
    """The same one quarter earlier; nothing lies before the first.

    >>> before(np.array([[1.0, 2.0]])).tolist()
    [[nan, 1.0]]
    """
    return np.hstack([np.full((len(values), 1), np.nan), values[:, :-1]])


def weighted_median(values: Array, weights: Array) -> float:
    """The value at which half of the weight is reached; NaN where nothing is known.

    >>> weighted_median(np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 5.0]))
    9.0
    """
    known = np.flatnonzero(np.isfinite(values) & (weights > 0))
    if not len(known):
        return np.nan
    order = known[np.argsort(values[known], kind="stable")]
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])


def expected(moved: Array, quarters: Sequence[int], target: int) -> Array:
    """Expected log move of each series' category into `target`, (n_series,)."""
    same = [j for j, quarter in enumerate(quarters) if quarter % 10 == target % 10 and j > 0]
    rows, place = np.unique(np.nan_to_num(moved), axis=0, return_inverse=True)
    found = np.array([outlook(row[same], row) for row in rows])
    return found[place.ravel()]


def outlook(years: Array, all_moves: Array) -> float:
    """Expected move from those into the same quarter of earlier years and from all moves so far.

    >>> outlook(np.array([]), np.array([0.0, 0.1]))
    0.0
    """
    agreeing = agreed(years, all_moves)
    return agreeing if len(years) < MIN_YEARS else (agreeing + weakest(years[-MAX_YEARS:])) / 2


def agreed(years: Array, all_moves: Array) -> float:
    """The smaller of season and pull where both point the same way, else 0.

    >>> round(agreed(np.array([-0.1]), np.array([0.0, 0.2])), 3), agreed(np.array([0.1]), np.array([0.0, 0.2]))
    (-0.05, 0.0)
    """
    if not len(years):
        return 0.0
    level = np.cumsum(all_moves)
    pull = -PULL * (level[-1] - level[-YEAR:].mean())
    season = years.sum() / (len(years) + DOUBT)
    return float(np.median([0.0, season, pull]))


def weakest(years: Array) -> float:
    """The move of the year that moved least, if all went the same way, shrunk for how few they are.

    >>> weakest(np.array([0.10, 0.20])), weakest(np.array([-0.1, 0.2])), weakest(np.array([0.3]))
    (0.06666666666666667, 0.0, 0.0)
    """
    if len(years) < MIN_YEARS:
        return 0.0
    sign = np.sign(np.median(years))
    least = max(float(np.min(sign * years)), 0.0)
    return float(sign * least * len(years) / (len(years) + DOUBT))
