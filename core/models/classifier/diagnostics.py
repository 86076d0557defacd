"""Diagnostics of a model: importance, SHAP values, interactions, correlations, box plots, and how steady its reasons
are.

Reads  nothing but the rows it is given (features in columns, a 0/1 label)
Writes model_importance, model_beeswarm, model_interactions, feature_correlation, feature_boxes

How often the first reasons agree when only the seeds change is returned, for model_metrics and the card.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.models.classifier.explain import contributions, reason_names
from core.models.classifier.model import Model, matrix

Array = np.ndarray

SEED = 20_240_101
ROWS = 2_000  # of the sample behind importance, correlation and agreement; means move in the third digit beyond
SWARM_ROWS = 500
SWARM_FEATURES = 15
INTERACTION_ROWS = 250
BOX_FEATURES = 8
BOX_ENDS = (0.05, 0.25, 0.50, 0.75, 0.95)  # low, q1, median, q3, high
ORDERED_FROM = 0.80  # below this agreement the first three reasons are shown without an order (docs/models.md)
THREADS = 2


@dataclass(frozen=True)
class Stability:
    """Share of businesses whose first reason, and whose first three as a set, two models of other seeds agree on.

    `between` says which models were compared: reseeded (the served mean and one of five other seeds), halves (the
    means of each half of the seeds: a lower bound, as a mean of five is steadier), or seeds (single models).
    """

    between: str
    top1: float
    top3: float

    @property
    def ordered(self) -> bool:
        """May the first reasons be shown in an order?"""
        return self.top1 >= ORDERED_FROM


@dataclass(frozen=True)
class Diagnostics:
    """How steady the reasons are: `card` for the model's card, `metrics` as rows of model_metrics.

    The metrics top1_reason_agreement and top3_reason_agreement stand once a comparison (slice stability:<between>),
    and in slice 'all' as the figure that decides whether reasons are shown in an order.
    """

    card: dict[str, Any]
    metrics: pd.DataFrame


def write(
    con: db.Connection,
    name: str,
    model: Model,
    rows: pd.DataFrame,
    label: str,
    pair: tuple[Model, Model] | None = None,
) -> Diagnostics:
    """Write the tables of one model.

    Parameters
    ----------
    rows : features and `label` (0/1) in columns; a sample is taken, the same for the same rows
    pair : two models of the same recipe and rows that differ by their seeds, when there are (the trial's)
    """
    values = matrix(_sample(rows, ROWS), model.features)
    by_seed = _by_seed(model, values)
    why = by_seed.mean(axis=0)
    importance = _importance(model, why)
    heaviest = list(importance["feature"])
    tables.keep_of_model(con, "model_importance", name, importance)
    tables.keep_of_model(con, "model_beeswarm", name, _beeswarm(model, values, why, heaviest[:SWARM_FEATURES]))
    tables.keep_of_model(con, "model_interactions", name, interactions(model, values[:INTERACTION_ROWS]))
    tables.keep_of_model(con, "feature_correlation", name, correlation(values, model.features))
    tables.keep_of_model(con, "feature_boxes", name, boxes(rows, heaviest[:BOX_FEATURES], label))
    return _summary(name, stability(model, values, by_seed, pair), len(values))


def _sample(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most `most` of the rows in random order, the same ones for the same rows."""
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:most]
    return rows.iloc[chosen]


def _importance(model: Model, why: Array) -> pd.DataFrame:
    means = pd.DataFrame({"feature": model.features, "reason": model.reasons, "mean_abs": np.abs(why).mean(axis=0)})
    return means.sort_values(["mean_abs", "feature"], ascending=[False, True], ignore_index=True)


def _beeswarm(model: Model, values: Array, why: Array, features: Sequence[str]) -> pd.DataFrame:
    """One point a row and feature; `value_pct` is the rank of the value among the sample's, 0 to 1."""
    count = min(SWARM_ROWS, len(values))
    parts = []
    for feature in features:
        column = model.features.index(feature)
        ranks = pd.Series(values[:, column]).rank(pct=True).to_numpy()
        points = {"value": values[:count, column], "value_pct": ranks[:count], "contribution": why[:count, column]}
        parts.append(pd.DataFrame({"feature": feature, "row": np.arange(count), **points}))
    return pd.concat(parts, ignore_index=True)


def interactions(model: Model, values: Array) -> pd.DataFrame:
    """Pairs of features that act together, with the mean size of the joint effect in log-odds, strongest first.

    Tree-based interaction values of `shap`, averaged over the boosters; the effect of a pair is split between its two
    cells, so both are added.
    """
    effects = interaction_values(model, values)
    strength = 2 * np.abs(effects).mean(axis=0)
    pairs = [(a, b) for a, b in combinations(range(len(model.features)), 2) if strength[a, b] > 0]
    table = pd.DataFrame(
        [(model.features[a], model.features[b], strength[a, b]) for a, b in pairs],
        columns=["feature_a", "feature_b", "strength"],
    )
    return table.sort_values("strength", ascending=False, ignore_index=True)


