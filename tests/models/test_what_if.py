"""What-if and counterfactual: the least change to a target, within the bounds, and an empty answer when none exists."""

import numpy as np
import pytest

from core.errors import DataError
from core.features.catalogue import catalogue
from core.models.classifier import explain
from core.models.classifier.model import Model, fit, matrix, sigmoid
from core.models.what_if import Lever, Move, changed_values, counterfactual, lever_values, levers, what_if
from tests.models.classifier.test_model import FEATURES, RECIPE, table

FREE = (float("-inf"), float("inf"))
SALES = Lever("sales", "toy", "share", (0.2, 0.4, 0.8), "owner", (Move("growth", "add", 1, *FREE),))
ARREARS = Lever("arrears", "toy", "done", (1.0,), "owner", (Move("delay", "lower_to", 0, *FREE),))
MARKET = Lever("market", "toy", "share", (9.0,), "nobody", (Move("growth", "add", 1, *FREE),))
LATE = {"delay": 2.0, "growth": -1.0, "noise": 0.3}


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(RECIPE, table(6000, 1), table(3000, 2)).model


def probability(model: Model, row: dict[str, float]) -> float:
    return float(model.probability(np.array([[row[name] for name in FEATURES]]))[0])


def test_what_if_returns_the_probabilities_of_the_model(model: Model):
    answer = what_if(model, LATE, {"delay": 0.0})
    assert answer.before == pytest.approx(probability(model, LATE), abs=1e-12)
    assert answer.after == pytest.approx(probability(model, LATE | {"delay": 0.0}), abs=1e-12)
    assert answer.after < answer.before


def test_reasons_of_what_if_add_up_before_and_after(model: Model):
    answer = what_if(model, LATE, {"delay": 0.0, "growth": 1.0})
    for side in (0, 1):
        total = answer.base + sum(parts[side] for parts in answer.reasons.values())
        assert total == pytest.approx(answer.log_odds[side], abs=1e-6)


def test_what_if_without_changes_changes_nothing(model: Model):
    answer = what_if(model, LATE, {})
    assert answer.before == answer.after
    assert explain.what_if is what_if


def test_unknown_and_missing_features_are_refused(model: Model):
    with pytest.raises(DataError, match="colour"):
        what_if(model, LATE, {"colour": 1.0})
    with pytest.raises(DataError, match="lacks"):
        what_if(model, {"delay": 1.0}, {})


def test_smallest_amount_that_reaches_the_target(model: Model):
    # the target is the probability after sales + 0.4: 0.8 reaches it too, 0.2 does not
    target = probability(model, LATE | {"growth": -0.6})
    assert target < probability(model, LATE | {"growth": -0.8})
    [change] = counterfactual(model, LATE, [SALES], target * (1 + 1e-9))
    assert (change.lever, change.amount, change.features) == ("sales", 0.4, {"growth": (-1.0, -0.6)})


def test_two_levers_where_one_is_not_enough(model: Model):
    target = probability(model, {"delay": 0.0, "growth": -0.2, "noise": 0.3}) * (1 + 1e-9)
    changes = counterfactual(model, LATE, [SALES, ARREARS], target)
    assert {change.lever for change in changes} == {"sales", "arrears"}
    assert what_if(model, LATE, changed_values(changes)).after <= target


def test_target_out_of_reach_gives_no_changes(model: Model):
    assert counterfactual(model, LATE, [SALES, ARREARS], 1e-6) == []
    assert counterfactual(model, LATE, [], 0.01) == []


def test_target_that_is_reached_already_needs_no_changes(model: Model):
    assert counterfactual(model, LATE, [SALES], 0.999) == []


def test_levers_that_nobody_can_use_are_left_out(model: Model):
    assert counterfactual(model, LATE, [MARKET], probability(model, LATE) * 0.9) == []


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, float("nan")])
def test_target_that_is_no_probability_is_refused(model: Model, target: float):
    with pytest.raises(DataError, match="target"):
        counterfactual(model, LATE, [SALES], target)


