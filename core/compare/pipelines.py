"""The kinds of model that are compared, each as a scikit-learn pipeline with the settings a search may draw from.

A pipeline reads the matrix of a TrainingPart. Whatever it learns (levels, event rates, medians, scales) it learns from
the rows it is fitted on; event rates of categories are cross-fitted, so no row's own label stands among its features.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline, make_pipeline
from lightgbm import LGBMClassifier, early_stopping
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, RobustScaler, StandardScaler, TargetEncoder

from core.models.classifier.model import Recipe, grow, mean_raw

Array = np.ndarray
Params = dict[str, Any]

ONE_HOT, ONE_HOT_LINEAR = 12, 30  # levels up to which a category becomes a column a level; above, its event rate
RARE = 10  # rows below which a level shares the column of the rare ones
LIMITS = {"a_min": -8.0, "a_max": 8.0}  # standard deviations: one extreme value must not decide a linear score
RATE_FOLDS = 5
LARGE = 12_000  # training rows from which fewer trees and seeds are as good
# On 12,000 made-up loans: log loss .4995 with 2,500 rows a tree, .5019 with 10,000, at less than half the time.
FOREST_SAMPLE = 3_000
ROUNDS, PATIENCE = 400, 40  # trees at most, and after how many without a better held-out loss no more are grown
# About a logarithm for large distances from the median, on both sides of it.
SIGNED_LOG = make_pipeline(RobustScaler(), FunctionTransformer(np.arcsinh, feature_names_out="one-to-one"))
RECIPE_SEEDS = 5


@dataclass(frozen=True)
class TrainingPart:
    """The rows a candidate learns from.

    `X` is (n, p) with NaN for missing; `sizes` counts the levels of each column, 0 for a number; `signs` are the
    recipe's directions, 0 for none; `groups` numbers the entities; `folds` are pairs of positions in X (learn, held
    out), the same for every candidate so that their held-out scores can be blended row by row.
    """

    X: Array
    labels: Array
    groups: Array
    folds: Sequence[tuple[Array, Array]]
    sizes: tuple[int, ...]
    signs: tuple[int, ...]
    seed: int

    def columns(self, low: float, high: float) -> list[int]:
        """Positions of the columns with more than `low` and at most `high` levels."""
        return [place for place, size in enumerate(self.sizes) if low < size <= high]


@dataclass(frozen=True)
class Family:
    """One kind of model: its first setting always runs, `draws` others come from `space` while time is left."""

    name: str
    model: BaseEstimator
    first: Params = field(default_factory=dict)
    space: Params | Sequence[Params] = field(default_factory=dict)  # values a parameter, or whole settings
    draws: int = 0
    seeds: int = 1  # models with different seeds whose log-odds are averaged
    linear: bool = False  # needs a matrix without missing values, on one scale
    rounds: str = ""  # the parameter that counts its trees, where that is found on held-out rows


class RecipeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The bank's own recipe (small monotone trees) as a scikit-learn classifier; `signs` of the first columns."""

    def __init__(self, signs: tuple[int, ...] = (), random_state: int = 0) -> None:
        self.signs, self.random_state = signs, random_state

    def fit(self, X: Array, y: Array) -> "RecipeClassifier":
        """Grow the trees of one seed."""
        names = tuple(f"c{place}" for place in range(X.shape[1]))
        signs = (*self.signs, *[0] * (X.shape[1] - len(self.signs)))
        recipe = Recipe(names, signs, names, (self.random_state,), threads=1)
        self.classes_ = np.unique(y)
        self.boosters_ = grow(recipe, pd.DataFrame(X, columns=list(names)).assign(label=y), "label")
        return self

    def predict_proba(self, X: Array) -> Array:
        """(n, 2) probabilities, not calibrated."""
        p = expit(mean_raw(self.boosters_, X, 1))
        return np.column_stack([1 - p, p])

    def predict(self, X: Array) -> Array:
        """(n,) the likelier class; scikit-learn wants every classifier to have it."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def family(name: str, part: TrainingPart) -> Family:
    """The family of a name, with settings that suit the number of rows of the part."""
    families = {
        "logistic": _logistic,
        "forest": _forest,
        "boosting": _boosting,
        "lightgbm": _lightgbm,
        "recipe": _recipe,
    }
    return families[name](part)


def _logistic(_: TrainingPart) -> Family:
    space = {"model__C": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "encode__numbers": ["passthrough", SIGNED_LOG]}
    first = {"model__C": 0.1, "encode__numbers": "passthrough"}
    return Family("logistic", LogisticRegression(max_iter=300), first, space, draws=10, linear=True)


def _forest(part: TrainingPart) -> Family:
    rows = len(part.labels)
    model = RandomForestClassifier(
        200 if rows < LARGE else 80, max_samples=FOREST_SAMPLE if rows > FOREST_SAMPLE else None, n_jobs=1
    )
    space = {"model__min_samples_leaf": [1, 2, 3, 5, 12, 20], "model__max_features": ["sqrt", 0.3]}
    first = {"model__min_samples_leaf": 3, "model__max_features": "sqrt"}
    return Family("forest", model, first, space, draws=3)


# Leaves, smallest leaf, penalty, share of features: whole settings for the reason given at LIGHTGBM.
BOOSTING = ((8, 40, 5.0, 0.5), (15, 60, 10.0, 0.5), (4, 20, 1.0, 0.4), (31, 100, 20.0, 0.4))


def _boosting(part: TrainingPart) -> Family:
    model = HistGradientBoostingClassifier(
        learning_rate=0.05 if len(part.labels) < LARGE else 0.1, max_iter=ROUNDS, early_stopping=False
    )
    names = ("max_leaf_nodes", "min_samples_leaf", "l2_regularization", "max_features")
    first, space = _settings(part, names, BOOSTING)
    return Family("boosting", model, first, space, draws=3, rounds="model__max_iter")


# Leaves, smallest leaf, shares of features and rows, penalty. Whole settings, shallow and deep ones: with five random
# values each, few draws fit a table such as COIL 2000, where two leaves are best (log loss .2006, random values .2021).
LIGHTGBM = (
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


def _lightgbm(part: TrainingPart) -> Family:
    big = len(part.labels) > LARGE
    model = LGBMClassifier(
        n_estimators=ROUNDS,
        learning_rate=0.05 if len(part.labels) < 2 * LARGE else 0.075,
        subsample_freq=1,
        max_bin=255 if big else 127,
        n_jobs=1,
        deterministic=True,
        force_col_wise=True,
        verbosity=-1,
    )
    names = ("num_leaves", "min_child_samples", "colsample_bytree", "subsample", "reg_lambda")
    first, space = _settings(part, names, LIGHTGBM)
    return Family("lightgbm", model, first, space, draws=11, seeds=2 if big else 5, rounds="model__n_estimators")


def _recipe(part: TrainingPart) -> Family:
    signs = tuple(part.signs[place] for place in part.columns(-1, 0))
    return Family("recipe", RecipeClassifier(signs), seeds=RECIPE_SEEDS)


def _settings(part: TrainingPart, names: Sequence[str], rows: Sequence[Sequence[float]]) -> tuple[Params, list[Params]]:
    """The first setting and those to draw from; the smallest leaf, second in a row, is at most 1/25 of the rows."""
    least = max(2, len(part.labels) // 25)
    values = [(row[0], min(row[1], least), *row[2:]) for row in rows]
    first, *others = [{f"model__{name}": value for name, value in zip(names, row, strict=True)} for row in values]
    return first, [{name: [value] for name, value in params.items()} for params in others]


def pipeline(kind: Family, part: TrainingPart, smote: bool = False) -> Pipeline:
    """The family's pipeline, not fitted: encoder, for some a filled and scaled matrix, for some SMOTE, model."""
    dense = [
        ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
        ("scale", StandardScaler()),
        ("clip", FunctionTransformer(np.clip, kw_args=LIMITS, feature_names_out="one-to-one")),
    ]
    least = int(min(part.labels.sum(), (part.labels == 0).sum()))
    oversampling = [("smote", SMOTE(k_neighbors=min(5, least - 1), random_state=part.seed))]
    steps = [*(dense if kind.linear or smote else []), *(oversampling if smote else []), ("model", kind.model)]
    return Pipeline([("encode", _encoder(part, ONE_HOT_LINEAR if kind.linear else ONE_HOT)), *steps])


