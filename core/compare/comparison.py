"""Fit every candidate on every fold, score the tested rows, and keep to the time limit.

A fold's candidates learn from its training rows alone, and each tested row is scored once in a fold. Each family may
search for its share of the seconds left. Its first setting always runs; models with SMOTE run only while time is left.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from core.compare import candidates
from core.compare.candidates import Candidate
from core.compare.comparison_data import ComparisonData
from core.compare.pipelines import Params, TrainingPart
from core.compare.table import Notice, Options, Progress

Array = np.ndarray

# Shares of the time, in the order of running; the next family may use what one leaves over.
SHARES = {"logistic": 0.1, "lightgbm": 0.4, "boosting": 0.2, "forest": 0.2}
SMOTE_SHARE = 0.25
ALWAYS = 2  # logistic regression and LightGBM run on any machine, however slow
# The regression of a textbook: no penalty, numbers as they are.
TEXTBOOK: Params = {"model__C": 1e8, "encode__numbers": "passthrough"}


@dataclass
class Results:
    """Scores of every candidate on the tested rows, in the order of `rows`."""

    rows: Array
    fold_names: Array
    p: dict[str, Array] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def compare(data: ComparisonData, progress: Progress) -> Results:
    """Scores of every candidate on every tested row."""
    folds = data.split.folds
    results = Results(
        np.concatenate([fold.test for fold in folds]),
        np.concatenate([np.repeat(fold.name, len(fold.test)) for fold in folds]),
    )
    until = time.monotonic() + data.options.seconds
    with workers(data.options) as pool:
        Comparison(data, results, until, pool, [data.part(fold.train) for fold in folds], progress).run()
    return results


def workers(options: Options) -> ThreadPoolExecutor:
    """Threads that fit one model each, with one OpenMP thread: the same result on any machine, and no waiting.

    OpenMP keeps its limit per calling thread, so each worker sets its own.
    """
    # A level that the training rows do not have is a rare one by intention; the encoder warns of it at every transform.
    warnings.filterwarnings("ignore", message="Found unknown categories")
    return ThreadPoolExecutor(options.threads, initializer=threadpool_limits, initargs=(1,))


@dataclass
class Comparison:
    """A comparison while it runs; searches end at `until` (seconds of time.monotonic)."""

    data: ComparisonData
    results: Results
    until: float
    pool: ThreadPoolExecutor
    parts: list[TrainingPart]
    progress: Progress

    def run(self) -> None:
        """Fit and score the plain models, the bank's recipe, the blend and the models with SMOTE."""
        options = self.data.options
        names = [name for name in SHARES if name in options.models]
        for place, name in enumerate(names):
            self.progress(name, 0.1 + 0.5 * place / len(names))
            self._run_family(name, names[place:])
        if any(self.data.signs):
            self._fit("recipe", lambda part: candidates.calibrated_candidate("recipe", part, 0.0))
        if options.blend and options.calibrate and len(names) > 1:
            self._blend(names)
        for place, name in enumerate(names if options.smote else []):
            self.progress(f"{name} with SMOTE", 0.6 + 0.2 * place / len(names))
            self._run_smote(name)

    def _left(self) -> float:
        """Seconds left, negative when the time is up."""
        return self.until - time.monotonic()

    def _run_family(self, name: str, waiting: list[str]) -> None:
        options = self.data.options
        if self._left() < 0 and len(self.results.p) >= ALWAYS:
            self._skip(name)
            return
        params = TEXTBOOK if name == "logistic" and not options.search else None
        if not options.calibrate:
            self._fit(name, lambda part: candidates.uncalibrated_candidate(name, part, params))
            return
        share = SHARES[name] / (sum(SHARES[other] for other in waiting) + (SMOTE_SHARE if options.smote else 0.0))
        rounds = -(-len(self.parts) // options.threads)
        seconds = max(0.0, self._left()) * share / rounds if options.search else 0.0
        self._fit(name, lambda part: candidates.calibrated_candidate(name, part, seconds, params))

    def _blend(self, names: Sequence[str]) -> None:
        members = zip(*(self.results.candidates[name] for name in names if name in self.results.p), strict=True)
        pairs = zip(members, self.parts, strict=True)
        self._score("blend", [candidates.blend(models, part.labels) for models, part in pairs], 0.0)

    def _run_smote(self, name: str) -> None:
        plain = self.results.candidates.get(name)
        if plain is None or self._left() < 0:
            self._skip(f"{name} with SMOTE")
            return
        params = [candidate.params for candidate in plain]
        make = candidates.uncalibrated_candidate
        self._fit(f"{name}_smote", lambda part, settings: make(name, part, settings, smote=True), params)

    def _skip(self, what: str) -> None:
        text = f"{what} was not run: the {self.data.options.seconds:.0f} seconds were used up (--seconds)"
        self.results.notices.append(Notice("", "out_of_time_budget", text))

    def _fit(self, key: str, make: Callable[..., Candidate], *arguments: Sequence[Params]) -> None:
        began = time.monotonic()
        models = list(self.pool.map(make, self.parts, *arguments))
        self._score(key, models, time.monotonic() - began)

    def _score(self, key: str, models: list[Candidate], seconds: float) -> None:
        began = time.monotonic()
        tests = [self.data.X[fold.test] for fold in self.data.split.folds]
        p = self.pool.map(lambda model, X: model.probability(X), models, tests)
        self.results.p[key] = np.concatenate(list(p))
        self.results.candidates[key] = models
        self.results.seconds[key] = seconds + time.monotonic() - began


def refit(data: ComparisonData, results: Results, key: str) -> Candidate:
    """The champion learned from all rows, with the settings that did best inside the folds."""
    part = data.part(np.arange(len(data.labels)))
    names = [member.key for member in results.candidates[key][0].members] or [key]
    with workers(data.options) as pool:
        models = list(pool.map(lambda name: _refit_candidate(data, results, name, part), names))
    return candidates.blend(models, part.labels) if key == "blend" else models[0]


def _refit_candidate(data: ComparisonData, results: Results, key: str, part: TrainingPart) -> Candidate:
    name = key.removesuffix("_smote")
    best = min(results.candidates[name], key=lambda model: model.search.get("inner_log_loss", 0.0))
    if name == key and data.options.calibrate:
        return candidates.calibrated_candidate(name, part, 0.0, best.params)
    return candidates.uncalibrated_candidate(name, part, best.params, smote=name != key)
