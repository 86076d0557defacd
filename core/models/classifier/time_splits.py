"""Which monthly cohorts fit, calibrate and test a model, so that no outcome is known before its time.

A cohort is an as_of date (month end). Its label looks `horizon` months ahead and arrives `gap` months later; a test
cohort therefore may only meet a model whose last label was complete when the test began.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import pandas as pd

from core.calendar import month_end
from core.errors import DataError

T = TypeVar("T")

FIT_STEP = 3  # months between fit cohorts: closer ones repeat the same businesses with nearly the same features
CALIBRATION_COHORTS = 6


@dataclass(frozen=True)
class Split:
    """Cohorts by use; `test` is empty when the history is too short for an out-of-time test."""

    fit: tuple[date, ...]
    calibration: tuple[date, ...]
    test: tuple[date, ...]

    @property
    def cohorts(self) -> set[date]:
        """Every cohort of this split."""
        return {*self.fit, *self.calibration, *self.test}


def matured(first: date, covered: date, horizon: int) -> list[date]:
    """Cohorts from `first` whose whole label window lies within the months `covered` by outcomes.

    >>> matured(date(2022, 11, 30), date(2024, 1, 31), 12)
    [datetime.date(2022, 11, 30), datetime.date(2022, 12, 31), datetime.date(2023, 1, 31)]
    """
    last = month_end(covered, horizon)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return [month_end(last, before) for before in reversed(range(months))] if months > 0 else []


def out_of_time(cohorts: Sequence[date], horizon: int, gap: int, tests: int) -> Split:
    """Last `tests` cohorts for the test; fit and calibration end `horizon + gap` months before the first of them."""
    test = tuple(cohorts[-tests:])
    if len(cohorts) <= tests:
        return Split((), (), test)
    limit = month_end(test[0], horizon + gap)
    split = Split(*_before(limit, cohorts), test)
    assert_purged(split.cohorts - set(test), test, horizon, gap)
    return split


def newest(cohorts: Sequence[date]) -> Split:
    """The same recipe through the newest matured cohort, with nothing left to test it on."""
    return Split(*_before(cohorts[-1], cohorts), ())


def _before(limit: date, cohorts: Sequence[date]) -> tuple[tuple[date, ...], tuple[date, ...]]:
    # Counted back from the newest cohort of all, so that the trial and the served model share the rows they fit on.
    fit = [cohort for cohort in cohorts[::-1][::FIT_STEP][::-1] if cohort <= limit]
    usable = [cohort for cohort in cohorts if cohort <= limit]
    return tuple(fit), tuple(usable[-CALIBRATION_COHORTS:])


def assert_purged(train: Sequence[date] | set[date], test: Sequence[date], horizon: int, gap: int) -> None:
    """Raise when the label window of a training cohort, with its reporting gap, reaches into the test.

    >>> assert_purged([date(2022, 6, 30)], [date(2023, 7, 31)], 12, 1)
    >>> assert_purged([date(2022, 7, 31)], [date(2023, 7, 31)], 12, 1)
    Traceback (most recent call last):
    core.errors.DataError: cohort 2022-07-31 is known only after 2023-08-31, later than the first test cohort 2023-07-31
    """
    for cohort in sorted(train):
        known = month_end(cohort, -(horizon + gap))
        if test and known > min(test):
            raise DataError(
                f"cohort {cohort} is known only after {known}, later than the first test cohort {min(test)}"
            )


def assert_unique(rows: pd.DataFrame, entity: str = "business_id") -> None:
    """Raise when a business stands twice in one cohort: rows were resampled or joined twice before the split."""
    twice = int(rows.duplicated([entity, "as_of"]).sum())
    if twice:
        raise DataError(f"{twice} rows repeat a {entity} within one as_of; resample inside the training rows only")


def assert_disjoint(rows: pd.DataFrame, calibration: pd.DataFrame, entity: str = "business_id") -> None:
    """Raise when a business calibrates a model that has learned from it."""
    shared = set(rows[entity]) & set(calibration[entity])
    if shared:
        raise DataError(
            f"{len(shared)} of {entity} both fit and calibrate, e.g. {min(shared)}; hold whole businesses out"
        )


class Sealed(Generic[T]):
    """Test rows that may be read once: whoever looks twice is tuning on them."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self.log: list[str] = []

    def open(self, purpose: str) -> T:
        """The rows, the first time; a DataError ever after."""
        self.log.append(purpose)
        if len(self.log) > 1:
            raise DataError(f"the test cohorts were already read for {self.log[0]!r}; {purpose!r} would tune on them")
        return self._load()
