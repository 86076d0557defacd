"""One candidate on one training part: resampled, searched and calibrated on its own rows."""

from dataclasses import replace

import numpy as np
import pytest

from core.compare import fitting, training
from core.compare.fitting import Clock, Part
from core.compare.table import Options
from tests.compare.tables import SMALL, loans, table

NAMES = ("logistic", "forest", "boosting", "lightgbm")


def part_of(rows: int = 400, seed: int = 1) -> Part:
    ground, _ = training.prepared(table(loans(rows, seed)), Options())
    return ground.part(np.arange(rows))


@pytest.mark.parametrize("name", NAMES)
def test_a_fitted_candidate_ranks_rows_it_has_never_seen(name: str) -> None:
    from sklearn.metrics import roc_auc_score

    scorer = fitting.plain(name, part_of(), Clock.of(0), SMALL[name])
    unseen = part_of(seed=2)
    assert roc_auc_score(unseen.labels, scorer.probability(unseen.sheet)) > 0.7


def test_cross_fitted_scores_come_from_models_without_the_row() -> None:
    # labels by chance: scores from models that had met their row would rank them
    part = part_of()
    chance = replace(part, labels=np.random.default_rng(0).permutation(part.labels))
    held_out = fitting.plain("forest", chance, Clock.of(0), SMALL["forest"]).held_out
    assert abs(np.corrcoef(held_out, chance.labels)[0, 1]) < 0.15


def test_smote_makes_events_up_in_the_training_part_and_leaves_it_as_it_was() -> None:
    part = part_of()
    before = part.sheet.numbers.copy(), part.labels.copy()
    scorer = fitting.with_smote("logistic", part, {"C": 1.0, "shape": "linear"})
    np.testing.assert_array_equal(part.sheet.numbers, before[0])
    np.testing.assert_array_equal(part.labels, before[1])
    # half of what it learned from were events, so its mean chance is near a half whatever the true rate (0.33)
    assert scorer.probability(part.sheet).mean() > part.labels.mean() + 0.05


def test_smote_cannot_meet_the_tested_rows() -> None:
    part = part_of()
    asked = part_of(seed=2).sheet
    one = fitting.with_smote("lightgbm", part, {"num_leaves": 4, "min_data_in_leaf": 10, "rounds": 20})
    alone = np.concatenate([one.probability(asked.take(np.array([row]))) for row in range(20)])
    np.testing.assert_allclose(alone, one.probability(asked)[:20])


def test_the_first_setting_runs_even_when_the_time_is_up() -> None:
    assert fitting.plain("lightgbm", part_of(), Clock.of(-1)).search["tried"] == 1


def test_a_blend_lies_between_its_members() -> None:
    part = part_of()
    members = [fitting.plain(name, part, Clock.of(0), SMALL[name]) for name in ("logistic", "lightgbm")]
    mixed = fitting.blend(members, part.labels)
    both = np.array([member.log_odds(part.sheet) for member in members])
    np.testing.assert_allclose(mixed.log_odds(part.sheet), mixed.slope * both.mean(axis=0) + mixed.intercept)


def test_calibration_never_turns_the_order_round() -> None:
    slope, intercept = fitting.calibration(np.array([3.0, 2.0, 1.0, 0.0] * 5), np.array([0.0, 0, 1, 1] * 5))
    assert slope > 0
    assert abs(slope * 1.5 + intercept) < 1e-9
