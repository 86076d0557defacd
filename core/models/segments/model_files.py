"""The clusterings of a build as text: <folder>/model.json. Reading it never runs code."""

import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataError
from core.models.segments.clustering import Clustering
from core.models.segments.k_choice import KMetrics
from core.models.segments.transforms import Projection, Scale

CARD = "model.json"


def save(views: Mapping[str, Clustering], card: Mapping[str, Any], folder: Path) -> None:
    """Write the clusterings of a build, by view, and their card into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"views": {name: _content(view) for name, view in views.items()}, "card": dict(card)}
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _content(view: Clustering) -> dict[str, Any]:
    return {
        "features": view.features,
        "codes": view.codes,
        "median": view.scale.median.tolist(),
        "spread": view.scale.spread.tolist(),
        "points": view.centres.tolist(),
        "z": view.z.tolist(),
        "mean": view.projection.mean.tolist(),
        "axes": view.projection.axes.tolist(),
        "explained": view.projection.explained.tolist(),
        "figures": [astuple(metrics) for metrics in view.metrics],
        "kept": view.share_kept,
    }


def load(folder: Path) -> dict[str, Clustering]:
    """The clusterings saved in `folder`, by view.

    Raises
    ------
    DataError : the folder holds none, or the file is incomplete
    """
    try:
        content = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return {name: _clustering(view) for name, view in content["views"].items()}
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{folder / CARD} holds no segments ({error!r}); run a build") from error


def _clustering(view: Mapping[str, Any]) -> Clustering:
    return Clustering(
        tuple(view["features"]),
        Scale(np.array(view["median"]), np.array(view["spread"])),
        np.array(view["points"]),
        np.array(view["z"]),
        tuple(view["codes"]),
        Projection(np.array(view["mean"]), np.array(view["axes"]), np.array(view["explained"])),
        tuple(KMetrics(*entry) for entry in view["figures"]),
        view["kept"],
    )
