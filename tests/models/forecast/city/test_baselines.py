"""Baselines of the city forecast, on numbers small enough to check by hand."""

import numpy as np

from core.models.forecast.city import baselines

HISTORY = np.array([[10.0, 20.0, 30.0, 40.0, 50.0], [1.0, 1.0, 1.0, 1.0, np.nan], [np.nan, np.nan, np.nan, 6.0, 8.0]])


def test_seasonal_naive_is_the_quarter_a_year_before_the_target() -> None:
    # five quarters are known, the sixth is forecast: a year before it lies the second
    assert baselines.seasonal_naive(HISTORY)[0] == 20.0


def test_moving_average_takes_the_quarters_known_of_the_last_four() -> None:
    forecast = baselines.moving_average(HISTORY)
    assert forecast[0] == 35.0
    assert np.isnan(forecast[1])
    assert forecast[2] == 7.0


def test_theta_returns_how_many_series_are_too_short_for_it() -> None:
    long = np.array([np.linspace(100, 200, 12), np.r_[np.full(6, np.nan), np.linspace(100, 150, 6)]])
    forecast, short = baselines.auto_theta(long)
    assert short == 1
    assert forecast[1] == 150.0
    assert 195 < forecast[0] < 225
