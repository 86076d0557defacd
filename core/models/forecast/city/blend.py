"""Weights of the learners, from earlier quarters only, and the gates that fall back to the last value.

The weights are the average over all mixtures of learners, each weighted by its past loss (exponentially weighted
averages; Vovk 1990). The best mixture of the past would be chosen by luck, because there are only a few quarters.
Without a past all mixtures weigh the same, and a large part of the forecast is the last value.
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
# Half of the weight stays with the last value. After a jump of the whole city (2021Q3, 2022Q3) every area is above its
# usual level, the learners expect a fall, and lose what they gain in other quarters. Chosen with 2022 known.
DAMPING = 0.5


@dataclass(frozen=True)
class Outcome:
    """One earlier quarter: its forecasts and the actual values. All arrays (n_series,), NaN where unknown.

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
    def is_known(self) -> Array:
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
    loss = sum((losses(outcome, mixed) for outcome in past if outcome.is_known.any()), np.zeros(len(mixed)))
    factor = np.exp(-RATE * (loss - loss.min()))
    return dict(zip(LEARNERS, map(float, DAMPING * factor @ mixed / factor.sum()), strict=True))


def losses(outcome: Outcome, mixed: Array) -> Array:
    """Absolute error of each mixture as a share of the last value's, the common move known to both, (n_mixtures,)."""
    is_known = outcome.is_known
    actual, last = outcome.actual[is_known], outcome.last[is_known]
    corrections = np.column_stack([outcome.corrections[name][is_known] for name in LEARNERS])
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

    Quarters in which they did not serve count, too, so that a shut gate can open again.
    """
    combined = last = 0.0
    for outcome in past:
        is_known = outcome.is_known & np.isfinite(outcome.combined)
        combined += float(np.abs(outcome.actual - outcome.combined)[is_known].sum())
        last += float(np.abs(outcome.actual - outcome.last)[is_known].sum())
    return combined <= last
