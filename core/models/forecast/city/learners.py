"""How much a series will move beyond its category: a robust line, and trees at three levels (the 79 models).

Both learn from earlier quarters only, rows of all series stacked, in absolute error weighted by size: that is how a
forecast of sales is judged. What they say is a log correction to the last value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.models.forecast import hierarchy
from core.models.forecast.city.category_moves import changed, moves
from core.models.forecast.city.features import FEATURES
from core.models.forecast.city.panel import Array, Panel

# The line sees what earlier work and our own rolling origins before 2022 show at every origin, not merely at some.
LINE = (
    "change_1q",
    "change_2q",
    "above_year",
    "above_always",
    "season",
    "season_shares",
    "ticket_change",
    "purchases_above_year",
    "ticket",
    "size",
)
RIDGE = 0.03  # per row, in units of standardised features
ROUNDS = 8
SOFT = 0.05  # residuals below this count squared, above absolutely
OUTCOME = 1.0  # a move beyond this (e-fold) is a shop opening or closing
SIZE_POWER = 0.7  # weight = size ** this: WAPE counts won, yet a dozen areas may not decide alone
AGEING = 0.93  # weight of a row a quarter older: streets change
ROWS = 16_000  # of training; beyond that trees gain nothing here and take time
TREES = hierarchy.Recipe(
    FEATURES,
    params=dict(hierarchy.SMALL)
    | {"learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 60, "lambda_l2": 10.0, "feature_fraction": 0.5},
    rounds={"global": 120, "regional": 40, "local": 30},
    min_periods=4,
    onto_global=True,
)


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from. `period`: the quarter that was ahead, `size`: the last value of the series, (n,) each."""

    values: Array
    outcome: Array
    size: Array
    period: Array
    series: Array

    def where(self, chosen: Array) -> "Lesson":
        """The rows for which `chosen` is true, or which it numbers."""
        return Lesson(
            self.values[chosen], self.outcome[chosen], self.size[chosen], self.period[chosen], self.series[chosen]
        )

    def weights(self) -> Array:
        """Size and age as weights with mean 1; sizes are relative to their quarter."""
        quarters, place = np.unique(self.period, return_inverse=True)
        total = np.bincount(place, self.size) / np.bincount(place)
        age = (len(quarters) - 1 - place).astype(float)
        found = (self.size / total[place]) ** SIZE_POWER * AGEING**age
        return found / found.mean()


def lesson(panel: Panel, measured: Mapping[int, Array]) -> Lesson:
    """What earlier quarters teach: features of each quarter (made before it) and what then came, where both are known.

    `measured`: quarter -> features for it; quarters that the panel does not reach are left out.
    """
    beyond = np.clip(changed(panel) - moves(panel), -OUTCOME, OUTCOME)
    parts = []
    for quarter in sorted(set(measured) & set(panel.quarters)):
        column = panel.quarters.index(quarter)
        known = np.flatnonzero(np.isfinite(beyond[:, column]))
        size = panel.values["sales"][known, column - 1]
        period = np.full(len(known), column)
        parts.append(Lesson(measured[quarter][known], beyond[known, column], size, period, known))
    if not parts:
        none = np.zeros(0)
        return Lesson(np.zeros((0, len(FEATURES))), none, none, none.astype(int), none.astype(int))
    return _thinned(joined(parts))


def joined(parts: Sequence[Lesson]) -> Lesson:
    """Several lessons, one after the other."""
    return Lesson(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Lesson.__annotations__})


def _thinned(rows: Lesson) -> Lesson:
    """At most ROWS rows, every k-th: series are in order, so that every area and industry stays."""
    if len(rows.outcome) <= ROWS:
        return rows
    return rows.where(np.linspace(0, len(rows.outcome) - 1, ROWS).astype(int))


@dataclass(frozen=True)
class Line:
    """A robust ridge on standardised features."""

    centre: Array
    spread: Array
    slopes: Array

    def says(self, values: Array) -> Array:
        """Log correction of each row, (n,)."""
        return _standard(values, self.centre, self.spread) @ self.slopes

    def as_json(self) -> dict[str, dict[str, float]]:
        """Centre, spread and slope by feature."""
        columns = {"centre": self.centre, "spread": self.spread, "slope": self.slopes}
        return {key: dict(zip(LINE, map(float, found), strict=True)) for key, found in columns.items()}


def line(rows: Lesson) -> Line:
    """Fit the line: least absolute error by reweighted least squares, with a ridge."""
    values, weights = rows.values[:, _columns(LINE)], rows.weights()
    centre = _known(np.nanmedian, values)
    spread = _known(np.nanmean, np.abs(values - centre))
    spread = np.where(spread > 0, spread, 1.0)
    fitted = Line(centre, spread, np.zeros(len(LINE)))
    standard = _standard(rows.values, centre, spread)
    trust = np.ones(len(weights))
    for _ in range(ROUNDS):
        scaled = standard * (weights * trust)[:, None]
        gram = scaled.T @ standard + RIDGE * len(weights) * np.eye(len(LINE))
        slopes = np.linalg.solve(gram, scaled.T @ rows.outcome)
        trust = SOFT / np.maximum(np.abs(rows.outcome - standard @ slopes), SOFT)
        fitted = Line(centre, spread, slopes)
    return fitted


def _standard(values: Array, centre: Array, spread: Array) -> Array:
    """The line's features, centred and scaled; what is unknown stands at the centre."""
    return np.nan_to_num(np.clip((values[:, _columns(LINE)] - centre) / spread, -4, 4))


def _known(statistic: Any, values: Array) -> Array:
    """A statistic of each column, 0 for a column in which nothing is known."""
    known = np.isfinite(values).any(axis=0)
    found = np.zeros(values.shape[1])
    found[known] = statistic(values[:, known], axis=0)
    return found


def _columns(names: Sequence[str]) -> list[int]:
    return [FEATURES.index(name) for name in names]


def rows_of(panel: Panel, regions: Array, found: Lesson) -> hierarchy.Rows:
    """A lesson as the hierarchy wants it; an entity is a series."""
    categories = panel.series["category"].to_numpy(object)
    return hierarchy.Rows(
        found.values,
        found.outcome,
        found.series,
        found.period,
        regions[found.series],
        categories[found.series],
        found.weights(),
    )


def trees(panel: Panel, regions: Array, found: Lesson) -> hierarchy.Hierarchy:
    """The global model, the regional and the local ones that have enough to learn from."""
    categories = tuple(sorted(set(panel.series["category"]) - {""}))
    return hierarchy.fit(TREES, rows_of(panel, regions, found), tuple(sorted(set(regions) - {""})), categories)
