"""Forecasts of the next quarter that need no training: what a model must beat to be of use.

Each takes the history before the target, (n_series, n_quarters) with NaN where nothing is known, and gives one value
per series, NaN where the rule does not apply. Nothing is interpolated.
"""

import numpy as np

from core.models.forecast import accuracy
from core.models.forecast.arrays import Array
from core.models.forecast.city.panel import YEAR
from core.score.components import mean

MIN_THETA = 2 * YEAR  # in less than two years AutoTheta cannot tell a season from a step


def last_value(history: Array) -> Array:
    """The newest quarter's value; a series without one has no forecast.

    >>> last_value(np.array([[1.0, 2.0], [1.0, np.nan]])).tolist()
    [2.0, nan]
    """
    return history[:, -1].copy()


def seasonal_naive(history: Array) -> Array:
    """The same quarter a year before."""
    return history[:, -YEAR].copy() if history.shape[1] >= YEAR else np.full(len(history), np.nan)


def moving_average(history: Array) -> Array:
    """The mean of the last four quarters, of those known; the newest must be among them.

    >>> moving_average(np.array([[1.0, np.nan, 3.0, 5.0]])).tolist()
    [3.0]
    """
    return np.where(np.isnan(history[:, -1]), np.nan, mean(history[:, -YEAR:]))


def auto_theta(history: Array) -> tuple[Array, int]:
    """AutoTheta's forecast, and the number of series that are too short for it and take the last value.

    A series begins after its last gap, because theta lines need neighbouring quarters.
    """
    forecast, short = last_value(history), 0
    for row in np.flatnonzero(np.isfinite(forecast)):
        run = accuracy.unbroken(history[row])
        if len(run) < MIN_THETA or np.ptp(run) == 0:
            short += 1
        else:
            forecast[row] = accuracy.auto_theta(run, YEAR, 1)[0]
    return forecast, short
