"""Forecasts of the next quarter that need no training: what a model must beat to be worth having.

Every one takes the history before the target, (n_series, n_quarters) with NaN where nothing is known, and gives one
value a series, NaN where the rule has nothing to stand on. Nothing is interpolated.
"""

import numpy as np

Array = np.ndarray
YEAR = 4
# Two years: below that AutoTheta cannot tell a season from a step.
MIN_THETA = 8


def last_value(history: Array) -> Array:
    """The newest quarter's value; a series without one has no forecast.

    >>> last_value(np.array([[1.0, 2.0], [1.0, np.nan]])).tolist()
    [2.0, nan]
    """
    return history[:, -1].copy()


def seasonal_naive(history: Array) -> Array:
    """The same quarter a year before."""
    if history.shape[1] < YEAR:
        return np.full(len(history), np.nan)
    return history[:, -YEAR].copy()


def moving_average(history: Array) -> Array:
    """The mean of the last four quarters, of those known; the newest must be among them.

    >>> moving_average(np.array([[1.0, np.nan, 3.0, 5.0]])).tolist()
    [3.0]
    """
    recent = history[:, -YEAR:]
    known = np.isfinite(recent)
    total = np.where(known, recent, 0.0).sum(axis=1)
    return np.where(known[:, -1], total / np.maximum(known.sum(axis=1), 1), np.nan)


def auto_theta(history: Array) -> tuple[Array, int]:
    """AutoTheta of statsforecast, and how many series were too short for it and took the last value.

    A series counts from its last gap on: theta lines need neighbouring quarters. Source: Fiorucci et al. (2016).
    """
    from statsforecast.models import AutoTheta  # its import takes seconds: only who asks for it waits

    found, short = last_value(history), 0
    for row, values in enumerate(history):
        if not np.isfinite(found[row]):
            continue
        run = _unbroken(values)
        if len(run) < MIN_THETA or np.ptp(run) == 0:
            short += 1
            continue
        mean = AutoTheta(season_length=YEAR).forecast(y=run, h=1)["mean"][0]
        found[row] = max(float(mean), 0.0)
    return found, short


def _unbroken(values: Array) -> Array:
    gaps = np.flatnonzero(~np.isfinite(values))
    return values[gaps[-1] + 1 if len(gaps) else 0 :]
