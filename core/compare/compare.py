"""All candidates on all folds: every fold sees its own training rows, is scored once, and nothing is carried over.

The clock: each family may search for its share of the seconds left; its first setting always runs, the twins with
SMOTE only as far as time is left.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.compare import fitting, splits
from core.compare.columns import Sheet
from core.compare.encode import Encoder, fitted
from core.compare.families import FAMILIES, Fitted, Params
from core.compare.fitting import Clock, Part, Scorer
from core.compare.table import Notice, Options, Tell
from core.models.classifier import model as classify

Array = np.ndarray

# Shares of the clock in the order of running; what one leaves over, the next may use.
SHARES = {"logistic": 0.1, "lightgbm": 0.4, "boosting": 0.2, "forest": 0.2}
SMOTE_SHARE = 0.25
ALWAYS = 2  # logistic regression and LightGBM run on any machine, however slow
MANY_ROWS = 4_000  # from which three inner folds calibrate as well as five
# What a textbook does: no penalty, numbers as they are.
TEXTBOOK: Params = {"C": 1e8, "shape": "linear"}


@dataclass
class Results:
    """Scores of every candidate on the tested rows, in the order of `rows`."""

    rows: Array
    fold_names: Array
    p: dict[str, Array] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    scorers: dict[str, list[Scorer]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What all candidates stand on: the table as numbers, and its split."""

    sheet: Sheet
    labels: Array
    entities: Array
    split: splits.Split
    signs: dict[str, int]
    options: Options

    def part(self, rows: Array) -> Part:
        """The training part of some rows, with its own inner folds."""
        folds = 5 if len(rows) < MANY_ROWS else 3
        groups = pd.factorize(self.entities[rows])[0]
        inside = splits.inner(self.labels[rows], groups, self.options.seed, folds)
        return Part(self.sheet.take(rows), self.labels[rows], groups, inside, self.options.seed)


def compared(ground: Ground, tell: Tell) -> Results:
    """Scores of every candidate on every tested row."""
    folds = ground.split.folds
    results = Results(
        np.concatenate([fold.test for fold in folds]),
        np.concatenate([np.repeat(fold.name, len(fold.test)) for fold in folds]),
    )
    clock = Clock.of(ground.options.seconds)
    with workers(options=ground.options) as pool:
        run = Run(ground, results, clock, pool, [ground.part(fold.train) for fold in folds], tell)
        run.everything()
    return results


def workers(options: Options) -> ThreadPoolExecutor:
    """Threads that each fit one model with one thread: same result on any machine, and no two OpenMP teams waiting.

    OpenMP keeps its limit per calling thread, so each worker sets its own.
    """
    return ThreadPoolExecutor(options.threads, initializer=_one_thread)


def _one_thread() -> None:
    threadpool_limits(1)


