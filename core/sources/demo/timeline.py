"""The demo's calendar: 72 months, 24 quarters, and one stream of random numbers a concern.

A concern (revenue, loans, payments, …) draws from its own stream, so that a new table leaves the others as they are.
"""

import zlib

import numpy as np
import pandas as pd

FIRST_YEAR = 2019
MONTHS = 72
QUARTERS = MONTHS // 3
MONTH_STARTS = pd.date_range("2019-01-01", periods=MONTHS, freq="MS").to_numpy().astype("datetime64[D]")
MONTH_LABELS = np.datetime_as_string(MONTH_STARTS, unit="M")
DAYS_IN_MONTH = pd.DatetimeIndex(MONTH_STARTS).days_in_month.to_numpy()
QUARTER_LABELS = np.array([f"{FIRST_YEAR + q // 4}{q % 4 + 1}" for q in range(QUARTERS)])
QUARTER_OF_MONTH = np.arange(MONTHS) // 3
LAST_DAY = np.datetime64("2024-12-31")


def stream(seed: int, concern: str, chunk: int = 0) -> np.random.Generator:
    """Random numbers of one concern in one chunk of the book."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(concern.encode()), chunk]))


def day_in(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A day of each month (0 is January 2019, negative before it), as datetime64[D], not after the last day."""
    start = np.datetime64("2019-01", "M") + month.astype("timedelta64[M]")
    return np.minimum(start.astype("datetime64[D]") + rng.integers(0, 28, len(month)), LAST_DAY)


def moment(day: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """A second of each day, as datetime64[s]."""
    return day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def month_of(day: np.ndarray) -> np.ndarray:
    """Month index of a day; 0 is January 2019."""
    return (day.astype("datetime64[M]") - np.datetime64("2019-01", "M")).astype(int)
