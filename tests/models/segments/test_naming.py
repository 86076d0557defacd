"""Codes come from the traits of the centres, all are different, and existing codes hold with some slack."""

import numpy as np
import pytest

from core.models.segments import naming

THREE = ("income", "spend", "risk")


def test_size_is_named_once_although_income_and_spending_both_measure_it():
    z = np.array([[1.2, 1.3, 0.0], [-0.9, -1.2, 0.0]])
    assert naming.codes(z, THREE) == ("income_high", "income_low")


def test_similar_segments_get_a_further_trait():
    z = np.array([[1.2, 1.0, 0.0, 0.6], [1.2, 1.0, 0.0, -0.6]])
    codes = naming.codes(z, ("income", "growth", "risk", "logins"))
    assert codes == ("income_high.growth_high.logins_high", "income_high.growth_high.logins_low")


def test_segments_with_equal_traits_are_numbered_largest_first():
    z = np.array([[0.7, 0.8], [1.9, 1.8], [-1.0, -1.0]])
    assert naming.codes(z, ("income", "spend")) == ("income_high-2", "income_high-1", "income_low")


def test_inherited_code_is_not_used_twice():
    z = np.array([[1.2, 0.0], [1.1, 0.1]])
    codes = naming.codes(z, ("income", "growth"), ("income_high", None))
    assert codes[0] == "income_high"
    assert codes[1] != "income_high"


@pytest.mark.parametrize("k", range(2, 11))
def test_any_centres_get_different_codes(k):
    z = np.random.default_rng(k).normal(0, 0.6, (k, 2))
    assert len({*naming.codes(z, ("income", "spend"))}) == k


def test_order_is_by_risk_or_else_by_size():
    z = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [-1.0, -1.0, -1.0]])
    assert naming.order(z, THREE) == [2, 1, 0]
    assert naming.order(z[:, :2], THREE[:2]) == [1, 0, 2]


def test_code_of_a_missing_feature_does_not_hold():
    assert not naming.holds("logins_low", np.array([1.0]), ("income",))
