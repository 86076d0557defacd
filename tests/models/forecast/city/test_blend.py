"""Weights and gates of the learners and the common move, from earlier quarters alone."""

import numpy as np
import pytest

from core.models.forecast.city import blend, category_moves
from core.models.forecast.city.blend import Outcome


def outcome(line: float, trees: float, truth: float = 0.2, combined: float = 1.0, expected: float = 0.0) -> Outcome:
    """100 series, half of which move up by `truth` and half down; the learners predict a share of it."""
    last = np.full(100, 100.0)
    beyond = np.where(np.arange(100) % 2, truth, -truth)
    actual, nothing = last * np.exp(beyond), np.zeros(100)
    corrections = {"line": line * beyond, "trees": trees * beyond}
    return Outcome(last, actual, corrections, nothing + expected, nothing, last * combined)


def test_with_no_past_a_sixth_each_and_the_rest_for_the_last_value() -> None:
    # a third each and a third for the last value, then damped by half
    assert blend.weights([]) == pytest.approx({"line": 1 / 6, "trees": 1 / 6})


def test_the_learner_that_was_right_weighs_more() -> None:
    weights = blend.weights([outcome(line=1.0, trees=-1.0)] * 3)
    assert 0.45 < weights["line"] <= 0.5  # never more than half of its correction
    assert weights["trees"] < 0.05


def test_learners_that_were_wrong_have_nearly_no_weight() -> None:
    weights = blend.weights([outcome(line=-1.0, trees=-1.0)] * 3)
    assert sum(weights.values()) < 0.05


def test_a_combination_that_lost_to_the_last_value_is_not_served() -> None:
    # |actual - last| sums to 100 x 20.1 on average; twice the last value is off by about 100
    assert not blend.combination_pays([outcome(1.0, 1.0, combined=2.0)])
    assert blend.combination_pays([outcome(1.0, 1.0, combined=1.0)])


def test_a_season_that_was_expected_and_did_not_come_is_no_longer_expected() -> None:
    assert not blend.season_pays([outcome(1.0, 1.0, expected=0.1)])
    assert blend.season_pays([outcome(1.0, 1.0, expected=0.0)])


def test_only_what_two_thirds_of_the_years_reached_is_expected() -> None:
    # three of four years moved up by 0.04 or more; one third of the way from the least to the largest is 0.04
    assert category_moves.seasonal_move(np.array([0.02, 0.04, 0.05, 0.30])) == pytest.approx(0.04)
    assert category_moves.seasonal_move(np.array([-0.30, -0.05, -0.04, -0.02])) == pytest.approx(-0.04)


def test_years_that_went_different_ways_make_no_season() -> None:
    assert category_moves.seasonal_move(np.array([0.2, -0.05, -0.1, 0.2])) == 0.0


def test_without_own_years_the_season_before_2019_is_expected() -> None:
    # into a second quarter 2015-2018 saw 0.0595, 0.0353, 0.0582, 0.0567: the lower third is 0.0567
    moves = np.array([[np.nan, 0.0]])
    assert category_moves.expected(moves, [20194, 20201], 20202) == pytest.approx([0.0567], abs=1e-4)
