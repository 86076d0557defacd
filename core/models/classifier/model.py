"""A calibrated classifier: the average of a few small boosted models, and Platt's two numbers. Frames in, Model out.

Nothing here knows about banks, SQL or dates: rows, labels and signs come in, a Model that can be saved comes out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from core.errors import DataError
from core.features.catalogue import refuse_denied
from core.models.classifier.time_splits import assert_disjoint

Array = np.ndarray

# Few leaves: TreeSHAP costs leaves x depth squared, and a scorecard-like model is what 30 slow features support.
# Chosen on 2022 cohorts inside the training years (log loss is flat from 4 to 12 leaves and 60 to 120 trees); of the
# equals, the one that moves fewest bands when reseeded and costs least to explain.
SMALL: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 8,
    "max_depth": 3,
    "learning_rate": 0.05,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "bagging_fraction": 0.9,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
SMALL_ROUNDS = 100
# What people take without thinking; measured against, never served.
PLAIN: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 31,
    "learning_rate": 0.05,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
PLAIN_ROUNDS = 300
LEAK_AUC = 0.90  # no honest single feature ranks defaulters this well a year ahead
FOLDS = 3  # of businesses, for calibration
FOLD_SEEDS = 2  # two numbers are fitted on their scores: five seeds a fold changed them by less than 0.01
PLATT_MIN_EVENTS = 20  # fewer events cannot carry a slope; only the level is set then


@dataclass(frozen=True)
class Model:
    """A fitted classifier. `log_odds` = slope x mean raw score + intercept; everything it needs is text and numbers."""

    features: tuple[str, ...]
    signs: tuple[int, ...]
    reasons: tuple[str, ...]
    seeds: tuple[int, ...]
    boosters: tuple[lgb.Booster, ...]
    slope: float
    intercept: float
    card: dict[str, Any] = field(default_factory=dict)

    def raw(self, values: Array, threads: int = 1) -> Array:
        """Mean raw score of the seeds, (n,)."""
        return mean_raw(self.boosters, values, threads)

    def log_odds(self, values: Array, threads: int = 1) -> Array:
        """Calibrated log-odds, (n,); `values` is (n, n_features) in the order of `features`."""
        return self.slope * self.raw(values, threads) + self.intercept

    def probability(self, values: Array, threads: int = 1) -> Array:
        """Calibrated probability, (n,)."""
        return sigmoid(self.log_odds(values, threads))


@dataclass(frozen=True)
class Recipe:
    """How to fit: columns and their signs, tree settings, seeds.

    cross_fitted : calibrate on scores of models that have not learned from the same entity; without it the
        calibration rows must lie after all rows of the fit
    """

    features: tuple[str, ...]
    signs: tuple[int, ...]
    reasons: tuple[str, ...]
    seeds: tuple[int, ...]
    params: Mapping[str, Any] = field(default_factory=lambda: SMALL)
    rounds: int = SMALL_ROUNDS
    monotone: bool = True
    threads: int = 2
    cross_fitted: bool = True


def sigmoid(log_odds: Array) -> Array:
    """Probability of log-odds, without overflow at either end."""
    return 0.5 * (1.0 + np.tanh(0.5 * log_odds))


@dataclass(frozen=True)
class Fit:
    """A model, and the raw scores its calibration rows got from models that had never met their business."""

    model: Model
    held_out: Array

    def held_out_probability(self) -> Array:
        """Calibrated probability of the calibration rows, each from models that had never met its business."""
        return sigmoid(self.model.slope * self.held_out + self.model.intercept)


def fit(
    recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, label: str = "label", entity: str = "business_id"
) -> Fit:
    """Fit every seed on `rows`, then Platt on `calibration` (later rows), business by business held out if asked for.

    Parameters
    ----------
    rows, calibration : frames with the recipe's features, a 0/1 `label` and `entity`

    Raises
    ------
    ConfigError : a feature is on the denylist
    DataError : one class only, or a feature that alone ranks the label too well (a leak)
    """
    boosters = grow(recipe, rows, label)
    if recipe.cross_fitted:
        held_out = held_out_scores(recipe, rows, calibration, label, entity)
    else:
        held_out = mean_raw(boosters, matrix(calibration, recipe.features), recipe.threads)
    slope, intercept = platt(held_out, calibration[label].to_numpy(float))
    model = Model(recipe.features, recipe.signs, recipe.reasons, recipe.seeds, boosters, slope, intercept)
    return Fit(model, held_out)


def grow(recipe: Recipe, rows: pd.DataFrame, label: str = "label") -> tuple[lgb.Booster, ...]:
    """One boosted model a seed of the recipe, in the order of its seeds."""
    refuse_denied(recipe.features)
    values, labels = matrix(rows, recipe.features), rows[label].to_numpy(float)
    if not 0 < labels.sum() < len(labels):
        raise DataError(f"{label} has one value only in {len(labels)} training rows; nothing can be learned")
    refuse_leaks(values, labels, recipe.features)
    return tuple(_boosters(recipe, values, labels))


def held_out_scores(
    recipe: Recipe, rows: pd.DataFrame, calibration: pd.DataFrame, label: str = "label", entity: str = "business_id"
) -> Array:
    """Raw scores of the calibration rows, each from models fitted without its business, (n_calibration,).

    Cross-fitted over folds of businesses instead of one fixed fifth of them: a fifth of a book of 10,000 has some
    twenty defaulters in its calibration months, and its default rate was a third off that of the others.
    """
    recipe = replace(recipe, seeds=recipe.seeds[:FOLD_SEEDS])
    fit_folds, calibration_folds = folds(rows[entity]), folds(calibration[entity])
    scores = np.empty(len(calibration))
    for fold in range(FOLDS):
        others, own = rows[fit_folds != fold], calibration[calibration_folds == fold]
        assert_disjoint(others, own, entity)
        boosters = _boosters(recipe, matrix(others, recipe.features), others[label].to_numpy(float))
        scores[calibration_folds == fold] = mean_raw(boosters, matrix(own, recipe.features), recipe.threads)
    return scores


def folds(entities: pd.Series) -> Array:
    """Fold of each entity, by a hash of its id: the same business is in the same fold in every month."""
    return pd.util.hash_array(entities.to_numpy(dtype=object)) % FOLDS


def mean_raw(boosters: Sequence[lgb.Booster], values: Array, threads: int = 1) -> Array:
    """Mean raw score of the boosters, (n,)."""
    if not len(values):
        return np.zeros(0)
    return np.mean([booster.predict(values, raw_score=True, num_threads=threads) for booster in boosters], 0)


def matrix(rows: pd.DataFrame, features: Sequence[str]) -> Array:
    """Feature values as LightGBM wants them: (n, n_features) float64, missing as NaN."""
    return np.ascontiguousarray(rows[list(features)].to_numpy(dtype=float, na_value=np.nan))


def _boosters(recipe: Recipe, values: Array, labels: Array) -> list[lgb.Booster]:
    # One thread a model and several models at once: same result on any machine, and no two OpenMP teams
    # waiting for each other on a busy one (measured 5 ms a tree instead of 0.5).
    params = dict(recipe.params) | {"num_threads": 1}
    if recipe.monotone:
        # "basic" lets a constraint cut whole branches; "intermediate" keeps more of the fit at little cost.
        params |= {"monotone_constraints": list(recipe.signs), "monotone_constraints_method": "intermediate"}
    data = lgb.Dataset(values, labels, feature_name=list(recipe.features), params=params, free_raw_data=False)
    data.construct()
    with ThreadPoolExecutor(recipe.threads) as pool:
        return list(pool.map(lambda seed: lgb.train(params | {"seed": seed}, data, recipe.rounds), recipe.seeds))


def platt(scores: Array, labels: Array, weights: Array | None = None) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of labels on raw scores.

    With too few events only the level is fitted (slope 1).

    Raises
    ------
    DataError : the slope is not positive, so higher raw scores would mean lower risk
    """
    events = labels.sum()
    if events < PLATT_MIN_EVENTS or events == len(labels):
        return 1.0, _level(scores, max(labels.mean(), 0.5 / len(labels)))
    slope, intercept = logistic(scores, labels, weights)
    if not slope > 0:
        raise DataError(
            f"calibration slope is {slope:.3f}, must be positive: the model ranks the calibration rows backwards"
        )
    return slope, intercept


