"""What would the model say if something changed, and which few changes would bring it to a target?

A lever is one thing that somebody can do; it moves every feature that would move with it (sales move five). What no
lever names is fixed. The answers are changes of the model's answer, not promises about the business.

Reads  data/reference/levers.csv, lever_moves.csv
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np

from core import reference
from core.errors import ConfigError, DataError
from core.models.classifier.explain import WhatIf, row_of, what_if
from core.models.classifier.model import Model

__all__ = ["Change", "Lever", "WhatIf", "applied", "counterfactual", "levers", "together", "what_if"]

Array = np.ndarray

MOST_CHANGES = 3
PEOPLE = ("owner", "bank", "nobody")
GRIDS = 5  # sets of levers searched amount by amount; further ones reach less far
GRID_AMOUNTS = 6  # amounts of a lever in a grid of three: 216 rows a set


@dataclass(frozen=True)
class Move:
    """How a lever moves one feature; with amount x: add per_unit x, log per_unit ln(1+x), scale (1+x)^per_unit."""

    feature: str
    how: str
    per_unit: float
    low: float
    high: float

    def __call__(self, value: Array, amount: Array) -> Array:
        """New values; a missing value stays missing, and none is moved further outside the bounds than it was."""
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
    """One thing that can be done: `amounts` from the smallest step to the largest, and the features it moves."""

    lever: str
    model: str
    unit: str
    amounts: tuple[float, ...]
    changed_by: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Change:
    """A lever pulled: how far, by whom, and what it does to each feature, (from, to)."""

    lever: str
    amount: float
    unit: str
    changed_by: str
    features: Mapping[str, tuple[float, float]]


@cache
def levers(model: str, changed_by: tuple[str, ...] = ("owner", "bank")) -> tuple[Lever, ...]:
    """The levers of a model that these people can pull ("nobody": scenarios such as the market).

    >>> [lever.lever for lever in levers("default", ("nobody",))]
    ['market']
    """
    moves = reference.rows("lever_moves.csv")
    return tuple(
        _lever(row, [move for move in moves if (move["model"], move["lever"]) == (model, row["lever"])])
        for row in reference.rows("levers.csv")
        if row["model"] == model and row["changed_by"] in changed_by
    )


def _lever(row: dict[str, str], moves: list[dict[str, str]]) -> Lever:
    if not moves or row["changed_by"] not in PEOPLE:
        raise ConfigError(f"levers.csv: {row['lever']!r} moves nothing or is changed by {row['changed_by']!r}")
    return Lever(
        row["lever"],
        row["model"],
        row["unit"],
        _amounts(float(row["first"]), float(row["last"]), float(row["step"])),
        row["changed_by"],
        tuple(_move(move) for move in moves),
    )


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
    found = (round(first + number * np.sign(last - first) * step, 6) for number in range(steps + 1))
    return tuple(float(amount) for amount in found if amount)


def applied(lever: Lever, amount: float, row: Mapping[str, float]) -> dict[str, float]:
    """New values of the features that the lever moves: the `changes` of what_if.

    >>> changed = applied(levers("default")[0], 0.1, {move.feature: 0.0 for move in levers("default")[0].moves})
    >>> round(changed["revenue_change_yoy"], 4), changed["debt_to_revenue"]
    (0.0953, 0.0)
    """
    moved = {move.feature: move(np.array(row[move.feature], float), np.array(amount)) for move in lever.moves}
    return {feature: float(value) for feature, value in moved.items()}


def together(changes: Iterable[Change]) -> dict[str, float]:
    """The `changes` of what_if for several levers pulled one after the other."""
    return {feature: to for change in changes for feature, (_, to) in change.features.items()}


def counterfactual(model: Model, row: Mapping[str, float], pulled: Sequence[Lever], target: float) -> list[Change]:
    """The fewest and smallest changes (at most three levers) that bring the model's probability to `target`.

    Empty when it is there already, and when no three of these levers reach it: nothing is stretched beyond its
    bounds to please. Levers that nobody can pull are left out.

    Raises
    ------
    DataError : target is not between 0 and 1, or the row lacks a feature
    """
    if not 0 < target < 1:
        raise DataError(f"target is {target!r}, must be a probability between 0 and 1")
    start, goal = row_of(model, row), float(np.log(target / (1 - target)))
    useful = [lever for lever in pulled if lever.changed_by != "nobody"]
    if not useful or model.log_odds(start[None, :])[0] <= goal:
        return []
    strengths = _best_amounts(model, start, useful)
    useful = [lever for lever in useful if lever.lever in strengths]
    for size in range(1, MOST_CHANGES + 1):
        found = _smallest(model, start, _reaching(model, start, useful, strengths, size, goal), goal)
        if found:
            return _told(model, start, found)
    return []


Pull = tuple[Lever, float]


def _pulled(model: Model, start: Array, pulls: Sequence[Sequence[Pull]]) -> Array:
    """Feature values after each list of pulls, (n, n_features)."""
    values = np.repeat(start[None, :], len(pulls), axis=0)
    for position in range(max((len(pull) for pull in pulls), default=0)):
        for lever in {pull[position][0].lever: pull[position][0] for pull in pulls}.values():
            rows = np.array([n for n, pull in enumerate(pulls) if pull[position][0].lever == lever.lever])
            amounts = np.array([pulls[n][position][1] for n in rows])
            for move in lever.moves:
                column = model.features.index(move.feature)
                values[rows, column] = move(values[rows, column], amounts)
    return values


def _best_amounts(model: Model, start: Array, useful: Sequence[Lever]) -> dict[str, float]:
    """For each lever that lowers the risk at all, the smallest of the amounts that lower it most."""
    pulls = [[(lever, amount)] for lever in useful for amount in lever.amounts]
    log_odds = model.log_odds(_pulled(model, start, pulls))
    now = float(model.log_odds(start[None, :])[0])
    best: dict[str, tuple[float, float]] = {}
    for [(lever, amount)], reached in zip(pulls, log_odds, strict=True):
        if reached < best.get(lever.lever, (now, 0.0))[0] - 1e-9:
            best[lever.lever] = (float(reached), amount)
    return {lever: amount for lever, (_, amount) in best.items()}


def _reaching(
    model: Model, start: Array, useful: Sequence[Lever], best: Mapping[str, float], size: int, goal: float
) -> list[tuple[Lever, ...]]:
    """Sets of `size` levers that reach the goal when pulled as far as helps, those that reach furthest first."""
    sets = list(combinations(useful, size))
    if not sets:
        return []
    reached = model.log_odds(_pulled(model, start, [[(lever, best[lever.lever]) for lever in one] for one in sets]))
    order = [number for number in np.argsort(reached, kind="stable") if reached[number] <= goal]
    return [sets[number] for number in order[:GRIDS]]


def _smallest(model: Model, start: Array, sets: Sequence[tuple[Lever, ...]], goal: float) -> Sequence[Pull]:
    """Of every grid of amounts the pulls with the least effort that reach the goal; nothing when none does."""
    grid = [
        list(zip(one, amounts, strict=True))
        for one in sets
        for amounts in product(*(_thinned(lever.amounts) for lever in one))
    ]
    if not grid:
        return []
    reached = model.log_odds(_pulled(model, start, grid)) <= goal
    effort = np.array([sum(abs(amount / lever.amounts[-1]) for lever, amount in pulls) for pulls in grid])
    return grid[int(np.where(reached, effort, np.inf).argmin())] if reached.any() else []


def _thinned(amounts: tuple[float, ...]) -> tuple[float, ...]:
    """At most six of the amounts, the smallest and the largest among them."""
    if len(amounts) <= GRID_AMOUNTS:
        return amounts
    picked = np.unique(np.linspace(0, len(amounts) - 1, GRID_AMOUNTS).round().astype(int))
    return tuple(amounts[number] for number in picked)


def _told(model: Model, start: Array, pulls: Sequence[Pull]) -> list[Change]:
    changes, at = [], start
    for lever, amount in pulls:
        after = _pulled(model, at, [[(lever, amount)]])[0]
        moved = [model.features.index(move.feature) for move in lever.moves]
        features = {model.features[column]: (float(at[column]), float(after[column])) for column in moved}
        changes.append(Change(lever.lever, amount, lever.unit, lever.changed_by, features))
        at = after
    return changes
