"""How a whole category moves from one quarter to the next, and how much of its season can be believed.

A few years of quarters are too few to learn a season, and years differ: a move is expected only as far as every
earlier year (the weakest of them) went the same way, and shrunk for how few they were. Last value is the rest.
"""

from collections.abc import Sequence

import numpy as np

from core.models.forecast.city_panel import Array, Panel

# A category with fewer series than this moves with the whole: a median of a handful is noise.
MIN_SERIES = 30
# One year cannot agree with itself.
MIN_YEARS = 2
# Years that say "no season", added to those seen.
DOUBT = 1.0
# Older years are other times: shops, people and the city's own definitions have changed since.
MAX_YEARS = 3


def moves(panel: Panel) -> Array:
    """Log change of each series' category in each quarter, (n_series, n_quarters): the shift that serves WAPE best."""
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
    logs = panel.logs()
    return logs - before(logs)


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


def seasonal(moved: Array, quarters: Sequence[int], target: int) -> Array:
    """Expected log move of each series' category into `target`, (n_series,); 0 where years disagree."""
    same = [j for j, quarter in enumerate(quarters) if quarter % 10 == target % 10 and j > 0][-MAX_YEARS:]
    found = np.zeros(len(moved))
    for row in np.unique(moved[:, same], axis=0) if same else []:
        found[(moved[:, same] == row).all(axis=1)] = believed(row[np.isfinite(row)])
    return found


def believed(years: Array) -> float:
    """The part of a season that can be believed, from the moves of earlier years.

    >>> believed(np.array([0.10, 0.20])), believed(np.array([-0.1, 0.2])), believed(np.array([0.3]))
    (0.06666666666666667, 0.0, 0.0)
    """
    if len(years) < MIN_YEARS:
        return 0.0
    sign = np.sign(np.median(years))
    weakest = max(float(np.min(sign * years)), 0.0)
    return float(sign * weakest * len(years) / (len(years) + DOUBT))
