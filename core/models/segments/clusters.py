"""How do points fall into groups? K-means on robustly scaled features, with what speaks for and against each k.

Reads and writes nothing: numbers in, numbers out. One thread, fixed seed, rows in the order given: the same rows give
the same centres to the last bit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

SEED = 11
STARTS = 20  # domain notes G: at least twenty
CLIP = 3.0  # interquartile ranges from the median: what lies farther draws no centre to itself
SAMPLE = 10_000  # rows on which the starts compete; all rows have the last word
# A k is judged on samples: silhouettes cost the square of the rows, stability costs ten fits more.
JUDGED, JUDGED_SILHOUETTE = 3_000, 2_000
DRAWS, DRAW_STARTS, JUDGED_STARTS = 10, 2, 5
FEWEST, MOST = 2, 10
AS_GOOD = 1.005  # sum of squares of the old centres over that of the best start: within it the old centres stay

Array = np.ndarray
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Scale:
    """Median and spread (interquartile range, or the standard deviation where that is 0) of each feature."""

    median: Array
    spread: Array

    @classmethod
    def of(cls, values: Array) -> "Scale":
        """Learned from complete rows, (n, n_features)."""
        low, median, high = np.percentile(values, [25, 50, 75], axis=0)
        spread = np.where(high > low, high - low, values.std(0))
        return cls(median, np.where(spread > 0, spread, 1.0))

    def __call__(self, values: Array) -> Array:
        """Values in spreads from the median, at most CLIP of them: (n, n_features)."""
        scaled: Array = np.clip((values - self.median) / self.spread, -CLIP, CLIP)
        return scaled


@dataclass(frozen=True)
class Figure:
    """What speaks for one k: mean silhouette, and mean and lowest adjusted Rand index over bootstraps."""

    k: int
    silhouette: float
    ari: float
    ari_low: float


def centres(points: Array, k: int, before: Array | None = None) -> Array:
    """Centres of k groups of scaled points, (k, n_features).

    `before` are centres to stay with unless the best of the other starts fits better by more than AS_GOOD: two
    descriptions that fit alike must not take turns from build to build.
    """
    drawn = points[_drawn(len(points), SAMPLE)]
    with threadpool_limits(1):
        best = _fitted(drawn, k, STARTS)
        found = _refined(points, best.cluster_centers_)
        if before is None or before.shape != found.cluster_centers_.shape:
            return np.asarray(found.cluster_centers_)
        kept = _refined(points, before)
    return np.asarray((kept if kept.inertia_ <= AS_GOOD * found.inertia_ else found).cluster_centers_)


def _fitted(points: Array, k: int, starts: int, seed: int = SEED) -> KMeans:
    return KMeans(k, n_init=starts, random_state=seed).fit(points)


def _refined(points: Array, begin: Array) -> KMeans:
    # To the very end (tol 0): from its own centres it then moves nobody.
    return KMeans(len(begin), init=begin, n_init=1, tol=0.0).fit(points)


def _drawn(rows: int, most: int) -> Array:
    """Which rows stand for all: every one, or a sample in their order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).permutation(rows)[:most])


def nearest(points: Array, of: Array) -> Array:
    """Number of the nearest centre of each point, (n,).

    >>> nearest(np.array([[0.0, 0.0], [3.0, 3.0]]), np.array([[4.0, 4.0], [0.0, 1.0]])).tolist()
    [1, 0]
    """
    # Without the points' own squares: they are the same for every centre.
    found: Array = ((of**2).sum(1) - 2 * points @ of.T).argmin(1)
    return found


def judged(points: Array, ks: Iterable[int], tell: Tell | None = None) -> list[Figure]:
    """Silhouette and stability of each k, on a sample of the scaled points.

    Stability: DRAWS bootstraps of the sample are clustered anew, each assigns the sample, and the adjusted Rand index
    tells how far that agrees with the clustering of the sample itself (1: the same groups, 0: as by chance).
    """
    sample = points[_drawn(len(points), JUDGED)]
    wanted = list(ks)
    found = []
    with threadpool_limits(1):
        for done, k in enumerate(wanted):
            if tell:
                tell("judge", done / len(wanted))
            found.append(_figure(sample, k))
    return found


