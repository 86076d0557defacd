"""The demo's 72 months and 24 quarters, its random numbers, and processes over months.

Each topic (revenue, loans, payments, …) draws from its own stream of random numbers, so a new table does not change the
others. Months are numbers: 0 is January 2019, months before it are negative.
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
    """Random generators of one chunk of businesses, one a topic; each call returns the generator in its first state."""

    seed: int
    chunk: int = 0

    def __call__(self, topic: str) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([self.seed, zlib.crc32(topic.encode()), self.chunk]))

    def ids(self, letter: str, n: int) -> np.ndarray:
        """(n,) identifiers, unique over all chunks."""
        numbers = np.char.zfill(np.arange(n).astype(str), 7)
        return np.char.add(f"{letter}{self.chunk:03d}", numbers)


def random_day(month: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random day of each month, as datetime64[D], at most the last day of the data."""
    start = (EPOCH + month.astype("timedelta64[M]")).astype("datetime64[D]")
    return np.minimum(start + rng.integers(0, 28, len(month)), LAST_DAY)


def timestamp(day: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Day plus seconds after midnight, as datetime64[s]."""
    return day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def first_month(is_true: np.ndarray) -> np.ndarray:
    """(n,) first month that is True in (n, 72) booleans; NEVER without one."""
    return np.where(is_true.any(axis=1), is_true.argmax(axis=1), NEVER)


def logistic(logit: np.ndarray) -> np.ndarray:
    """Probability of a logit."""
    return 1 / (1 + np.exp(-logit))


def lagged(values: np.ndarray, months: int) -> np.ndarray:
    """(n, 72) the values of `months` months earlier; the first value where there is none.

    >>> lagged(np.array([[1, 2, 3]]), 1).tolist()
    [[1, 1, 2]]
    """
    return np.concatenate([np.repeat(values[:, :1], months, axis=1), values[:, :-months]], axis=1)


def smoothed(values: np.ndarray, months: float) -> np.ndarray:
    """(n, 72) exponential mean over about `months` months, starting from the first value."""
    means = np.array(values, dtype=float)
    for t in range(1, values.shape[1]):
        means[:, t] += (1 - 1 / months) * (means[:, t - 1] - means[:, t])
    return means


def ar1(n: int, persistence: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) first-order autoregressive process with standard normal values; `persistence`: its autocorrelation."""
    values = rng.normal(size=(n, MONTHS))
    for t in range(1, MONTHS):
        values[:, t] = persistence * values[:, t - 1] + np.sqrt(1 - persistence**2) * values[:, t]
    return values


def shocks(n: int, probability: float, persistence: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) shocks of size 1 or more that fade: the share `persistence` of the size is left a month later."""
    size = (rng.random((n, MONTHS)) < probability) * (1.0 + rng.exponential(0.7, (n, MONTHS)))
    for t in range(1, MONTHS):
        size[:, t] = np.maximum(persistence * size[:, t - 1], size[:, t])
    return size


def spells(begins: np.ndarray, length: np.ndarray) -> np.ndarray:
    """(n, 72) True while a spell lasts: it starts where `begins` is True and lasts `length` months; none overlap."""
    left = np.zeros(len(begins), dtype=int)
    is_on = np.zeros(begins.shape, dtype=bool)
    for t in range(begins.shape[1]):
        left = np.where(begins[:, t] & (left == 0), length[:, t], np.maximum(left - 1, 0))
        is_on[:, t] = left > 0
    return is_on


def events(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each event, of a matrix of counts.

    >>> [indices.tolist() for indices in events(np.array([[0, 2], [1, 0]]))]
    [[0, 0, 1], [1, 1, 0]]
    """
    row, column = np.nonzero(counts)
    times = counts[row, column]
    return np.repeat(row, times), np.repeat(column, times)
