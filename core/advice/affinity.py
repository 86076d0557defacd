"""What do businesses that hold the same products take next? The recommender of the book, and how good it is.

EASE on everything a business ever held or accepted. A business without any history gets what is popular in its
category, leaning on the whole book, and is flagged.

Beside it stand what is popular with everybody, in the category, and in the segment that the business was in when the
months of the test began. Judged with one split in time for everybody: what was known before the last months against
what was taken in them. The ridge is chosen the same way, one step earlier. Only what was offered can be taken, so that
no figure here says what would have been taken of something else.

Reads  holdings, interactions, advice_facts, advice_catalogue
Writes rows of advice_figures(model, metric, value, n); advice_slices(segment, model, metric, value, n)
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from core import db
from core.advice import collaborative, evaluation, ranking
from core.advice.collaborative import Recommender
from core.advice.evaluation import Task
from core.calendar import month_end
from core.config import policy

MIN_TAKEN = 200  # pairs in a window of the test; fewer say nothing
MOST_JUDGED = 20_000  # businesses drawn to compare recommenders on: the library's ones take seconds
FIGURES = ["model", "metric", "value", "n"]
SLICED = ("ndcg", "recall", "map")
METRICS = ("ndcg", "recall", "map", "coverage", "gini")

Array = np.ndarray


@dataclass(frozen=True)
class Affinity:
    """Scores of every business (row) and product (column): `owned` is all they ever took, `segment` their category."""

    owned: sparse.csr_matrix
    segment: Array
    ease: Recommender
    popular: Recommender

    def cold(self, rows: Array) -> Array:
        """Businesses that never took anything, (n,)."""
        return np.diff(self.owned.indptr)[rows] == 0

    def percentile(self, rows: Array) -> Array:
        """Place of each product among all products of the same business, 0 to 1: (n, n_products)."""
        owned = self.owned[rows]
        scores = np.where(self.cold(rows)[:, None], self.popular(owned, rows), self.ease(owned, rows))
        places = np.argsort(np.argsort(scores, axis=1, kind="stable"), axis=1)
        return places / max(scores.shape[1] - 1, 1)


def fitted(con: db.Connection, as_of: date) -> Affinity:
    """The recommender of the book as it was known at `as_of`, for the businesses of advice_facts."""
    segment = _segments(con)
    shape = (len(segment), db.count(con, "advice_catalogue"))
    taken = db.query(con, "core/advice/sql/taken", {"as_of": as_of})
    owned = _matrix(taken, shape)
    best = collaborative.ease(owned, ridge(taken, shape, as_of))
    return Affinity(owned, segment, best, collaborative.segment_popularity(owned, segment))


def figures(con: db.Connection, as_of: date, segments: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How EASE and its rivals did in the newest months, over all and by segment; empty where little was taken.

    Columns model, metric, value, n; and segment, model, metric, value, n. Without segments the second has no rows.

    Parameters
    ----------
    segments : business_id and segment of the day on which the test begins
    """
    category, groups = _segments(con), _groups(con, segments)
    taken = db.query(con, "core/advice/sql/taken", {"as_of": as_of})
    return judged(taken, (len(category), db.count(con, "advice_catalogue")), category, as_of, groups)


def since(con: db.Connection, then: date, as_of: date) -> sparse.csr_matrix:
    """What the businesses of advice_facts took for the first time after `then`, up to `as_of`: (n, n_products)."""
    taken = db.query(con, "core/advice/sql/taken", {"as_of": as_of})
    shape = (db.count(con, "advice_facts"), db.count(con, "advice_catalogue"))
    return _matrix(taken[pd.to_datetime(taken["first_on"]) > pd.Timestamp(then)], shape)


def ridge(taken: pd.DataFrame, shape: tuple[int, int], as_of: date) -> float:
    """The ridge that does best on the months up to `as_of`, fitted on what was known before them."""
    decided = policy()["advice"]
    on, begin = pd.to_datetime(taken["first_on"]), pd.Timestamp(month_end(as_of, decided["test_months"]))
    newest = (on > begin) & (on <= pd.Timestamp(as_of))
    if newest.sum() < MIN_TAKEN:
        return float(decided["ease_ridge"])
    kept, hidden = _matrix(taken[on <= begin], shape), _matrix(taken[newest], shape)
    return evaluation.best_ridge(kept, hidden, _asked(kept, hidden), decided["shown"])[0]


