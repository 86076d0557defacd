"""Models as files: one text file a seed and one JSON card. Loading reads text and never runs code.

Writes <folder>/seed_<n>.txt, <folder>/model.json
"""

import json
from pathlib import Path

import lightgbm as lgb

from core.errors import DataError
from core.models.classifier.model import Model

CARD = "model.json"


def save(model: Model, folder: Path) -> None:
    """Write a model into `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, booster in zip(model.seeds, model.boosters, strict=True):
        (folder / f"seed_{seed}.txt").write_text(booster.model_to_string(), encoding="utf-8")
    content = {
        "features": list(model.features),
        "signs": list(model.signs),
        "reasons": list(model.reasons),
        "seeds": list(model.seeds),
        "slope": model.slope,
        "intercept": model.intercept,
        "card": model.card,
    }
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> Model:
    """The model saved in `folder`.

    Raises
    ------
    DataError : the folder holds no complete model
    """
    try:
        content = json.loads((folder / CARD).read_text(encoding="utf-8"))
        texts = [(folder / f"seed_{seed}.txt").read_text(encoding="utf-8") for seed in content["seeds"]]
    except FileNotFoundError as error:
        raise DataError(f"{folder} holds no complete model ({error.filename} is missing); run a build") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{folder / CARD} is not valid JSON: {error}; run a build") from error
    return Model(
        tuple(content["features"]),
        tuple(content["signs"]),
        tuple(content["reasons"]),
        tuple(content["seeds"]),
        tuple(lgb.Booster(model_str=text) for text in texts),
        content["slope"],
        content["intercept"],
        content["card"],
    )
