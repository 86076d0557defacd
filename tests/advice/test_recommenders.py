"""EASE is the ridge regression it claims to be; its rivals find a planted pattern."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.advice import recommenders
from core.advice.recommenders import holdings
from core.errors import DataError

TINY = sparse.csr_matrix(
    [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 1]], dtype=float
)
# Items 0-1, 2-3, 4-5 go together; most users hold item 6, which goes with nothing.
PAIRS = ((0, 1), (2, 3), (4, 5))


def _pairs(users: int = 300) -> sparse.csr_matrix:
    rng = np.random.default_rng(3)
    owned = np.zeros((users, 7))
    for user in range(users):
        owned[user, list(PAIRS[user % 3])] = 1
    owned[:, 6] = rng.random(users) < 0.7
    return sparse.csr_matrix(owned)


@pytest.mark.parametrize("ridge", [0.5, 3.0, 40.0])
def test_each_column_of_ease_is_the_ridge_regression_of_an_item_on_the_others(ridge: float):
    weights = recommenders.ease_weights(TINY, ridge)
    owned = TINY.toarray()
    for item in range(4):
        others = np.delete(np.arange(4), item)
        inputs = owned[:, others]
        # Ridge with the item's own weight owned at zero: (X'X + ridge I) b = X'y on the other items only.
        direct = np.linalg.solve(inputs.T @ inputs + ridge * np.eye(3), inputs.T @ owned[:, item])
        assert weights[others, item] == pytest.approx(direct, abs=1e-12)
        assert weights[item, item] == 0


@pytest.mark.parametrize("fit", [recommenders.ease, recommenders.item_knn])
def test_items_that_go_together_beat_popular_ones(fit):
    matrix = _pairs()
    owned = sparse.csr_matrix(np.eye(7)[[0, 2, 4]])
    scores = fit(matrix)(owned, np.arange(3)).copy()
    scores[[0, 1, 2], [0, 2, 4]] = -np.inf
    assert scores.argmax(axis=1).tolist() == [1, 3, 5]
    assert recommenders.popularity(matrix)(owned, np.arange(3)).argmax() == 6


@pytest.mark.parametrize("fit", [recommenders.als, recommenders.bpr])
def test_models_of_the_library_score_their_users_without_a_warning(fit):
    matrix = _pairs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recommender = fit(matrix)
    block = np.array([5, 250])
    all_scores = recommender(matrix, np.arange(300))
    assert recommender(matrix[block], block) == pytest.approx(all_scores[block])
    assert fit(matrix)(matrix, np.arange(300)) == pytest.approx(all_scores)  # the same seed, the same factors


def test_a_small_segment_is_shrunk_towards_everybody():
    # 100 users of segment 0 hold nothing; the one user of segment 1 holds item 0: 1/101 of everybody.
    matrix = sparse.csr_matrix(([1.0], ([100], [0])), shape=(101, 2))
    shares = recommenders.segment_shares(matrix, np.r_[np.zeros(100, int), 1])
    assert shares[1, 0] == pytest.approx((1 + 50 / 101) / 51)
    assert shares[0, 0] == pytest.approx((0 + 50 / 101) / 150)
    assert shares[:, 1].tolist() == [0, 0]


def test_a_pair_counts_once_and_unknown_ids_are_left_out():
    rows = pd.DataFrame({"user_id": ["a", "a", "b", None], "item_id": ["x", "x", "y", "x"]})
    owned = holdings(rows, items=pd.Index(["x"]))
    assert owned.matrix.toarray().tolist() == [[1], [0]]
    assert list(owned.users) == ["a", "b"]


def test_a_table_without_items_is_refused_by_name():
    with pytest.raises(DataError, match="item_id"):
        holdings(pd.DataFrame({"user_id": ["a"]}))
