"""Which recommender is best on interactions it has not seen? `python -m core recommend-eval`.

Everything that is fitted or chosen is fitted and chosen on the training part: the test is read once, at the end.

Reads  two tables with user_id and item_id (and segment, if there is one): what was known, and what came after
Writes report.json: figures at k of EASE, its challengers and its baselines; what was chosen inside the training part
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.advice import collaborative, ranking
from core.advice.collaborative import Recommender, holdings
from core.errors import DataError

RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 6400.0)
FIRST_RIDGE = 5  # place in RIDGES where the search begins
HELD_OUT = 0.2  # of the training pairs, to choose the ridge on
VALIDATED_USERS = 2_000
BLOCK = 2_000  # users scored at a time
MOST_ITEMS = 10_000  # item-to-item weights are dense: 0.8 GB a matrix at this many
SEED = 7
SEGMENT = "segment"

Array = np.ndarray
Fit = Callable[[sparse.csr_matrix], Recommender]
CHALLENGERS: dict[str, Fit] = {
    "item_knn": collaborative.item_knn,
    "als": collaborative.als,
    "bpr": collaborative.bpr,
    "popularity": collaborative.popularity,
    "random": collaborative.chance,
}


@dataclass(frozen=True)
class Task:
    """`known` (n_users, n_items) was there before; `wanted` came after and was new to the user.

    Items the training never met stand in columns of `wanted` beyond those of `known`: nobody can recommend them, and
    they count as missed.
    """

    known: sparse.csr_matrix
    wanted: sparse.csr_matrix
    segment: Array | None = None


def read(path: Path) -> pd.DataFrame:
    """A table of interactions from Parquet or CSV, user_id and item_id as text."""
    if not path.exists():
        raise DataError(f"{path} does not exist; name a Parquet or CSV file with user_id and item_id")
    rows = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    ids = [column for column in ("user_id", "item_id") if column in rows]
    return rows.assign(**{column: rows[column].astype("str").where(rows[column].notna()) for column in ids})


def report(train: pd.DataFrame, test: pd.DataFrame, k: int) -> dict[str, Any]:
    """Figures at k of every recommender, fitted on `train` alone and judged on `test`.

    Pairs of the test that the user already had are left out. Users the training never met get what is popular, and
    are judged apart, under `cold`.

    Raises
    ------
    DataError : a column is missing, or no pair of the test can be judged
    """
    items = _items(train)
    known = holdings(train, items=items)
    everything = items.append(pd.Index(test["item_id"].dropna().unique()).difference(items))
    wanted = holdings(test, known.users, everything).matrix
    task = Task(known.matrix, _new(wanted, known.matrix), _segments(train, known.users))
    if not task.wanted.nnz:
        raise DataError("no pair of the test is new for a user of the training; compare the ids of the two files")
    ridge, tried = choose_ridge(task.known, k)
    return {
        "k": k,
        "train": _train_counts(train, known.matrix),
        "test": _test_counts(test, task.wanted),
        "cold": _cold(task.known, test, known.users, everything, k),
        "chosen": {"ease_ridge": ridge, "ndcg_by_ridge": tried, "on": f"{HELD_OUT:.0%} of the training pairs"},
        "models": figures(task, k, ridge),
    }


def figures(task: Task, k: int, ridge: float) -> dict[str, dict[str, float]]:
    """Figures at k of every recommender, by name; EASE with the given ridge."""
    fits: dict[str, Fit] = {"ease": lambda matrix: collaborative.ease(matrix, ridge)} | CHALLENGERS
    segment = task.segment
    if segment is not None:
        fits["segment_popularity"] = lambda matrix: collaborative.segment_popularity(matrix, segment)
    return {name: _judged(fit, task, k) for name, fit in fits.items()}


def _items(train: pd.DataFrame) -> pd.Index:
    """The items to learn: all of them, or the most held where they are too many."""
    if "item_id" not in train:
        return holdings(train).items
    counts = train["item_id"].value_counts()
    return pd.Index(counts.index[:MOST_ITEMS].astype("str")).sort_values()


def _train_counts(train: pd.DataFrame, known: sparse.csr_matrix) -> dict[str, int]:
    return {
        "pairs": int(known.nnz),
        "users": known.shape[0],
        "items": known.shape[1],
        "items_left_out": int(train["item_id"].nunique()) - known.shape[1],
    }


def _test_counts(test: pd.DataFrame, wanted: sparse.csr_matrix) -> dict[str, int]:
    return {
        "pairs": len(test[["user_id", "item_id"]].dropna().drop_duplicates()),
        "pairs_judged": int(wanted.nnz),
        "users_judged": int((np.diff(wanted.indptr) > 0).sum()),
    }


def _cold(known: sparse.csr_matrix, test: pd.DataFrame, users: pd.Index, items: pd.Index, k: int) -> dict[str, Any]:
    """How well users without a history are served by what is popular with everybody."""
    rows = test[~test["user_id"].isin(users)]
    if not len(rows.dropna(subset=["user_id", "item_id"])):
        return {"users": 0}
    wanted = holdings(rows, items=items).matrix
    nothing = sparse.csr_matrix((wanted.shape[0], known.shape[1]))
    shown = recommended(collaborative.popularity(known), nothing, k)
    return {"served_by": "popularity"} | ranking.figures(ranking.Lists(shown, known.shape[1]), wanted)


def _segments(train: pd.DataFrame, users: pd.Index) -> Array | None:
    """The number of each user's segment, (n_users,), where the table names one."""
    if SEGMENT not in train:
        return None
    first = train.drop_duplicates("user_id").set_index("user_id")[SEGMENT].reindex(users)
    return pd.factorize(first, use_na_sentinel=False)[0]


