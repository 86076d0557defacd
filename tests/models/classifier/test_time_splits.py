"""No model is tested on months whose outcomes it could have seen."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import month_end
from core.errors import DataError
from core.models.classifier.time_splits import (
    Sealed,
    assert_disjoint,
    assert_purged,
    assert_unique,
    matured,
    newest,
    out_of_time,
)

COHORTS = matured(date(2020, 3, 31), date(2024, 12, 31), 12)


def test_the_demo_years_split_as_the_notes_ask():
    split = out_of_time(COHORTS, horizon=12, gap=1, tests=6)
    assert (split.test[0], split.test[-1]) == (date(2023, 7, 31), date(2023, 12, 31))
    assert (split.fit[0], split.fit[-1]) == (date(2020, 3, 31), date(2022, 6, 30))
    assert (split.calibration[0], split.calibration[-1]) == (date(2022, 1, 31), date(2022, 6, 30))


def test_the_served_model_reaches_the_newest_matured_cohort():
    split = newest(COHORTS)
    assert split.fit[-1] == split.calibration[-1] == COHORTS[-1] == date(2023, 12, 31)
    assert split.test == ()


@given(st.integers(1, 80), st.integers(1, 24), st.integers(0, 6), st.integers(1, 12))
def test_every_training_outcome_is_known_before_the_test_begins(months, horizon, gap, tests):
    cohorts = [month_end(date(2024, 12, 31), before) for before in reversed(range(months))]
    split = out_of_time(cohorts, horizon, gap, tests)
    assert all(month_end(cohort, -(horizon + gap)) <= split.test[0] for cohort in {*split.fit, *split.calibration})


def test_a_label_window_that_reaches_into_the_test_is_refused():
    with pytest.raises(DataError, match="2022-07-31"):
        assert_purged([date(2022, 6, 30), date(2022, 7, 31)], [date(2023, 7, 31)], 12, 1)


def test_a_short_history_leaves_nothing_to_fit():
    assert out_of_time(COHORTS[:6], 12, 1, 6).fit == ()
    assert out_of_time(COHORTS[:12], 12, 1, 6).fit == ()
    assert matured(date(2024, 6, 30), date(2024, 12, 31), 12) == []


def test_test_rows_are_read_once_and_the_second_reader_is_named():
    sealed = Sealed(lambda: "rows")
    assert sealed.open("trial") == "rows"
    with pytest.raises(DataError, match="tuning"):
        sealed.open("tuning")
    assert sealed.log == ["trial", "tuning"]


def test_rows_resampled_before_the_split_are_refused():
    rows = pd.DataFrame({"business_id": ["a", "b"], "as_of": [date(2022, 6, 30)] * 2})
    assert_unique(rows)
    with pytest.raises(DataError, match="resample inside"):
        assert_unique(pd.concat([rows, rows.head(1)]))


def test_a_business_never_calibrates_the_model_it_was_fitted_on():
    rows = pd.DataFrame({"business_id": ["a", "b"]})
    assert_disjoint(rows, pd.DataFrame({"business_id": ["c"]}))
    with pytest.raises(DataError, match=r"e\.g\. b"):
        assert_disjoint(rows, pd.DataFrame({"business_id": ["b", "c"]}))
