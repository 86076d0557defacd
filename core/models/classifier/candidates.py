"""The champion on the test rows, once, beside the models that people take without thinking.

Also measures how much the answer depends on chance: how many rows change their band when only the seeds change.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from core.models.classifier import metrics
from core.models.classifier.model import PLAIN, PLAIN_ROUNDS, Model, Recipe, fit, grow, matrix
from core.models.classifier.problem import LABEL, Problem

RESEED = 1000  # added to every seed for the second model
SINGLE, PLAIN_TREES = "single", "plain"


@dataclass(frozen=True)
class Trial:
    """The champion, the scored test rows, and where others were compared, figures of every candidate.

    reseeded_pair : the champion and the same model of other seeds
    """

    champion: Model
    scored: pd.DataFrame
    figures: dict[str, Any] = field(default_factory=dict)
    reseeded_pair: tuple[Model, Model] | None = None


def run(recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, test: pd.DataFrame, problem: Problem) -> Trial:
    """Fit the champion's recipe and those it is compared with, each again with other seeds; score the test rows."""
    values = matrix(test, recipe.features)
    if not problem.compared:
        champion = fit(recipe, rows, calibration, LABEL, problem.entity).model
        return Trial(champion, test.assign(p=champion.probability(values, recipe.threads)))
    pairs = _pairs(recipe, rows, calibration, problem)
    figures = {name: _figures(*pair, values, test, problem, recipe.threads) for name, pair in pairs.items()}
    champion = pairs["average"][0]
    return Trial(champion, test.assign(p=champion.probability(values, recipe.threads)), figures, pairs["average"])


def _pairs(
    recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, problem: Problem
) -> dict[str, tuple[Model, Model]]:
    """Every candidate with its twin of other seeds."""
    average, other = _reseeded_pair(recipe, rows, calibration, problem)
    pairs = {"average": (average, other)}
    if SINGLE in problem.compared:
        pairs[SINGLE] = (_first_seed(average), _first_seed(other))
    if PLAIN_TREES in problem.compared:
        plain = replace(recipe, seeds=recipe.seeds[:1], params=PLAIN, rounds=PLAIN_ROUNDS, monotone=False)
        pairs[PLAIN_TREES] = _reseeded_pair(plain, rows, calibration, problem)
    return pairs


def _reseeded_pair(
    recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, problem: Problem
) -> tuple[Model, Model]:
    """The model of the recipe, and the same with other seeds (Platt's numbers stay: only chance differs)."""
    model = fit(recipe, rows, calibration, LABEL, problem.entity).model
    seeds = tuple(seed + RESEED for seed in recipe.seeds)
    return model, replace(model, seeds=seeds, boosters=grow(replace(recipe, seeds=seeds), rows, LABEL))


def _first_seed(model: Model) -> Model:
    """The model with its first seed alone."""
    return replace(model, seeds=model.seeds[:1], boosters=model.boosters[:1])


def _figures(
    model: Model, other: Model, values: np.ndarray, test: pd.DataFrame, problem: Problem, threads: int
) -> dict[str, Any]:
    p, q = model.probability(values, threads), other.probability(values, threads)
    figures = metrics.metrics(metrics.Ranked.of(p, test[LABEL].to_numpy(float), test[problem.entity].to_numpy()))
    return {
        "log_loss": figures["log_loss"],
        "roc_auc": figures["roc_auc"],
        "trees": sum(booster.num_trees() for booster in model.boosters),
        "leaves": model.boosters[0].params["num_leaves"],
        "band_changes_on_reseed": band_changes(p, q, problem.cuts),
    }


def band_changes(p: np.ndarray, q: np.ndarray, bands: list[float]) -> float:
    """Share of rows whose band differs between two models.

    >>> band_changes(np.array([0.004, 0.2]), np.array([0.006, 0.3]), [0.005, 0.1])
    0.5
    """
    return float((np.digitize(p, bands) != np.digitize(q, bands)).mean())
