"""EASE is the ridge regression it claims to be; its rivals know what was planted."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.advice import collaborative
from core.advice.collaborative import holdings
from core.errors import DataError

TINY = sparse.csr_matrix(
    [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 1]], dtype=float
)
# Items 0-1, 2-3, 4-5 go together; item 6 is held by most and says nothing.
PAIRS = ((0, 1), (2, 3), (4, 5))


def _pairs(users: int = 300) -> sparse.csr_matrix:
    rng = np.random.default_rng(3)
    held = np.zeros((users, 7))
    for user in range(users):
        held[user, list(PAIRS[user % 3])] = 1
    held[:, 6] = rng.random(users) < 0.7
    return sparse.csr_matrix(held)


@pytest.mark.parametrize("ridge", [0.5, 3.0, 40.0])
def test_each_column_of_ease_is_the_ridge_regression_of_an_item_on_the_others(ridge: float):
    weights = collaborative.ease_weights(TINY, ridge)
    held = TINY.toarray()
    for item in range(4):
        others = np.delete(np.arange(4), item)
        inputs = held[:, others]
        # Ridge with the item's own weight held at zero: (X'X + ridge I) b = X'y on the other items only.
        direct = np.linalg.solve(inputs.T @ inputs + ridge * np.eye(3), inputs.T @ held[:, item])
        assert weights[others, item] == pytest.approx(direct, abs=1e-12)
        assert weights[item, item] == 0


@pytest.mark.parametrize("fit", [collaborative.ease, collaborative.item_knn])
def test_what_goes_together_beats_what_is_popular(fit):
    matrix = _pairs()
    holds_one = sparse.csr_matrix(np.eye(7)[[0, 2, 4]])
    scores = fit(matrix)(holds_one, np.arange(3)).copy()
    scores[[0, 1, 2], [0, 2, 4]] = -np.inf
    assert scores.argmax(axis=1).tolist() == [1, 3, 5]
    assert collaborative.popularity(matrix)(holds_one, np.arange(3)).argmax() == 6


@pytest.mark.parametrize("fit", [collaborative.als, collaborative.bpr])
def test_the_librarys_models_score_the_users_they_were_fitted_on_without_a_warning(fit):
    matrix = _pairs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recommender = fit(matrix)
    block = np.array([5, 250])
    everybody = recommender(matrix, np.arange(300))
    assert recommender(matrix[block], block) == pytest.approx(everybody[block])
    assert fit(matrix)(matrix, np.arange(300)) == pytest.approx(everybody)  # the same seed, the same factors


def test_a_small_segment_leans_on_everybody():
    # 100 users of segment 0 hold nothing; the one user of segment 1 holds item 0: 1/101 of everybody.
    matrix = sparse.csr_matrix(([1.0], ([100], [0])), shape=(101, 2))
    shares = collaborative.segment_shares(matrix, np.r_[np.zeros(100, int), 1])
    assert shares[1, 0] == pytest.approx((1 + 50 / 101) / 51)
    assert shares[0, 0] == pytest.approx((0 + 50 / 101) / 150)
    assert shares[:, 1].tolist() == [0, 0]


def test_a_pair_counts_once_and_unknown_ids_are_left_out():
    rows = pd.DataFrame({"user_id": ["a", "a", "b", None], "item_id": ["x", "x", "y", "x"]})
    found = holdings(rows, items=pd.Index(["x"]))
    assert found.matrix.toarray().tolist() == [[1], [0]]
    assert list(found.users) == ["a", "b"]


def test_a_table_without_items_is_refused_by_name():
    with pytest.raises(DataError, match="item_id"):
        holdings(pd.DataFrame({"user_id": ["a"]}))