def _level(scores: Array, rate: float) -> float:
    """Intercept at which the mean probability equals `rate` (bisection: the mean rises with the intercept)."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(scores + middle).mean() < rate else (low, middle)
    return (low + high) / 2


def logistic(scores: Array, labels: Array, weights: Array | None = None) -> tuple[float, float]:
    """Slope and intercept of a one-variable logistic regression, by Newton's method with halved steps.

    A full step overshoots and wanders off when scores are extreme (an overfitted model's are), so a step that raises
    the loss is halved.
    """
    weight = np.ones(len(scores)) if weights is None else weights
    centre = float(np.average(scores, weights=weight))
    x = scores - centre
    at = np.array([1.0, centre])
    loss = _loss(at, x, labels, weight)
    for _ in range(50):
        step = _newton(at, x, labels, weight)
        while (new_loss := _loss(at + step, x, labels, weight)) > loss and np.abs(step).max() > 1e-9:
            step = step / 2
        at, loss = at + step, min(new_loss, loss)
        if np.abs(step).max() < 1e-9:
            break
    return float(at[0]), float(at[1] - at[0] * centre)


def _loss(at: Array, x: Array, labels: Array, weight: Array) -> float:
    log_odds = at[0] * x + at[1]
    return float((weight * (np.logaddexp(0.0, log_odds) - labels * log_odds)).sum())


def _newton(at: Array, x: Array, labels: Array, weight: Array) -> Array:
    p = sigmoid(at[0] * x + at[1])
    error, curve = weight * (labels - p), weight * p * (1 - p)
    cross = float((curve * x).sum())
    hessian = np.array([[(curve * x * x).sum(), cross], [cross, curve.sum()]]) + 1e-9 * np.eye(2)
    return np.linalg.solve(hessian, np.array([(error * x).sum(), error.sum()]))


def refuse_leaks(values: Array, labels: Array, features: Sequence[str], limit: float = LEAK_AUC) -> None:
    """Raise when one feature alone (or its being missing) separates the labels as only the outcome itself could."""
    strengths = {name: single_auc(values[:, column], labels) for column, name in enumerate(features)}
    leaks = {name: round(auc, 3) for name, auc in strengths.items() if auc > limit}
    if leaks:
        raise DataError(f"single-feature AUC above {limit}: {leaks}; look for the outcome hidden in them")


def single_auc(values: Array, labels: Array) -> float:
    """How well one column ranks the labels, in either direction, missing values at either end: 0.5 to 1.

    >>> single_auc(np.array([0.0, 1.0, np.nan, 3.0]), np.array([0, 0, 1, 0]))
    1.0
    """
    unknown = np.isnan(values)
    return max(_two_sided(np.where(unknown, end, values), labels) for end in (-np.inf, np.inf))


def _two_sided(values: Array, labels: Array) -> float:
    _, group = np.unique(values, return_inverse=True)
    events, others = np.bincount(group, labels), np.bincount(group, 1 - labels)
    below = np.cumsum(others) - others
    auc = float((events * (below + others / 2)).sum() / (events.sum() * others.sum()))
    return max(auc, 1 - auc)


def data_hash(rows: pd.DataFrame) -> str:
    """Fingerprint of the rows a model learned from: sixteen hex digits, independent of their order."""
    hashes = np.sort(pd.util.hash_pandas_object(rows, index=False).to_numpy())
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:16]