def _figure(sample: Array, k: int) -> Figure:
    random = np.random.default_rng([SEED, k])
    base = _fitted(sample, k, JUDGED_STARTS)
    part = _drawn(len(sample), JUDGED_SILHOUETTE)
    labels = base.labels_[part]
    silhouette = silhouette_score(sample[part], labels) if len(set(labels.tolist())) > 1 else 0.0
    agreed = []
    for _ in range(DRAWS):
        again = sample[random.integers(0, len(sample), len(sample))]
        other = _fitted(again, k, DRAW_STARTS, int(random.integers(2**31)))
        agreed.append(adjusted_rand_score(base.labels_, nearest(sample, other.cluster_centers_)))
    return Figure(k, float(silhouette), float(np.mean(agreed)), float(np.min(agreed)))


def proposed(figures: Sequence[Figure], min_ari: float, before: int | None = None, margin: float = 0.0) -> int:
    """The k to use: the best silhouette among the stable ones, or the most stable where none is stable enough.

    `before` stays as long as it is stable and no other is better by more than `margin`.

    >>> figures = [Figure(2, 0.30, 0.95, 0.9), Figure(3, 0.32, 0.60, 0.4), Figure(4, 0.31, 0.90, 0.8)]
    >>> proposed(figures, 0.8), proposed(figures, 0.8, before=2, margin=0.02), proposed(figures, 0.99)
    (4, 2, 2)
    """
    stable = [figure for figure in figures if figure.ari >= min_ari]
    if not stable:
        return max(figures, key=lambda figure: figure.ari).k
    best = max(stable, key=lambda figure: figure.silhouette)
    held = next((figure for figure in stable if figure.k == before), None)
    return held.k if held and held.silhouette >= best.silhouette - margin else best.k


@dataclass(frozen=True)
class Plane:
    """Two principal directions of scaled points, for a picture only, and the shares of variance they explain."""

    mean: Array
    axes: Array
    explained: Array

    @classmethod
    def of(cls, points: Array) -> "Plane":
        """The plane of the most variance; signs are fixed, so that a picture is never mirrored by a rerun."""
        mean = points.mean(0)
        values, vectors = np.linalg.eigh(np.cov(points - mean, rowvar=False))
        axes = vectors[:, ::-1][:, :2].T
        heaviest = axes[np.arange(2), np.abs(axes).argmax(1)]
        return cls(mean, axes * np.sign(heaviest)[:, None], values[::-1][:2] / values.sum())

    def __call__(self, points: Array) -> Array:
        """Place of each point in the picture, (n, 2)."""
        found: Array = (points - self.mean) @ self.axes.T
        return found


def restated(labels: Array, tiers: Array) -> tuple[float, float]:
    """How far groups repeat the tiers: Cramér's V (0 to 1) and the adjusted Rand index, over rows with a tier.

    Source: Cramér (1946), Mathematical Methods of Statistics, ch. 21: V = sqrt(chi² / (n · (min(rows, columns) - 1))).

    >>> restated(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]))
    (1.0, 1.0)
    """
    known = ~np.isnan(tiers)
    if len({*labels[known].tolist()}) < 2 or len({*tiers[known].tolist()}) < 2:
        return float("nan"), float("nan")
    table = counts(labels[known], tiers[known])
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    chi2 = ((table - expected) ** 2 / expected).sum()
    v = np.sqrt(chi2 / (table.sum() * (min(table.shape) - 1)))
    return round(float(v), 12), float(adjusted_rand_score(labels[known], tiers[known]))


def counts(rows: Array, columns: Array) -> Array:
    """How often each pair of values occurs, values in rising order."""
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    table = np.zeros((row.max() + 1, column.max() + 1))
    np.add.at(table, (row, column), 1)
    return table


def matched(old: Array, new: Array, k_old: int, k_new: int) -> dict[int, tuple[int, float]]:
    """Which new group is which old one: new -> (old, members of both over members of either), most members kept.

    >>> matched(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), 2, 2)
    {0: (1, 1.0), 1: (0, 1.0)}
    """
    both = np.zeros((k_new, k_old))
    np.add.at(both, (new, old), 1)
    either = both.sum(1)[:, None] + both.sum(0)[None, :] - both
    rows, columns = linear_sum_assignment(both, maximize=True)
    return {
        int(row): (int(column), float(both[row, column] / max(either[row, column], 1)))
        for row, column in zip(rows, columns, strict=True)
    }
