"""One division of the bank into segments: scale, centres, codes and picture of one set of features.

A business belongs to the nearest centre of a saved clustering, whatever the other businesses are: without a new fit no
business changes its segment because of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats.contingency import crosstab

from core.models.segments import kmeans, naming
from core.models.segments.k_choice import KMetrics
from core.models.segments.transforms import Projection, Scale
from core.progress import Progress

MIN_OVERLAP = 0.5  # Jaccard index of the members from which a new segment is the previous one

Array = np.ndarray


@dataclass(frozen=True)
class Clustering:
    """Segments in their order: `codes` (k,), `centres` scaled (k, n_features), `z` the same in standard deviations."""

    features: tuple[str, ...]
    scale: Scale
    centres: Array
    z: Array
    codes: tuple[str, ...]
    projection: Projection
    metrics: tuple[KMetrics, ...] = ()
    share_kept: float | None = None  # of businesses whose segment has the same code in the previous clustering

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.codes)

    def labels(self, values: Array) -> Array:
        """Place of each complete row's segment in `codes`, (n,)."""
        return kmeans.nearest(self.scale(values), self.centres)

    def positions(self, values: Array) -> Array:
        """Position of each complete row in the picture, (n, 2)."""
        return self.projection(self.scale(values))


def fit(
    values: Array, features: Sequence[str], k: int, before: Clustering | None = None, progress: Progress | None = None
) -> Clustering:
    """The businesses in k segments, with codes and in order; those that `before` has as well keep their codes.

    Parameters
    ----------
    values : (n, n_features) complete rows in a fixed order
    """
    if before is not None and before.features != tuple(features):
        before = None
    scale = Scale.fit(values)
    points = scale(values)
    if progress:
        progress("fit", 0.0)
    centres = kmeans.centres(points, k, None if before is None else scale(before.scale.inverse(before.centres)))
    z = (centres - points.mean(0)) / np.maximum(points.std(0), 1e-9)
    distances = naming.named_distances(z, scale.inverse(centres), features)
    inherited, share_kept = _inherited(before, values, kmeans.nearest(points, centres), distances)
    codes = naming.codes(distances, features, inherited)
    order = naming.order(z, features)
    if before is not None and {*codes} == {*before.codes}:
        order = [codes.index(code) for code in before.codes]
    ordered = tuple(codes[place] for place in order)
    return Clustering(tuple(features), scale, centres[order], z[order], ordered, Projection.fit(points), (), share_kept)


def _inherited(
    before: Clustering | None, values: Array, labels: Array, z: Array
) -> tuple[list[str | None], float | None]:
    """The code that each new segment inherits, None for a new one; and the share of businesses that keep theirs."""
    codes: list[str | None] = [None] * len(z)
    if before is None:
        return codes, None
    previous = before.labels(values)
    for new, (old, overlap) in matches(previous, labels, before.k, len(z)).items():
        code = before.codes[old]
        if overlap >= MIN_OVERLAP and naming.holds(code, z[new], before.features):
            codes[new] = code
    names = np.array([code or "" for code in codes], dtype=object)
    return codes, float((names[labels] == np.array(before.codes, dtype=object)[previous]).mean())


def matches(old: Array, new: Array, k_old: int, k_new: int) -> dict[int, tuple[int, float]]:
    """Previous segment of each new one: new -> (old, Jaccard index of the members); the total overlap is largest.

    >>> matches(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), 2, 2)
    {0: (1, 1.0), 1: (0, 1.0)}
    """
    both = crosstab(new, old, levels=(range(k_new), range(k_old))).count
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    pairs = zip(*linear_sum_assignment(both, maximize=True), strict=True)
    return {int(row): (int(column), float(both[row, column] / max(either[row, column], 1))) for row, column in pairs}
