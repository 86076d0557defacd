"""The revenue models as files: one text file a model and one JSON with weights, reach of intervals and card.

Writes and reads <folder>/{global.txt, regional_R1.txt, local_R1_dining.txt, …, model.json}; loading never runs code.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import pandas as pd

from core.errors import DataError
from core.models.forecast.bank.features import FEATURES
from core.models.forecast.bank.folds import RECIPE
from core.models.forecast.conformal import Bands
from core.models.forecast.hierarchy import Hierarchy, model_id
from core.models.forecast.hierarchy_weights import Weights

CARD = "model.json"


@dataclass(frozen=True)
class Served:
    """Everything a forecast needs. `source`: combined, global or baseline, then `baseline` says which; `models` and
    `weights` are None when nothing could be learned."""

    source: str
    baseline: str
    models: Hierarchy | None
    weights: Weights | None
    bands: Bands
    card: dict[str, Any]


def save(served: Served, folder: Path) -> None:
    """Write the models into `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"source": served.source, "baseline": served.baseline, "bands": served.bands.as_rows()}
    if served.models is not None and served.weights is not None:
        for cell, booster in served.models.boosters.items():
            (folder / f"{model_id(cell)}.txt").write_text(booster.model_to_string(), encoding="utf-8")
        table = json.loads(served.weights.table.to_json(orient="records"))
        content |= {
            "regions": list(served.models.regions),
            "categories": list(served.models.categories),
            "k": {"regional": served.weights.k_regional, "local": served.weights.k_local},
            "cells": table,
        }
    content |= {"features": list(FEATURES), "onto_global": RECIPE.onto_global, "card": served.card}
    (folder / CARD).write_text(json.dumps(finite(content), ensure_ascii=False, indent=1), encoding="utf-8")


def finite(value: Any) -> Any:
    """The same without infinities, which JSON does not have: they become null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def infinite(rows: list[dict]) -> list[dict]:
    """Reaches as read from JSON, null as infinity again."""
    unknown = float("inf")
    return [row | {"reach": {name: unknown if q is None else q for name, q in row["reach"].items()}} for row in rows]


def load(folder: Path) -> Served:
    """The models saved in `folder`.

    Raises
    ------
    DataError : the folder holds no complete set of models, or one of other features than this code makes
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
    bands = Bands.of_rows(infinite(content["bands"]))
    return Served(content["source"], content["baseline"], models, weights, bands, content["card"])


def _models(content: dict[str, Any], folder: Path) -> tuple[Hierarchy, Weights]:
    table = pd.DataFrame(content["cells"])
    boosters = {
        (row.region, row.category): lgb.Booster(model_str=(folder / f"{row.model_id}.txt").read_text(encoding="utf-8"))
        for row in table[table["fitted"]].itertuples()
    }
    k = {level: float("inf") if value is None else value for level, value in content["k"].items()}
    counts = table[["model_id", "level", "region", "category", "entities", "periods", "rows", "fitted", "inherits"]]
    recipe = RECIPE if RECIPE.onto_global == content["onto_global"] else None
    if recipe is None:
        raise DataError(f"{folder} combines its models in another way than this version; run a build")
    models = Hierarchy(recipe, boosters, tuple(content["regions"]), tuple(content["categories"]), counts)
    return models, Weights(table, k["regional"], k["local"])
