"""Trying a recipe on the test cohorts, once: the champion beside the models people take without thinking.

Also measures how much the answer depends on chance: how many businesses change their band when only the seeds change.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.models.classifier import metrics
from core.models.classifier.model import PLAIN, PLAIN_ROUNDS, Model, Recipe, fit, grown, matrix

RESEED = 1000  # added to every seed for the second opinion


@dataclass(frozen=True)
class Trial:
    """What a trial found: the champion and its twin of other seeds, scored test rows, figures of every candidate."""

    champion: Model
    reseeded: Model
    scored: pd.DataFrame
    figures: dict[str, Any]


def run(
    recipe: Recipe,
    rows: pd.DataFrame,
    calibration: pd.DataFrame,
    test: pd.DataFrame,
    bands: list[float],
    with_plain: bool = True,
) -> Trial:
    """Fit the champion's recipe and the plain one, each again with other seeds; score the test rows; compare."""
    values = matrix(test, recipe.features)
    average, other = _twice(recipe, rows, calibration)
    pairs = {"average": (average, other), "single": (_first(average), _first(other))}
    if with_plain:
        plain = replace(recipe, seeds=recipe.seeds[:1], params=PLAIN, rounds=PLAIN_ROUNDS, monotone=False)
        pairs["plain"] = _twice(plain, rows, calibration)
    figures = {}
    for name, (model, reseeded) in pairs.items():
        p, q = model.probability(values, recipe.threads), reseeded.probability(values, recipe.threads)
        figures[name] = _figures(model, p, test) | {"band_changes_on_reseed": band_changes(p, q, bands)}
    return Trial(average, other, test.assign(p=average.probability(values, recipe.threads)), figures)


def _twice(recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame) -> tuple[Model, Model]:
    """The model of the recipe, and the same with other seeds (Platt's numbers stay: only chance differs)."""
    model = fit(recipe, rows, calibration).model
    seeds = tuple(seed + RESEED for seed in recipe.seeds)
    return model, replace(model, seeds=seeds, boosters=grown(replace(recipe, seeds=seeds), rows))


def _first(model: Model) -> Model:
    """The model with its first seed alone."""
    return replace(model, seeds=model.seeds[:1], boosters=model.boosters[:1])


def _figures(model: Model, p: np.ndarray, test: pd.DataFrame) -> dict[str, Any]:
    rows = metrics.Ranked.of(p, test["bad"].to_numpy(float), test["business_id"].to_numpy())
    found = metrics.metrics(rows)
    return {
        "log_loss": found["log_loss"],
        "roc_auc": found["roc_auc"],
        "trees": sum(booster.num_trees() for booster in model.boosters),
        "leaves": model.boosters[0].params["num_leaves"],
    }


def band_changes(p: np.ndarray, q: np.ndarray, bands: list[float]) -> float:
    """Share of rows whose band differs between two models.

    >>> band_changes(np.array([0.004, 0.2]), np.array([0.006, 0.3]), [0.005, 0.1])
    0.5
    """
    return float((np.digitize(p, bands) != np.digitize(q, bands)).mean())
