"""Affinity of businesses for products: what those that hold the same products take next, and how good that is.

The recommender is EASE on everything a business ever held or accepted. A business without any history gets what is
popular in its category, shrunk towards the whole book, and is marked as cold.

It is compared with what is popular with everybody, in the category, and in the segment that the business was in when
the test began. One split in time for everybody: what was known before the newest months against what was taken in
them. The ridge is chosen the same way, one step earlier. Only products that were offered can be taken, so no metric
here says what would have been taken of others.

Reads  holdings, interactions, advice_facts, advice_catalogue
Writes rows of advice_figures(model, metric, value, n); advice_slices(segment, model, metric, value, n)
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from core import db
from core.advice import evaluation, ranking_metrics, recommenders
from core.advice.evaluation import Split
from core.advice.recommenders import Recommender
from core.calendar import month_end
from core.config import policy

MIN_TAKEN = 200  # pairs in a window of the test: with fewer no metric says anything
MOST_USERS = 20_000  # businesses drawn to compare recommenders on: those of the library take seconds
FIGURES = ["model", "metric", "value", "n"]
SLICE_METRICS = ("ndcg", "recall", "map")

Array = np.ndarray


@dataclass(frozen=True)
class Affinity:
    """Scores of every business (row) and product (column): `owned` is all they ever took, `category` their number."""

    owned: sparse.csr_matrix
    category: Array
    ease: Recommender
    popular: Recommender

    def is_cold(self, rows: Array) -> Array:
        """Businesses that never took anything, (n,) booleans."""
        return np.diff(self.owned.indptr)[rows] == 0

    def percentile(self, rows: Array) -> Array:
        """Rank of each product among all products of the same business, 0 to 1: (n, n_products)."""
        owned = self.owned[rows]
        scores = np.where(self.is_cold(rows)[:, None], self.popular(owned, rows), self.ease(owned, rows))
        ranks = np.argsort(np.argsort(scores, axis=1, kind="stable"), axis=1)
        return ranks / max(scores.shape[1] - 1, 1)


def fit(con: db.Connection, as_of: date) -> Affinity:
    """The recommender of the book as it was known at `as_of`, for the businesses of advice_facts."""
    category, shape = _categories(con), _shape(con)
    adoptions = _adoptions(con, as_of)
    owned = _matrix(adoptions, shape)
    ease = recommenders.ease(owned, best_ridge(adoptions, shape, as_of))
    return Affinity(owned, category, ease, recommenders.segment_popularity(owned, category))


def backtest(con: db.Connection, as_of: date, segments: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Metrics of EASE and its rivals on the newest months, over all and by segment; empty where little was taken.

    Columns model, metric, value, n; and segment, model, metric, value, n. Without segments the second has no rows.

    Parameters
    ----------
    segments : business_id and segment of the day on which the test begins
    """
    return backtest_metrics(_adoptions(con, as_of), _shape(con), _categories(con), as_of, _groups(con, segments))


def taken_since(con: db.Connection, day: date, as_of: date) -> sparse.csr_matrix:
    """What the businesses of advice_facts took for the first time after `day`, up to `as_of`: (n, n_products)."""
    return _matrices_around(_adoptions(con, as_of), _shape(con), day)[1]


def best_ridge(adoptions: pd.DataFrame, shape: tuple[int, int], as_of: date) -> float:
    """The ridge that does best on the months up to `as_of`, fitted on what was known before them."""
    advice = policy()["advice"]
    known = adoptions[adoptions["first_on"] <= pd.Timestamp(as_of)]
    train, validation = _matrices_around(known, shape, month_end(as_of, advice["test_months"]))
    if validation.nnz < MIN_TAKEN:
        return float(advice["ease_ridge"])
    return evaluation.best_ridge(train, validation, advice["shown"])[0]


