"""Metrics of ranked lists of offers: recall, NDCG, MAP, coverage and Gini of exposure at k.

Every metric is a mean over the users who have an item in the test; items held before are never recommended again.
"""

import numpy as np
from scipy import sparse

Array = np.ndarray

NAMES = ("ndcg", "recall", "map", "coverage", "gini")


def top_k(scores: Array, owned: sparse.csr_matrix, k: int) -> Array:
    """The k best items of each user without those they own, -1 where fewer are left: (n_users, k).

    Equal scores are ordered by item number, so that a rerun shows the same list.

    >>> top_k(np.array([[0.3, 0.9, 0.3]]), sparse.csr_matrix([[0, 1, 0]]), 2)
    array([[0, 2]])
    """
    free = np.where(owned.toarray() > 0, -np.inf, scores)
    k = min(k, free.shape[1])
    order = np.argsort(-free, axis=1, kind="stable")[:, :k]
    return np.where(np.isfinite(np.take_along_axis(free, order, axis=1)), order, -1)


def metrics(items: Array, test: sparse.csr_matrix, n_items: int) -> dict[str, float]:
    """Metrics of ranked lists, and `users`, the number of users in the test; NaN without any.

    recall divides by all items of the test; ndcg by the best list of k that the test allows; map is the mean of
    precision at each hit over min(k, items of the test). coverage is the share of items recommended to anybody.

    Parameters
    ----------
    items : (n_users, k) recommended items, best first, -1 where nothing is left to recommend
    test : (n_users, n) items that users took; columns from `n_items` on cannot be recommended and count as missed
    n_items : items that can be recommended

    >>> row = metrics(np.array([[0, 1]]), sparse.csr_matrix([[0, 1]]), 2)
    >>> round(row["recall"], 3), round(row["ndcg"], 3), row["map"], row["coverage"]
    (1.0, 0.631, 0.5, 1.0)
    """
    users = np.flatnonzero(np.diff(test.indptr) > 0)
    if not len(users):
        return dict.fromkeys(NAMES, np.nan) | {"users": 0.0}
    items, test = items[users], test[users]
    hits, wanted = _hits(items, test).astype(float), np.diff(test.indptr)
    exposure = np.bincount(items[items >= 0], minlength=n_items)
    return {
        "users": float(len(users)),
        "recall": float((hits.sum(axis=1) / wanted).mean()),
        "ndcg": float(_ndcg(hits, wanted).mean()),
        "map": float(_average_precision(hits, wanted).mean()),
        "coverage": float((exposure > 0).mean()),
        "gini": gini(exposure),
    }


def _hits(items: Array, test: sparse.csr_matrix) -> Array:
    """Recommendations that were taken, (n_users, k) booleans."""
    rows = np.arange(len(items))[:, None]
    return (np.asarray(test[rows, np.maximum(items, 0)].todense()) > 0) & (items >= 0)


def _ndcg(hits: Array, wanted: Array) -> Array:
    gain = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(gain)[np.minimum(wanted, hits.shape[1]) - 1]
    return (hits * gain).sum(axis=1) / ideal


def _average_precision(hits: Array, wanted: Array) -> Array:
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return (precision * hits).sum(axis=1) / np.minimum(wanted, hits.shape[1])


def gini(counts: Array) -> float:
    """Gini coefficient of exposure: 0 when every item is shown alike, near 1 when one item only.

    >>> gini(np.array([5, 5, 5]))
    0.0
    """
    if not counts.sum():
        return 0.0
    ordered = np.sort(counts.astype(float))
    place = np.arange(1, len(ordered) + 1)
    return round(float(((2 * place - len(ordered) - 1) * ordered).sum() / (len(ordered) * ordered.sum())), 12)
