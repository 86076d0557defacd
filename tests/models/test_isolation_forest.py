"""The forest as text gives scikit-learn's scores."""

import numpy as np
import pytest

from core.models.isolation_forest import Forest, average_path_length, export, fit

NAMES = ("a", "b", "c")


def rows(n: int, seed: int = 0) -> np.ndarray:
    """Normal values with some outliers, and a column of whole numbers, as real tables have."""
    values = np.random.default_rng(seed).normal(size=(n, 3))
    values[: n // 20] *= 8
    values[:, 2] = values[:, 2].round()
    return values


@pytest.mark.parametrize("training", [rows(2), rows(40), rows(3000), np.ones((40, 3))], ids=len)
def test_text_gives_the_scores_of_scikit_learn(training):
    fitted = fit(training, 1, 20, min(256, len(training)))
    forest = export(fitted, NAMES)
    values = rows(500, 2)
    expected = -fitted.score_samples(values.astype(np.float32))
    np.testing.assert_allclose(forest.score(forest.depth(values)), expected, rtol=0, atol=1e-12)


def test_forest_loaded_from_its_text_is_the_same_forest():
    forest = export(fit(rows(2000), 1, 20, 256), NAMES)
    loaded = Forest.from_text(forest.text, forest.trees, forest.samples)
    assert np.array_equal(loaded.depth(rows(300, 2)), forest.depth(rows(300, 2)))


def test_values_next_to_a_threshold_take_the_branch_of_scikit_learn():
    fitted = fit(rows(2000), 1, 20, 256)
    forest = export(fitted, NAMES)
    tree = fitted.estimators_[0].tree_
    edge = rows(4, 3)
    column, threshold = tree.feature[0], tree.threshold[0]
    edge[:, column] = [threshold, np.nextafter(threshold, 9), np.nextafter(threshold, -9), threshold + 1e-9]
    expected = -fitted.score_samples(edge.astype(np.float32))
    np.testing.assert_allclose(forest.score(forest.depth(edge)), expected, rtol=0, atol=1e-12)


def test_outlier_has_a_higher_score_than_a_row_among_the_others():
    forest = export(fit(rows(2000), 1, 50, 256), NAMES)
    far, near = forest.score(forest.depth(np.array([[30.0, -30.0, 30.0], [0.0, 0.0, 0.0]])))
    assert far > 0.7 > 0.5 > near


def test_one_row_needs_no_split():
    assert average_path_length(1.0)[0] == 0
