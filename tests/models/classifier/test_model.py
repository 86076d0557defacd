"""The classifier: monotone, calibrated, repeatable, and suspicious of what looks too good."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from core.errors import ConfigError, DataError
from core.models.classifier import model_files
from core.models.classifier.explain import assert_additive, contributions, reason_names, reasons
from core.models.classifier.model import (
    FOLDS,
    Model,
    Recipe,
    _boosters,
    data_hash,
    fit,
    folds,
    held_out_scores,
    logistic,
    matrix,
    mean_raw,
    platt,
    sigmoid,
    single_auc,
)

FEATURES = ("delay", "growth", "noise")
RECIPE = Recipe(FEATURES, (1, -1, 0), ("record", "trend", "trend"), (1, 2, 3), rounds=30)


def table(n, seed):
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.normal(size=(n, 3)), columns=list(FEATURES))
    rows["business_id"] = [f"{seed}-{number}" for number in range(n)]
    rows["label"] = (random.random(n) < sigmoid(rows["delay"] - rows["growth"] - 2.5)).astype(int)
    return rows


@pytest.fixture(scope="module")
def rows():
    return table(6000, 1)


@pytest.fixture(scope="module")
def calibration():
    return table(3000, 2)


@pytest.fixture(scope="module")
def model(rows, calibration):
    return fit(RECIPE, rows, calibration).model


def test_constraints_hold_for_every_probe(model):
    probes = np.random.default_rng(3).normal(size=(2000, 3))
    for column, sign in ((0, 1), (1, -1)):
        higher = probes.copy()
        higher[:, column] += np.random.default_rng(4).exponential(size=len(probes))
        change = sign * (model.log_odds(higher) - model.log_odds(probes))
        assert change.min() >= -1e-12


def test_same_rows_and_seeds_give_the_same_model_whatever_the_workers(rows, calibration, model):
    again = fit(
        Recipe(FEATURES, RECIPE.signs, RECIPE.reasons, RECIPE.seeds, rounds=30, threads=1), rows, calibration
    ).model
    values = matrix(calibration, FEATURES)
    assert (again.log_odds(values) == model.log_odds(values)).all()


def test_mean_probability_meets_the_rate_of_new_rows(model):
    fresh = table(20_000, 5)
    p = model.probability(matrix(fresh, FEATURES))
    assert p.mean() == pytest.approx(fresh["label"].mean(), rel=0.1)
    assert roc_auc_score(fresh["label"], p) > 0.75


def test_logistic_equals_scikit_learn(rows):
    scores, bad = rows["delay"].to_numpy(), rows["label"].to_numpy(float)
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(scores[:, None], bad)
    assert logistic(scores, bad) == pytest.approx((reference.coef_[0, 0], reference.intercept_[0]), abs=1e-5)


def test_logistic_does_not_wander_off_on_extreme_scores():
    """Scores of an overfitted model: a full Newton step from slope 1 ends at a slope of the wrong sign."""
    random = np.random.default_rng(12)
    truth = random.normal(-2, 1, 1000)
    bad = (random.random(1000) < sigmoid(truth)).astype(float)
    scores = 8 * (truth + random.normal(0, 1, 1000)) - 20
    reference = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(scores[:, None], bad)
    assert logistic(scores, bad) == pytest.approx((reference.coef_[0, 0], reference.intercept_[0]), rel=1e-4)


def test_no_business_calibrates_trees_that_have_learned_from_it(rows):
    """On labels of pure chance the trees know their own rows by heart, and the held-out scores know nothing."""
    chance = rows.head(3000).assign(label=np.random.default_rng(13).permutation(rows["label"].to_numpy())[:3000])
    trees = mean_raw(
        _boosters(RECIPE, matrix(chance, FEATURES), chance["label"].to_numpy(float)), matrix(chance, FEATURES)
    )
    assert roc_auc_score(chance["label"], trees) > 0.58
    assert roc_auc_score(chance["label"], held_out_scores(RECIPE, chance, chance)) == pytest.approx(0.5, abs=0.04)


def test_a_business_is_in_the_same_fold_in_every_month_and_folds_are_even(rows):
    assert (folds(rows["business_id"]) == folds(pd.concat([rows, rows])["business_id"])[len(rows) :]).all()
    assert np.bincount(folds(rows["business_id"]).astype(int)).min() > 0.9 * len(rows) / FOLDS


def test_a_backward_calibration_is_refused(rows):
    with pytest.raises(DataError, match="slope"):
        platt(-rows["delay"].to_numpy(), rows["label"].to_numpy(float))


def test_few_bads_set_the_level_and_leave_the_slope():
    scores, bad = np.linspace(-4, 0, 500), np.zeros(500)
    bad[::50] = 1  # ten
    slope, intercept = platt(scores, bad)
    assert slope == 1.0
    assert sigmoid(scores + intercept).mean() == pytest.approx(10 / 500, rel=1e-6)


def test_a_planted_outcome_is_caught_by_what_it_can_do_alone(rows, calibration):
    planted = rows.assign(noise=np.where(rows["label"] == 1, 1.0, np.nan))  # a date that only defaulters have
    with pytest.raises(DataError, match="noise"):
        fit(RECIPE, planted, calibration)


def test_single_auc_sees_both_directions_and_missing_values():
    bad = np.array([0.0, 0, 1, 1])
    assert single_auc(np.array([4.0, 3, 2, 1]), bad) == 1.0
    assert single_auc(np.array([np.nan, np.nan, 5, 5]), bad) == 1.0
    assert single_auc(np.array([1.0, 1, 1, 1]), bad) == 0.5


def test_a_denied_name_never_reaches_the_model(rows, calibration):
    with pytest.raises(ConfigError, match="status_on"):
        fit(Recipe(("delay", "status_on"), (1, 0), ("a", "b"), (1,)), rows.assign(status_on=0.0), calibration)


def test_labels_of_one_kind_teach_nothing(rows, calibration):
    with pytest.raises(DataError, match="one value only"):
        fit(RECIPE, rows.assign(label=0), calibration)


def test_target_encoding_on_all_rows_shows_as_skill_on_shuffled_labels():
    """Shuffled labels cannot be learned: a model that still ranks held-out rows has been told their outcomes."""
    random = np.random.default_rng(6)
    everything = pd.concat([table(3000, 7), table(3000, 8)], ignore_index=True)
    everything["label"] = random.permutation(everything["label"].to_numpy())
    cell = random.integers(0, 2000, len(everything))  # three rows a cell
    encoded = everything.assign(noise=everything.groupby(cell)["label"].transform("mean"))
    assert held_out_auc(everything) == pytest.approx(0.5, abs=0.06)
    assert held_out_auc(encoded) > 0.6


def held_out_auc(rows):
    fitted, held = rows.head(3000), rows.tail(3000)
    # The bare trees: Platt rightly refuses a model of pure chance.
    boosters = tuple(_boosters(RECIPE, matrix(fitted, FEATURES), fitted["label"].to_numpy(float)))
    model = Model(FEATURES, RECIPE.signs, RECIPE.reasons, RECIPE.seeds, boosters, 1.0, 0.0)
    return roc_auc_score(held["label"], model.raw(matrix(held, FEATURES)))


def test_fingerprint_of_data_ignores_order_and_sees_change(rows):
    assert data_hash(rows) == data_hash(rows.sample(frac=1, random_state=1))
    assert data_hash(rows) != data_hash(rows.assign(label=1 - rows["label"]))


def test_contributions_and_base_add_up_to_the_log_odds(model):
    values = matrix(table(500, 9), FEATURES)
    values[::7, 0] = np.nan
    why = contributions(model, values)
    assert np.abs(why.sum(axis=1) - model.log_odds(values)).max() < 1e-9
    assert np.ptp(why[:, -1]) < 1e-12


def test_reasons_are_grouped_first_and_then_ranked(model):
    values = matrix(table(200, 10), FEATURES)
    why, found = contributions(model, values), reasons(model, values)
    assert reason_names(model) == ["record", "trend"]
    first = np.where(why[:, 0] >= why[:, 1] + why[:, 2], 0, 1)
    assert (found.code[:, 0] == first).all()
    assert (np.diff(found.contribution, axis=1) <= 0).all()
    spokesman = np.where(np.abs(why[:, 1]) >= np.abs(why[:, 2]), 1, 2)
    trend = found.code == 1
    assert (found.feature[trend] == spokesman).all()
    assert (found.value[trend] == values[np.arange(200), spokesman]).all()


def test_explanations_that_do_not_add_up_are_refused():
    with pytest.raises(DataError, match="miss the log-odds"):
        assert_additive(np.array([0.1, 0.2]), np.array([0.1, 0.2 + 2e-6]))
    with pytest.raises(DataError, match="miss the log-odds"):
        assert_additive(np.array([np.nan]), np.array([0.1]))


def test_a_saved_model_comes_back_to_the_last_bit(model, tmp_path):
    model_files.save(model, tmp_path)
    back, values = model_files.load(tmp_path), matrix(table(300, 11), FEATURES)
    assert (back.log_odds(values) == model.log_odds(values)).all()
    assert (back.features, back.signs, back.reasons) == (model.features, model.signs, model.reasons)
    assert {file.suffix for file in tmp_path.iterdir()} == {".txt", ".json"}


def test_an_incomplete_model_folder_says_what_is_missing(model, tmp_path):
    model_files.save(model, tmp_path)
    (tmp_path / "seed_2.txt").unlink()
    with pytest.raises(DataError, match=r"seed_2\.txt is missing"):
        model_files.load(tmp_path)
