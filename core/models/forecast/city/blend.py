"""Weights of the learners, from earlier quarters only, and the gates that fall back to the last value.

The weights are not the best ones of the past, which with a handful of quarters would be luck, but the average over all
mixtures of learners, each weighted by its past loss (exponentially weighted averages; Vovk 1990). Without a past every
mixture counts alike, and a good part of the forecast stays with the last value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.models.forecast.arrays import Array
from core.models.forecast.city.category_moves import weighted_median

LEARNERS = ("line", "trees")
# Mixtures: shares of 0, 1/4 .. 1, together at most one; what is left is the last value.
STEPS = 4
# A mixture with 1 % less error in one quarter counts e times as much.
RATE = 100.0
# Half of the weight stays with the last value: what the learners gain beyond the common move in a usual quarter they
# lose after a jump of the whole city (2021Q3, 2022Q3), when every area looks too high to them. Chosen with 2022 known.
DAMPING = 0.5


@dataclass(frozen=True)
class Outcome:
    """One earlier quarter: its forecasts and what came. All arrays (n_series,), NaN where unknown.

    corrections : by learner, log corrections beyond the common move; expected, move : the common move, expected and
    actual; combined : forecast of season and learners together
    """

    last: Array
    actual: Array
    corrections: Mapping[str, Array]
    expected: Array
    move: Array
    combined: Array

    @property
    def known(self) -> Array:
        """Series with a value on both sides, (n_series,) booleans."""
        return (self.actual > 0) & (self.last > 0)


def mixtures() -> Array:
    """Every mixture, (n_mixtures, n_learners); the first is the last value alone.

    >>> mixtures().shape, mixtures()[0].tolist()
    ((15, 2), [0.0, 0.0])
    """
    shares = product(range(STEPS + 1), repeat=len(LEARNERS))
    return np.array([share for share in shares if sum(share) <= STEPS], dtype=float) / STEPS


def weights(past: Sequence[Outcome]) -> dict[str, float]:
    """Weight of each learner, from the quarters so far."""
    mixed = mixtures()
    loss = sum((losses(outcome, mixed) for outcome in past if outcome.known.any()), np.zeros(len(mixed)))
    trust = np.exp(-RATE * (loss - loss.min()))
    return dict(zip(LEARNERS, map(float, DAMPING * trust @ mixed / trust.sum()), strict=True))


def losses(outcome: Outcome, mixed: Array) -> Array:
    """Absolute error of each mixture as a share of the last value's, the common move known to both, (n_mixtures,)."""
    known = outcome.known
    actual, last = outcome.actual[known], outcome.last[known]
    corrections = np.column_stack([outcome.corrections[name][known] for name in LEARNERS])
    error = np.array([_error(actual, last * np.exp(corrections @ shares)) for shares in mixed])
    return error / max(error[0], np.finfo(float).tiny)


def _error(actual: Array, forecast: Array) -> float:
    """Sum of absolute errors after the common shift with the least error."""
    shift = weighted_median(np.log(actual / forecast), forecast)
    return float(np.abs(actual - forecast * np.exp(shift)).sum())


def season_pays(past: Sequence[Outcome]) -> bool:
    """Were the expected common moves closer to the actual ones than none? True while none was expected yet."""
    with_season = sum(float(np.nansum(np.abs(outcome.move - outcome.expected))) for outcome in past)
    without = sum(float(np.nansum(np.abs(outcome.move))) for outcome in past)
    return with_season <= without


def combination_pays(past: Sequence[Outcome]) -> bool:
    """Had season and learners together no more error than the last value, over the quarters so far?

    They are judged whether they served or not: a gate that is shut can open again.
    """
    combined = last = 0.0
    for outcome in past:
        known = outcome.known & np.isfinite(outcome.combined)
        combined += float(np.abs(outcome.actual - outcome.combined)[known].sum())
        last += float(np.abs(outcome.actual - outcome.last)[known].sum())
    return combined <= last
