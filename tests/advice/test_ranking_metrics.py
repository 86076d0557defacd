"""Ranked lists and their figures, worked out by hand."""

import math

import numpy as np
import pytest
from scipy import sparse

from core.advice.ranking_metrics import gini, metrics, top_k


def test_figures_of_two_users_by_hand():
    test = sparse.csr_matrix([[1, 0, 1, 0, 0], [0, 1, 0, 0, 1]])
    figures = metrics(np.array([[0, 1, 2], [3, 0, 1]]), test, n_items=5)
    ideal = 1 + 1 / math.log2(3)  # two wanted, both at the top
    first, second = (1 + 1 / 2) / ideal, (1 / 2) / ideal  # hits at 1 and 3; at 3
    assert figures["users"] == 2
    assert figures["recall"] == pytest.approx((2 / 2 + 1 / 2) / 2)
    assert figures["ndcg"] == pytest.approx((first + second) / 2)
    assert figures["map"] == pytest.approx(((1 + 2 / 3) / 2 + (1 / 3) / 2) / 2)
    assert figures["coverage"] == pytest.approx(4 / 5)


def test_a_user_without_anything_in_the_test_is_not_judged():
    assert metrics(np.array([[0], [1]]), sparse.csr_matrix([[1, 0], [0, 0]]), n_items=2)["recall"] == 1


def test_without_any_user_in_the_test_no_metric_is_known():
    figures = metrics(np.array([[0]]), sparse.csr_matrix((1, 2)), n_items=2)
    assert figures.pop("users") == 0
    assert all(math.isnan(value) for value in figures.values())


def test_items_nobody_can_recommend_count_as_missed():
    """Columns beyond the items are those the training never met."""
    assert metrics(np.array([[0]]), sparse.csr_matrix([[1, 1]]), n_items=1)["recall"] == 0.5


def test_what_is_owned_is_never_recommended_and_a_short_list_is_filled_with_nothing():
    owned = sparse.csr_matrix([[1, 0, 1], [1, 1, 1]])
    assert top_k(np.ones((2, 3)), owned, 2).tolist() == [[1, -1], [-1, -1]]


def test_gini_is_zero_for_equal_and_near_one_for_single_exposure():
    assert gini(np.array([4, 4, 4, 4])) == 0
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)  # (n - 1) / n
