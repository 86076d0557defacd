"""The forest as text gives scikit-learn's scores, and never runs code."""

import numpy as np
import pytest

from core.models.isolation_forest import Forest, exported, fitted, usual_depth

NAMES = ("a", "b", "c")


def rows(n: int, seed: int = 0) -> np.ndarray:
    """Normal values with some far away, and whole numbers among them, as real columns have."""
    values = np.random.default_rng(seed).normal(size=(n, 3))
    values[: n // 20] *= 8
    values[:, 2] = values[:, 2].round()
    return values


@pytest.mark.parametrize("learned_rows", [rows(2), rows(40), rows(3000), np.ones((40, 3))], ids=len)
def test_the_text_gives_the_scores_of_scikit_learn(learned_rows):
    learned = fitted(learned_rows, 1, 20, min(256, len(learned_rows)))
    forest = exported(learned, NAMES)
    asked = rows(500, 2)
    expected = -learned.score_samples(asked.astype(np.float32))
    np.testing.assert_allclose(forest.score(forest.depth(asked)), expected, rtol=0, atol=1e-12)


def test_a_forest_read_back_from_its_text_is_the_same_forest():
    forest = exported(fitted(rows(2000), 1, 20, 256), NAMES)
    again = Forest.of_text(forest.text, forest.trees, forest.samples)
    assert np.array_equal(again.depth(rows(300, 2)), forest.depth(rows(300, 2)))


def test_values_beside_a_threshold_go_the_way_scikit_learn_sends_them():
    learned = fitted(rows(2000), 1, 20, 256)
    forest = exported(learned, NAMES)
    tree = learned.estimators_[0].tree_
    edge = rows(4, 3)
    column, threshold = tree.feature[0], tree.threshold[0]
    edge[:, column] = [threshold, np.nextafter(threshold, 9), np.nextafter(threshold, -9), threshold + 1e-9]
    expected = -learned.score_samples(edge.astype(np.float32))
    np.testing.assert_allclose(forest.score(forest.depth(edge)), expected, rtol=0, atol=1e-12)


def test_a_row_far_from_all_others_is_stranger_than_one_among_them():
    forest = exported(fitted(rows(2000), 1, 50, 256), NAMES)
    far, near = forest.score(forest.depth(np.array([[30.0, -30.0, 30.0], [0.0, 0.0, 0.0]])))
    assert far > 0.7 > 0.5 > near


def test_the_usual_depth_of_one_row_is_none():
    assert usual_depth(1.0)[0] == 0
