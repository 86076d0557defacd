"""The risk of a payment: weights, boundaries, and what is unknown."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.payments import risk_index

UNKNOWN = math.nan
part = st.one_of(st.none(), st.floats(0, 1))


def test_four_parts_are_weighted_four_three_two_one():
    found = risk_index.composite(1.0, 0.5, 0.25, 0.75)  # 0.4 + 0.15 + 0.05 + 0.075
    assert found.index == pytest.approx(0.675)
    assert found.contribution == pytest.approx({"fraud": 0.4, "pattern": 0.15, "amount": 0.05, "time": 0.075})
    assert not found.missing


@pytest.mark.parametrize(
    ("parts", "level", "action"),
    [
        ((0.0, 0.0, 0.0, 0.0), "low", "auto_approve"),
        ((0.2999, 0.2999, 0.2999, 0.2999), "low", "auto_approve"),
        ((0.3, 0.3, 0.3, 0.3), "medium", "manual_review"),
        ((0.0, 1.0, 0.0, 0.0), "medium", "manual_review"),  # the weight of the pattern alone is the boundary
        ((0.5999, 0.5999, 0.5999, 0.5999), "medium", "manual_review"),
        ((1.0, 0.0, 1.0, 0.0), "high", "additional_authentication"),  # 0.4 + 0.2 is 0.6000000000000001
        ((0.6, 0.6, 0.6, 0.6), "high", "additional_authentication"),
        ((0.7999, 0.7999, 0.7999, 0.7999), "high", "additional_authentication"),
        ((0.8, 0.8, 0.8, 0.8), "very_high", "additional_authentication"),
        ((1.0, 1.0, 0.0, 1.0), "very_high", "additional_authentication"),  # 0.4 + 0.3 + 0.1
        ((1.0, 1.0, 1.0, 1.0), "very_high", "additional_authentication"),
    ],
)
def test_a_boundary_belongs_to_the_upper_level(parts, level, action):
    found = risk_index.composite(*parts)
    assert (found.level, found.action) == (level, action)


def test_an_unknown_part_gives_its_weight_to_the_others_and_is_named():
    found = risk_index.composite(None, 0.5, 1.0, UNKNOWN)  # (0.3 x 0.5 + 0.2 x 1) / 0.5
    assert found.index == pytest.approx(0.7)
    assert found.missing == ("fraud", "time")
    assert found.is_reweighted
    assert set(found.contribution) == {"pattern", "amount"}


def test_nothing_known_is_not_assessable_and_a_person_looks():
    found = risk_index.composite(None, UNKNOWN, None, UNKNOWN)
    assert (found.index, found.level, found.action) == (None, "not_assessable", "manual_review")
    assert found.missing == risk_index.PARTS
    assert not found.is_reweighted


@pytest.mark.parametrize("wrong", [-0.01, 1.01, math.inf])
def test_a_part_outside_zero_to_one_is_refused(wrong):
    with pytest.raises(ValueError, match="outside 0 to 1"):
        risk_index.composite(0.5, wrong, 0.5, 0.5)


@given(st.tuples(part, part, part, part))
def test_contributions_add_up_to_the_index_between_the_smallest_and_the_largest_part(parts):
    found = risk_index.composite(*parts)
    known = [value for value in parts if value is not None]
    if not known:
        assert found.index is None
        return
    assert sum(found.contribution.values()) == pytest.approx(found.index, abs=1e-9)
    assert min(known) - 1e-9 <= found.index <= max(known) + 1e-9


@given(st.lists(st.tuples(part, part, part, part), min_size=1, max_size=20))
def test_many_payments_at_once_get_what_each_gets_alone(rows):
    table = np.array([[UNKNOWN if value is None else value for value in row] for row in rows])
    assert risk_index.risks(table) == [risk_index.composite(*row) for row in rows]


def test_the_half_of_payments_below_the_median_has_no_ranked_risk():
    assert risk_index.ranked(np.array([0.0, 0.49, 0.5, 0.9, 1.0])) == pytest.approx([0, 0, 0, 0.8, 1])


def test_an_unknown_distance_or_habit_is_an_unknown_part():
    assert math.isnan(risk_index.amount_part(np.array([UNKNOWN]))[0])
    assert math.isnan(risk_index.time_part(np.array([UNKNOWN]), np.array([0.2]))[0])
