"""Forecasts of every trade-area series one quarter ahead, made quarter by quarter as they would have been made then.

For each quarter: features, learners and regions from the columns before it; weights, gates and intervals from how the
forecasts of still earlier quarters fared. The outcome of a quarter is looked at only from the next one on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.models.forecast import hierarchy, hierarchy_weights
from core.models.forecast.city import baselines, blend, intervals, learners
from core.models.forecast.city.blend import Outcome
from core.models.forecast.city.category_moves import changed, expected, moves
from core.models.forecast.city.features import features, prepared
from core.models.forecast.city.panel import Array, Panel, shifted
from core.models.forecast.city.regions import regions

# Quarters whose rows are learned from, and forecast quarters from which weights and intervals are learned, at most.
TAUGHT = 12
JUDGED = 12
LEVELS = hierarchy.LEVELS
MODELS = ("combined", *LEVELS, "last_value", "seasonal_naive", "moving_average", "auto_theta")


@dataclass(frozen=True)
class Learned:
    """What was fitted before one quarter, and what it says of the series: log corrections, (n_series,)."""

    line: learners.Line
    trees: hierarchy.Hierarchy
    levels: hierarchy.Said
    verdict: hierarchy_weights.Weights | None
    said: Mapping[str, Array]


@dataclass(frozen=True)
class Step:
    """The forecasts of one quarter, model -> (n_series,), their bounds, and how they came about."""

    target: int
    last: Array
    scale: Array
    regions: Array
    season: Array
    learned: Learned | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    gates: Mapping[str, bool] = field(default_factory=dict)
    forecasts: Mapping[str, Array] = field(default_factory=dict)
    bounds: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    short: int = 0

    def expected(self) -> Array:
        """The common move that is believed, (n_series,): the season, or none where it did not pay."""
        return self.season if self.gates.get("season", True) else np.zeros_like(self.season)

    def mixture(self) -> Array:
        """What season and learners say together, (n_series,), whether or not it is served."""
        said = self.learned.said if self.learned else {}
        beyond = sum((share * said[name] for name, share in self.weights.items() if name in said), self.expected())
        found: Array = self.last * np.exp(beyond)
        return found


@dataclass(frozen=True)
class Past:
    """The steps before a quarter with what came of them; `known` is all that was known."""

    known: Panel
    steps: Sequence[Step]
    moved: Array

    def column(self, step: Step) -> int:
        """Where the step's target stands in what is known."""
        return self.known.quarters.index(step.target)

    def outcomes(self) -> list[Outcome]:
        """What the blend learns from: the steps that had learners."""
        return [self._outcome(step) for step in self.steps if step.learned]

    def _outcome(self, step: Step) -> Outcome:
        said = step.learned.said if step.learned else {}
        moved, actual = self.moved[:, self.column(step)], self.known.at(step.target)
        return Outcome(step.target, step.last, actual, said, step.season, moved, step.mixture())


Tell = Callable[[str, float], None]


def rolled(
    panel: Panel, first: int, last: int, theta: bool = False, tell: Tell | None = None, judged: int = JUDGED
) -> Iterator[Step]:
    """The steps of the quarters from first to last; `judged` earlier ones are forecast too, to learn weights from."""
    panel = prepared(panel)
    measured: dict[int, Array] = {}
    steps: list[Step] = []
    start = max(shifted(panel.quarters[0], 2), shifted(first, -judged))
    taught = max(shifted(panel.quarters[0], 2), shifted(start, -TAUGHT))
    ahead = taught
    while ahead <= last:
        known = panel.before(ahead)
        measured[ahead] = features(known)
        if ahead >= start:
            if tell:
                tell(f"{ahead}", len(steps) / (len(steps) + 1))
            steps.append(step(known, measured, steps[-JUDGED:], ahead, theta and ahead >= first))
        if ahead >= first:
            yield steps[-1]
        ahead = shifted(ahead, 1)


def step(known: Panel, measured: Mapping[int, Array], earlier: Sequence[Step], target: int, theta: bool) -> Step:
    """The forecasts of one quarter from what lies before it; `measured` holds the features of it and earlier ones."""
    moved = moves(known)
    past = Past(known, earlier, moved)
    last = baselines.last_value(known.values["sales"])
    season = expected(moved, known.quarters, target)
    bare = Step(target, last, intervals.scale(known), regions(known), season)
    outcomes = past.outcomes()
    taught = sorted(measured)[-TAUGHT - 1 : -1]
    learned = _learned(past, bare, {quarter: measured[quarter] for quarter in taught}, measured[target])
    shares = blend.weights(outcomes)
    gates = {"season": blend.season_pays(outcomes), "combination": blend.combination_pays(outcomes)}
    found = replace(bare, learned=learned, gates=gates, weights=shares)
    forecasts, short = _baselines(known, theta)
    full = replace(found, forecasts=_models(found) | forecasts, short=short)
    return replace(full, bounds=_bounds(past, full))


