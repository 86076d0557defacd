"""Recommenders: EASE, and the ones it has to beat. A matrix of who holds what goes in, a score of every item comes out.

EASE is our own because it is twenty lines, exact, and right for a bank's catalogue of tens of products; ALS and BPR
come from the library `implicit`. A fitted recommender is asked for users block by block: scores of all users at once
would not fit into memory.
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
# Items that some users hold (n, n_items), and the rows of these users in the fitted matrix (n,) -> scores (n, n_items)
Recommender = Callable[[sparse.csr_matrix, Array], Array]

RIDGE = 300.0  # of EASE where none could be validated
NEIGHBOURS, SHRINKAGE = 100, 20.0
FACTORS, ITERATIONS, SEED = 64, 15, 7
# The share of a segment is shrunk towards the share of everybody as if it had so many users more.
PRIOR_USERS = 50.0


@dataclass(frozen=True)
class Holdings:
    """Who holds what: `matrix` (n_users, n_items) of ones; row and column ids in order."""

    matrix: sparse.csr_matrix
    users: pd.Index
    items: pd.Index


def holdings(pairs: pd.DataFrame, users: pd.Index | None = None, items: pd.Index | None = None) -> Holdings:
    """The matrix of a table with user_id and item_id; a pair counts once, ids outside `users` and `items` are left out.

    Raises
    ------
    DataError : a column is missing, or no row has both ids
    """
    missing = {"user_id", "item_id"} - set(pairs.columns)
    if missing:
        raise DataError(f"the table of interactions lacks {sorted(missing)}; it needs user_id and item_id")
    unique = pairs[["user_id", "item_id"]].dropna().drop_duplicates()
    if unique.empty:
        raise DataError(f"the table of interactions has {len(pairs)} rows and no complete pair of user_id and item_id")
    users = pd.Index(unique["user_id"].unique()).sort_values() if users is None else users
    items = pd.Index(unique["item_id"].unique()).sort_values() if items is None else items
    row, column = users.get_indexer(unique["user_id"]), items.get_indexer(unique["item_id"])
    inside = (row >= 0) & (column >= 0)
    return Holdings(ones(row[inside], column[inside], (len(users), len(items))), users, items)


def ones(row: Array, column: Array, shape: tuple[int, int]) -> sparse.csr_matrix:
    """A sparse matrix with a one in each of these cells."""
    return sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=shape)


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
    """EASE: the score of an item is a weighted sum of the items that the user holds."""
    weights = ease_weights(matrix, ridge)
    return lambda owned, _: np.asarray(owned @ weights)


def popularity(matrix: sparse.csr_matrix) -> Recommender:
    """Number of users who hold the item, the same for everybody."""
    counts = np.asarray(matrix.sum(axis=0), dtype=float).ravel()
    return lambda owned, _: np.broadcast_to(counts, owned.shape)


def segment_popularity(matrix: sparse.csr_matrix, segment: Array) -> Recommender:
    """Share of the user's segment that holds the item, see `segment_shares`.

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
    members = sparse.csr_matrix((np.ones(users), (segment, np.arange(users))))
    everybody = np.asarray(matrix.sum(axis=0), dtype=float).ravel() / users
    holders, sizes = np.asarray((members @ matrix).todense()), np.asarray(members.sum(axis=1))
    return (holders + PRIOR_USERS * everybody) / (sizes + PRIOR_USERS)


def random_order(_: sparse.csr_matrix) -> Recommender:
    """Items in a random order: the floor for every other recommender."""
    return lambda owned, rows: np.random.default_rng([SEED, int(rows[0])]).random(owned.shape)


def item_knn(matrix: sparse.csr_matrix) -> Recommender:
    """Cosine similarity of items, damped where few users hold both, over the nearest items only."""
    gram = np.asarray((matrix.T @ matrix).todense(), dtype=float)
    norm = np.sqrt(np.diag(gram))
    similarity = gram / np.maximum(np.outer(norm, norm) + SHRINKAGE, 1e-12)
    np.fill_diagonal(similarity, 0.0)
    if len(similarity) > NEIGHBOURS:
        floor = -np.partition(-similarity, NEIGHBOURS, axis=0)[NEIGHBOURS]
        similarity = np.where(similarity > floor, similarity, 0.0)
    return lambda owned, _: np.asarray(owned @ similarity)


def als(matrix: sparse.csr_matrix) -> Recommender:
    """Alternating least squares of `implicit`; only for the users it was fitted on."""
    from implicit.als import AlternatingLeastSquares

    options = {"regularization": 0.05, "alpha": 5.0, "iterations": ITERATIONS}
    return _matrix_factorisation(AlternatingLeastSquares, options, matrix)


def bpr(matrix: sparse.csr_matrix) -> Recommender:
    """Bayesian personalised ranking of `implicit`; only for the users it was fitted on.

    The library draws the items that a user does not hold by popularity, so that popular items gain little: it ranks low
    where popularity alone does well.
    """
    from implicit.bpr import BayesianPersonalizedRanking

    options = {"regularization": 0.01, "learning_rate": 0.05, "iterations": 100}
    return _matrix_factorisation(BayesianPersonalizedRanking, options, matrix)


class _FactorModel(Protocol):
    user_factors: Array
    item_factors: Array

    def fit(self, user_items: sparse.csr_matrix, show_progress: bool) -> None: ...


def _matrix_factorisation(
    model_class: Callable[..., _FactorModel], options: Mapping[str, float], matrix: sparse.csr_matrix
) -> Recommender:
    # A catalogue of tens of products has few directions to learn.
    factors = min(FACTORS, max(2, min(matrix.shape) // 4))
    # implicit warns that its own threads and those of the linear algebra slow each other down.
    with threadpool_limits(1, "blas"):
        model = model_class(factors=factors, random_state=SEED, num_threads=1, **options)
        model.fit(matrix.astype(np.float32), show_progress=False)
    users, items = np.asarray(model.user_factors, dtype=float), np.asarray(model.item_factors, dtype=float)
    return lambda _, rows: users[rows] @ items.T
