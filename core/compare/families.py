"""The four kinds of model that are compared: how each is fitted, and the settings a search may try.

A fitted one answers `raw(matrix)` in log-odds, not yet calibrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from core.compare.encode import Kind

Array = np.ndarray
Params = dict[str, Any]

ROUNDS, PATIENCE = 1200, 40
LEARNING_RATE = 0.05
BIG = 12_000  # training rows from which fewer trees and seeds are as good
# On 12,000 made-up loans: log loss .4995 with 2,500 rows a tree, .5019 with 10,000, at less than half the time.
FOREST_SAMPLE = 3_000


@dataclass(frozen=True)
class Fitted:
    """A model, and with how many rounds it was fitted (0 where there are none)."""

    family: str
    models: tuple[Any, ...]
    rounds: int = 0

    def raw(self, matrix: Array) -> Array:
        """Mean log-odds of its models, (n,)."""
        return np.mean([_raw(self.family, model, matrix, self.rounds) for model in self.models], axis=0)


def _raw(family: str, model: Any, matrix: Array, rounds: int) -> Array:
    if family == "lightgbm":
        return model.predict(matrix, raw_score=True, num_threads=1, num_iteration=rounds or None)
    if family == "forest":
        # A forest may say 0 or 1; half a tree's vote keeps the logarithm finite.
        p = np.clip(model.predict_proba(matrix)[:, 1], 0.5 / len(model.estimators_), 1 - 0.5 / len(model.estimators_))
        return np.log(p / (1 - p))
    with _one_thread():
        return model.decision_function(matrix)


def _one_thread() -> Any:
    """OpenMP keeps its limit per calling thread, and two teams on a busy machine wait for each other."""
    return threadpool_limits(1, "openmp")


class Family(Protocol):
    """How one kind of model is searched and fitted."""

    name: str

    def portfolio(self, rows: int, /) -> Sequence[Params]:
        """Settings to try, the safest first."""

    def kind(self, _: Params, /) -> Kind:
        """The matrix it learns from."""

    def fit(self, data: "Data", params: Params, seed: int) -> Fitted:
        """Fit; with `data.valid` the number of rounds is found there, else it is `params["rounds"]`."""


@dataclass(frozen=True)
class Data:
    """A matrix with labels, and rows to stop on, if any."""

    matrix: Array
    labels: Array
    categorical: list[int]
    valid: tuple[Array, Array] | None = None


class Logistic:
    """Logistic regression with a ridge penalty, on numbers as they are or bent towards their logarithm."""

    name = "logistic"

    def portfolio(self, rows: int) -> Sequence[Params]:
        """Penalty and shape."""
        strengths = (0.1, 1.0, 0.01, 0.003, 0.03) if rows < BIG else (0.1, 1.0, 0.01)
        return [{"C": strength, "shape": shape} for strength in strengths for shape in ("linear", "bent")]

    def kind(self, params: Params) -> Kind:
        return "bent" if params["shape"] == "bent" else "linear"

    def fit(self, data: Data, params: Params, seed: int) -> Fitted:
        model = LogisticRegression(C=params["C"], max_iter=300, tol=1e-4, random_state=seed)
        return Fitted(self.name, (model.fit(data.matrix, data.labels),))


class Forest:
    """Random forest on numbers and event rates."""

    name = "forest"

    def portfolio(self, rows: int) -> Sequence[Params]:
        """Leaf size and share of features."""
        trees = 200 if rows < BIG else 80
        pairs = ((5, "sqrt"), (2, "sqrt"), (12, 0.3), (20, "sqrt"))
        return [{"trees": trees, "leaf": leaf, "features": features} for leaf, features in pairs]

    def kind(self, _: Params) -> Kind:
        return "whole"

    def fit(self, data: Data, params: Params, seed: int) -> Fitted:
        model = RandomForestClassifier(
            params["trees"],
            min_samples_leaf=params["leaf"],
            max_features=params["features"],
            max_samples=FOREST_SAMPLE if len(data.labels) > FOREST_SAMPLE else None,
            random_state=seed,
            n_jobs=1,
        )
        return Fitted(self.name, (model.fit(data.matrix, data.labels),))


class Boosting:
    """scikit-learn's histogram gradient boosting on numbers and event rates."""

    name = "boosting"

    def portfolio(self, _: int) -> Sequence[Params]:
        """Leaves, smallest leaf, penalty, share of features a split sees."""
        sets = ((8, 40, 5.0, 0.5), (15, 60, 10.0, 0.5), (4, 20, 1.0, 0.4), (31, 100, 20.0, 0.4))
        return [{"leaves": a, "leaf": b, "l2": c, "features": d} for a, b, c, d in sets]

    def kind(self, _: Params) -> Kind:
        return "trees"

    def fit(self, data: Data, params: Params, seed: int) -> Fitted:
        searching = data.valid is not None
        model = HistGradientBoostingClassifier(
            learning_rate=2 * LEARNING_RATE if len(data.labels) > BIG else LEARNING_RATE,
            max_iter=ROUNDS // 2 if searching else params["rounds"],
            max_leaf_nodes=params["leaves"],
            min_samples_leaf=_leaf(params["leaf"], len(data.labels)),
            l2_regularization=params["l2"],
            max_features=params["features"],
            early_stopping=searching,
            scoring="loss",
            n_iter_no_change=PATIENCE // 2,
            random_state=seed,
        )
        if data.valid is None:
            with _one_thread():
                model.fit(data.matrix, data.labels)
            return Fitted(self.name, (model,), model.n_iter_)
        with _one_thread():
            model.fit(data.matrix, data.labels, X_val=data.valid[0], y_val=data.valid[1])
        return Fitted(self.name, (model,), max(1, int(np.argmax(model.validation_score_))))


