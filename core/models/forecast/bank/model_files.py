"""The revenue models as files: one text file per model, and one JSON file with weights, intervals and card.

Writes and reads <folder>/{global.txt, regional_R1.txt, local_R1_dining.txt, …, model.json}; loading never runs code.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import files
from core.errors import DataError
from core.models.forecast import hierarchy
from core.models.forecast.bank.choice import Choice
from core.models.forecast.bank.features import FEATURES
from core.models.forecast.bank.folds import RECIPE
from core.models.forecast.conformal import Bands
from core.models.forecast.hierarchy import Hierarchy
from core.models.forecast.hierarchy_weights import Weights

CARD = "model.json"


@dataclass(frozen=True)
class RevenueModel:
    """Everything that a forecast needs; `models` and `weights` are None when there was too little to train on."""

    choice: Choice
    models: Hierarchy | None
    weights: Weights | None
    bands: Bands
    card: dict[str, Any]


def save(model: RevenueModel, folder: Path) -> None:
    """Write the model into `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    choice, models, weights = model.choice, model.models, model.weights
    content: dict[str, Any] = {
        "source": choice.source,
        "baseline": choice.baseline,
        "bands": model.bands.as_rows(),
    }
    if models is not None and weights is not None:
        hierarchy.save(models, folder)
        k = {"regional": weights.k_regional, "local": weights.k_local}
        content |= {
            "regions": models.regions,
            "categories": models.categories,
            "k": {level: value if np.isfinite(value) else None for level, value in k.items()},  # JSON has no infinity
            "cells": json.loads(weights.table.to_json(orient="records")),
        }
    content |= {"features": FEATURES, "onto_global": RECIPE.onto_global, "card": model.card}
    files.write_json(folder / CARD, content)


def load(folder: Path) -> RevenueModel:
    """The model saved in `folder`.

    Raises
    ------
    DataError : the folder holds no complete model, or one of other features or another recipe than this code has
    """
    try:
        content = json.loads((folder / CARD).read_text(encoding="utf-8"))
        models, weights = _models(content, folder) if "cells" in content else (None, None)
    except FileNotFoundError as error:
        raise DataError(f"{folder} holds no revenue models ({error.filename} is missing); run a build") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{folder / CARD} is not valid JSON: {error}; run a build") from error
    if content["features"] != list(FEATURES):
        raise DataError(f"{folder} was trained on other features than this version makes; run a build")
    if content["onto_global"] != RECIPE.onto_global:
        raise DataError(f"{folder} combines its models in another way than this version; run a build")
    choice = Choice(content["source"], content["baseline"])
    return RevenueModel(choice, models, weights, Bands.from_rows(content["bands"]), content["card"])


def _models(content: dict[str, Any], folder: Path) -> tuple[Hierarchy, Weights]:
    table = pd.DataFrame(content["cells"])
    fitted = table.loc[table["fitted"], list(hierarchy.KEYS)].itertuples(index=False, name=None)
    boosters, counts = hierarchy.load(folder, list(fitted)), table[list(hierarchy.COLUMNS)]
    models = Hierarchy(RECIPE, boosters, tuple(content["regions"]), tuple(content["categories"]), counts)
    k = {level: np.inf if value is None else value for level, value in content["k"].items()}
    return models, Weights(table, k["regional"], k["local"])
