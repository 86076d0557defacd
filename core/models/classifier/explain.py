"""Why this probability: exact contributions in calibrated log-odds, grouped into reasons before anything is ranked.

Correlated features share one story by chance; their sum is stable, each alone is not. So the group is ranked, and the
feature that carries most of it speaks for it. LightGBM's own pred_contrib is exact (docs/platform.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.models.classifier.model import Model, sigmoid

Array = np.ndarray

TOLERANCE = 1e-6
LEVEL = 1e-9  # log-odds this close to the base: the derivative there is exact enough, the quotient is not


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


def in_probability(contribution: Array, base: float | Array, log_odds: float | Array) -> Array:
    """The same contributions in points of probability: they add up to p - base p exactly.

    Each keeps its share of the log-odds, (p - p0) / (L - L0) points a unit. That is the Aumann-Shapley value of the
    sigmoid along the straight way from the base to the business: no order of the reasons is preferred, and none
    changes its sign. Rows of `contribution` are businesses; `log_odds` is (n,) or one number.

    >>> parts = in_probability(np.array([[1.0, -0.5]]), -3.0, np.array([-2.5]))
    >>> bool(abs(parts.sum() - (sigmoid(np.array(-2.5)) - sigmoid(np.array(-3.0)))) < 1e-12)
    True
    """
    start, end = np.asarray(base, float), np.asarray(log_odds, float)
    way = end - start
    p0 = sigmoid(start)
    level = np.abs(way) < LEVEL
    rate = np.where(level, p0 * (1 - p0), (sigmoid(end) - p0) / np.where(level, 1.0, way))
    return contribution * (rate[..., None] if np.ndim(rate) else rate)


@dataclass(frozen=True)
class WhatIf:
    """The model's answer before and after a change of its inputs; an answer of the model, not a promise.

    `reasons` has the contribution of every reason group in log-odds, (before, after).
    """

    before: float
    after: float
    base: float
    log_odds: tuple[float, float]
    reasons: Mapping[str, tuple[float, float]]


def what_if(model: Model, row: Mapping[str, float], changes: Mapping[str, float]) -> WhatIf:
    """What the model answers when `changes` (feature: new value) replace values of `row`.

    Raises
    ------
    DataError : a feature of the model is missing in `row`, or a change names no feature of the model
    """
    values = np.vstack([row_of(model, row)] * 2)
    for feature, value in changes.items():
        if feature not in model.features:
            raise DataError(f"{feature!r} is no feature of this model; it has {', '.join(model.features)}")
        values[1, model.features.index(feature)] = value
    why = reasons(model, values)
    before, after = sigmoid(why.log_odds)
    by_reason = {
        name: (float(why.contribution[0][why.code[0] == code][0]), float(why.contribution[1][why.code[1] == code][0]))
        for code, name in enumerate(reason_names(model))
    }
    return WhatIf(float(before), float(after), why.base, (float(why.log_odds[0]), float(why.log_odds[1])), by_reason)


def row_of(model: Model, row: Mapping[str, float]) -> Array:
    """The values of one business in the order of the model's features, (n_features,); None is missing."""
    lacking = [feature for feature in model.features if feature not in row]
    if lacking:
        raise DataError(f"the row lacks {lacking}; the model was trained on them")
    return np.array([row[feature] for feature in model.features], dtype=float)
