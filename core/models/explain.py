"""Why this probability: exact contributions in calibrated log-odds, grouped into reasons before anything is ranked.

Correlated features share one story by chance; their sum is stable, each alone is not. So the group is ranked, and the
feature that carries most of it speaks for it. LightGBM's own pred_contrib is exact (platform notes 4).
"""

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.models.classify import Model

Array = np.ndarray

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Reasons:
    """Reason groups of n businesses, (n, groups) each, ordered from what raises the risk most to what lowers it most.

    `code` indexes reason_names(model), `feature` indexes model.features: the feature that carries most of the group.
    """

    base: float
    code: Array
    contribution: Array
    feature: Array
    value: Array
    log_odds: Array


def reason_names(model: Model) -> list[str]:
    """The reason groups of a model, in order of first appearance."""
    return list(dict.fromkeys(model.reasons))


def contributions(model: Model, values: Array, threads: int = 1) -> Array:
    """Calibrated log-odds of each feature, base last: (n, n_features + 1); rows sum to the log-odds."""
    total = np.zeros((len(values), len(model.features) + 1))
    for booster in model.boosters:
        total += booster.predict(values, pred_contrib=True, num_threads=threads)
    total *= model.slope / len(model.boosters)
    total[:, -1] += model.intercept
    return total


def reasons(model: Model, values: Array, threads: int = 1) -> Reasons:
    """Grouped and ranked reasons of every row of `values`.

    Raises
    ------
    DataError : contributions do not add up to the log-odds within 1e-6
    """
    why = contributions(model, values, threads)
    names = reason_names(model)
    group_of = np.array([names.index(reason) for reason in model.reasons])
    sums, spokesmen = _grouped(why[:, :-1], group_of, len(names))
    base = float(why[0, -1]) if len(why) else 0.0
    log_odds = base + sums.sum(axis=1)
    assert_additive(log_odds, model.log_odds(values, threads))
    order = np.argsort(-sums, axis=1, kind="stable")
    feature = np.take_along_axis(spokesmen, order, axis=1)
    return Reasons(
        base,
        order,
        np.take_along_axis(sums, order, axis=1),
        feature,
        np.take_along_axis(values, feature, axis=1),
        log_odds,
    )


def _grouped(why: Array, group_of: Array, groups: int) -> tuple[Array, Array]:
    sums = np.empty((len(why), groups))
    spokesmen = np.empty((len(why), groups), dtype=int)
    for group in range(groups):
        members = np.flatnonzero(group_of == group)
        sums[:, group] = why[:, members].sum(axis=1)
        spokesmen[:, group] = members[np.abs(why[:, members]).argmax(axis=1)]
    return sums, spokesmen


def assert_additive(explained: Array, predicted: Array) -> None:
    """Raise when explanations and predictions part ways: every waterfall on the screen would be wrong.

    >>> assert_additive(np.array([1.0]), np.array([1.0]))
    """
    gap = float(np.abs(explained - predicted).max()) if len(explained) else 0.0
    if not gap <= TOLERANCE:
        raise DataError(f"contributions miss the log-odds by up to {gap:.2e} (allowed {TOLERANCE}); retrain the model")
