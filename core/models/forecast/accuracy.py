"""Error measures of forecasts, their bootstrap intervals, and AutoTheta, the baseline of both forecasts.

WAPE = sum of absolute errors / sum of sales; MdAPE = median of |error| / sales over the rows with sales; bias = sum of
errors / sum of sales. Percentage errors are not averaged: sales may be zero. Source: Hyndman and Koehler (2006).
"""

import numpy as np
import pandas as pd

from core import db, tables
from core.models.forecast.arrays import Array


def clear(con: db.Connection, source: str) -> None:
    """Remove the rows of a source (bank, city) from forecast_accuracy and forecast_coverage; makes missing tables."""
    for table in ("forecast_accuracy", "forecast_coverage"):
        tables.ensure(con, table)
        con.execute(f"DELETE FROM {table} WHERE source = $source", {"source": source})


def wape(forecast: Array, actual: Array) -> float:
    """Sum of absolute errors over the sum of sales; NaN without sales.

    >>> wape(np.array([8.0, 3.0]), np.array([10.0, 0.0]))
    0.5
    """
    total = actual.sum()
    return float(np.abs(forecast - actual).sum() / total) if total > 0 else np.nan


def errors(forecast: Array, actual: Array) -> dict[str, float]:
    """n, wape, mdape and bias of forecasts of known sales, both (n,)."""
    error, total, sold = forecast - actual, actual.sum(), actual > 0
    return {
        "n": len(actual),
        "wape": wape(forecast, actual),
        "mdape": float(np.median(np.abs(error[sold]) / actual[sold])) if sold.any() else np.nan,
        "bias": float(error.sum() / total) if total > 0 else np.nan,
    }


def ratio_interval(
    numerator: Array, denominator: Array, entity: Array, period: Array, draws: int, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of sum(numerator) / sum(denominator); NaN where no draw has a positive denominator.

    Entities and periods are both drawn with replacement, because the errors of one entity are correlated and so are
    those of one period (a holiday hits all). Source: Owen (2007), the pigeonhole bootstrap.

    Parameters
    ----------
    numerator, denominator, entity, period : (n,); one period for all rows resamples the entities alone
    """
    (entities, n), (periods, m) = ((codes, len(names)) for codes, names in map(_codes, (entity, period)))
    above, below = (
        np.bincount(entities * m + periods, values, n * m).reshape(n, m) for values in (numerator, denominator)
    )
    random, ratios = np.random.default_rng(seed), []
    for _ in range(draws if n else 0):
        entity_counts = np.bincount(random.integers(0, n, n), minlength=n)
        period_counts = np.bincount(random.integers(0, m, m), minlength=m)
        total = float(entity_counts @ below @ period_counts)
        ratios += [entity_counts @ above @ period_counts / total] if total > 0 else []
    low, high = np.quantile(ratios, [0.025, 0.975]) if ratios else (np.nan, np.nan)
    return float(low), float(high)


def _codes(values: Array) -> tuple[Array, pd.Index]:
    return pd.factorize(values, sort=True)


def unbroken(history: Array) -> Array:
    """The values after the last gap of a series.

    >>> unbroken(np.array([1.0, np.nan, 3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    gaps = np.flatnonzero(np.isnan(history))
    return history[gaps[-1] + 1 if len(gaps) else 0 :]


def auto_theta(history: Array, season_length: int, horizon: int) -> Array:
    """AutoTheta's forecast of the next `horizon` values of a series without gaps, never below 0, (horizon,).

    Source: Fiorucci et al. (2016).
    """
    from statsforecast.models import AutoTheta  # the import takes seconds

    return np.maximum(AutoTheta(season_length=season_length).forecast(y=history, h=horizon)["mean"], 0.0)
