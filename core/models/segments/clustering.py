"""One way of dividing the book: scale, centres, names and picture of one set of features; kept as text.

A business belongs to the nearest centre of a saved clustering, whatever else is in the book: a saved clustering never
moves anybody by itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataError
from core.models.segments import naming
from core.models.segments.clusters import Figure, Plane, Scale, Tell, centres, matched, nearest

CARD = "model.json"

Array = np.ndarray


@dataclass(frozen=True)
class Clustering:
    """Segments in their order: `codes` (k,), `points` the scaled centres (k, n_features), `z` them in deviations."""

    features: tuple[str, ...]
    scale: Scale
    points: Array
    z: Array
    codes: tuple[str, ...]
    plane: Plane
    figures: tuple[Figure, ...] = ()
    kept: float | None = None  # share of businesses in the segment that the clustering before gives them today

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.codes)

    def assigned(self, values: Array) -> Array:
        """Place of each complete row's segment in `codes`, (n,)."""
        return nearest(self.scale(values), self.points)

    def drawn(self, values: Array) -> Array:
        """Place of each complete row in the picture, (n, 2)."""
        return self.plane(self.scale(values))


def clustered(
    values: Array, features: Sequence[str], k: int, before: Clustering | None = None, tell: Tell | None = None
) -> Clustering:
    """The book in k segments, named and in order; those of `before` keep their names where they are the same.

    Parameters
    ----------
    values : (n, n_features) complete rows in a fixed order
    """
    if before is not None and before.features != tuple(features):
        before = None
    scale = Scale.of(values)
    points = scale(values)
    if tell:
        tell("fit", 0.0)
    found = centres(points, k, _moved(before, scale))
    z = (found - points.mean(0)) / np.maximum(points.std(0), 1e-9)
    worded = naming.told(z, found * scale.spread + scale.median, features)
    taken, kept = _taken(before, values, nearest(points, found), worded)
    codes = naming.codes(worded, features, taken)
    places = _order(codes, z, features, before)
    named = tuple(codes[place] for place in places)
    return Clustering(tuple(features), scale, found[places], z[places], named, Plane.of(points), (), kept)


def _moved(before: Clustering | None, scale: Scale) -> Array | None:
    """Centres of the clustering before, on the scale of today."""
    return None if before is None else scale(before.points * before.scale.spread + before.scale.median)


def _taken(before: Clustering | None, values: Array, labels: Array, z: Array) -> tuple[list[str | None], float | None]:
    """The code that each new segment inherits, None where it is a new one; and the share of businesses that stay."""
    taken: list[str | None] = [None] * len(z)
    if before is None:
        return taken, None
    old = before.assigned(values)
    for new, (number, overlap) in matched(old, labels, before.k, len(z)).items():
        code = before.codes[number]
        if overlap >= naming.SAME and naming.holds(code, z[new], before.features):
            taken[new] = code
    names = np.array([code or "" for code in taken], dtype=object)
    return taken, float((names[labels] == np.array(before.codes, dtype=object)[old]).mean())


def _order(codes: Sequence[str], z: Array, features: Sequence[str], before: Clustering | None) -> list[int]:
    """As before when they are the same segments, otherwise by their centres."""
    if before is not None and {*codes} == {*before.codes}:
        return [list(codes).index(code) for code in before.codes]
    return naming.order(z, features)


def save(views: Mapping[str, Clustering], card: Mapping[str, Any], folder: Path) -> None:
    """Write the clusterings of a build into `folder` as text."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"views": {name: _written(view) for name, view in views.items()}, "card": dict(card)}
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _written(view: Clustering) -> dict[str, Any]:
    return {
        "features": view.features,
        "codes": view.codes,
        "median": view.scale.median.tolist(),
        "spread": view.scale.spread.tolist(),
        "points": view.points.tolist(),
        "z": view.z.tolist(),
        "mean": view.plane.mean.tolist(),
        "axes": view.plane.axes.tolist(),
        "explained": view.plane.explained.tolist(),
        "figures": [[one.k, one.silhouette, one.ari, one.ari_low] for one in view.figures],
        "kept": view.kept,
    }


def load(folder: Path) -> dict[str, Clustering]:
    """The clusterings saved in `folder`, by view.

    Raises
    ------
    DataError : the folder holds none, or what it holds is not whole
    """
    try:
        content = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return {name: _read(view) for name, view in content["views"].items()}
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{folder / CARD} holds no segments ({error!r}); run a build") from error


def _read(view: Mapping[str, Any]) -> Clustering:
    return Clustering(
        tuple(view["features"]),
        Scale(np.array(view["median"]), np.array(view["spread"])),
        np.array(view["points"]),
        np.array(view["z"]),
        tuple(view["codes"]),
        Plane(np.array(view["mean"]), np.array(view["axes"]), np.array(view["explained"])),
        tuple(Figure(int(k), *rest) for k, *rest in view["figures"]),
        view["kept"],
    )
