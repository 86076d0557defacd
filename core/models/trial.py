"""Trying a recipe on the test cohorts, once: the champion beside the models people take without thinking.

Also measures how much the answer depends on chance: how many businesses change their band when only the seeds change.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.models import evaluate
from core.models.classify import PLAIN, PLAIN_ROUNDS, Model, Recipe, calibrated, grown, matrix

RESEED = 1000  # added to every seed for the second opinion


@dataclass(frozen=True)
class Trial:
    """What a trial found: the champion, its scored test rows, and the figures of every candidate."""

    champion: Model
    scored: pd.DataFrame
    figures: dict[str, Any]


def candidates(recipe: Recipe) -> dict[str, Recipe]:
    """The champion's recipe, its single-seed form, and the plain model of 300 trees and 31 leaves."""
    single = replace(recipe, seeds=recipe.seeds[:1])
    plain = replace(single, params=PLAIN, rounds=PLAIN_ROUNDS, monotone=False)
    return {"average": recipe, "single": single, "plain": plain}


def run(recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, test: pd.DataFrame, bands: list[float]) -> Trial:
    """Fit every candidate twice (second time with other seeds), score the test rows, compare."""
    figures: dict[str, Any] = {}
    fitted: dict[str, Model] = {}
    for name, candidate in candidates(recipe).items():
        fitted[name], other = _twice(candidate, rows, calibration)
        p, q = (model.probability(matrix(test, recipe.features), recipe.threads) for model in (fitted[name], other))
        ranked = evaluate.Ranked.of(p, test["bad"].to_numpy(float), test["business_id"].to_numpy())
        found = evaluate.metrics(ranked)
        figures[name] = {
            "log_loss": found["log_loss"],
            "roc_auc": found["roc_auc"],
            "band_changes_on_reseed": band_changes(p, q, bands),
            "trees": len(candidate.seeds) * candidate.rounds,
            "leaves": candidate.params["num_leaves"],
        }
        if name == "average":
            scored = test.assign(p=p)
    return Trial(fitted["average"], scored, figures)


def _twice(recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame) -> tuple[Model, Model]:
    """The model of the recipe and the one of other seeds, grown side by side."""
    count = len(recipe.seeds)
    both = recipe.seeds + tuple(seed + RESEED for seed in recipe.seeds)
    boosters = grown(replace(recipe, seeds=both), rows)
    first = calibrated(recipe, boosters[:count], calibration)
    return first, calibrated(replace(recipe, seeds=both[count:]), boosters[count:], calibration)


def band_changes(p: np.ndarray, q: np.ndarray, bands: list[float]) -> float:
    """Share of rows whose band differs between two models.

    >>> band_changes(np.array([0.004, 0.2]), np.array([0.006, 0.3]), [0.005, 0.1])
    0.5
    """
    return float((np.digitize(p, bands) != np.digitize(q, bands)).mean())