def _judged(fit: Fit, task: Task, k: int) -> dict[str, float]:
    started = time.monotonic()
    items = recommended(fit(task.known), task.known, k)
    found = ranking.figures(ranking.Lists(items, task.known.shape[1]), task.wanted)
    return found | {"seconds": round(time.monotonic() - started, 2)}


def recommended(recommender: Recommender, owned: sparse.csr_matrix, k: int, rows: Array | None = None) -> Array:
    """The k best items of every user without those owned, (n_users, k).

    Parameters
    ----------
    rows : the users' rows in the matrix the recommender was fitted on; by default they are those of `owned`
    """
    rows = np.arange(owned.shape[0]) if rows is None else rows
    blocks = [slice(at, at + BLOCK) for at in range(0, len(rows), BLOCK)]
    return np.vstack([ranking.top(recommender(owned[block], rows[block]), owned[block], k) for block in blocks])


def choose_ridge(known: sparse.csr_matrix, k: int) -> tuple[float, dict[str, float]]:
    """The ridge with the best NDCG on held-out training pairs, and the NDCG of every one tried."""
    kept, hidden = _split(known)
    users = np.flatnonzero((np.diff(hidden.indptr) > 0) & (np.diff(kept.indptr) > 0))
    return best_ridge(kept, hidden, np.random.default_rng(SEED).permutation(users)[:VALIDATED_USERS], k)


def best_ridge(
    kept: sparse.csr_matrix, hidden: sparse.csr_matrix, users: Array, k: int
) -> tuple[float, dict[str, float]]:
    """The ridge with the best NDCG of `users` on `hidden`, fitted on `kept`, and the NDCG of every one tried.

    Climbs from the middle of RIDGES while a neighbour is better: each step inverts a matrix of all items.
    """
    if not len(users):
        return collaborative.RIDGE, {}
    tried: dict[float, float] = {}

    def ndcg(place: int) -> float:
        ridge = RIDGES[place]
        if ridge not in tried:
            items = recommended(collaborative.ease(kept, ridge), kept[users], k, users)
            tried[ridge] = ranking.figures(ranking.Lists(items, kept.shape[1]), hidden[users])["ndcg"]
        return tried[ridge]

    best = FIRST_RIDGE
    for step in (1, -1):
        while 0 <= best + step < len(RIDGES) and ndcg(best + step) > ndcg(best):
            best += step
    return RIDGES[best], {f"{ridge:g}": tried[ridge] for ridge in sorted(tried)}


def _split(matrix: sparse.csr_matrix) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    pairs = matrix.tocoo()
    out = np.random.default_rng(SEED).random(pairs.nnz) < HELD_OUT
    parts = [
        sparse.csr_matrix((np.ones(int(part.sum())), (pairs.row[part], pairs.col[part])), shape=matrix.shape)
        for part in (~out, out)
    ]
    return parts[0], parts[1]


def _new(wanted: sparse.csr_matrix, owned: sparse.csr_matrix) -> sparse.csr_matrix:
    """`wanted` without what was owned; it may have more columns."""
    wide = sparse.csr_matrix((owned.data, owned.indices, owned.indptr), shape=wanted.shape)
    left = (wanted - wanted.multiply(wide)).tocsr()
    left.eliminate_zeros()
    return left
