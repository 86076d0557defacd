"""Accuracy of the revenue forecasts and coverage of their intervals, every model on the same out-of-time rows.

Writes rows of forecast_accuracy and forecast_coverage. A row is a business x origin x horizon of the test fold; where
the sales of the same month a year earlier are unknown, the seasonal naive forecast is the last value, so that every
model is measured on the same rows. AutoTheta costs milliseconds a series and predicts a sample only, on which the
others are measured, too (level `theta_sample`).
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from core.models.forecast.accuracy import auto_theta, errors, ratio_interval, unbroken
from core.models.forecast.arrays import Array
from core.models.forecast.bank.features import HORIZONS, YEAR, ForecastRows
from core.models.forecast.bank.series import Book, month_of

BASELINES = ("last_value", "seasonal_naive", "moving_average")
DRAWS = 200
THETA_BUSINESSES = (100, 400)  # a twentieth of the book between these
THETA_MONTHS, MIN_THETA_MONTHS = 3 * YEAR, 2 * YEAR + 1  # a season cannot be found in less than two years and a month


def baselines(rows: ForecastRows) -> dict[str, Array]:
    """Forecasts in won that need no training, by name."""
    values = {name: getattr(rows, name) for name in BASELINES}
    return {name: np.where(np.isnan(won), rows.last_value, won) for name, won in values.items()}


def measures(forecast: Array, rows: ForecastRows) -> dict[str, float]:
    """The errors of a forecast, and MASE over the businesses whose yearly change is known."""
    scaled = rows.yearly_change > 0
    error = np.abs(forecast - rows.actual)[scaled] / rows.yearly_change[scaled]
    mase = float(np.mean(error)) if scaled.any() else np.nan
    return errors(forecast, rows.actual) | {"mase": mase, "mase_unknown": int((~scaled).sum())}


def accuracy(forecasts: Mapping[str, Array], rows: ForecastRows, tier: Array) -> pd.DataFrame:
    """Rows of forecast_accuracy: every model by horizon, for all, each month, region, category and tier."""
    table = []
    for horizon, period, level, own in _slices(rows, tier):
        part = rows.select(own)
        for model, forecast in forecasts.items():
            entry = {"model": model, "horizon": horizon, "period": period, "level": level}
            entry |= measures(forecast[own], part)
            if level == "all" and period == "all":
                error = np.abs(forecast[own] - part.actual)
                low, high = ratio_interval(error, part.actual, part.entity, part.month, DRAWS)
                entry |= {"low": low, "high": high}
            table.append(entry)
    return pd.DataFrame(table).assign(source="bank")


def _slices(rows: ForecastRows, tier: Array) -> Iterator[tuple[int, str, str, Array]]:
    """Horizon, period, level and numbers of the rows of everything that is reported."""
    groups = {"region": rows.region, "category": rows.category, "tier": tier}
    for horizon in HORIZONS:
        own = rows.horizon == horizon
        yield horizon, "all", "all", np.flatnonzero(own)
        for month in np.unique(rows.month[own]):
            yield horizon, month_of(int(month)).isoformat()[:7], "all", np.flatnonzero(own & (rows.month == month))
        for name, values in groups.items():
            for value in sorted({value for value in values[own] if value}):
                yield horizon, "all", f"{name}:{value}", np.flatnonzero(own & (values == value))


def coverage(low: Array, high: Array, nominal: float, rows: ForecastRows, tier: Array) -> pd.DataFrame:
    """Rows of forecast_coverage for one nominal level: share of the actual values inside, by the same slices."""
    inside = (rows.actual >= low) & (rows.actual <= high)
    table = [
        (horizon, nominal, period, level, len(own), float(inside[own].mean()))
        for horizon, period, level, own in _slices(rows, tier)
        if len(own)
    ]
    columns = ["horizon", "nominal", "period", "level", "n", "coverage"]
    return pd.DataFrame(table, columns=columns).assign(source="bank")


def theta_accuracy(book: Book, forecasts: Mapping[str, Array], rows: ForecastRows) -> pd.DataFrame:
    """Rows of forecast_accuracy for AutoTheta (level all, n tells how few), and of every model on the same sample."""
    sample, theta = _theta(book, rows)
    table = []
    for horizon in HORIZONS:
        own = rows.horizon[sample] == horizon
        if not own.any():
            continue
        part = rows.select(sample[own])
        by_model = {model: forecast[sample[own]] for model, forecast in forecasts.items()} | {"auto_theta": theta[own]}
        for model, forecast in by_model.items():
            entry = {"model": model, "horizon": horizon, "period": "all"} | measures(forecast, part)
            levels = ("theta_sample", "all") if model == "auto_theta" else ("theta_sample",)
            table += [entry | {"level": level} for level in levels]
    return pd.DataFrame(table).assign(source="bank")


def _theta(book: Book, rows: ForecastRows) -> tuple[Array, Array]:
    """Numbers of the sample's rows, and AutoTheta's forecast of them in won: one origin a business, all horizons."""
    numbers, forecasts = [np.zeros(0, dtype=int)], [np.zeros(0)]
    for entity, origin, history in _sample(book, rows):
        own = np.flatnonzero((rows.entity == entity) & (rows.period == origin))
        numbers.append(own)
        forecasts.append(auto_theta(history, YEAR, max(HORIZONS))[rows.horizon[own] - 1])
    return np.concatenate(numbers), np.concatenate(forecasts)


def _sample(book: Book, rows: ForecastRows) -> list[tuple[int, int, Array]]:
    """Business, origin and history without a gap of each of the sample, spread over sizes and origins."""
    entities, first = np.unique(rows.entity, return_index=True)
    by_size = entities[np.argsort(rows.usual[first], kind="stable")]
    origins = np.unique(rows.period)
    size = int(np.clip(len(entities) // 20, *THETA_BUSINESSES))
    able = []
    for number, entity in enumerate(by_size[:: max(1, len(entities) // (2 * size))]):
        origin = int(origins[number % len(origins)])
        history = unbroken(book.sales.select(np.array([entity])).known_at(origin, THETA_MONTHS)[0])
        if len(history) >= MIN_THETA_MONTHS and np.ptp(history) > 0:
            able.append((int(entity), origin, history))
    return [able[number] for number in np.linspace(0, len(able) - 1, min(len(able), size)).astype(int)]
