"""What-if and counterfactual: small, bounded, honest when nothing helps."""

import numpy as np
import pytest

from core.errors import DataError
from core.features.catalogue import catalogue
from core.models.classifier import explain
from core.models.classifier.model import Model, fit, matrix, sigmoid
from core.models.what_if import Lever, Move, applied, counterfactual, levers, together, what_if
from tests.models.classifier.test_model import FEATURES, RECIPE, table

FREE = (float("-inf"), float("inf"))
SALES = Lever("sales", "toy", "share", (0.2, 0.4, 0.8), "owner", (Move("growth", "add", 1, *FREE),))
ARREARS = Lever("arrears", "toy", "done", (1.0,), "owner", (Move("delay", "lower_to", 0, *FREE),))
MARKET = Lever("market", "toy", "share", (9.0,), "nobody", (Move("growth", "add", 1, *FREE),))
LATE = {"delay": 2.0, "growth": -1.0, "noise": 0.3}


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(RECIPE, table(6000, 1), table(3000, 2)).model


def p_of(model: Model, row: dict[str, float]) -> float:
    return float(model.probability(np.array([[row[name] for name in FEATURES]]))[0])


def test_what_if_answers_with_the_models_own_probabilities(model: Model):
    found = what_if(model, LATE, {"delay": 0.0})
    assert found.before == pytest.approx(p_of(model, LATE), abs=1e-12)
    assert found.after == pytest.approx(p_of(model, LATE | {"delay": 0.0}), abs=1e-12)
    assert found.after < found.before


def test_what_if_reasons_add_up_before_and_after(model: Model):
    found = what_if(model, LATE, {"delay": 0.0, "growth": 1.0})
    for side in (0, 1):
        total = found.base + sum(parts[side] for parts in found.reasons.values())
        assert total == pytest.approx(found.log_odds[side], abs=1e-6)


def test_what_if_of_nothing_changes_nothing(model: Model):
    found = what_if(model, LATE, {})
    assert found.before == found.after
    assert explain.what_if is what_if


def test_a_feature_the_model_does_not_know_is_refused(model: Model):
    with pytest.raises(DataError, match="colour"):
        what_if(model, LATE, {"colour": 1.0})
    with pytest.raises(DataError, match="lacks"):
        what_if(model, {"delay": 1.0}, {})


def test_the_smallest_way_to_the_target_is_found(model: Model):
    # the target is what sales up by 0.4 reaches: 0.8 would do too, 0.2 would not
    target = p_of(model, LATE | {"growth": -0.6})
    assert target < p_of(model, LATE | {"growth": -0.8})
    [change] = counterfactual(model, LATE, [SALES], target * (1 + 1e-9))
    assert (change.lever, change.amount, change.features) == ("sales", 0.4, {"growth": (-1.0, -0.6)})


def test_two_levers_are_pulled_when_one_is_not_enough(model: Model):
    target = p_of(model, {"delay": 0.0, "growth": -0.2, "noise": 0.3}) * (1 + 1e-9)
    found = counterfactual(model, LATE, [SALES, ARREARS], target)
    assert {change.lever for change in found} == {"sales", "arrears"}
    assert what_if(model, LATE, together(found)).after <= target


def test_a_target_out_of_reach_is_answered_with_nothing(model: Model):
    assert counterfactual(model, LATE, [SALES, ARREARS], 1e-6) == []
    assert counterfactual(model, LATE, [], 0.01) == []


def test_a_target_reached_already_needs_nothing(model: Model):
    assert counterfactual(model, LATE, [SALES], 0.999) == []


def test_what_nobody_can_change_is_no_way(model: Model):
    assert counterfactual(model, LATE, [MARKET], p_of(model, LATE) * 0.9) == []


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, float("nan")])
def test_a_target_that_is_no_probability_is_refused(model: Model, target: float):
    with pytest.raises(DataError, match="target"):
        counterfactual(model, LATE, [SALES], target)


