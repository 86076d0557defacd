"""How far each learner is believed: weights from earlier quarters only, and the gates that lead back to last value.

Weights are not the best ones of the past, which with a handful of quarters would be luck, but the average over all
mixtures of learners, each counted by how well it served before (exponentially weighted averages; Vovk 1990). With no
past every mixture counts alike and a good part of the forecast stays with the last value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.models.forecast.city.category_moves import weighted_median
from core.models.forecast.city.panel import Array

LEARNERS = ("line", "trees")
# Mixtures: shares of 0, 1/4 .. 1, together at most one; what is left is the last value.
SHARE = 4
# A mixture that errs 1 % less in one quarter counts e times as much.
EAGERNESS = 100.0
# The learners are believed by half: what they gain beyond the common move in a usual quarter they lose after a jump of
# the whole city (2021Q3, 2022Q3), when every area looks too high to them. Chosen with 2022 in view.
DAMPING = 0.5


@dataclass(frozen=True)
class Outcome:
    """One earlier quarter: what was said before it, what came. All arrays (n_series,), NaN where unknown.

    `said`: learner -> log correction beyond the common move; `expected`, `moved`: the common move, expected and seen
    """

    target: int
    last: Array
    actual: Array
    said: Mapping[str, Array]
    expected: Array
    moved: Array
    combined: Array

    def known(self) -> Array:
        """Series with a value on both sides."""
        return (self.actual > 0) & (self.last > 0)


def mixtures() -> Array:
    """Every mixture, (n_mixtures, n_learners); the first is the last value alone.

    >>> mixtures().shape, mixtures()[0].tolist()
    ((15, 2), [0.0, 0.0])
    """
    shares = product(range(SHARE + 1), repeat=len(LEARNERS))
    return np.array([share for share in shares if sum(share) <= SHARE], dtype=float) / SHARE


def weights(past: Sequence[Outcome]) -> dict[str, float]:
    """Share of each learner, from the quarters seen so far."""
    mixed = mixtures()
    loss = sum((losses(outcome, mixed) for outcome in past if outcome.known().any()), np.zeros(len(mixed)))
    trust = np.exp(-EAGERNESS * (loss - loss.min()))
    return dict(zip(LEARNERS, map(float, DAMPING * trust @ mixed / trust.sum()), strict=True))


def losses(outcome: Outcome, mixed: Array) -> Array:
    """Absolute error of each mixture as a share of the last value's, the common move given to both, (n_mixtures,)."""
    known = outcome.known()
    actual, last = outcome.actual[known], outcome.last[known]
    said = np.column_stack([outcome.said[name][known] for name in LEARNERS])
    error = np.array([_error(actual, last * np.exp(said @ shares)) for shares in mixed])
    return error / max(error[0], np.finfo(float).tiny)


def _error(actual: Array, forecast: Array) -> float:
    """Sum of absolute errors after the shift that serves best."""
    shift = weighted_median(np.log(actual / forecast), forecast)
    return float(np.abs(actual - forecast * np.exp(shift)).sum())


def season_pays(past: Sequence[Outcome]) -> bool:
    """Did the expected common moves come closer than expecting none? True while none was expected yet."""
    with_season = sum(float(np.nansum(np.abs(one.moved - one.expected))) for one in past)
    without = sum(float(np.nansum(np.abs(one.moved))) for one in past)
    return with_season <= without


def combination_pays(past: Sequence[Outcome]) -> bool:
    """Did season and learners together err no more than the last value, over the quarters seen so far?

    They are judged whether served or not: a gate that is shut can open again.
    """
    combined = last = 0.0
    for one in past:
        known = one.known() & np.isfinite(one.combined)
        combined += float(np.abs(one.actual - one.combined)[known].sum())
        last += float(np.abs(one.actual - one.last)[known].sum())
    return combined <= last
