"""One candidate on one training part: resampled, searched and calibrated on its own rows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from core.compare import candidates
from tests.compare.tables import loans, part_of

NAMES = ("logistic", "forest", "boosting", "lightgbm")
ALL = np.arange(400)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One OpenMP thread, as in the workers of a comparison: teams of threads wait for each other on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("name", NAMES)
def test_a_fitted_candidate_ranks_rows_it_has_never_seen(name: str) -> None:
    from sklearn.metrics import roc_auc_score

    candidate = candidates.calibrated_candidate(name, part_of(loans(), ALL), 0.0)
    unseen = part_of(loans(seed=2), ALL)
    assert roc_auc_score(unseen.labels, candidate.probability(unseen.X)) > 0.7


def test_cross_fitted_scores_come_from_models_without_the_row() -> None:
    # labels by chance: scores from models that had met their row would rank them
    part = part_of(loans(), ALL)
    chance = replace(part, labels=np.random.default_rng(0).permutation(part.labels))
    held_out = candidates.calibrated_candidate("forest", chance, 0.0).held_out
    assert abs(np.corrcoef(held_out, chance.labels)[0, 1]) < 0.15


def test_smote_makes_events_up_in_the_training_part_and_leaves_it_as_it_was() -> None:
    part = part_of(loans(), ALL)
    before = part.X.copy(), part.labels.copy()
    candidate = candidates.uncalibrated_candidate("logistic", part, {"model__C": 1.0}, smote=True)
    np.testing.assert_array_equal(part.X, before[0])
    np.testing.assert_array_equal(part.labels, before[1])
    # half of what it learned from were events, so its mean chance is near a half whatever the true rate (0.33)
    assert candidate.probability(part.X).mean() > part.labels.mean() + 0.05


def test_smote_cannot_meet_the_tested_rows() -> None:
    tested = part_of(loans(seed=2), ALL).X
    params = {"model__num_leaves": 4, "model__min_child_samples": 10, "model__n_estimators": 20}
    candidate = candidates.uncalibrated_candidate("lightgbm", part_of(loans(), ALL), params, smote=True)
    alone = np.concatenate([candidate.probability(tested[[row]]) for row in range(20)])
    np.testing.assert_allclose(alone, candidate.probability(tested)[:20])


def test_the_first_setting_runs_even_when_the_time_is_up() -> None:
    assert candidates.calibrated_candidate("lightgbm", part_of(loans(), ALL), -1.0).search["tried"] == 1


def test_a_search_tries_other_settings_while_there_is_time() -> None:
    candidate = candidates.calibrated_candidate("logistic", part_of(loans(), ALL), 20.0)
    assert candidate.search["tried"] == candidate.search["planned"] == 11


def test_a_blend_lies_between_its_members() -> None:
    part = part_of(loans(), ALL)
    members = [candidates.calibrated_candidate(name, part, 0.0) for name in ("logistic", "lightgbm")]
    blend = candidates.blend(members, part.labels)
    both = np.array([member.log_odds(part.X) for member in members])
    np.testing.assert_allclose(blend.log_odds(part.X), blend.slope * both.mean(axis=0) + blend.intercept)


def test_calibration_never_turns_the_order_round() -> None:
    slope, intercept = candidates.calibration(np.array([3.0, 2.0, 1.0, 0.0] * 5), np.array([0.0, 0, 1, 1] * 5))
    assert slope > 0
    assert abs(slope * 1.5 + intercept) < 1e-9
