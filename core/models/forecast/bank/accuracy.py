"""How far off were the forecasts, and how often did the interval hold? Every model on the same out-of-time rows.

Writes rows of forecast_accuracy and forecast_coverage. A row is a business x origin x horizon of the test fold; a
business without sales known for the same month a year earlier counts with its last value in the seasonal naive
forecast, so that every column speaks of the same rows. AutoTheta costs milliseconds a series and is asked for a sample,
beside which the others are given on that same sample (level `theta_sample`).
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from core.models.forecast.bank.features import HORIZONS, Panel
from core.models.forecast.bank.series import Array, Book, month_of

BASELINES = ("last_value", "seasonal_naive", "moving_average")
DRAWS = 200
THETA_LEAST_BUSINESSES, THETA_MOST_BUSINESSES = 100, 400  # a twentieth of the book between these
THETA_MONTHS, THETA_LEAST = 36, 25  # two seasons and a month: below that there is no season to find
YEAR = 12


def baselines(asked: Panel) -> dict[str, Array]:
    """Forecasts in won that need no training, by name."""
    seasonal = np.where(np.isnan(asked.seasonal_naive), asked.last_value, asked.seasonal_naive)
    average = np.where(np.isnan(asked.moving_average), asked.last_value, asked.moving_average)
    return {"last_value": asked.last_value, "seasonal_naive": seasonal, "moving_average": average}


def wape(forecast: Array, actual: Array) -> float:
    """Sum of absolute errors over the sum of what came.

    >>> wape(np.array([8.0, 3.0]), np.array([10.0, 0.0]))
    0.5
    """
    total = np.abs(actual).sum()
    return float(np.abs(forecast - actual).sum() / total) if total > 0 else np.nan


def figures(forecast: Array, asked: Panel) -> dict[str, float]:
    """n, WAPE, median absolute percentage error (months with sales), bias and MASE (where its denominator is known)."""
    error, actual = forecast - asked.actual, asked.actual
    sold, scaled = actual > 0, asked.yearly_move > 0
    total = actual.sum()
    return {
        "n": len(actual),
        "wape": wape(forecast, actual),
        "mdape": float(np.median(np.abs(error[sold]) / actual[sold])) if sold.any() else np.nan,
        "bias": float(error.sum() / total) if total > 0 else np.nan,
        "mase": float(np.mean(np.abs(error[scaled]) / asked.yearly_move[scaled])) if scaled.any() else np.nan,
        "mase_unknown": int((~scaled).sum()),
    }


def accuracy(forecasts: Mapping[str, Array], asked: Panel, tier: Array) -> pd.DataFrame:
    """Rows of forecast_accuracy: every model by horizon, for all, each month, region, category and tier."""
    found = []
    for horizon in HORIZONS:
        for period, level, chosen in _slices(asked, tier, asked.horizon == horizon):
            part = asked.where(chosen)
            for model, forecast in forecasts.items():
                row = {"model": model, "horizon": horizon, "period": period, "level": level}
                row |= figures(forecast[chosen], part)
                if level == "all" and period == "all":
                    row |= dict(zip(("low", "high"), interval(forecast[chosen], part), strict=True))
                found.append(row)
    return pd.DataFrame(found).assign(source="bank")


def _slices(asked: Panel, tier: Array, base: Array) -> Iterator[tuple[str, str, Array]]:
    """Period, level and rows of everything that is reported."""
    yield "all", "all", np.flatnonzero(base)
    for month in np.unique(asked.month[base]):
        yield month_of(int(month)).isoformat()[:7], "all", np.flatnonzero(base & (asked.month == month))
    for name, values in (("region", asked.rows.region), ("category", asked.rows.category), ("tier", tier)):
        for value in sorted({value for value in values[base] if value}):
            yield "all", f"{name}:{value}", np.flatnonzero(base & (values == value))


def interval(forecast: Array, asked: Panel, draws: int = DRAWS, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the WAPE: businesses and months are drawn again."""
    who, months = np.unique(asked.rows.entity, return_inverse=True)[1], np.unique(asked.month, return_inverse=True)[1]
    shape = (int(who.max()) + 1, int(months.max()) + 1)
    at = who * shape[1] + months
    error, total = (
        np.bincount(at, values, shape[0] * shape[1]).reshape(shape)
        for values in (np.abs(forecast - asked.actual), asked.actual)
    )
    random = np.random.default_rng(seed)
    found = np.empty(draws)
    for draw in range(draws):
        rows = np.bincount(random.integers(0, shape[0], shape[0]), minlength=shape[0])
        columns = np.bincount(random.integers(0, shape[1], shape[1]), minlength=shape[1])
        found[draw] = (rows @ error @ columns) / max(float(rows @ total @ columns), 1.0)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def coverage(low: Array, high: Array, nominal: float, asked: Panel, tier: Array) -> pd.DataFrame:
    """Rows of forecast_coverage for one nominal level: how often what came lay within, by the same slices."""
    inside = (asked.actual >= low) & (asked.actual <= high)
    found = [
        (horizon, nominal, period, level, len(chosen), float(inside[chosen].mean()))
        for horizon in HORIZONS
        for period, level, chosen in _slices(asked, tier, asked.horizon == horizon)
        if len(chosen)
    ]
    columns = ["horizon", "nominal", "period", "level", "n", "coverage"]
    return pd.DataFrame(found, columns=columns).assign(source="bank")


