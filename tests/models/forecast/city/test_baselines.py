"""Baselines: the rules themselves, on numbers small enough to check by hand."""

import numpy as np

from core.models.forecast.city import baselines

HISTORY = np.array([[10.0, 20.0, 30.0, 40.0, 50.0], [1.0, 1.0, 1.0, 1.0, np.nan], [np.nan, np.nan, np.nan, 6.0, 8.0]])


def test_seasonal_naive_is_the_quarter_a_year_before_the_target() -> None:
    # five quarters known, the sixth is asked: a year before it lies the second
    assert baselines.seasonal_naive(HISTORY)[0] == 20.0


def test_moving_average_takes_the_quarters_known_of_the_last_four() -> None:
    found = baselines.moving_average(HISTORY)
    assert found[0] == 35.0
    assert np.isnan(found[1])
    assert found[2] == 7.0


def test_theta_says_how_many_series_are_too_short_for_it() -> None:
    long = np.array([np.linspace(100, 200, 12), np.r_[np.full(6, np.nan), np.linspace(100, 150, 6)]])
    found, short = baselines.auto_theta(long)
    assert short == 1
    assert found[1] == 150.0
    assert 195 < found[0] < 225
