"""A champion as text: LightGBM's own format, JSON for the rest. Loading reads numbers and never runs code.

Writes <folder>/model.json, <folder>/<member>_<n>.txt (LightGBM), <folder>/<member>_trees.json (forest, boosting)
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from core.compare.columns import Sheet
from core.compare.encode import Encoder
from core.compare.families import Fitted
from core.compare.fitting import Blend, Filled, Filler, Scorer
from core.errors import DataError

Array = np.ndarray
CARD = "model.json"


def save(scorer: Scorer, folder: Path) -> dict[str, Any]:
    """Write a scorer; the answer says which files it needs."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.txt"), *folder.glob("*.json")]:
        old.unlink()
    content = _content(scorer, folder)
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return {"folder": folder.name, "files": sorted(path.name for path in folder.iterdir())}


def _content(scorer: Scorer, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": scorer.key,
        "slope": scorer.slope,
        "intercept": scorer.intercept,
        "params": scorer.params,
    }
    model = scorer.model
    if isinstance(model, Blend):
        members = [_content(member, folder) for member in model.members]
        return found | {"members": members, "weights": list(model.weights)}
    assert scorer.encoder is not None
    found["encoder"] = scorer.encoder.state
    if isinstance(model, Filled):
        found["filler"] = {"centre": model.filler.centre.tolist(), "spread": model.filler.spread.tolist()}
        model = model.model
    return found | {"family": model.family, "rounds": model.rounds} | _files(scorer.key, model, folder)


def _files(key: str, model: Fitted, folder: Path) -> dict[str, Any]:
    if model.family == "logistic":
        only = model.models[0]
        return {"coefficients": only.coef_[0].tolist(), "constant": float(only.intercept_[0])}
    if model.family == "lightgbm":
        names = [f"{key}_{number}.txt" for number in range(len(model.models))]
        for name, booster in zip(names, model.models, strict=True):
            (folder / name).write_text(booster.model_to_string(num_iteration=model.rounds or -1), encoding="utf-8")
        return {"files": names}
    name = f"{key}_trees.json"
    trees = _forest(model.models[0]) if model.family == "forest" else _boosting(model.models[0])
    (folder / name).write_text(json.dumps(trees), encoding="utf-8")
    return {"files": [name]}


def _forest(model: Any) -> dict[str, Any]:
    trees = []
    for each in model.estimators_:
        tree = each.tree_
        share = tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1)
        missing_left = tree.missing_go_to_left.astype(bool)
        trees.append(_tree(tree.children_left, tree.children_right, tree.feature, tree.threshold, missing_left, share))
    return {"sum": "mean_share", "base": 0.0, "trees": trees}


def _boosting(model: Any) -> dict[str, Any]:
    trees = []
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        left = np.where(nodes["is_leaf"], -1, nodes["left"].astype(int))
        right = np.where(nodes["is_leaf"], -1, nodes["right"].astype(int))
        missing_left = nodes["missing_go_to_left"].astype(bool)
        trees.append(_tree(left, right, nodes["feature_idx"], nodes["num_threshold"], missing_left, nodes["value"]))
    return {"sum": "log_odds", "base": float(np.ravel(model._baseline_prediction)[0]), "trees": trees}


def _tree(left: Array, right: Array, feature: Array, threshold: Array, missing_left: Array, value: Array) -> dict:
    """One tree as columns; -1 as the left child marks a leaf, infinite thresholds are written as text."""
    return {
        "left": left.tolist(),
        "right": right.tolist(),
        "feature": np.maximum(feature, 0).astype(int).tolist(),
        "threshold": [float(edge) if np.isfinite(edge) else str(float(edge)) for edge in threshold],
        "missing_left": missing_left.astype(int).tolist(),
        "value": value.tolist(),
    }


@dataclass(frozen=True)
class Read:
    """A model read back from text; answers like a fitted one."""

    family: str
    content: dict[str, Any]
    parts: tuple[Any, ...]

    def raw(self, matrix: Array) -> Array:
        """Log-odds, (n,)."""
        if self.family == "logistic":
            return matrix @ np.array(self.content["coefficients"]) + self.content["constant"]
        if self.family == "lightgbm":
            return np.mean([part.predict(matrix, raw_score=True, num_threads=1) for part in self.parts], axis=0)
        trees = self.parts[0]
        values = [
            _walk(tree, matrix.astype(np.float32) if trees["sum"] == "mean_share" else matrix)
            for tree in trees["trees"]
        ]
        if trees["sum"] == "log_odds":
            return trees["base"] + np.sum(values, axis=0)
        p = np.clip(np.mean(values, axis=0), 0.5 / len(values), 1 - 0.5 / len(values))
        return np.log(p / (1 - p))


def _walk(tree: dict[str, list], matrix: Array) -> Array:
    left, right = np.array(tree["left"]), np.array(tree["right"])
    feature, threshold = np.array(tree["feature"]), np.array([float(edge) for edge in tree["threshold"]])
    missing_left, value = np.array(tree["missing_left"], bool), np.array(tree["value"])
    at = np.zeros(len(matrix), int)
    rows = np.arange(len(matrix))
    while (moving := left[at] >= 0).any():
        x = matrix[rows, feature[at]]
        goes_left = np.where(np.isnan(x), missing_left[at], x <= threshold[at])
        at = np.where(moving, np.where(goes_left, left[at], right[at]), at)
    return value[at]


def load(folder: Path) -> Scorer:
    """The scorer saved in `folder`.

    Raises
    ------
    DataError : a file is missing or is not what `save` writes
    """
    try:
        return _scorer(json.loads((folder / CARD).read_text(encoding="utf-8")), folder)
    except FileNotFoundError as error:
        raise DataError(f"{folder} holds no complete model ({error.filename} is missing); train again") from error
    except (json.JSONDecodeError, KeyError, lgb.basic.LightGBMError) as error:
        raise DataError(f"{folder} holds a damaged model ({error}); train again") from error


def _scorer(content: dict[str, Any], folder: Path) -> Scorer:
    slope, intercept = content["slope"], content["intercept"]
    if "members" in content:
        members = tuple(_scorer(each, folder) for each in content["members"])
        return Scorer(content["key"], None, Blend(members, tuple(content["weights"])), slope, intercept)
    texts = [(folder / Path(name).name).read_text(encoding="utf-8") for name in content.get("files", [])]
    parts = tuple(
        lgb.Booster(model_str=text) if content["family"] == "lightgbm" else json.loads(text) for text in texts
    )
    model: Any = Read(content["family"], content, parts)
    if "filler" in content:
        filler = Filler(np.array(content["filler"]["centre"]), np.array(content["filler"]["spread"]))
        model = Filled(model, filler)
    return Scorer(content["key"], _encoder(content["encoder"]), model, slope, intercept, content["params"])


def _encoder(state: dict[str, Any]) -> Encoder:
    names, levels = tuple(state["categories"]), tuple(tuple(each) for each in state["categories"].values())
    numbers = tuple(state["numbers"])
    sheet = Sheet(np.empty((0, len(numbers))), numbers, np.empty((0, len(names)), np.int32), names, levels)
    made = Encoder(state["kind"], sheet, names=state["columns"])
    made.rates = {names.index(name): np.array(rates) for name, rates in state["rates"].items()}
    made.hot = {names.index(name): np.array(places) for name, places in state["one_hot"].items()}
    made.centre, made.bend = np.array(state["centre"]), np.array(state["bend"])
    made.mean, made.spread = np.array(state["mean"]), np.array(state["spread"])
    made.fill = np.array(state["fill"])
    made.flagged = np.array([numbers.index(name) for name in state["missing_flags"]], int)
    return made
