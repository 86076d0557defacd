"""What do businesses with the same products take next? EASE, and what it has to beat.

A matrix of who holds what goes in, a score for every user and item comes out. EASE is ours because it is twenty lines,
exact and right for a bank's catalogue of tens of products; its challengers come from the library `implicit`.

A fitted recommender is asked for users block by block: scores of all of them at once would not fit into memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from core.errors import DataError

Array = np.ndarray
# What some users hold (n, n_items) and their rows in the matrix it was fitted on (n,) -> their scores (n, n_items)
Recommender = Callable[[sparse.csr_matrix, Array], Array]

RIDGE = 300.0  # of EASE where nothing was validated
NEIGHBOURS, SHRINKAGE = 100, 20.0
FACTORS, SWEEPS, SEED = 64, 15, 7
# Users of a segment that count as much as everybody else: smaller segments lean on the whole book.
PRIOR_USERS = 50.0


@dataclass(frozen=True)
class Holdings:
    """Who holds what: `matrix` (n_users, n_items) of ones; row and column ids in order."""

    matrix: sparse.csr_matrix
    users: pd.Index
    items: pd.Index


def holdings(rows: pd.DataFrame, users: pd.Index | None = None, items: pd.Index | None = None) -> Holdings:
    """The matrix of a table with user_id and item_id; a pair counts once, ids outside `users` and `items` are left out.

    Raises
    ------
    DataError : a column is missing, or nothing is left
    """
    missing = {"user_id", "item_id"} - set(rows.columns)
    if missing:
        raise DataError(f"the table of interactions lacks {sorted(missing)}; it needs user_id and item_id")
    known = rows[["user_id", "item_id"]].dropna().drop_duplicates()
    if not len(known):
        raise DataError(f"the table of interactions has {len(rows)} rows and no complete pair of user_id and item_id")
    users = pd.Index(known["user_id"].unique()).sort_values() if users is None else users
    items = pd.Index(known["item_id"].unique()).sort_values() if items is None else items
    row, column = users.get_indexer(known["user_id"]), items.get_indexer(known["item_id"])
    inside = (row >= 0) & (column >= 0)
    cells = (np.ones(int(inside.sum())), (row[inside], column[inside]))
    return Holdings(sparse.csr_matrix(cells, shape=(len(users), len(items))), users, items)


def ease_weights(matrix: sparse.csr_matrix, ridge: float) -> Array:
    """Item-to-item weights of EASE with a zero diagonal, (n_items, n_items).

    Closed form of Steck (2019), "Embarrassingly shallow autoencoders for sparse data", arXiv:1905.03375.
    """
    gram = np.asarray((matrix.T @ matrix).todense(), dtype=float)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def ease(matrix: sparse.csr_matrix, ridge: float = RIDGE) -> Recommender:
    """EASE: each item's score is a weighted sum of what the user holds."""
    weights = ease_weights(matrix, ridge)
    return lambda owned, _: np.asarray(owned @ weights)


def popularity(matrix: sparse.csr_matrix) -> Recommender:
    """How many hold it, the same for everybody."""
    counts = np.asarray(matrix.sum(axis=0), dtype=float).ravel()
    return lambda owned, _: np.broadcast_to(counts, owned.shape)


def segment_popularity(matrix: sparse.csr_matrix, segment: Array) -> Recommender:
    """How many of the same segment hold it, leaning on everybody where the segment is small.

    Parameters
    ----------
    segment : (n_users,) number of each user's segment, 0 and up
    """
    shares = segment_shares(matrix, segment)
    return lambda _, rows: shares[segment[rows]]


def segment_shares(matrix: sparse.csr_matrix, segment: Array) -> Array:
    """Share of a segment that holds each item, shrunk towards the share of everybody: (n_segments, n_items).

    >>> shares = segment_shares(sparse.csr_matrix([[1, 0], [0, 1], [0, 1]]), np.array([0, 1, 1]))
    >>> shares.round(3).tolist()
    [[0.346, 0.654], [0.321, 0.679]]
    """
    users = len(segment)
    member = sparse.csr_matrix((np.ones(users), (segment, np.arange(users))))
    everybody = np.asarray(matrix.sum(axis=0), dtype=float).ravel() / users
    held, members = np.asarray((member @ matrix).todense()), np.asarray(member.sum(axis=1))
    return (held + PRIOR_USERS * everybody) / (members + PRIOR_USERS)


def chance(_: sparse.csr_matrix) -> Recommender:
    """Any item to anybody: what every other recommender has to leave far behind."""
    return lambda owned, rows: np.random.default_rng([SEED, int(rows[0])]).random(owned.shape)


def item_knn(matrix: sparse.csr_matrix) -> Recommender:
    """Cosine similarity of items, damped where few hold both, over the nearest items only."""
    gram = np.asarray((matrix.T @ matrix).todense(), dtype=float)
    norm = np.sqrt(np.diag(gram))
    similar = gram / np.maximum(np.outer(norm, norm) + SHRINKAGE, 1e-12)
    np.fill_diagonal(similar, 0.0)
    if len(similar) > NEIGHBOURS:
        floor = -np.partition(-similar, NEIGHBOURS, axis=0)[NEIGHBOURS]
        similar = np.where(similar > floor, similar, 0.0)
    return lambda owned, _: np.asarray(owned @ similar)


def als(matrix: sparse.csr_matrix) -> Recommender:
    """Alternating least squares of `implicit`; only for the users it was fitted on."""
    from implicit.als import AlternatingLeastSquares

    options = {"regularization": 0.05, "alpha": 5.0, "iterations": SWEEPS}
    return _factorised(AlternatingLeastSquares, options, matrix)


def bpr(matrix: sparse.csr_matrix) -> Recommender:
    """Bayesian personalised ranking of `implicit`; only for the users it was fitted on.

    The library draws what a user does not hold by popularity, so that popular items gain little: it ranks low where
    popularity alone does well.
    """
    from implicit.bpr import BayesianPersonalizedRanking

    options = {"regularization": 0.01, "learning_rate": 0.05, "iterations": 100}
    return _factorised(BayesianPersonalizedRanking, options, matrix)


class _Factors(Protocol):
    user_factors: Array
    item_factors: Array

    def fit(self, user_items: sparse.csr_matrix, show_progress: bool) -> None: ...


def _factorised(kind: Callable[..., _Factors], options: Mapping[str, float], matrix: sparse.csr_matrix) -> Recommender:
    # A catalogue of tens of products has few directions to find.
    factors = min(FACTORS, max(2, min(matrix.shape) // 4))
    # Its own threads and those of the linear algebra get in each other's way: implicit warns of it, and is right.
    with threadpool_limits(1, "blas"):
        model = kind(factors=factors, random_state=SEED, num_threads=1, **options)
        model.fit(matrix.astype(np.float32), show_progress=False)
    users, items = np.asarray(model.user_factors, dtype=float), np.asarray(model.item_factors, dtype=float)
    return lambda _, rows: users[rows] @ items.T
