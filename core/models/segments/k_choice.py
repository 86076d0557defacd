"""Choice of the number of segments, k: silhouette and bootstrap stability of each k, and the k to use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from core.models.segments.kmeans import SEED, fit, nearest, sample_rows
from core.progress import Progress

MIN_K, MAX_K = 2, 10
# Each k is evaluated on samples: the silhouette takes time with the square of the rows, stability takes ten more fits.
ROWS, SILHOUETTE_ROWS = 3_000, 2_000
BOOTSTRAPS, BOOTSTRAP_STARTS, STARTS = 10, 2, 5

Array = np.ndarray


@dataclass(frozen=True)
class KMetrics:
    """Quality of one k: mean silhouette, and mean and lowest adjusted Rand index over bootstraps."""

    k: int
    silhouette: float
    ari: float
    ari_low: float


def evaluate(points: Array, ks: Iterable[int], progress: Progress | None = None) -> tuple[KMetrics, ...]:
    """Silhouette and stability of each k on a sample of the scaled points.

    Stability: BOOTSTRAPS resamples of the sample are clustered, the centres of each assign the sample, and the adjusted
    Rand index compares this with the clustering of the sample itself (1: the same groups, 0: agreement by chance).
    """
    sample = points[sample_rows(len(points), ROWS)]
    numbers, metrics = list(ks), []
    with threadpool_limits(1):
        for place, k in enumerate(numbers):
            if progress:
                progress("judge", place / len(numbers))
            metrics.append(_metrics(sample, k))
    return tuple(metrics)


def _metrics(sample: Array, k: int) -> KMetrics:
    random = np.random.default_rng([SEED, k])
    labels = fit(sample, k, STARTS).labels_
    rows = sample_rows(len(sample), SILHOUETTE_ROWS)
    silhouette = silhouette_score(sample[rows], labels[rows]) if len(np.unique(labels[rows])) > 1 else 0.0
    agreement = []
    for _ in range(BOOTSTRAPS):
        resample = sample[random.integers(0, len(sample), len(sample))]
        other = fit(resample, k, BOOTSTRAP_STARTS, int(random.integers(2**31)))
        agreement.append(adjusted_rand_score(labels, nearest(sample, other.cluster_centers_)))
    return KMetrics(k, float(silhouette), float(np.mean(agreement)), float(np.min(agreement)))


def best_k(metrics: Sequence[KMetrics], min_ari: float, before: int | None = None, margin: float = 0.0) -> int:
    """The k with the best silhouette among the stable ones, or the most stable k where none is stable enough.

    `before`, the k in use, stays while it is stable and no other is better by more than `margin`.

    >>> metrics = [KMetrics(2, 0.30, 0.95, 0.9), KMetrics(3, 0.32, 0.60, 0.4), KMetrics(4, 0.31, 0.90, 0.8)]
    >>> best_k(metrics, 0.8), best_k(metrics, 0.8, before=2, margin=0.02), best_k(metrics, 0.99)
    (4, 2, 2)
    """
    stable = [entry for entry in metrics if entry.ari >= min_ari]
    if not stable:
        return max(metrics, key=lambda entry: entry.ari).k
    best = max(stable, key=lambda entry: entry.silhouette)
    previous = next((entry for entry in stable if entry.k == before), None)
    return previous.k if previous and previous.silhouette >= best.silhouette - margin else best.k