def backtest_metrics(
    adoptions: pd.DataFrame, shape: tuple[int, int], category: Array, as_of: date, groups: Array | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Metrics of every recommender on the newest months, and by group; the ridge is chosen on the months before them.

    Parameters
    ----------
    adoptions : user_id, item_id (row and column numbers) and first_on
    category : (n_businesses,) numbers of their categories
    groups : (n_businesses,) codes of their segments, "" for none
    """
    advice = policy()["advice"]
    begin = month_end(as_of, advice["test_months"])
    owned, wanted = _matrices_around(adoptions, shape, begin)
    if shape[0] > MOST_USERS:
        drawn = np.sort(np.random.default_rng(evaluation.SEED).permutation(shape[0])[:MOST_USERS])
        owned, wanted, category = owned[drawn], wanted[drawn], category[drawn]
        groups = None if groups is None else groups[drawn]
    is_cold = np.diff(owned.indptr) == 0
    split = Split(owned, _rows_of(wanted, ~is_cold), None if groups is None else pd.factorize(groups)[0])
    if split.test.nnz < MIN_TAKEN:
        return pd.DataFrame(columns=FIGURES), pd.DataFrame(columns=["segment", *FIGURES])
    known = adoptions[adoptions["first_on"] <= pd.Timestamp(begin)]
    ridge = best_ridge(known, shape, begin)
    models = evaluation.metrics_by_model(split, advice["shown"], ridge)
    by_category = evaluation.recommended(recommenders.segment_popularity(owned, category), owned, advice["shown"])
    models["category_popularity"] = ranking_metrics.metrics(by_category, split.test, shape[1])
    models["cold_start"] = ranking_metrics.metrics(by_category, _rows_of(wanted, is_cold), shape[1])
    rows = [
        (name, metric, metrics[metric], metrics["users"])
        for name, metrics in models.items()
        for metric in ranking_metrics.NAMES
    ]
    rows.append(("ease", "ridge", ridge, len(known)))
    return pd.DataFrame(rows, columns=FIGURES), _slice_metrics(split, groups, ridge)


def _slice_metrics(split: Split, groups: Array | None, ridge: float) -> pd.DataFrame:
    """EASE and what is popular, for the businesses of each group: segment, model, metric, value, n."""
    if groups is None or split.segment is None:
        return pd.DataFrame(columns=["segment", *FIGURES])
    k, rows = policy()["advice"]["shown"], []
    models = {
        "ease": recommenders.ease(split.train, ridge),
        "segment_popularity": recommenders.segment_popularity(split.train, split.segment),
        "popularity": recommenders.popularity(split.train),
    }
    for model, recommender in models.items():
        items = evaluation.recommended(recommender, split.train, k)
        for group in sorted({*groups}):
            metrics = ranking_metrics.metrics(items, _rows_of(split.test, groups == group), split.train.shape[1])
            rows += [(group, model, metric, metrics[metric], metrics["users"]) for metric in SLICE_METRICS]
    return pd.DataFrame(rows, columns=["segment", *FIGURES])


def _rows_of(matrix: sparse.csr_matrix, users: Array) -> sparse.csr_matrix:
    """The matrix with the rows of these users, (n,) booleans; the other rows are empty."""
    return sparse.csr_matrix(sparse.diags(users.astype(float)) @ matrix)


def _adoptions(con: db.Connection, as_of: date) -> pd.DataFrame:
    return db.query(con, "core/advice/sql/adoptions", {"as_of": as_of})


def _matrices_around(
    adoptions: pd.DataFrame, shape: tuple[int, int], day: date
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """What was taken up to `day`, and what was taken after it."""
    is_before = adoptions["first_on"] <= pd.Timestamp(day)
    return _matrix(adoptions[is_before], shape), _matrix(adoptions[~is_before], shape)


def _matrix(adoptions: pd.DataFrame, shape: tuple[int, int]) -> sparse.csr_matrix:
    return recommenders.ones(adoptions["user_id"].to_numpy(), adoptions["item_id"].to_numpy(), shape)


def _shape(con: db.Connection) -> tuple[int, int]:
    return db.count(con, "advice_facts"), db.count(con, "advice_catalogue")


def _groups(con: db.Connection, segments: pd.DataFrame | None) -> Array | None:
    if segments is None or not segments["segment"].notna().any():
        return None
    ids = con.execute("SELECT business_id FROM advice_facts ORDER BY number").df()["business_id"]
    return ids.map(segments.set_index("business_id")["segment"]).fillna("").to_numpy(dtype=object)


def _categories(con: db.Connection) -> Array:
    rows = con.execute("SELECT category FROM advice_facts ORDER BY number").df()
    return pd.factorize(rows["category"], use_na_sentinel=False)[0]