@dataclass
class Run:
    """One comparison while it runs."""

    ground: Ground
    results: Results
    clock: Clock
    pool: ThreadPoolExecutor
    parts: list[Part]
    tell: Tell

    def everything(self) -> None:
        """Plain models, the blend, the bank's recipe, the twins."""
        options = self.ground.options
        names = [name for name in SHARES if name in options.models]
        for place, name in enumerate(names):
            self.tell(name, 0.1 + 0.5 * place / len(names))
            self._plain(name, names[place:])
        self._extra("recipe", recipe, self.ground.signs)
        if options.blend and len(names) > 1:
            members = [self.results.scorers[name] for name in names if name in self.results.scorers]
            self._score("blend", [fitting.blend(of, part.labels) for of, part in self._zipped(members)], 0.0)
        for place, name in enumerate(names if options.smote else []):
            self.tell(f"{name} with SMOTE", 0.6 + 0.2 * place / len(names))
            self._smote(name)

    def _zipped(self, members: list[list[Scorer]]) -> Any:
        return zip(zip(*members, strict=True), self.parts, strict=True)

    def _plain(self, name: str, waiting: list[str]) -> None:
        options = self.ground.options
        if self.clock.left() < 0 and len(self.results.p) >= ALWAYS:
            self._skipped(name)
            return
        reserve = SMOTE_SHARE if options.smote else 0.0
        share = SHARES[name] / (sum(SHARES[other] for other in waiting) + reserve)
        rounds = -(-len(self.parts) // options.threads)
        allowed = max(0.0, self.clock.left()) * share / rounds
        settings = None if options.search else [TEXTBOOK] if name == "logistic" else None
        if not options.calibrate:
            params = settings[0] if settings else FAMILIES[name].portfolio(len(self.parts[0].labels))[0]
            self._fit(name, lambda part: fitting.uncalibrated(name, part, params))
            return
        self._fit(name, lambda part: fitting.plain(name, part, Clock.of(allowed if options.search else 0.0), settings))

    def _extra(self, key: str, make: Callable[[Part, dict[str, int]], Scorer], signs: dict[str, int]) -> None:
        if signs:
            self._fit(key, lambda part: make(part, signs))

    def _smote(self, name: str) -> None:
        plain = self.results.scorers.get(name)
        if plain is None or self.clock.left() < 0:
            self._skipped(f"{name} with SMOTE")
            return
        params = {id(part): scorer.params for part, scorer in zip(self.parts, plain, strict=True)}
        self._fit(f"{name}_smote", lambda part: fitting.with_smote(name, part, params[id(part)]))

    def _skipped(self, what: str) -> None:
        text = f"{what} was not run: the {self.ground.options.seconds:.0f} seconds were used up (--seconds)"
        self.results.notices.append(Notice("", "out_of_time_budget", text))

    def _fit(self, key: str, make: Callable[[Part], Scorer]) -> None:
        began = time.monotonic()
        scorers = list(self.pool.map(make, self.parts))
        self._score(key, scorers, time.monotonic() - began)

    def _score(self, key: str, scorers: list[Scorer], seconds: float) -> None:
        began = time.monotonic()
        ground = self.ground
        pairs = zip(scorers, ground.split.folds, strict=True)
        p = [scorer.probability(ground.sheet.take(fold.test)) for scorer, fold in pairs]
        self.results.p[key] = np.concatenate(p)
        self.results.scorers[key] = scorers
        self.results.seconds[key] = seconds + time.monotonic() - began


def refitted(ground: Ground, results: Results, key: str) -> Scorer:
    """The champion learned from all rows, with the settings that did best inside the folds."""
    part = ground.part(np.arange(len(ground.labels)))
    with workers(options=ground.options) as pool:
        if key != "blend":
            return _again(ground, results, key, part)
        names = list(results.scorers["blend"][0].params["members"])
        members = list(pool.map(lambda name: _again(ground, results, name, part), names))
    return fitting.blend(members, part.labels)


def _again(ground: Ground, results: Results, key: str, part: Part) -> Scorer:
    if key == "recipe":
        return recipe(part, ground.signs)
    best = min(results.scorers[key], key=lambda scorer: scorer.search.get("inner_log_loss", 0.0))
    if key.endswith("_smote"):
        return fitting.with_smote(key.removesuffix("_smote"), part, best.params)
    if not ground.options.calibrate:
        return fitting.uncalibrated(key, part, best.params)
    return fitting.plain(key, part, Clock.of(0), [best.params])


RECIPE_SEEDS = (11, 12, 13, 14, 15)


def recipe(part: Part, signs: dict[str, int]) -> Scorer:
    """The bank's own recipe (small monotone trees, averaged seeds), calibrated like the others."""
    encoder, matrix = fitted("trees", part.sheet, part.labels, part.groups, part.seed)
    raw = np.empty(len(part.labels))
    for learn, ask in part.inner:
        raw[ask] = _grow(matrix[learn], part.labels[learn], encoder, signs, RECIPE_SEEDS[:2]).raw(matrix[ask])
    slope, intercept = fitting.calibration(raw, part.labels)
    model = _grow(matrix, part.labels, encoder, signs, RECIPE_SEEDS)
    return Scorer("recipe", encoder, model, slope, intercept, dict(classify.SMALL), slope * raw + intercept)


def _grow(matrix: Array, labels: Array, encoder: Encoder, signs: dict[str, int], seeds: tuple[int, ...]) -> Fitted:
    names = tuple(f"c{place}" for place in range(matrix.shape[1]))
    direction = tuple(signs.get(name, 0) for name in encoder.names)
    small = classify.Recipe(names, direction, names, seeds, threads=1)
    frame = pd.DataFrame(matrix, columns=list(names)).assign(label=labels)
    return Fitted("lightgbm", classify.grow(small, frame, "label"))
