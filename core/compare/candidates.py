"""A candidate: one kind of model fitted on one training part, its settings searched, its probabilities calibrated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from imblearn.pipeline import Pipeline
from scipy.special import expit
from sklearn import config_context
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import RandomizedSearchCV, cross_val_predict

from core.compare import pipelines
from core.compare.pipelines import Family, Params, TrainingPart
from core.models.classifier.model import SMALL, logistic

Array = np.ndarray

SMALLEST_SLOPE = 0.05  # calibration must never reverse the order of the scores


@dataclass(frozen=True)
class Candidate:
    """Fitted pipelines (or, for a blend, members) whose mean log-odds are calibrated by a slope and an intercept.

    `held_out` are calibrated log-odds of its own training rows, each from a fit without the row's fold.
    """

    key: str
    pipelines: tuple[Pipeline, ...] = ()
    members: tuple["Candidate", ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    params: Params = field(default_factory=dict)
    held_out: Array = field(default_factory=lambda: np.empty(0))
    search: dict[str, Any] = field(default_factory=dict)

    def log_odds(self, X: Array) -> Array:
        """Calibrated log-odds, (n,)."""
        members = [member.log_odds(X) for member in self.members]
        own = [pipelines.log_odds_of(fitted[-1], fitted.predict_proba(X)) for fitted in self.pipelines]
        return self.slope * np.mean(members + own, axis=0) + self.intercept

    def probability(self, X: Array) -> Array:
        """Calibrated probability, (n,)."""
        return expit(self.log_odds(X))

    @property
    def settings(self) -> Params:
        """The settings as report.json holds them."""
        if self.key == "recipe":
            return dict(SMALL)
        if self.members:
            return {"members": {member.key: 1 / len(self.members) for member in self.members}}
        params = {name.split("__")[-1]: value for name, value in self.params.items()}
        if "numbers" in params:
            params["shape"] = "linear" if params.pop("numbers") == "passthrough" else "bent"
        return params


def calibrated_candidate(name: str, part: TrainingPart, seconds: float, params: Params | None = None) -> Candidate:
    """A candidate with the best settings that a search of `seconds` gives (or with `params`), calibrated.

    Platt's two numbers are fitted on the held-out log-odds of the final settings. CalibratedClassifierCV would fit
    them on probabilities for models without a decision function, and does not give the held-out scores to the blend.
    """
    kind = pipelines.family(name, part)
    params, search = (params, {}) if params is not None else _search(kind, part, seconds)
    raw = _held_out(kind, part, params)
    slope, intercept = calibration(raw, part.labels)
    held_out = slope * raw + intercept
    loss = float(log_loss(part.labels, expit(held_out)))
    search = {"tried": 1, "planned": 1} | search | {"inner_log_loss": loss}
    return Candidate(name, _fit(kind, part, params), (), slope, intercept, params, held_out, search)


def uncalibrated_candidate(
    name: str, part: TrainingPart, params: Params | None = None, smote: bool = False
) -> Candidate:
    """A candidate with given settings and the probabilities of the model as they are, with or without SMOTE."""
    kind = pipelines.family(name, part)
    params = kind.first if params is None else params
    return Candidate(f"{name}_smote" if smote else name, _fit(kind, part, params, smote), params=params)


def blend(members: Sequence[Candidate], labels: Array) -> Candidate:
    """The mean of the members, calibrated on the mean of their held-out scores."""
    raw = np.mean([member.held_out for member in members], axis=0)
    slope, intercept = calibration(raw, labels)
    return Candidate("blend", (), tuple(members), slope, intercept, {}, slope * raw + intercept)


def _fit(kind: Family, part: TrainingPart, params: Params, smote: bool = False) -> tuple[Pipeline, ...]:
    unfitted = pipelines.pipeline(kind, part, smote).set_params(**params)
    seeded = [clone(unfitted).set_params(model__random_state=part.seed + seed) for seed in range(kind.seeds)]
    with config_context(enable_metadata_routing=True, skip_parameter_validation=True):
        return tuple(pipeline.fit(part.X, part.labels, groups=part.groups) for pipeline in seeded)


def _held_out(kind: Family, part: TrainingPart, params: Params) -> Array:
    """Log-odds of the training rows, each from a fit without the row's fold."""
    unfitted = pipelines.pipeline(kind, part).set_params(**params, model__random_state=part.seed)
    groups = {"groups": part.groups}
    with config_context(enable_metadata_routing=True, skip_parameter_validation=True):
        p = cross_val_predict(unfitted, part.X, part.labels, cv=part.folds, method="predict_proba", params=groups)
    return pipelines.log_odds_of(kind.model, p)


def _search(kind: Family, part: TrainingPart, seconds: float) -> tuple[Params, dict[str, Any]]:
    """The best setting on the folds: the first, and as many random ones as the time allows, judged by the first."""
    planned = 1 + kind.draws
    if planned == 1 or (seconds <= 0 and not kind.rounds):
        return kind.first, {"tried": 1, "planned": planned}
    began = time.monotonic()
    results = [_best_of_draws(kind, part, {name: [value] for name, value in kind.first.items()}, 1)]
    # Of the time, the first setting has used one such run; held-out scores and the final models will use the rest.
    reserve = 2 + kind.seeds / len(part.folds)
    draws = int(np.clip(seconds / (time.monotonic() - began) - reserve, 0, kind.draws))
    if draws:
        results.append(_best_of_draws(kind, part, kind.space, draws))
    return max(results, key=lambda result: result[0])[1], {"tried": 1 + draws, "planned": planned}


def _best_of_draws(
    kind: Family, part: TrainingPart, space: Params | Sequence[Params], draws: int
) -> tuple[float, Params]:
    """Mean score and settings of the best of some draws, with the best number of trees."""
    search = RandomizedSearchCV(
        pipelines.pipeline(kind, part).set_params(model__random_state=part.seed),
        space,
        n_iter=draws,
        scoring=stage_scores,
        cv=part.folds,
        refit=False,
        random_state=part.seed,
        error_score="raise",
    )
    with config_context(enable_metadata_routing=True, skip_parameter_validation=True):
        results = search.fit(part.X, part.labels, groups=part.groups).cv_results_
    means = pd.DataFrame(results).filter(like="mean_test_")
    draw, stage = means.stack().idxmax()
    rounds = {kind.rounds: int(stage.removeprefix("mean_test_"))} if kind.rounds else {}
    return float(means.loc[draw, stage]), results["params"][draw] | rounds


def stage_scores(fitted: Pipeline, X: Array, labels: Array) -> dict[str, float]:
    """Negative log loss after each number of trees: one fit shows how many trees are best."""
    matrix = pipelines.preprocessing(fitted).transform(X)
    stages = pipelines.stages(fitted[-1], matrix)
    # scikit-learn's log_loss takes longer than the fit of a small table's trees.
    return {str(rounds): float(np.mean(labels * raw - np.logaddexp(0.0, raw))) for rounds, raw in stages}


def calibration(raw: Array, labels: Array) -> tuple[float, float]:
    """Platt's slope and intercept of held-out scores; the slope is always positive."""
    slope, intercept = logistic(raw, labels)
    if slope >= SMALLEST_SLOPE:
        return slope, intercept
    rate = labels.mean()
    return SMALLEST_SLOPE, float(np.log(rate / (1 - rate)) - SMALLEST_SLOPE * raw.mean())