def judged(
    taken: pd.DataFrame, shape: tuple[int, int], category: Array, as_of: date, groups: Array | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures of every recommender on the newest months, and by group; the ridge is chosen on the months before them.

    Parameters
    ----------
    category : (n_businesses,) numbers of their categories
    groups : (n_businesses,) codes of their segments, "" for none
    """
    decided = policy()["advice"]
    then = month_end(as_of, decided["test_months"])
    before = pd.to_datetime(taken["first_on"]) <= pd.Timestamp(then)
    known, wanted = _matrix(taken[before], shape), _matrix(taken[~before], shape)
    if shape[0] > MOST_JUDGED:
        drawn = np.sort(np.random.default_rng(evaluation.SEED).permutation(shape[0])[:MOST_JUDGED])
        known, wanted, category = known[drawn], wanted[drawn], category[drawn]
        groups = None if groups is None else groups[drawn]
    cold = np.diff(known.indptr) == 0
    task = Task(known, _only(wanted, ~cold), None if groups is None else pd.factorize(groups)[0])
    if task.wanted.nnz < MIN_TAKEN:
        return pd.DataFrame(columns=FIGURES), pd.DataFrame(columns=["segment", *FIGURES])
    chosen = ridge(taken[before], shape, then)
    models = evaluation.figures(task, decided["shown"], chosen)
    by_category = evaluation.recommended(collaborative.segment_popularity(known, category), known, decided["shown"])
    models["category_popularity"] = ranking.figures(ranking.Lists(by_category, shape[1]), task.wanted)
    models["cold_start"] = _cold(known, _only(wanted, cold), category, decided["shown"])
    rows = [(name, metric, found[metric], found["users"]) for name, found in models.items() for metric in METRICS]
    rows.append(("ease", "ridge", chosen, int(before.sum())))
    return pd.DataFrame(rows, columns=FIGURES), _sliced(task, groups, chosen)


def _sliced(task: Task, groups: Array | None, chosen: float) -> pd.DataFrame:
    """EASE and what is popular, for the businesses of each group: segment, model, metric, value, n."""
    if groups is None or task.segment is None:
        return pd.DataFrame(columns=["segment", *FIGURES])
    k, rows = policy()["advice"]["shown"], []
    models = {
        "ease": collaborative.ease(task.known, chosen),
        "segment_popularity": collaborative.segment_popularity(task.known, task.segment),
        "popularity": collaborative.popularity(task.known),
    }
    for model, recommender in models.items():
        lists = ranking.Lists(evaluation.recommended(recommender, task.known, k), task.known.shape[1])
        for group in sorted({*groups}):
            wanted = _only(task.wanted, groups == group)
            found = ranking.figures(lists, wanted) if wanted.nnz else {"users": 0.0}
            rows += [(group, model, metric, found.get(metric, np.nan), found["users"]) for metric in SLICED]
    return pd.DataFrame(rows, columns=["segment", *FIGURES])


def _cold(known: sparse.csr_matrix, wanted: sparse.csr_matrix, segment: Array, k: int) -> dict[str, float]:
    """How well those without a history are served by what is popular in their category."""
    if not wanted.nnz:
        return dict.fromkeys(METRICS, np.nan) | {"users": 0.0}
    items = evaluation.recommended(collaborative.segment_popularity(known, segment), known, k)
    return ranking.figures(ranking.Lists(items, known.shape[1]), wanted)


def _only(wanted: sparse.csr_matrix, users: Array) -> sparse.csr_matrix:
    """`wanted` of some users, nothing of the others."""
    return sparse.csr_matrix(sparse.diags(users.astype(float)) @ wanted)


def _asked(kept: sparse.csr_matrix, hidden: sparse.csr_matrix) -> Array:
    return np.flatnonzero((np.diff(hidden.indptr) > 0) & (np.diff(kept.indptr) > 0))


def _matrix(taken: pd.DataFrame, shape: tuple[int, int]) -> sparse.csr_matrix:
    cells = (np.ones(len(taken)), (taken["user_id"].to_numpy(), taken["item_id"].to_numpy()))
    return sparse.csr_matrix(cells, shape=shape)


def _groups(con: db.Connection, segments: pd.DataFrame | None) -> Array | None:
    if segments is None or not segments["segment"].notna().any():
        return None
    ids = con.execute("SELECT business_id FROM advice_facts ORDER BY number").df()["business_id"]
    return ids.map(segments.set_index("business_id")["segment"]).fillna("").to_numpy(dtype=object)


def _segments(con: db.Connection) -> Array:
    rows = con.execute("SELECT category FROM advice_facts ORDER BY number").df()
    return pd.factorize(rows["category"], use_na_sentinel=False)[0]
