"""Intervals around a city forecast, from the errors of earlier forecasts in units of each series' own volatility.

Conformal, one-sided at each end: the lower bound is a quantile of the errors below, the upper one of those above, so
that skewed errors give skewed intervals. Newer errors weigh more, because a
common shock of the city lasts a few quarters only.
"""

from collections.abc import Sequence

import numpy as np

from core.models.forecast.arrays import Array
from core.models.forecast.city.panel import Panel
from core.models.forecast.conformal import NOMINAL, bound_names

AGEING = 0.8  # weight of an error that is one quarter older
PRIOR_QUARTERS = 4.0  # of its own history, at which a series' volatility counts as much as its category's
MAX_CHANGE = 1.5  # changes beyond this (in logs) are shops that opened or closed
MIN_SCALE = 0.01


def scale(panel: Panel) -> Array:
    """Typical log change of each series beyond its category, shrunk to that of its category, (n_series,)."""
    changes = np.abs(np.clip(panel.values["change"] - panel.values["move"], -MAX_CHANGE, MAX_CHANGE))
    is_known = np.isfinite(changes)
    total, count, usual = np.nansum(changes, axis=1), is_known.sum(axis=1), np.empty(len(changes))
    for own in panel.categories().values():
        of_category = changes[own][is_known[own]]
        usual[own] = max(float(np.median(of_category)), MIN_SCALE) if len(of_category) else MAX_CHANGE
    return (total + PRIOR_QUARTERS * usual) / (count + PRIOR_QUARTERS)


def last_value_errors(panel: Panel, spread: Array) -> list[Array]:
    """Scaled log errors of the last value, quarter by quarter: all there is before the first forecast."""
    return list((panel.values["change"][:, 1:] / spread[:, None]).T)


def bounds(forecast: Array, spread: Array, past: Sequence[Array]) -> dict[str, Array]:
    """low80, high80, low95, high95 of each series; NaN where there is no forecast or no past.

    past : log(actual / forecast) over the series' scale by earlier quarter, oldest first, (n_series,) each
    """
    errors = np.concatenate([np.zeros(0), *past])
    age = np.repeat(np.arange(len(past))[::-1], [len(quarter) for quarter in past])
    is_known = np.isfinite(errors)
    errors, weights = errors[is_known], AGEING ** age[is_known]
    limits = {}
    for nominal in NOMINAL:
        low, high = bound_names(nominal)
        level = (1 + nominal) / 2
        limits[low] = forecast * np.exp(-quantile(-errors, weights, level) * spread)
        limits[high] = forecast * np.exp(quantile(errors, weights, level) * spread)
    return limits


def quantile(values: Array, weights: Array, level: float) -> float:
    """Weighted quantile, the larger of two neighbours (as conformal intervals want it); NaN of nothing.

    >>> quantile(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 0.9)
    4.0
    """
    return float(np.quantile(values, level, weights=weights, method="inverted_cdf")) if len(values) else np.nan
