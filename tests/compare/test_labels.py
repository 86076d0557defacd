"""Which value of a label is the event."""

import pandas as pd
import pytest

from core.compare import labels
from core.errors import DataError


@pytest.mark.parametrize(
    ("values", "event"),
    [
        ([0, 1], 1),
        ([1, 2], 2),
        ([1.0, 2.0], 2.0),
        (["Yes", "No"], "Yes"),
        ([True, False], True),
        (["P I F", "CHGOFF"], "CHGOFF"),
        (["Existing Customer", "Attrited Customer"], "Attrited Customer"),
    ],
)
def test_the_event_is_found_in_usual_codings(values: list, event: object) -> None:
    column = pd.Series(values * 10, name="y")
    events, _ = labels.binary(column)
    assert (events == (column == event)).all()


def test_of_two_unknown_words_the_rarer_is_the_event() -> None:
    column = pd.Series(["up"] * 20 + ["down"] * 10, name="y")
    assert labels.binary(column)[0].sum() == 10


def test_a_label_with_one_value_is_refused() -> None:
    with pytest.raises(DataError, match=r"y has one value only \(0 in 20 rows\)"):
        labels.binary(pd.Series([0] * 20, name="y"))


def test_a_label_with_three_values_asks_for_the_event() -> None:
    column = pd.Series(["a", "b", "c"] * 10, name="y")
    with pytest.raises(DataError, match="--positive"):
        labels.binary(column)
    assert labels.binary(column, "b")[0].sum() == 10


def test_a_missing_label_stays_unknown() -> None:
    events, _ = labels.binary(pd.Series([0, 1] * 10 + [None], name="y"))
    assert pd.isna(events[-1])


def test_too_few_events_are_refused_with_their_number() -> None:
    with pytest.raises(DataError, match="2 events and 30 others"):
        labels.binary(pd.Series([1] * 2 + [0] * 30, name="y"))
