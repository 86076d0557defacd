"""The figures of one business add up."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as s

from pages.shared.charts import business
from pages.shared.text.reasons import Component

CONTRIBUTIONS = s.lists(s.floats(-3, 3).map(lambda value: round(value, 4)), min_size=1, max_size=12)


def _drivers(contributions: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"reason": [f"r{i}" for i in range(len(contributions))], "contribution": contributions})


@settings(deadline=None, max_examples=50)
@given(CONTRIBUTIONS)
def test_steps_add_up_however_many_are_grouped(contributions):
    steps = business.steps(_drivers(contributions), str, "rest")
    assert len(steps) <= business.MAX_STEPS
    assert math.isclose(sum(step.contribution for step in steps), sum(contributions), abs_tol=1e-9)


# No deadline: the first figure loads plotly.
@settings(deadline=None, max_examples=50)
@given(CONTRIBUTIONS, s.floats(-6, 0))
def test_the_waterfall_ends_at_the_probability(contributions, base):
    steps = business.steps(_drivers(contributions), str, "rest")
    figure = business.waterfall(base, steps, ("base", "final"), lambda p: f"{p:.6f}")
    bars = figure.data[0]
    reached = bars.base + sum(bars.x[:-1])
    assert math.isclose(reached, base + sum(contributions), abs_tol=1e-9)
    assert math.isclose(float(bars.text[-1]), 1 / (1 + math.exp(-reached)), abs_tol=1e-6)


def test_the_axis_is_labelled_in_per_cent_at_log_odds():
    axis = business.waterfall(-4.0, [business.Step("a", 1.5)], ("base", "final"), str).layout.xaxis
    assert axis.ticktext[0] == "2%"
    assert math.isclose(axis.tickvals[0], math.log(0.02 / 0.98))


def test_a_ninth_group_is_not_hidden_alone():
    assert [step.label for step in business.steps(_drivers([0.1] * 8), str, "rest")].count("rest") == 0
    assert [step.label for step in business.steps(_drivers([0.1] * 9), str, "rest")].count("rest") == 1


def test_bars_gained_and_lost_fill_the_weight():
    figure = business.points([Component("change", 12.0, 18.0, 0.0, None)], ["c"], ("gained", "lost"))
    assert [trace.x[0] for trace in figure.data] == [12.0, 18.0]


def test_an_unknown_month_is_a_gap_and_not_zero():
    figure = business.revenue(["a", "b", "c"], [1.0, None, 3.0], [2.0, 2.0, 2.0], ("own", "peers"), str)
    own = figure.data[1]
    assert own.y == (1.0, None, 3.0)
    assert own.connectgaps is False


@pytest.mark.parametrize("top", [1.0, 7.0, 123_456.0, 9.9e9])
def test_ticks_reach_over_the_top_in_a_few_steps(top):
    ticks = business.nice_ticks([top])
    assert ticks[0] == 0
    assert ticks[-1] >= 0.99 * top
    assert 2 <= len(ticks) <= 6


def test_the_forecast_goes_on_where_the_months_end_inside_its_bands():
    ahead = business.Forecast(
        ["d", "e"], [4.0, 5.0], ([3.0, 3.5], [5.0, 6.0]), ([2.0, 2.5], [6.0, 8.0]), ("f", "80", "95")
    )
    figure = business.revenue(["a", "b", "c"], [1.0, 2.0, 3.0], [2.0, 2.0, 2.0], ("own", "peers"), str, ahead)
    outer, inner, line = figure.data[:3]
    assert (line.x, line.y) == (("c", "d", "e"), (3.0, 4.0, 5.0))
    assert outer.y == (3.0, 2.0, 2.5, 8.0, 6.0, 3.0)  # there along the low end, back along the high one
    assert min(inner.y) >= min(outer.y)
    assert figure.layout.yaxis.tickvals[-1] >= 8.0


def test_a_forecast_after_an_unknown_month_starts_by_itself():
    ahead = business.Forecast(["c"], [4.0], ([3.0], [5.0]), ([2.0], [6.0]), ("f", "80", "95"))
    figure = business.revenue(["a", "b"], [1.0, None], [2.0, 2.0], ("own", "peers"), str, ahead)
    assert figure.data[2].x == ("c",)


def test_bars_in_points_of_probability_end_at_the_probability():
    figure = business.points_waterfall(
        0.02, [business.Step("a", 0.05), business.Step("b", -0.01)], ("base", "final"), str
    )
    assert math.isclose(sum(figure.data[0].x), 0.06, abs_tol=1e-12)
    assert figure.data[0].text[1] == "+5.0%p"
