"""Names come from the centres, no two alike, and one that was given holds with some slack."""

import numpy as np
import pytest

from core.models.segments import naming

THREE = ("income", "spend", "risk")


def test_size_is_said_once_though_income_and_spending_both_tell_it():
    z = np.array([[1.2, 1.3, 0.0], [-0.9, -1.2, 0.0]])
    assert naming.codes(z, THREE) == ("income_high", "income_low")


def test_two_alike_are_told_apart_by_a_further_trait():
    z = np.array([[1.2, 1.0, 0.0, 0.6], [1.2, 1.0, 0.0, -0.6]])
    found = naming.codes(z, ("income", "growth", "risk", "logins"))
    assert found == ("income_high.growth_high.logins_high", "income_high.growth_high.logins_low")


def test_two_that_no_trait_tells_apart_are_numbered_largest_first():
    z = np.array([[0.7, 0.8], [1.9, 1.8], [-1.0, -1.0]])
    assert naming.codes(z, ("income", "spend")) == ("income_high-2", "income_high-1", "income_low")


def test_a_kept_code_is_never_given_twice():
    z = np.array([[1.2, 0.0], [1.1, 0.1]])
    found = naming.codes(z, ("income", "growth"), ("income_high", None))
    assert found[0] == "income_high"
    assert found[1] != "income_high"


@pytest.mark.parametrize("k", range(2, 11))
def test_any_centres_get_as_many_different_names(k):
    z = np.random.default_rng(k).normal(0, 0.6, (k, 2))
    assert len({*naming.codes(z, ("income", "spend"))}) == k


def test_with_risk_the_safest_stand_first_without_it_the_largest():
    z = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [-1.0, -1.0, -1.0]])
    assert naming.order(z, THREE) == [2, 1, 0]
    assert naming.order(z[:, :2], THREE[:2]) == [1, 0, 2]


def test_a_code_on_a_feature_that_is_gone_does_not_hold():
    assert not naming.holds("logins_low", np.array([1.0]), ("income",))