def _encoder(part: TrainingPart, one_hot: int) -> ColumnTransformer:
    hot = OneHotEncoder(
        drop="if_binary",
        min_frequency=min(RARE, max(2, len(part.labels) // 20)),
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )
    # Whole entities are held out when rates are cross-fitted: rows of one customer share their label.
    count = int(np.clip(len(np.unique(part.groups)) // 10, 2, RATE_FOLDS))
    folds = GroupKFold(count, shuffle=True, random_state=part.seed)
    return ColumnTransformer(
        [
            ("numbers", "passthrough", part.columns(-1, 0)),
            ("levels", hot, part.columns(0, one_hot)),
            ("rates", TargetEncoder(target_type="binary", cv=folds), part.columns(one_hot, np.inf)),
        ],
        verbose_feature_names_out=False,
    )


def preprocessing(fitted: Pipeline) -> Pipeline:
    """The steps of a fitted pipeline that any later row goes through before the model."""
    return fitted[: -2 if "smote" in fitted.named_steps else -1]


def sources(fitted: Pipeline) -> Array:
    """Position of the feature that each column of the model's matrix comes from (scikit-learn names them x0, x1 …)."""
    names = preprocessing(fitted).get_feature_names_out()
    return np.array([int(re.search(r"x(\d+)", name)[1]) for name in names])  # type: ignore[index]


def fit_to_best(model: Any, X: Array, labels: Array, X_held_out: Array, labels_held_out: Array) -> int:
    """Fit boosted trees until the held-out loss no longer falls; the number of trees at its lowest."""
    if isinstance(model, LGBMClassifier):
        stop = early_stopping(PATIENCE, verbose=False)
        model.fit(X, labels, eval_X=X_held_out, eval_y=labels_held_out, callbacks=[stop])
        return max(1, model.best_iteration_)
    model.set_params(early_stopping=True, n_iter_no_change=PATIENCE // 2)  # one of its trees takes longer
    model.fit(X, labels, X_val=X_held_out, y_val=labels_held_out)
    return max(1, int(np.argmax(model.validation_score_)))


def log_odds(model: Any, X: Array, rounds: int = 0) -> Array:
    """Log-odds, (n,), of a fitted model, after its first `rounds` trees if there are rounds."""
    if isinstance(model, LGBMClassifier):
        return np.asarray(model.predict(X, raw_score=True, num_iteration=rounds or None))
    if isinstance(model, HistGradientBoostingClassifier):
        # Tree after tree, up to the last where a fold stopped earlier.
        return deque(islice(model.staged_decision_function(X), rounds or None), maxlen=1)[0]
    return log_odds_of(model, model.predict_proba(X))


def log_odds_of(model: Any, p: Array) -> Array:
    """Log-odds of a model's (n, 2) probabilities; a forest may give 0 or 1, half a tree's vote keeps them finite."""
    edge = 0.5 / model.n_estimators if isinstance(model, RandomForestClassifier) else 1e-12
    p_event = np.clip(p[:, 1], edge, 1 - edge)
    return np.log(p_event / (1 - p_event))
