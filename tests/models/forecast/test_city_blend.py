"""Weights, gates and the bound on the common move: what earlier quarters allow, and nothing on credit."""

from dataclasses import replace

import numpy as np
import pytest

from core.models.forecast import city_blend, city_common
from core.models.forecast.city_blend import Outcome


def outcome(line: float, trees: float, truth: float = 0.2, combined: float = 1.0, expected: float = 0.0) -> Outcome:
    """100 series of which every other one moves up by `truth` and the rest down; learners say a share of it."""
    last = np.full(100, 100.0)
    beyond = np.where(np.arange(100) % 2, truth, -truth)
    actual, nothing = last * np.exp(beyond), np.zeros(100)
    said = {"line": line * beyond, "trees": trees * beyond}
    return Outcome(20221, last, actual, said, nothing + expected, nothing, last * combined)


def test_with_no_past_a_third_each_and_a_third_for_the_last_value() -> None:
    assert city_blend.weights([]) == pytest.approx({"line": 1 / 3, "trees": 1 / 3})


def test_the_learner_that_was_right_is_believed_more() -> None:
    found = city_blend.weights([outcome(line=1.0, trees=-1.0)] * 3)
    assert found["line"] > 0.9
    assert found["trees"] < 0.05


def test_learners_that_were_wrong_are_not_believed() -> None:
    found = city_blend.weights([outcome(line=-1.0, trees=-1.0)] * 3)
    assert sum(found.values()) < 0.05


def test_a_combination_that_lost_to_the_last_value_is_not_served() -> None:
    # |actual - last| sums to 100 x 20.1 on average; twice the last value is off by about 100
    assert not city_blend.combination_pays([outcome(1.0, 1.0, combined=2.0)])
    assert city_blend.combination_pays([outcome(1.0, 1.0, combined=1.0)])


def test_a_season_that_was_expected_and_did_not_come_is_no_longer_expected() -> None:
    assert not city_blend.season_pays([outcome(1.0, 1.0, expected=0.1)])
    assert city_blend.season_pays([outcome(1.0, 1.0, expected=0.0)])


def spread(width: float) -> Outcome:
    """100 series whose moves are spread evenly from -width to width."""
    one = outcome(0.0, 0.0)
    return replace(one, actual=one.last * np.exp(width * np.linspace(-1, 1, 100)))


def test_the_move_that_may_be_expected_costs_at_most_two_percent_if_nothing_moves() -> None:
    quiet, loud = (city_blend.bearable([spread(width)]) for width in (0.05, 0.2))
    assert 0 < quiet < loud
    one = spread(0.2)
    cost = np.abs(one.actual - one.last * np.exp(loud)).sum() / np.abs(one.actual - one.last).sum()
    assert cost <= 1.02 + 1e-9


def test_nothing_may_be_expected_without_a_past() -> None:
    assert city_blend.bearable([]) == 0.0


def test_a_season_and_a_pull_that_disagree_cancel() -> None:
    up, down = np.array([0.1]), np.array([-0.1])
    above_its_year = np.array([0.0, 0.0, 0.0, 0.2])
    assert city_common.agreed(up, above_its_year) == 0.0
    assert city_common.agreed(down, above_its_year) == pytest.approx(-0.05)


def test_years_that_went_different_ways_make_no_season() -> None:
    assert city_common.weakest(np.array([0.2, -0.05, 0.2])) == 0.0
