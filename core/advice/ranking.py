"""How good is a ranked list of offers? Recall, NDCG, MAP, coverage and exposure at k.

Every figure is a mean over users who have something in the test; what they held before is never recommended again.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

Array = np.ndarray


@dataclass(frozen=True)
class Lists:
    """Ranked items of users: `items` (n_users, k), best first, -1 where nothing is left to recommend."""

    items: Array
    n_items: int

    def hits(self, wanted: sparse.csr_matrix) -> Array:
        """Which recommendations were taken, (n_users, k) booleans; `wanted` (n_users, n_items) is the test."""
        shown = np.maximum(self.items, 0)
        taken = np.asarray(wanted[np.arange(len(shown))[:, None], shown].todense()) > 0
        return taken & (self.items >= 0)


def top(scores: Array, owned: sparse.csr_matrix, k: int) -> Array:
    """The k best items of each user without those they own, -1 where fewer are left: (n_users, k).

    Equal scores are ordered by item number, so that a rerun shows the same list.

    >>> top(np.array([[0.3, 0.9, 0.3]]), sparse.csr_matrix([[0, 1, 0]]), 2)
    array([[0, 2]])
    """
    free = np.where(owned.toarray() > 0, -np.inf, scores)
    k = min(k, free.shape[1])
    order = np.argsort(-free, axis=1, kind="stable")[:, :k]
    left = np.isfinite(np.take_along_axis(free, order, axis=1))
    return np.where(left, order, -1)


def figures(lists: Lists, wanted: sparse.csr_matrix) -> dict[str, float]:
    """Recall, NDCG, MAP, coverage and Gini of exposure of ranked lists.

    recall divides by all items of the test; ndcg by the best list of k that the test allows; map is the mean of
    precision at each hit over min(k, items of the test). coverage is the share of items shown to anybody.

    >>> found = figures(Lists(np.array([[0, 1]]), 2), sparse.csr_matrix([[0, 1]]))
    >>> round(found["recall"], 3), round(found["ndcg"], 3), found["map"], found["coverage"]
    (1.0, 0.631, 0.5, 1.0)
    """
    asked = np.flatnonzero(np.diff(wanted.indptr) > 0)
    some = Lists(lists.items[asked], lists.n_items)
    hits = some.hits(wanted[asked]).astype(float)
    tests = np.diff(wanted[asked].indptr)
    return {
        "users": float(len(asked)),
        "recall": float((hits.sum(axis=1) / tests).mean()),
        "ndcg": float(_ndcg(hits, tests).mean()),
        "map": float(_average_precision(hits, tests).mean()),
        "coverage": len(np.unique(some.items[some.items >= 0])) / lists.n_items,
        "gini": gini(np.bincount(some.items[some.items >= 0], minlength=lists.n_items)),
    }


def _ndcg(hits: Array, tests: Array) -> Array:
    gain = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(gain)[np.minimum(tests, hits.shape[1]) - 1]
    return (hits * gain).sum(axis=1) / ideal


def _average_precision(hits: Array, tests: Array) -> Array:
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return (precision * hits).sum(axis=1) / np.minimum(tests, hits.shape[1])


def gini(counts: Array) -> float:
    """How unequally items are shown: 0 all alike, near 1 one item only.

    >>> gini(np.array([5, 5, 5]))
    0.0
    """
    if not counts.sum():
        return 0.0
    ordered = np.sort(counts.astype(float))
    place = np.arange(1, len(ordered) + 1)
    return round(float(((2 * place - len(ordered) - 1) * ordered).sum() / (len(ordered) * ordered.sum())), 12)
