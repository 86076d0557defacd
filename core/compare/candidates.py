"""A candidate: one kind of model fitted on one training part, its settings searched, its probabilities calibrated."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from imblearn.pipeline import Pipeline
from scipy.special import expit
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import ParameterSampler

from core.compare import pipelines
from core.compare.pipelines import Family, Params, TrainingPart
from core.models.classifier.model import SMALL, logistic

Array = np.ndarray

RACE = 1.005  # a setting whose loss on the first inner fold is half a percent above the best's is not finished
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
    if params is None:
        best, search = _search(kind, part, seconds)
    else:
        best, search = InnerFolds(kind, part).trial(params), {"tried": 1, "planned": 1}
    slope, intercept = calibration(best.raw, part.labels)
    held_out, search = slope * best.raw + intercept, search | {"inner_log_loss": best.loss}
    return Candidate(name, _fit(kind, part, best.params), (), slope, intercept, best.params, held_out, search)


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
    """One pipeline a seed; they share the steps before the model, and rows that SMOTE made up."""
    unfitted = pipelines.pipeline(kind, part, smote).set_params(**params)
    steps, y = pipelines.preprocessing(unfitted), part.labels
    with _scikit_learn():
        X = steps.fit_transform(part.X, y, groups=part.groups)
        if smote:
            X, y = unfitted["smote"].fit_resample(X, y)
        models = [clone(unfitted[-1]).set_params(random_state=part.seed + seed) for seed in range(kind.seeds)]
        return tuple(Pipeline([*steps.steps, ("model", model.fit(X, y))]) for model in models)


def _scikit_learn() -> AbstractContextManager[None]:
    """Groups reach the encoder of event rates; settings are not checked at every fit."""
    return config_context(enable_metadata_routing=True, skip_parameter_validation=True)


@dataclass(frozen=True)
class Trial:
    """One setting on the inner folds: held-out log-odds and their loss, infinite if only the first fold was fitted."""

    params: Params
    raw: Array
    loss: float
    first_loss: float  # on the first fold
    seconds: float


class InnerFolds:
    """The inner folds of a part, encoded once for all settings of the model, each from its own learning rows.

    RandomizedSearchCV encodes for every setting, has no held-out rows to stop trees on, and finishes settings that are
    behind: 2.4 times the CPU of a first setting of LightGBM on COIL 2000, 3.5 times for boosting.
    """

    def __init__(self, kind: Family, part: TrainingPart) -> None:
        self.kind, self.part = kind, part
        self.matrices: dict[tuple[str, int], tuple[Array, Array]] = {}

    def trial(self, params: Params, limit: float = np.inf) -> Trial:
        """One setting on every fold, or on the first alone if its loss there is above `limit`."""
        began, labels, raw = time.monotonic(), self.part.labels, np.zeros(len(self.part.labels))
        unfitted = pipelines.pipeline(self.kind, self.part).set_params(**params, model__random_state=self.part.seed)
        fits, first_loss = [], np.inf
        for place, (_, held_out) in enumerate(self.part.folds):
            fits.append(self._fit(unfitted, params, place))
            if place == 0:
                first_loss = calibrated_loss(pipelines.log_odds(*fits[0]), labels[held_out])
            if first_loss > limit:
                return Trial(params, raw, np.inf, first_loss, time.monotonic() - began)
        if rounds := int(np.median([fit[-1] for fit in fits])):
            params = params | {self.kind.rounds: rounds}
        for (model, X, _), (_, held_out) in zip(fits, self.part.folds, strict=True):
            raw[held_out] = pipelines.log_odds(model, X, rounds)
        return Trial(params, raw, calibrated_loss(raw, labels), first_loss, time.monotonic() - began)

    def _fit(self, unfitted: Pipeline, params: Params, place: int) -> tuple[Any, Array, int]:
        """Model of a fold, matrix of its held-out rows, best number of trees (0: none, or `params` has it)."""
        labels, (learn, held_out), model = self.part.labels, self.part.folds[place], clone(unfitted[-1])
        with _scikit_learn():
            X, X_held_out = self._encoded(unfitted[:-1], params, place)
            if self.kind.rounds and self.kind.rounds not in params:
                return model, X_held_out, pipelines.fit_to_best(model, X, labels[learn], X_held_out, labels[held_out])
            return model.fit(X, labels[learn]), X_held_out, 0

    def _encoded(self, encoder: Pipeline, params: Params, place: int) -> tuple[Array, Array]:
        """Matrices of a fold's learning and held-out rows."""
        part, (learn, held_out) = self.part, self.part.folds[place]
        key = str({name: value for name, value in params.items() if not name.startswith("model__")}), place
        if key not in self.matrices:
            X = encoder.fit_transform(part.X[learn], part.labels[learn], groups=part.groups[learn])
            self.matrices[key] = X, encoder.transform(part.X[held_out])
        return self.matrices[key]


def _search(kind: Family, part: TrainingPart, seconds: float) -> tuple[Trial, dict[str, Any]]:
    """The best setting on the folds: the first, and random ones while there is time for them and the final fits."""
    until, folds = time.monotonic() + seconds, InnerFolds(kind, part)
    best = folds.trial(kind.first)
    tried, longest = 1, best.seconds
    for params in ParameterSampler(kind.space, kind.draws, random_state=part.seed) if kind.draws else ():
        final_fits = best.seconds * kind.seeds / (len(part.folds) - 1)
        if time.monotonic() + longest + final_fits > until:
            break
        trial = folds.trial(params, RACE * best.first_loss)
        best, tried, longest = min(best, trial, key=lambda run: run.loss), tried + 1, max(longest, trial.seconds)
    return best, {"tried": tried, "planned": 1 + kind.draws}


def calibration(raw: Array, labels: Array) -> tuple[float, float]:
    """Platt's slope and intercept of held-out scores; the slope is always positive."""
    slope, intercept = logistic(raw, labels)
    if slope >= SMALLEST_SLOPE:
        return slope, intercept
    rate = labels.mean()
    return SMALLEST_SLOPE, float(np.log(rate / (1 - rate)) - SMALLEST_SLOPE * raw.mean())


def calibrated_loss(raw: Array, labels: Array) -> float:
    """Log loss after calibration on the same rows: settings are compared by order and shape, not by level."""
    slope, intercept = calibration(raw, labels)
    log_odds = slope * raw + intercept
    return float(np.mean(np.logaddexp(0.0, log_odds) - labels * log_odds))
