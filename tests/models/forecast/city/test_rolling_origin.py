"""City forecasts: no use of later data, unknown stays unknown, and no loss where nothing can be learned."""

from itertools import pairwise

import numpy as np
import pytest

from core.models.forecast.city.panel import Panel, panel
from core.models.forecast.city.rolling_origin import QuarterForecast, rolling_forecasts
from tests.models.forecast.city.city_town import QUARTERS, rows, sales, town

TARGET = 20222


def forecast_of(city: Panel, target: int) -> QuarterForecast:
    return next(iter(rolling_forecasts(city, target, target, theta=True)))


def wape(city: Panel, model: str) -> float:
    """WAPE over 2022."""
    quarters = list(rolling_forecasts(city, 20221, 20224))
    error = sum(np.nansum(np.abs(city.at(quarter.target) - quarter.forecasts[model])) for quarter in quarters)
    return float(error / sum(np.nansum(city.at(quarter.target)) for quarter in quarters))


def test_what_comes_in_the_target_quarter_or_later_never_changes_its_forecasts() -> None:
    values = sales(80, reverting=0.7)
    changed, ahead = values.copy(), QUARTERS.index(TARGET)
    changed[:, ahead:] = np.random.default_rng(9).permutation(changed[:, ahead:] * 3)
    changed[::5, ahead:] = np.nan
    before, after = forecast_of(panel(rows(values)), TARGET), forecast_of(panel(rows(changed)), TARGET)
    for model in before.forecasts:
        np.testing.assert_array_equal(before.forecasts[model], after.forecasts[model])
        for name, bound in before.bounds[model].items():
            np.testing.assert_array_equal(bound, after.bounds[model][name])


def test_the_quarter_before_the_target_does_change_its_forecasts() -> None:
    values = sales(80, reverting=0.7)
    changed = values.copy()
    changed[:, QUARTERS.index(TARGET) - 1] *= 1.3
    before, after = forecast_of(panel(rows(values)), TARGET), forecast_of(panel(rows(changed)), TARGET)
    assert not np.allclose(before.forecasts["combined"], after.forecasts["combined"])


def test_a_series_without_a_last_value_has_no_forecast_of_any_model() -> None:
    values = sales(40, reverting=0.5)
    values[3, QUARTERS.index(TARGET) - 1] = np.nan
    quarter = forecast_of(panel(rows(values)), TARGET)
    assert all(np.isnan(forecast[3]) for forecast in quarter.forecasts.values())
    assert all(np.isfinite(forecast[[2, 4]]).all() for forecast in quarter.forecasts.values())


def test_an_absent_row_is_unknown_and_not_zero() -> None:
    values = sales(5, reverting=0.0)
    values[1, 4] = np.nan
    assert np.isnan(panel(rows(values)).values["sales"][1, 4])


def test_where_shocks_fade_the_combined_forecast_beats_the_last_value() -> None:
    fading = town(120, reverting=1.0)
    assert wape(fading, "combined") < 0.9 * wape(fading, "last_value")


@pytest.mark.slow
def test_where_nothing_can_be_learned_the_combined_forecast_is_hardly_worse_than_the_last_value() -> None:
    for seed in (1, 2):
        walk = town(120, reverting=0.0, seed=seed)
        assert wape(walk, "combined") < 1.02 * wape(walk, "last_value")


def test_intervals_hold_the_forecast_and_the_wider_one_the_narrower() -> None:
    quarter = forecast_of(town(60, reverting=0.5), TARGET)
    bounds, forecast = quarter.bounds["combined"], quarter.forecasts["combined"]
    order = [bounds["low95"], bounds["low80"], forecast, bounds["high80"], bounds["high95"]]
    assert all((lower <= upper).all() for lower, upper in pairwise(order))


def test_the_same_panel_gives_the_same_forecasts() -> None:
    first, second = (forecast_of(town(60, reverting=0.5), TARGET) for _ in range(2))
    np.testing.assert_array_equal(first.forecasts["combined"], second.forecasts["combined"])


def test_two_quarters_are_enough_for_the_last_value_and_the_usual_season() -> None:
    short = panel(rows(sales(10, reverting=0.0)).query("quarter <= 20202"))
    quarter = forecast_of(short, 20203)
    # into a third quarter 2015-2018 saw -0.0116, 0.0044, 0.0062, 0.0066: all but a third of them reached 0.0044
    np.testing.assert_allclose(quarter.forecasts["combined"], short.at(20202) * np.exp(0.0044), rtol=1e-4)
