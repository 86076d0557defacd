"""One candidate on one training part: settings searched, scores cross-fitted, calibrated, fitted; nothing else is seen.

The inner folds are the same for every family, so that their cross-fitted scores can be blended row by row.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE

from core.compare.columns import Sheet
from core.compare.encode import Encoder, fitted
from core.compare.families import FAMILIES, Data, Family, Fitted, Params
from core.models.classifier.model import logistic, sigmoid

Array = np.ndarray

RACE = 1.005  # a setting whose first inner fold is half a percent worse than the best's is not finished
SMALLEST_SLOPE = 0.05  # a model without any signal still must not turn its own order round


@dataclass(frozen=True)
class Part:
    """A training part: its rows, labels, groups (entities as numbers) and inner folds."""

    sheet: Sheet
    labels: Array
    groups: Array
    inner: Sequence[tuple[Array, Array]]
    seed: int


@dataclass(frozen=True)
class Clock:
    """A time until which things that may be cut may be begun."""

    until: float

    @classmethod
    def of(cls, seconds: float) -> "Clock":
        """A clock that runs out in `seconds`."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, negative when it has run out."""
        return self.until - time.monotonic()


@dataclass
class Scorer:
    """A candidate ready for rows: encoder, model, calibration."""

    key: str
    encoder: Encoder | None
    model: Any
    slope: float = 1.0
    intercept: float = 0.0
    params: Params = field(default_factory=dict)
    held_out: Array = field(default_factory=lambda: np.empty(0))  # calibrated log-odds of its own training rows
    search: dict[str, Any] = field(default_factory=dict)

    def log_odds(self, sheet: Sheet) -> Array:
        """Calibrated log-odds, (n,)."""
        matrix = self.encoder.transform(sheet) if self.encoder else sheet
        return self.slope * self.model.raw(matrix) + self.intercept

    def probability(self, sheet: Sheet) -> Array:
        """Calibrated probability, (n,)."""
        return sigmoid(self.log_odds(sheet))


@dataclass
class Tried:
    """One setting and how it did on the inner folds."""

    params: Params
    raw: Array
    rounds: int
    loss: float
    first: float


@dataclass
class Search:
    """The inner folds' matrices, made once a shape; settings are tried on them."""

    family: Family
    part: Part
    made: dict[str, list[tuple[Data, Array]]] = field(default_factory=dict)

    def prepared(self, params: Params) -> list[tuple[Data, Array]]:
        """Learning data of each inner fold and the numbers of its held-out rows."""
        kind = self.family.kind(params)
        if kind not in self.made:
            self.made[kind] = [self._fold(kind, learn, ask) for learn, ask in self.part.inner]
        return self.made[kind]

    def _fold(self, kind: Any, learn: Array, ask: Array) -> tuple[Data, Array]:
        part = self.part
        encoder, matrix = fitted(kind, part.sheet.take(learn), part.labels[learn], part.groups[learn], part.seed)
        valid = (encoder.transform(part.sheet.take(ask)), part.labels[ask])
        return Data(matrix, part.labels[learn], encoder.categorical, valid), ask

    def run(self, params: Params, best: Tried | None) -> Tried | None:
        """Cross-fitted scores of one setting; None when it fell behind on the first fold."""
        raw, rounds, models = np.empty(len(self.part.labels)), [], []
        first = np.inf
        for number, (data, ask) in enumerate(self.prepared(params)):
            assert data.valid is not None
            model = self.family.fit(data, params, self.part.seed)
            raw[ask] = model.raw(data.valid[0])
            rounds.append(model.rounds)
            models.append((model, data.valid[0], ask))
            if number == 0:
                first = calibrated_loss(raw[ask], data.valid[1])
                if best is not None and first > RACE * best.first:
                    return None
        middle = int(np.median(rounds))
        for model, matrix, ask in models if middle and self.family.name == "lightgbm" else []:
            raw[ask] = Fitted(model.family, model.models, middle).raw(matrix)
        return Tried(params, raw, middle, calibrated_loss(raw, self.part.labels), first)


def searched(family: Family, part: Part, clock: Clock, settings: Sequence[Params]) -> tuple[Tried, dict[str, Any]]:
    """The best setting on the inner folds; the first is always tried, the others while the clock runs."""
    search = Search(family, part)
    best, tried, slowest = None, 0, 0.0
    for params in settings:
        if best is not None and clock.left() < slowest:
            break
        began = time.monotonic()
        found = search.run(params, best)
        tried += 1
        slowest = max(slowest, time.monotonic() - began)
        if found is not None and (best is None or found.loss < best.loss):
            best = found
    assert best is not None
    return best, {"tried": tried, "planned": len(settings), "inner_log_loss": best.loss}


