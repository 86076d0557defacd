"""K-means on scaled points: centres, and the nearest centre of a point.

One thread, a fixed seed, and rows in the order given: the same rows give the same centres to the last bit.
"""

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

SEED = 11
STARTS = 20  # of K-means: with fewer, builds of similar data end in different local optima
SAMPLE = 10_000  # rows on which the starts compete; the best start is refined on all rows
TOLERANCE = 1.005  # centres of the previous build stay while their sum of squares is at most this multiple of the best

Array = np.ndarray


def centres(points: Array, k: int, before: Array | None = None) -> Array:
    """Centres of k groups of scaled points, (k, n_features).

    `before` are the previous centres. They are refined and stay unless the best new start fits better by more than
    TOLERANCE: two solutions that fit alike must not alternate from build to build.
    """
    with threadpool_limits(1):
        best = _refined(points, fit(points[sample_rows(len(points), SAMPLE)], k, STARTS).cluster_centers_)
        if before is not None and before.shape == best.cluster_centers_.shape:
            previous = _refined(points, before)
            best = previous if previous.inertia_ <= TOLERANCE * best.inertia_ else best
    return np.asarray(best.cluster_centers_)


def fit(points: Array, k: int, starts: int, seed: int = SEED) -> KMeans:
    """scikit-learn's K-means on all these points."""
    return KMeans(k, n_init=starts, random_state=seed).fit(points)


def _refined(points: Array, start: Array) -> KMeans:
    # Until convergence (tol 0): a further run from the result then moves no business.
    return KMeans(len(start), init=start, n_init=1, tol=0.0).fit(points)


def sample_rows(rows: int, maximum: int) -> Array:
    """Places of at most `maximum` of so many rows, in their order."""
    if rows <= maximum:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).permutation(rows)[:maximum])


def nearest(points: Array, centres: Array) -> Array:
    """Number of the nearest centre of each point, (n,).

    >>> nearest(np.array([[0.0, 0.0], [3.0, 3.0]]), np.array([[4.0, 4.0], [0.0, 1.0]])).tolist()
    [1, 0]
    """
    # Squared distances without the points' own squares, which are the same for every centre.
    return ((centres**2).sum(1) - 2 * points @ centres.T).argmin(1)
