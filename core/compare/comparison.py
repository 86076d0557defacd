"""All candidates on all folds: every fold sees its own training rows, is scored once, and nothing is carried over.

The clock: each family may search for its share of the seconds left; its first setting always runs, the twins with
SMOTE only as far as time is left.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from core.compare import candidates
from core.compare.candidates import Candidate, Clock
from core.compare.comparison_data import ComparisonData
from core.compare.pipelines import Params, TrainingPart
from core.compare.table import Notice, Options, Progress

Array = np.ndarray

# Shares of the clock in the order of running; what one leaves over, the next may use.
SHARES = {"logistic": 0.1, "lightgbm": 0.4, "boosting": 0.2, "forest": 0.2}
SMOTE_SHARE = 0.25
ALWAYS = 2  # logistic regression and LightGBM run on any machine, however slow
# What a textbook does: no penalty, numbers as they are.
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


def compared(data: ComparisonData, progress: Progress) -> Results:
    """Scores of every candidate on every tested row."""
    folds = data.split.folds
    results = Results(
        np.concatenate([fold.test for fold in folds]),
        np.concatenate([np.repeat(fold.name, len(fold.test)) for fold in folds]),
    )
    clock = Clock.of(data.options.seconds)
    with workers(data.options) as pool:
        Comparison(data, results, clock, pool, [data.part(fold.train) for fold in folds], progress).run()
    return results


def workers(options: Options) -> ThreadPoolExecutor:
    """Threads that each fit one model with one thread: same result on any machine, and no two OpenMP teams waiting.

    OpenMP keeps its limit per calling thread, so each worker sets its own.
    """
    return ThreadPoolExecutor(options.threads, initializer=_one_thread)


def _one_thread() -> None:
    threadpool_limits(1)


@dataclass
class Comparison:
    """One comparison while it runs."""

    data: ComparisonData
    results: Results
    clock: Clock
    pool: ThreadPoolExecutor
    parts: list[TrainingPart]
    progress: Progress

    def run(self) -> None:
        """Plain models, the bank's recipe, the blend, the twins with SMOTE."""
        options = self.data.options
        names = [name for name in SHARES if name in options.models]
        for place, name in enumerate(names):
            self.progress(name, 0.1 + 0.5 * place / len(names))
            self._run_family(name, names[place:])
        if any(self.data.signs):
            self._fit("recipe", lambda part: candidates.calibrated("recipe", part, 0.0))
        if options.blend and len(names) > 1:
            members = zip(*(self.results.candidates[name] for name in names if name in self.results.p), strict=True)
            pairs = zip(members, self.parts, strict=True)
            self._score("blend", [candidates.blend(models, part.labels) for models, part in pairs], 0.0)
        for place, name in enumerate(names if options.smote else []):
            self.progress(f"{name} with SMOTE", 0.6 + 0.2 * place / len(names))
            self._run_smote(name)

    def _run_family(self, name: str, waiting: list[str]) -> None:
        options = self.data.options
        if self.clock.left() < 0 and len(self.results.p) >= ALWAYS:
            self._skip(name)
            return
        params = TEXTBOOK if name == "logistic" and not options.search else None
        if not options.calibrate:
            self._fit(name, lambda part: candidates.uncalibrated(name, part, params))
            return
        share = SHARES[name] / (sum(SHARES[other] for other in waiting) + (SMOTE_SHARE if options.smote else 0.0))
        rounds = -(-len(self.parts) // options.threads)
        seconds = max(0.0, self.clock.left()) * share / rounds if options.search else 0.0
        self._fit(name, lambda part: candidates.calibrated(name, part, seconds, params))

    def _run_smote(self, name: str) -> None:
        plain = self.results.candidates.get(name)
        if plain is None or self.clock.left() < 0:
            self._skip(f"{name} with SMOTE")
            return
        params = {id(part): candidate.params for part, candidate in zip(self.parts, plain, strict=True)}
        self._fit(f"{name}_smote", lambda part: candidates.uncalibrated(name, part, params[id(part)], smote=True))

    def _skip(self, what: str) -> None:
        text = f"{what} was not run: the {self.data.options.seconds:.0f} seconds were used up (--seconds)"
        self.results.notices.append(Notice("", "out_of_time_budget", text))

    def _fit(self, key: str, make: Callable[[TrainingPart], Candidate]) -> None:
        began = time.monotonic()
        models = list(self.pool.map(make, self.parts))
        self._score(key, models, time.monotonic() - began)

    def _score(self, key: str, models: list[Candidate], seconds: float) -> None:
        began = time.monotonic()
        tests = [self.data.X[fold.test] for fold in self.data.split.folds]
        p = self.pool.map(lambda model, X: model.probability(X), models, tests)
        self.results.p[key] = np.concatenate(list(p))
        self.results.candidates[key] = models
        self.results.seconds[key] = seconds + time.monotonic() - began


def refitted(data: ComparisonData, results: Results, key: str) -> Candidate:
    """The champion learned from all rows, with the settings that did best inside the folds."""
    part = data.part(np.arange(len(data.labels)))
    names = [member.key for member in results.candidates[key][0].members] or [key]
    with workers(data.options) as pool:
        models = list(pool.map(lambda name: _refitted(data, results, name, part), names))
    return candidates.blend(models, part.labels) if key == "blend" else models[0]


def _refitted(data: ComparisonData, results: Results, key: str, part: TrainingPart) -> Candidate:
    name = key.removesuffix("_smote")
    best = min(results.candidates[name], key=lambda model: model.search.get("inner_log_loss", 0.0))
    if name == key and data.options.calibrate:
        return candidates.calibrated(name, part, 0.0, best.params)
    return candidates.uncalibrated(name, part, best.params, smote=name != key)