def test_at_most_three_levers_that_change_nothing_else_and_only_in_their_direction(model: Model):
    random, rows = np.random.default_rng(3), table(60, 9)
    available = [Lever(f"s{n}", "toy", "share", (0.1, 0.2), "owner", SALES.moves) for n in range(5)] + [ARREARS]
    answers = 0
    for row, p in zip(rows[list(FEATURES)].to_dict("records"), model.probability(matrix(rows, FEATURES)), strict=True):
        changes = counterfactual(model, row, available, float(p) * random.uniform(0.5, 0.98))
        new = row | changed_values(changes)
        answers += bool(changes)
        assert len(changes) <= 3
        assert new["noise"] == row["noise"]
        assert new["delay"] <= row["delay"]
        assert row["growth"] <= new["growth"] <= row["growth"] + 3 * 0.2 + 1e-9
    assert answers > 10


def test_bounds_hold_and_missing_values_stay_missing():
    move = Move("use", "add", 1, 0.0, 1.0)
    assert move(np.array([0.3, np.nan, 1.4]), np.array([-0.5, -0.5, 0.2])).tolist()[0] == 0.0
    assert np.isnan(move(np.array([np.nan]), np.array([-0.5]))[0])
    assert move(np.array([1.4]), np.array([0.2])).tolist() == [1.4]  # outside the bounds already: stays where it is


def test_ten_percent_more_sales_change_every_feature_of_sales():
    [sales] = [lever for lever in levers("default") if lever.lever == "sales"]
    row = {move.feature: 1.0 for move in sales.moves}
    moved = lever_values(sales, 0.10, row)
    assert moved["revenue_change_yoy"] == moved["revenue_recent_change"] == pytest.approx(1.0953, abs=1e-4)
    assert moved["debt_to_revenue"] == pytest.approx(1.1**-0.25)
    # least-squares slope of twelve equal months of which the last three rise by a tenth
    months = np.r_[np.ones(9), 1.1 * np.ones(3)]
    slope = 12 * np.polyfit(np.arange(12), months, 1)[0]
    assert moved["revenue_slope_12m"] - 1 == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize("name", ["default", "churn"])
def test_no_lever_moves_a_feature_toward_higher_risk(name: str):
    signs = {feature.feature: feature.sign for feature in catalogue(name)}
    for lever in levers(name):
        for move in lever.moves:
            before = np.full(len(lever.amounts), 0.5)
            change = move(before, np.array(lever.amounts)) - before
            assert (signs[move.feature] * change <= 1e-12).all(), (lever.lever, move.feature)


@pytest.mark.parametrize("name", ["default", "churn"])
def test_no_lever_moves_features_that_only_time_changes(name: str):
    moved = {move.feature for lever in levers(name) for move in lever.moves}
    late = {"dpd_max_12m", "late_payments_12m", "months_since_late", "overdraft_use_max_3m"}
    time = {"tenure_months", "business_age_months", "complaints_12m", "products_given_up_12m", "season_ahead"}
    assert moved
    assert not moved & (late | time)


def test_contributions_in_probability_add_up_to_the_difference_from_the_base(model: Model):
    values = matrix(table(500, 4), FEATURES)
    why = explain.reasons(model, values)
    parts = explain.in_probability(why.contribution, why.base, why.log_odds)
    base = sigmoid(np.array(why.base))
    assert np.abs(parts.sum(axis=1) - (sigmoid(why.log_odds) - base)).max() < 1e-9
    assert (np.sign(parts) == np.sign(why.contribution)).all()


def test_contributions_in_probability_at_the_base_are_finite():
    parts = explain.in_probability(np.array([[0.7, -0.7]]), -2.0, np.array([-2.0]))
    assert parts.sum() == pytest.approx(0.0, abs=1e-12)
    assert parts[0, 0] == pytest.approx(0.7 * sigmoid(-2.0) * (1 - sigmoid(-2.0)))