class LightGBM:
    """LightGBM; categories of few levels stay categories."""

    name = "lightgbm"

    def portfolio(self, _: int) -> Sequence[Params]:
        """Leaves, smallest leaf, shares of features and rows, penalty: from shallow to deep, one of each kind early."""
        sets = (
            (12, 40, 0.5, 0.8, 5.0),
            (5, 20, 0.4, 0.8, 2.0),
            (31, 80, 0.5, 0.8, 20.0),
            (3, 20, 0.3, 0.7, 5.0),
            (20, 150, 0.3, 0.7, 10.0),
            (63, 200, 0.4, 0.9, 50.0),
            (8, 100, 0.8, 0.9, 1.0),
            (2, 20, 0.5, 0.8, 1.0),
            (16, 20, 0.9, 0.9, 0.1),
            (31, 300, 0.9, 0.6, 1.0),
            (6, 200, 0.2, 0.6, 30.0),
            (12, 10, 0.2, 0.9, 50.0),
        )
        names = ("num_leaves", "min_data_in_leaf", "feature_fraction", "bagging_fraction", "lambda_l2")
        return [dict(zip(names, values, strict=True)) for values in sets]

    def kind(self, _: Params) -> Kind:
        return "native"

    def fit(self, data: Data, params: Params, seed: int) -> Fitted:
        settings = _settings(params, len(data.labels), seed)
        learn = lgb.Dataset(data.matrix, data.labels, categorical_feature=data.categorical, params=settings)
        if data.valid is None:
            seeds = range(seed, seed + (5 if len(data.labels) < BIG else 2))
            learn.free_raw_data = False
            models = tuple(lgb.train(settings | {"seed": each}, learn, params["rounds"]) for each in seeds)
            return Fitted(self.name, models, params["rounds"])
        stop = lgb.Dataset(*data.valid, reference=learn)
        model = lgb.train(settings, learn, ROUNDS, [stop], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)])
        return Fitted(self.name, (model,), max(1, model.best_iteration))


def _settings(params: Params, rows: int, seed: int) -> Params:
    fixed = {
        "objective": "binary",
        "learning_rate": LEARNING_RATE if rows < 2 * BIG else 1.5 * LEARNING_RATE,
        "bagging_freq": 1,
        "cat_smooth": 20,
        "min_data_per_group": 20,
        "max_bin": 255 if rows > BIG else 127,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
        "seed": seed,
    }
    return fixed | params | {"min_data_in_leaf": _leaf(params["min_data_in_leaf"], rows)}


def _leaf(least: int, rows: int) -> int:
    """A smallest leaf that a small table can afford."""
    return max(2, min(least, rows // 25))


FAMILIES: dict[str, Family] = {each.name: each for each in (Logistic(), Forest(), Boosting(), LightGBM())}
