"""What-if analysis and counterfactuals: how a model's answer changes with its inputs, and the least change to a target.

A lever is one action that the owner or the bank can take. It changes every feature that depends on that action: higher
sales change five features. Features without a lever cannot be changed. The results describe the model's answer; they
promise nothing about the business.

Reads  data/reference/levers.csv, lever_moves.csv
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, product

import numpy as np

from core import reference
from core.errors import ConfigError, DataError
from core.models.classifier.explain import WhatIf, row_of, what_if
from core.models.classifier.model import Model

__all__ = ["Change", "Lever", "WhatIf", "changed_values", "counterfactual", "lever_values", "levers", "what_if"]

Array = np.ndarray

MAX_CHANGES = 3
ACTORS = ("owner", "bank", "nobody")
GRID_SETS = 5  # sets of levers whose amounts are searched: those with the largest effect
GRID_AMOUNTS = 6  # amounts per lever in a grid: a set of three has 216 rows
MIN_EFFECT = 1e-9  # log-odds; a smaller difference between two amounts is rounding


@dataclass(frozen=True)
class Move:
    """Effect of a lever on one feature. With amount x: add per_unit x, log per_unit ln(1+x), scale (1+x)^per_unit."""

    feature: str
    how: str
    per_unit: float
    low: float
    high: float

    def __call__(self, value: Array, amount: Array) -> Array:
        """New values. Missing values stay missing; no value moves further outside the bounds than it was."""
        moved = _HOW[self.how](value, self.per_unit, amount)
        up = np.minimum(moved, np.fmax(value, self.high))
        return np.where(moved > value, up, np.maximum(moved, np.fmin(value, self.low)))


_HOW = {
    "add": lambda value, per, x: value + per * x,
    "log": lambda value, per, x: value + per * np.log1p(x),
    "scale": lambda value, per, x: value * (1 + x) ** per,
    "lower_to": lambda value, per, _: np.minimum(value, per),
    "raise_to": lambda value, per, _: np.maximum(value, per),
}


@dataclass(frozen=True)
class Lever:
    """One action: its `amounts` from the smallest step to the largest, who takes it, and the features it changes."""

    lever: str
    model: str
    unit: str
    amounts: tuple[float, ...]
    changed_by: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Change:
    """A lever with its amount, who takes the action, and the effect on each feature, (from, to)."""

    lever: str
    amount: float
    unit: str
    changed_by: str
    features: Mapping[str, tuple[float, float]]


@cache
def levers(model: str, changed_by: tuple[str, ...] = ("owner", "bank")) -> tuple[Lever, ...]:
    """The levers of a model that these actors can use ("nobody": scenarios such as the market).

    >>> [lever.lever for lever in levers("default", ("nobody",))]
    ['market']
    """
    rows = reference.rows("levers.csv")
    return tuple(_lever(row) for row in rows if row["model"] == model and row["changed_by"] in changed_by)


def _lever(row: dict[str, str]) -> Lever:
    key = (row["model"], row["lever"])
    moves = tuple(_move(move) for move in reference.rows("lever_moves.csv") if (move["model"], move["lever"]) == key)
    if not moves or row["changed_by"] not in ACTORS:
        raise ConfigError(f"levers.csv: {row['lever']!r} moves nothing or is changed by {row['changed_by']!r}")
    amounts = _amounts(float(row["first"]), float(row["last"]), float(row["step"]))
    return Lever(row["lever"], row["model"], row["unit"], amounts, row["changed_by"], moves)


def _move(row: dict[str, str]) -> Move:
    if row["how"] not in _HOW:
        raise ConfigError(f"lever_moves.csv: how is {row['how']!r}, must be one of {', '.join(_HOW)}")
    low, high = float(row["low"] or "-inf"), float(row["high"] or "inf")
    return Move(row["feature"], row["how"], float(row["per_unit"]), low, high)


def _amounts(first: float, last: float, step: float) -> tuple[float, ...]:
    """Amounts from first to last, both included, without zero.

    >>> _amounts(-0.1, -0.3, 0.1)
    (-0.1, -0.2, -0.3)
    """
    steps = round(abs(last - first) / step)
    return tuple(float(amount) for amount in np.linspace(first, last, steps + 1).round(6) if amount)


def lever_values(lever: Lever, amount: float, row: Mapping[str, float]) -> dict[str, float]:
    """New values of the features that the lever changes: the `changes` of what_if.

    >>> values = lever_values(levers("default")[0], 0.1, {move.feature: 0.0 for move in levers("default")[0].moves})
    >>> round(values["revenue_change_yoy"], 4), values["debt_to_revenue"]
    (0.0953, 0.0)
    """
    moved = {move.feature: move(np.array(row[move.feature], float), np.array(amount)) for move in lever.moves}
    return {feature: float(value) for feature, value in moved.items()}


def changed_values(changes: Iterable[Change]) -> dict[str, float]:
    """The `changes` of what_if for several levers, applied one after the other."""
    return {feature: to for change in changes for feature, (_, to) in change.features.items()}


def counterfactual(model: Model, row: Mapping[str, float], available: Sequence[Lever], target: float) -> list[Change]:
    """The fewest and smallest changes (at most three levers) that bring the model's probability down to `target`.

    Empty when the probability is low enough already, and when no three levers within their bounds reach the target.
    Levers that nobody can use are left out.

    Raises
    ------
    DataError : target is not between 0 and 1, or the row lacks a feature
    """
    if not 0 < target < 1:
        raise DataError(f"target is {target!r}, must be a probability between 0 and 1")
    usable = tuple(lever for lever in available if lever.changed_by != "nobody")
    search = _Search(model, row_of(model, row), usable, float(np.log(target / (1 - target))))
    if not usable or search.log_odds(np.zeros((1, len(usable))))[0] <= search.goal:
        return []
    best = search.best_amounts()
    for size in range(1, MAX_CHANGES + 1):
        amounts = search.least_effort(search.sufficient_sets(best, size))
        if amounts is not None:
            return search.changes(amounts)
    return []


@dataclass(frozen=True)
class _Search:
    """Search for amounts of `levers` that bring the log-odds of one business down to `goal`.

    Candidates are matrices of amounts, (n, n_levers); 0 means that the lever is not used.
    """

    model: Model
    start: Array
    levers: Sequence[Lever]
    goal: float

    def values(self, amounts: Array) -> Array:
        """Feature values after the levers in their order, (n, n_features)."""
        values = np.repeat(self.start[None, :], len(amounts), axis=0)
        for lever, column in zip(self.levers, amounts.T, strict=True):
            used = column != 0
            for move in lever.moves:
                feature = self.model.features.index(move.feature)
                values[used, feature] = move(values[used, feature], column[used])
        return values

    def log_odds(self, amounts: Array) -> Array:
        """The model's answer for each candidate, (n,)."""
        return self.model.log_odds(self.values(amounts))

    def best_amounts(self) -> Array:
        """For each lever the smallest of the amounts that lower the risk most, (n_levers,); 0 where none lowers it."""
        pairs = [(place, amount) for place, lever in enumerate(self.levers) for amount in lever.amounts]
        candidates = np.zeros((1 + len(pairs), len(self.levers)))  # row 0: no lever
        for row, (place, amount) in zip(candidates[1:], pairs, strict=True):
            row[place] = amount
        now, *log_odds = self.log_odds(candidates).tolist()
        best, lowest = np.zeros(len(self.levers)), [now] * len(self.levers)
        for (place, amount), after in zip(pairs, log_odds, strict=True):
            if after < lowest[place] - MIN_EFFECT:
                best[place], lowest[place] = amount, after
        return best

    def sufficient_sets(self, best: Array, size: int) -> list[tuple[int, ...]]:
        """Sets of `size` levers that reach the goal with their best amounts, those with the largest effect first."""
        sets = list(combinations(np.flatnonzero(best).tolist(), size))
        if not sets:
            return []
        amounts = np.zeros((len(sets), len(best)))
        np.put_along_axis(amounts, np.array(sets), best[np.array(sets)], axis=1)
        log_odds = self.log_odds(amounts)
        order = [place for place in np.argsort(log_odds, kind="stable") if log_odds[place] <= self.goal]
        return [sets[place] for place in order[:GRID_SETS]]

    def least_effort(self, sets: Iterable[tuple[int, ...]]) -> Array | None:
        """Of the grids of all sets the amounts with the least effort that reach the goal, (n_levers,); else None."""
        choices = [_thinned(lever.amounts) for lever in self.levers]
        grids = [
            product(*(amounts if place in members else (0.0,) for place, amounts in enumerate(choices)))
            for members in sets
        ]
        if not grids:
            return None
        candidates = np.array(list(chain(*grids)))
        is_enough = self.log_odds(candidates) <= self.goal
        effort = np.abs(candidates / [lever.amounts[-1] for lever in self.levers]).sum(axis=1)
        return candidates[np.where(is_enough, effort, np.inf).argmin()] if is_enough.any() else None

    def changes(self, amounts: Array) -> list[Change]:
        """The used levers in their order, each with its effect on the values after the levers before it."""
        after = self.values(np.tril(np.tile(amounts, (len(amounts), 1))))  # row i: levers 0 to i
        before = np.vstack([self.start, after[:-1]])
        changes = []
        for place in np.flatnonzero(amounts).tolist():
            lever = self.levers[place]
            columns = {move.feature: self.model.features.index(move.feature) for move in lever.moves}
            features = {name: (float(before[place, i]), float(after[place, i])) for name, i in columns.items()}
            changes.append(Change(lever.lever, float(amounts[place]), lever.unit, lever.changed_by, features))
        return changes


def _thinned(amounts: tuple[float, ...]) -> tuple[float, ...]:
    """At most GRID_AMOUNTS of the amounts, the smallest and the largest included.

    >>> _thinned((1, 2, 3)), _thinned(tuple(range(11)))
    ((1, 2, 3), (0, 2, 4, 6, 8, 10))
    """
    places = np.unique(np.linspace(0, len(amounts) - 1, GRID_AMOUNTS).round().astype(int))
    return tuple(amounts[place] for place in places)