def test_every_answer_keeps_to_three_levers_fixed_things_and_one_way_things(model: Model):
    random, rows = np.random.default_rng(3), table(60, 9)
    fixed = [Lever(f"s{n}", "toy", "share", (0.1, 0.2), "owner", SALES.moves) for n in range(5)] + [ARREARS]
    answered = 0
    for row, p in zip(rows[list(FEATURES)].to_dict("records"), model.probability(matrix(rows, FEATURES)), strict=True):
        found = counterfactual(model, row, fixed, float(p) * random.uniform(0.5, 0.98))
        new = row | together(found)
        answered += bool(found)
        assert len(found) <= 3
        assert new["noise"] == row["noise"]
        assert new["delay"] <= row["delay"]
        assert row["growth"] <= new["growth"] <= row["growth"] + 3 * 0.2 + 1e-9
    assert answered > 10


def test_bounds_hold_and_missing_stays_missing():
    move = Move("use", "add", 1, 0.0, 1.0)
    assert move(np.array([0.3, np.nan, 1.4]), np.array([-0.5, -0.5, 0.2])).tolist()[0] == 0.0
    assert np.isnan(move(np.array([np.nan]), np.array([-0.5]))[0])
    assert move(np.array([1.4]), np.array([0.2])).tolist() == [1.4]  # outside already: not pulled back, not pushed on


def test_ten_percent_more_sales_move_every_figure_of_sales_together():
    [sales] = [lever for lever in levers("default") if lever.lever == "sales"]
    row = {move.feature: 1.0 for move in sales.moves}
    moved = applied(sales, 0.10, row)
    assert moved["revenue_change_yoy"] == moved["revenue_recent_change"] == pytest.approx(1.0953, abs=1e-4)
    assert moved["debt_to_revenue"] == pytest.approx(1.1**-0.25)
    # twelve level months of which the last three rise by a tenth, by least squares
    months = np.r_[np.ones(9), 1.1 * np.ones(3)]
    slope = 12 * np.polyfit(np.arange(12), months, 1)[0]
    assert moved["revenue_slope_12m"] - 1 == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize("name", ["default", "churn"])
def test_what_people_can_do_never_pushes_a_feature_toward_risk(name: str):
    signs = {feature.feature: feature.sign for feature in catalogue(name)}
    for lever in levers(name):
        for move in lever.moves:
            before = np.full(len(lever.amounts), 0.5)
            change = move(before, np.array(lever.amounts)) - before
            assert (signs[move.feature] * change <= 1e-12).all(), (lever.lever, move.feature)


@pytest.mark.parametrize("name", ["default", "churn"])
def test_nobody_moves_what_only_time_moves(name: str):
    moved = {move.feature for lever in levers(name) for move in lever.moves}
    late = {"dpd_max_12m", "late_payments_12m", "months_since_late", "overdraft_use_max_3m"}
    time = {"tenure_months", "business_age_months", "complaints_12m", "products_given_up_12m", "season_ahead"}
    assert moved
    assert not moved & (late | time)


def test_parts_in_probability_add_up_to_the_difference_from_the_base(model: Model):
    values = matrix(table(500, 4), FEATURES)
    why = explain.reasons(model, values)
    parts = explain.in_probability(why.contribution, why.base, why.log_odds)
    base = sigmoid(np.array(why.base))
    assert np.abs(parts.sum(axis=1) - (sigmoid(why.log_odds) - base)).max() < 1e-9
    assert (np.sign(parts) == np.sign(why.contribution)).all()


def test_parts_in_probability_of_a_business_at_the_base_stay_finite():
    parts = explain.in_probability(np.array([[0.7, -0.7]]), -2.0, np.array([-2.0]))
    assert parts.sum() == pytest.approx(0.0, abs=1e-12)
    assert parts[0, 0] == pytest.approx(0.7 * sigmoid(-2.0) * (1 - sigmoid(-2.0)))
