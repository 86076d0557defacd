"""Ranked lists and their figures, worked out by hand."""

import math

import numpy as np
import pytest
from scipy import sparse

from core.advice.ranking import Lists, figures, gini, top


def test_figures_of_two_users_by_hand():
    lists = Lists(np.array([[0, 1, 2], [3, 0, 1]]), n_items=5)
    wanted = sparse.csr_matrix([[1, 0, 1, 0, 0], [0, 1, 0, 0, 1]])
    found = figures(lists, wanted)
    ideal = 1 + 1 / math.log2(3)  # two wanted, both at the top
    first, second = (1 + 1 / 2) / ideal, (1 / 2) / ideal  # hits at 1 and 3; at 3
    assert found["users"] == 2
    assert found["recall"] == pytest.approx((2 / 2 + 1 / 2) / 2)
    assert found["ndcg"] == pytest.approx((first + second) / 2)
    assert found["map"] == pytest.approx(((1 + 2 / 3) / 2 + (1 / 3) / 2) / 2)
    assert found["coverage"] == pytest.approx(4 / 5)


def test_a_user_without_anything_in_the_test_is_not_judged():
    lists = Lists(np.array([[0], [1]]), n_items=2)
    assert figures(lists, sparse.csr_matrix([[1, 0], [0, 0]]))["recall"] == 1


def test_items_nobody_can_recommend_count_as_missed():
    """Columns beyond the items are those the training never met."""
    lists = Lists(np.array([[0]]), n_items=1)
    assert figures(lists, sparse.csr_matrix([[1, 1]]))["recall"] == 0.5


def test_what_is_owned_is_never_recommended_and_a_short_list_is_filled_with_nothing():
    owned = sparse.csr_matrix([[1, 0, 1], [1, 1, 1]])
    assert top(np.ones((2, 3)), owned, 2).tolist() == [[1, -1], [-1, -1]]


def test_gini_is_zero_for_equal_and_near_one_for_single_exposure():
    assert gini(np.array([4, 4, 4, 4])) == 0
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)  # (n - 1) / n
