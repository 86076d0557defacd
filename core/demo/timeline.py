"""The demo's calendar: 72 months, 24 quarters, and one stream of random numbers a concern.

A concern (revenue, loans, payments, …) draws from its own stream, so that a new table leaves the others as they are.
Months are counted: 0 is January 2019, negative before it.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

FIRST_YEAR = 2019
MONTHS = 72
QUARTERS = MONTHS // 3
NEVER = 10_000
EPOCH = np.datetime64("2019-01", "M")
MONTH_STARTS = (EPOCH + np.arange(MONTHS)).astype("datetime64[D]")
MONTH_LABELS = np.datetime_as_string(MONTH_STARTS, unit="M")
DAYS_IN_MONTH = pd.DatetimeIndex(MONTH_STARTS).days_in_month.to_numpy()
QUARTER_LABELS = np.array([f"{FIRST_YEAR + q // 4}{q % 4 + 1}" for q in range(QUARTERS)])
LAST_DAY = np.datetime64("2024-12-31")
DAYS_A_MONTH = 30.44
NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Streams:
    """Random numbers of one chunk of the book, by concern; the same concern always starts anew."""

    seed: int
    chunk: int = 0

    def __call__(self, concern: str) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([self.seed, zlib.crc32(concern.encode()), self.chunk]))

    def ids(self, letter: str, n: int) -> np.ndarray:
        """(n,) identifiers that no other chunk gives."""
        numbers = np.char.zfill(np.arange(n).astype(str), 7)
        return np.char.add(f"{letter}{self.chunk:03d}", numbers)


def day_in(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A day of each month, as datetime64[D], not after the last day."""
    start = (EPOCH + month.astype("timedelta64[M]")).astype("datetime64[D]")
    return np.minimum(start + rng.integers(0, 28, len(month)), LAST_DAY)


def moment(day: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """A second of each day, as datetime64[s]."""
    return day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def first_month(happens: np.ndarray) -> np.ndarray:
    """(n,) first month in which something happens, of (n, 72) booleans; NEVER if it does not."""
    return np.where(happens.any(axis=1), happens.argmax(axis=1), NEVER)


def chance(logit: np.ndarray) -> np.ndarray:
    """Probability of a logit."""
    return 1 / (1 + np.exp(-logit))


def lagged(values: np.ndarray, months: int) -> np.ndarray:
    """(n, 72) what each value was some months before; the first value before the beginning.

    >>> lagged(np.array([[1, 2, 3]]), 1).tolist()
    [[1, 1, 2]]
    """
    return np.concatenate([np.repeat(values[:, :1], months, axis=1), values[:, :-months]], axis=1)


def smoothed(values: np.ndarray, months: float) -> np.ndarray:
    """(n, 72) exponential mean over about so many months, starting from the first value."""
    out = np.array(values, dtype=float)
    for t in range(1, values.shape[1]):
        out[:, t] += (1 - 1 / months) * (out[:, t - 1] - out[:, t])
    return out


def wave(n: int, keeps: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) slow standard normal wave: `keeps` of it carries over to the next month."""
    steps = rng.normal(size=(n, MONTHS))
    for t in range(1, MONTHS):
        steps[:, t] = keeps * steps[:, t - 1] + np.sqrt(1 - keeps**2) * steps[:, t]
    return steps


def blows(n: int, risk: float, keeps: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) sudden blows of size 1 or more that fade: `keeps` of the size is left a month later."""
    size = (rng.random((n, MONTHS)) < risk) * (1.0 + rng.exponential(0.7, (n, MONTHS)))
    for t in range(1, MONTHS):
        size[:, t] = np.maximum(keeps * size[:, t - 1], size[:, t])
    return size