def _learned(past: Past, bare: Step, taught: Mapping[int, Array], values: Array) -> Learned | None:
    """Line and trees fitted on earlier quarters; None while there is nothing to learn from."""
    known = past.known
    rows = learners.lesson(known, taught)
    if not len(rows.outcome):
        return None
    line, trees = learners.line(rows), learners.trees(known, bare.regions, rows)
    asked = learners.rows_of(known, bare.regions, _question(values))
    levels = hierarchy.predict(trees, asked)
    verdict = _verdict(past, trees)
    mixed = verdict.combined(levels, asked) if verdict else levels.whole
    return Learned(line, trees, levels, verdict, {"line": line.says(values), "trees": mixed})


def _question(values: Array) -> learners.Lesson:
    """Rows whose outcome lies ahead."""
    n = len(values)
    return learners.Lesson(values, np.zeros(n), np.ones(n), np.zeros(n, dtype=int), np.arange(n))


def _verdict(past: Past, trees: hierarchy.Hierarchy) -> hierarchy_weights.Weights | None:
    """Gates and weights of the levels, from what they said of earlier quarters; None while they said nothing."""
    steps = [one for one in past.steps if one.learned]
    if not steps:
        return None
    parts = [_judged(past, one) for one in steps]
    rows = learners.joined([found for found, _ in parts])
    region = np.concatenate([one.regions[found.series] for one, (found, _) in zip(steps, parts, strict=True)])
    asked = replace(learners.rows_of(past.known, steps[-1].regions, rows), region=region)

    def loss(said: Array) -> Array:
        return np.abs(rows.outcome - said) * rows.weights()

    seen = hierarchy_weights.Validation(asked, hierarchy.Said.joined([said for _, said in parts]), loss, rows.period)
    return hierarchy_weights.decide(seen, trees.counts)


def _judged(past: Past, one: Step) -> tuple[learners.Lesson, hierarchy.Said]:
    """Series of an earlier quarter whose outcome is known, and what the levels had said of them."""
    column = past.column(one)
    beyond = changed(past.known)[:, column] - past.moved[:, column]
    there = np.flatnonzero(np.isfinite(beyond))
    outcome = np.clip(beyond[there], -learners.OUTCOME, learners.OUTCOME)
    period, nothing = np.full(len(there), column), np.zeros((len(there), 0))
    assert one.learned is not None
    return learners.Lesson(nothing, outcome, one.last[there], period, there), one.learned.levels.where(there)


def _models(found: Step) -> dict[str, Array]:
    """What the trained models forecast; a level that has no model for a series says what the one above says."""
    season = found.expected()
    if not found.learned:
        return dict.fromkeys(("combined", *LEVELS), found.last * np.exp(season))
    combined = found.mixture()
    above, models = found.learned.levels.whole, {}
    for level in LEVELS:
        own = found.learned.levels.of(level)
        above = np.where(np.isnan(own), above, own)
        models[level] = found.last * np.exp(season + above)
    return {"combined": combined if found.gates["combination"] else found.last} | models


def _baselines(known: Panel, theta: bool) -> tuple[dict[str, Array], int]:
    """The forecasts that need no training; AutoTheta only where asked, and how many series were too short for it."""
    sales = known.values["sales"]
    found = {
        "last_value": baselines.last_value(sales),
        "seasonal_naive": baselines.seasonal_naive(sales),
        "moving_average": baselines.moving_average(sales),
    }
    short = 0
    if theta:
        found["auto_theta"], short = baselines.auto_theta(sales)
    alive = np.isfinite(found["last_value"])
    return {name: np.where(alive, values, np.nan) for name, values in found.items()}, short


def _bounds(past: Past, found: Step) -> dict[str, dict[str, Array]]:
    """Bounds of every model's forecasts, from what that model missed by in earlier quarters."""
    before_all = intervals.misses(past.known)
    bounds = {}
    for name, forecast in found.forecasts.items():
        own = [_missed(past, one, name) for one in past.steps if name in one.forecasts]
        bounds[name] = intervals.bounds(forecast, found.scale, own or before_all)
    return bounds


def _missed(past: Past, one: Step, model: str) -> intervals.Miss:
    actual, forecast = past.known.at(one.target), one.forecasts[model]
    fair = (actual > 0) & (forecast > 0)
    ratio = np.divide(actual, forecast, out=np.full(len(actual), np.nan), where=fair)
    return intervals.Miss(np.log(ratio) / one.scale)