def theta(book: Book, asked: Panel) -> tuple[Array, Array]:
    """Rows of the sample, and AutoTheta's forecast of them in won: one origin a business, all horizons.

    Businesses with two seasons of months without a gap, evenly over their size and over the origins.
    """
    sample = _sampled(book, asked)
    rows: list[int] = []
    found: list[float] = []
    if sample:
        from statsforecast.models import AutoTheta  # its import takes seconds
    for entity, origin, history in sample:
        ahead = AutoTheta(season_length=YEAR).forecast(y=history, h=max(HORIZONS))["mean"]
        at = np.flatnonzero((asked.rows.entity == entity) & (asked.rows.period == origin))
        rows += at.tolist()
        found += np.maximum(ahead[asked.horizon[at] - 1], 0.0).tolist()
    return np.array(rows, dtype=int), np.array(found)


def _sampled(book: Book, asked: Panel) -> list[tuple[int, int, Array]]:
    """Business, origin and unbroken history of each of the sample."""
    entities, first = np.unique(asked.rows.entity, return_index=True)
    by_size = entities[np.argsort(asked.usual[first], kind="stable")]
    origins = np.unique(asked.rows.period)
    wanted = int(np.clip(len(entities) // 20, THETA_LEAST_BUSINESSES, THETA_MOST_BUSINESSES))
    found = []
    for place, entity in enumerate(by_size[:: max(1, len(entities) // (2 * wanted))]):
        origin = int(origins[place % len(origins)])
        history = book.sales.where(np.array([entity])).seen(origin, THETA_MONTHS)[0]
        gaps = np.flatnonzero(np.isnan(history))
        run = history[gaps[-1] + 1 if len(gaps) else 0 :]
        if len(run) >= THETA_LEAST and np.ptp(run) > 0:
            found.append((int(entity), origin, run))
    return [found[at] for at in np.linspace(0, len(found) - 1, min(len(found), wanted)).astype(int)]


def with_theta(book: Book, forecasts: Mapping[str, Array], asked: Panel) -> pd.DataFrame:
    """Rows of forecast_accuracy for AutoTheta (level all, n says how few), and of everybody on the same sample."""
    rows, ahead = theta(book, asked)
    found = []
    for horizon in HORIZONS:
        own = asked.horizon[rows] == horizon
        if not own.any():
            continue
        part = asked.where(rows[own])
        by_model = {model: forecast[rows[own]] for model, forecast in forecasts.items()} | {"auto_theta": ahead[own]}
        for model, forecast in by_model.items():
            row = {"model": model, "horizon": horizon, "period": "all"} | figures(forecast, part)
            found.append(row | {"level": "theta_sample"})
            if model == "auto_theta":
                found.append(row | {"level": "all"})
    return pd.DataFrame(found).assign(source="bank")
