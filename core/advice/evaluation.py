"""Offline evaluation of recommenders on interactions they have not seen: `python -m core recommend-eval`.

Everything that is fitted or chosen is fitted and chosen on the training part: the test is read once, at the end.

Reads  two tables with user_id and item_id (and segment, if there is one): the training part, and what came after it
Writes report.json: metrics at k of EASE, its challengers and its baselines; what was chosen inside the training part
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.advice import ranking_metrics, recommenders
from core.advice.recommenders import Recommender, holdings
from core.errors import DataError

RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0)
FIRST_RIDGE = 5  # index in RIDGES where the search begins
HELD_OUT = 0.2  # of the training pairs, to choose the ridge on
VALIDATION_USERS = 2_000
BLOCK = 2_000  # users scored at a time
MOST_ITEMS = 10_000  # item-to-item weights are dense: 0.8 GB a matrix at this many
SEED = 7
SEGMENT = "segment"

Array = np.ndarray
Fit = Callable[[sparse.csr_matrix], Recommender]
CHALLENGERS: dict[str, Fit] = {
    "item_knn": recommenders.item_knn,
    "als": recommenders.als,
    "bpr": recommenders.bpr,
    "popularity": recommenders.popularity,
    "random": recommenders.random_order,
}


@dataclass(frozen=True)
class Split:
    """Interactions before and after a point in time: `train` and `test` (n_users, n_items), `segment` (n_users,).

    Items that the training never met are columns of `test` beyond those of `train`: nobody can recommend them, and
    they count as missed.
    """

    train: sparse.csr_matrix
    test: sparse.csr_matrix
    segment: Array | None = None


def read(path: Path) -> pd.DataFrame:
    """A table of interactions from Parquet or CSV, user_id and item_id as text."""
    if not path.exists():
        raise DataError(f"{path} does not exist; name a Parquet or CSV file with user_id and item_id")
    pairs = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    ids = [column for column in ("user_id", "item_id") if column in pairs]
    return pairs.assign(**{column: pairs[column].astype("str").where(pairs[column].notna()) for column in ids})


def report(train: pd.DataFrame, test: pd.DataFrame, k: int) -> dict[str, Any]:
    """Metrics at k of every recommender, fitted on `train` alone and evaluated on `test`.

    Pairs of the test that the user already had are left out. Users that the training never met get what is popular,
    and are evaluated apart, under `cold`.

    Raises
    ------
    DataError : a column is missing, or no pair of the test can be evaluated
    """
    items = _items(train)
    owned = holdings(train, items=items)
    all_items = items.append(pd.Index(test["item_id"].dropna().unique()).difference(items))
    wanted = holdings(test, owned.users, all_items).matrix
    split = Split(owned.matrix, _without(wanted, owned.matrix), _segments(train, owned.users))
    if not split.test.nnz:
        raise DataError("no pair of the test is new for a user of the training; compare the ids of the two files")
    ridge, ndcg_by_ridge = choose_ridge(split.train, k)
    return {
        "k": k,
        "train": _train_counts(train, owned.matrix),
        "test": _test_counts(test, split.test),
        "cold": _cold_metrics(split.train, test, owned.users, all_items, k),
        "chosen": {"ease_ridge": ridge, "ndcg_by_ridge": ndcg_by_ridge, "on": f"{HELD_OUT:.0%} of the training pairs"},
        "models": metrics_by_model(split, k, ridge),
    }


def metrics_by_model(split: Split, k: int, ridge: float) -> dict[str, dict[str, float]]:
    """Metrics at k and `seconds` of every recommender, by name; EASE with the given ridge."""
    fits: dict[str, Fit] = {"ease": lambda matrix: recommenders.ease(matrix, ridge)} | CHALLENGERS
    segment = split.segment
    if segment is not None:
        fits["segment_popularity"] = lambda matrix: recommenders.segment_popularity(matrix, segment)
    return {name: _timed_metrics(fit, split, k) for name, fit in fits.items()}


def _timed_metrics(fit: Fit, split: Split, k: int) -> dict[str, float]:
    started = time.monotonic()
    metrics = metrics_at_k(fit(split.train), split.train, split.test, k)
    return metrics | {"seconds": round(time.monotonic() - started, 2)}


def metrics_at_k(
    recommender: Recommender, owned: sparse.csr_matrix, test: sparse.csr_matrix, k: int, rows: Array | None = None
) -> dict[str, float]:
    """Metrics of the k best items of every user on `test`; `owned` and `rows` as in `recommended`."""
    return ranking_metrics.metrics(recommended(recommender, owned, k, rows), test, owned.shape[1])


def recommended(recommender: Recommender, owned: sparse.csr_matrix, k: int, rows: Array | None = None) -> Array:
    """The k best items of every user without those owned, (n_users, k).

    Parameters
    ----------
    rows : the users' rows in the matrix that the recommender was fitted on; by default those of `owned`
    """
    rows = np.arange(owned.shape[0]) if rows is None else rows
    blocks = [slice(start, start + BLOCK) for start in range(0, len(rows), BLOCK)]
    return np.vstack(
        [ranking_metrics.top_k(recommender(owned[block], rows[block]), owned[block], k) for block in blocks]
    )


def choose_ridge(train: sparse.csr_matrix, k: int) -> tuple[float, dict[str, float]]:
    """The ridge with the best NDCG on held-out training pairs, and the NDCG of every one tried."""
    pairs = train.tocoo()
    is_held_out = np.random.default_rng(SEED).random(pairs.nnz) < HELD_OUT
    fit, validation = (
        recommenders.ones(pairs.row[part], pairs.col[part], train.shape) for part in (~is_held_out, is_held_out)
    )
    return best_ridge(fit, validation, k, VALIDATION_USERS)


def best_ridge(
    train: sparse.csr_matrix, validation: sparse.csr_matrix, k: int, most_users: int | None = None
) -> tuple[float, dict[str, float]]:
    """The ridge with the best NDCG on `validation`, fitted on `train`, and the NDCG of every one tried.

    Climbs from the middle of RIDGES while a neighbour is better: each step inverts a matrix of all items.

    Parameters
    ----------
    most_users : evaluate on so many users, drawn at random; None: on all who are in both matrices
    """
    users = np.flatnonzero((np.diff(validation.indptr) > 0) & (np.diff(train.indptr) > 0))
    if most_users is not None:
        users = np.random.default_rng(SEED).permutation(users)[:most_users]
    if not len(users):
        return recommenders.RIDGE, {}
    ndcg_of: dict[float, float] = {}

    def ndcg(index: int) -> float:
        ridge = RIDGES[index]
        if ridge not in ndcg_of:
            ease = recommenders.ease(train, ridge)
            ndcg_of[ridge] = metrics_at_k(ease, train[users], validation[users], k, users)["ndcg"]
        return ndcg_of[ridge]

    best = FIRST_RIDGE
    for step in (1, -1):
        while 0 <= best + step < len(RIDGES) and ndcg(best + step) > ndcg(best):
            best += step
    return RIDGES[best], {f"{ridge:g}": ndcg_of[ridge] for ridge in sorted(ndcg_of)}


def _items(train: pd.DataFrame) -> pd.Index:
    """The items to learn: all of them, or the most held where they are too many."""
    if "item_id" not in train:
        return holdings(train).items
    counts = train["item_id"].value_counts()
    return pd.Index(counts.index[:MOST_ITEMS].astype("str")).sort_values()


def _train_counts(train: pd.DataFrame, owned: sparse.csr_matrix) -> dict[str, int]:
    return {
        "pairs": int(owned.nnz),
        "users": owned.shape[0],
        "items": owned.shape[1],
        "items_left_out": int(train["item_id"].nunique()) - owned.shape[1],
    }


def _test_counts(test: pd.DataFrame, wanted: sparse.csr_matrix) -> dict[str, int]:
    return {
        "pairs": len(test[["user_id", "item_id"]].dropna().drop_duplicates()),
        "pairs_judged": int(wanted.nnz),
        "users_judged": int((np.diff(wanted.indptr) > 0).sum()),
    }


def _cold_metrics(
    train: sparse.csr_matrix, test: pd.DataFrame, users: pd.Index, items: pd.Index, k: int
) -> dict[str, Any]:
    """Metrics of what is popular with everybody, for users without a history."""
    pairs = test[~test["user_id"].isin(users)].dropna(subset=["user_id", "item_id"])
    if pairs.empty:
        return {"users": 0}
    wanted = holdings(pairs, items=items).matrix
    nothing = sparse.csr_matrix((wanted.shape[0], train.shape[1]))
    return {"served_by": "popularity"} | metrics_at_k(recommenders.popularity(train), nothing, wanted, k)


def _segments(train: pd.DataFrame, users: pd.Index) -> Array | None:
    """The number of each user's segment, (n_users,), where the table names one."""
    if SEGMENT not in train:
        return None
    first = train.drop_duplicates("user_id").set_index("user_id")[SEGMENT].reindex(users)
    return pd.factorize(first, use_na_sentinel=False)[0]


def _without(wanted: sparse.csr_matrix, owned: sparse.csr_matrix) -> sparse.csr_matrix:
    """`wanted` without the items owned; it may have more columns."""
    wide = sparse.csr_matrix((owned.data, owned.indices, owned.indptr), shape=wanted.shape)
    new = (wanted - wanted.multiply(wide)).tocsr()
    new.eliminate_zeros()
    return new
