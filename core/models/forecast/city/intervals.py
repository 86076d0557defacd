"""Intervals around a city forecast: what earlier forecasts missed by, in units of each series' own restlessness.

Conformal, one-sided at each end: the lower bound is a quantile of the misses below, the upper one of those above, so
that skewed misses give skewed intervals. Newer quarters count more, as the city's common shocks come and go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.models.forecast.city.category_moves import changed, moves
from core.models.forecast.city.panel import Array, Panel

NOMINAL = (0.80, 0.95)
AGEING = 0.8  # weight of a miss one quarter older
OWN = 4.0  # quarters of its own history at which a series' restlessness counts as much as its category's
MISS = 1.5  # misses beyond (in logs) are shops that opened or closed


@dataclass(frozen=True)
class Miss:
    """One earlier quarter: log(actual / forecast) over the series' scale, NaN where unknown, (n_series,)."""

    values: Array


def scale(panel: Panel) -> Array:
    """Typical log move of each series beyond its category, drawn towards the category's, (n_series,)."""
    steps = np.abs(np.clip(changed(panel) - moves(panel), -MISS, MISS))
    steps[~np.isfinite(steps)] = np.nan
    count = np.isfinite(steps).sum(axis=1)
    total = np.nansum(steps, axis=1)
    found = np.full(len(steps), np.nan)
    for own in panel.categories().values():
        known = np.isfinite(steps[own])
        typical = float(np.median(steps[own][known])) if known.any() else MISS
        found[own] = (total[own] + OWN * max(typical, 0.01)) / (count[own] + OWN)
    return found


def misses(panel: Panel) -> list[Miss]:
    """What the last value would have missed by, quarter by quarter: all there is before the first forecast."""
    steps, spread = changed(panel), scale(panel)
    return [Miss(steps[:, j] / spread) for j in range(1, steps.shape[1])]


def bounds(forecast: Array, spread: Array, past: Sequence[Miss]) -> dict[str, Array]:
    """low80, high80, low95, high95 of each series; NaN where there is no forecast or no past."""
    values = np.concatenate([np.zeros(0), *(miss.values for miss in past)])
    age = np.repeat(np.arange(len(past))[::-1], [len(miss.values) for miss in past])
    known = np.isfinite(values)
    values, trust = values[known], AGEING ** age[known]
    found = {}
    for nominal in NOMINAL:
        tail = (1 - nominal) / 2
        for side, level in (("low", tail), ("high", 1 - tail)):
            found[f"{side}{nominal * 100:.0f}"] = forecast * np.exp(quantile(values, trust, level) * spread)
    return found


def quantile(values: Array, trust: Array, level: float) -> float:
    """Weighted quantile, the outer one of two neighbours (as conformal intervals want it); NaN of nothing.

    >>> quantile(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 0.9)
    4.0
    """
    if not len(values):
        return np.nan
    order = np.argsort(values)
    reached = np.cumsum(trust[order]) / trust.sum()
    place = int(np.searchsorted(reached, level, side="left" if level > 0.5 else "right"))
    return float(values[order[min(place, len(order) - 1)]])