def plain(name: str, part: Part, clock: Clock, settings: Sequence[Params] | None = None) -> Scorer:
    """A candidate of a family: searched, calibrated on its cross-fitted scores, fitted on the whole part."""
    family = FAMILIES[name]
    best, note = searched(family, part, clock, settings or family.portfolio(len(part.labels)))
    slope, intercept = calibration(best.raw, part.labels)
    params = best.params | ({"rounds": grown_rounds(best.rounds, len(part.inner))} if best.rounds else {})
    encoder, matrix = fitted(family.kind(params), part.sheet, part.labels, part.groups, part.seed)
    model = family.fit(Data(matrix, part.labels, encoder.categorical), params, part.seed)
    return Scorer(name, encoder, model, slope, intercept, params, slope * best.raw + intercept, note)


def uncalibrated(name: str, part: Part, params: Params) -> Scorer:
    """A candidate with given settings, its probabilities as they come: what a textbook's regression is."""
    family = FAMILIES[name]
    encoder, matrix = fitted(family.kind(params), part.sheet, part.labels, part.groups, part.seed)
    model = family.fit(Data(matrix, part.labels, encoder.categorical), params, part.seed)
    return Scorer(name, encoder, model, 1.0, 0.0, params, model.raw(matrix))


def grown_rounds(rounds: int, folds: int) -> int:
    """More rows carry more rounds: the inner folds learned from (folds - 1) / folds of them.

    >>> grown_rounds(100, 5)
    106
    """
    return max(1, round(rounds * (folds / (folds - 1)) ** 0.25 - 1e-9))


def with_smote(name: str, part: Part, params: Params) -> Scorer:
    """The family's twin on a training part filled up with made-up events, its probabilities left as they come.

    Only the training part is encoded, filled and resampled; whatever SMOTE does to the probabilities stays visible.
    """
    family = FAMILIES[name]
    encoder, matrix = fitted(_smote_kind(family, params), part.sheet, part.labels, part.groups, part.seed)
    filler = Filler.of(matrix)
    least = int(min(part.labels.sum(), (part.labels == 0).sum()))
    maker = SMOTE(k_neighbors=min(5, least - 1), random_state=part.seed)
    more, labels = maker.fit_resample(filler.scaled(matrix), part.labels)
    model = family.fit(Data(np.ascontiguousarray(more), labels, []), params, part.seed)
    return Scorer(f"{name}_smote", encoder, Filled(model, filler), params=params)


def _smote_kind(family: Family, params: Params) -> Any:
    kind = family.kind(params)
    return "trees" if kind == "native" else kind


@dataclass(frozen=True)
class Filler:
    """Medians and spreads of a training matrix: SMOTE measures distances, so nothing may be missing or loom large."""

    centre: Array
    spread: Array

    @classmethod
    def of(cls, matrix: Array) -> "Filler":
        """Learned from the training part."""
        known = np.where(np.isnan(matrix).all(axis=0), 0.0, matrix)
        spread = np.nanstd(known, axis=0)
        return cls(np.nanmedian(known, axis=0), np.where(spread > 0, spread, 1.0))

    def scaled(self, matrix: Array) -> Array:
        """Filled and scaled."""
        return (np.where(np.isnan(matrix), self.centre, matrix) - self.centre) / self.spread


@dataclass(frozen=True)
class Filled:
    """A model that wants its matrix filled and scaled first."""

    model: Fitted
    filler: Filler

    def raw(self, matrix: Array) -> Array:
        """Log-odds, (n,)."""
        return self.model.raw(self.filler.scaled(matrix))


@dataclass(frozen=True)
class Blend:
    """Weighted mean of the members' calibrated log-odds."""

    members: tuple[Scorer, ...]
    weights: tuple[float, ...]

    def raw(self, sheet: Sheet) -> Array:
        """Log-odds, (n,)."""
        parts = [weight * member.log_odds(sheet) for weight, member in zip(self.weights, self.members, strict=True)]
        return np.sum(parts, axis=0)


def blend(members: Sequence[Scorer], labels: Array) -> Scorer:
    """The members' mean, calibrated on the mean of their cross-fitted scores."""
    weights = tuple(1 / len(members) for _ in members)
    raw = np.sum([weight * member.held_out for weight, member in zip(weights, members, strict=True)], axis=0)
    slope, intercept = calibration(raw, labels)
    params = {"members": {member.key: weight for member, weight in zip(members, weights, strict=True)}}
    return Scorer("blend", None, Blend(tuple(members), weights), slope, intercept, params, slope * raw + intercept)


def calibration(raw: Array, labels: Array) -> tuple[float, float]:
    """Platt's slope and intercept of cross-fitted scores; never a slope that turns the order round."""
    slope, intercept = logistic(raw, labels)
    if slope >= SMALLEST_SLOPE:
        return slope, intercept
    rate = labels.mean()
    return SMALLEST_SLOPE, float(np.log(rate / (1 - rate)) - SMALLEST_SLOPE * raw.mean())


def calibrated_loss(raw: Array, labels: Array) -> float:
    """Log loss after calibration on the same rows: settings are compared by order and shape, not by their level."""
    slope, intercept = calibration(raw, labels)
    log_odds = slope * raw + intercept
    return float((np.logaddexp(0.0, log_odds) - labels * log_odds).mean())