def interaction_values(model: Model, values: Array) -> Array:
    """Joint effects in calibrated log-odds, (n, n_features, n_features); a row of cells sums to the contribution."""
    import shap  # costs two seconds and belongs to training, never to the app

    parts = [shap.TreeExplainer(booster).shap_interaction_values(values) for booster in model.boosters]
    return model.slope * np.mean([part[1] if isinstance(part, list) else part for part in parts], axis=0)


def correlation(values: Array, features: Sequence[str]) -> pd.DataFrame:
    """Spearman correlation of every pair of features, both ways round, over the rows that know both."""
    with np.errstate(invalid="ignore"):
        matrix_ = pd.DataFrame(values, columns=list(features)).corr("spearman", min_periods=30)
    matrix_.index.name, matrix_.columns.name = "feature_a", "feature_b"
    return matrix_.stack().rename("correlation").reset_index()


def boxes(rows: pd.DataFrame, features: Sequence[str], label: str) -> pd.DataFrame:
    """Quantiles (5, 25, 50, 75, 95 %) of each feature by outcome; n counts the known values."""
    parts = []
    for feature in features:
        grouped = rows.groupby(label)[feature]
        quantiles = grouped.quantile(list(BOX_ENDS)).unstack()
        quantiles.columns = pd.Index(["low", "q1", "median", "q3", "high"])
        parts.append(quantiles.assign(n=grouped.count(), feature=feature).rename_axis("outcome").reset_index())
    return pd.concat(parts, ignore_index=True)


def stability(
    model: Model, values: Array, by_seed: Array | None = None, pair: tuple[Model, Model] | None = None
) -> list[Stability]:
    """Agreement on the reasons that raise the risk most, between models that differ by their seeds alone.

    The last of the list is the one to go by.
    """
    alone = _by_seed(model, values) if by_seed is None else by_seed
    comparisons, half = [], len(alone) // 2
    if half:
        comparisons.append(_agreement("seeds", model, list(combinations(alone, 2))))
        comparisons.append(_agreement("halves", model, [(alone[:half].mean(axis=0), alone[half:].mean(axis=0))]))
    if pair is not None:
        first, second = (contributions(member, values, THREADS)[:, :-1] for member in pair)
        comparisons.append(_agreement("reseeded", model, [(first, second)]))
    return comparisons


def _by_seed(model: Model, values: Array) -> Array:
    """Contributions in calibrated log-odds of each seed's model alone, (n_seeds, n, n_features); without the base."""
    alone = [
        replace(model, seeds=(seed,), boosters=(booster,))
        for seed, booster in zip(model.seeds, model.boosters, strict=True)
    ]
    return np.stack([contributions(single, values, THREADS)[:, :-1] for single in alone])


def _agreement(between: str, model: Model, pairs: Sequence[tuple[Array, ...]]) -> Stability:
    """Mean agreement of pairs of contributions, each (n, n_features)."""
    names = reason_names(model)
    group_of = np.array([names.index(reason) for reason in model.reasons])

    def ranked(why: Array) -> Array:
        sums = np.stack([why[:, group_of == group].sum(axis=1) for group in range(len(names))], axis=1)
        return np.argsort(-sums, axis=1, kind="stable")[:, :3]

    shares = []
    for left, right in pairs:
        first, second = ranked(left), ranked(right)
        same_three = (np.sort(first, axis=1) == np.sort(second, axis=1)).all(axis=1)
        shares.append(((first[:, 0] == second[:, 0]).mean(), same_three.mean()))
    top1, top3 = np.mean(shares, axis=0)
    return Stability(between, float(top1), float(top3))


def _summary(name: str, comparisons: Sequence[Stability], n: int) -> Diagnostics:
    card: dict[str, Any] = {
        "reasons_ordered": bool(comparisons) and comparisons[-1].ordered,
        "ordered_from": ORDERED_FROM,
    }
    card |= {part.between: {"top1": part.top1, "top3": part.top3} for part in comparisons}
    slices = [("all", part) for part in comparisons[-1:]] + [
        (f"stability:{part.between}", part) for part in comparisons
    ]
    metrics = [
        (where, f"top{k}_reason_agreement", value)
        for where, part in slices
        for k, value in ((1, part.top1), (3, part.top3))
    ]
    table = pd.DataFrame(metrics, columns=["slice", "metric", "value"])
    return Diagnostics(card | {"rows": n}, table.assign(model=name, low=np.nan, high=np.nan, n=n, positives=0))
