"""Two learners of a series' move beyond its category: a robust linear model, and trees at three levels (79 models).

Both are fitted on earlier quarters only, rows of all series stacked, in absolute error weighted by size, because that
is how a forecast of sales is judged. Their predictions are log corrections to the last value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import Ridge

from core.models.forecast import hierarchy
from core.models.forecast.arrays import Array
from core.models.forecast.city.features import FEATURES
from core.models.forecast.city.panel import Panel
from core.models.forecast.hierarchy import Rows
from core.score.components import mean, median

# Only features that lowered the error at every rolling origin before 2022.
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
COLUMNS = [FEATURES.index(name) for name in LINE]
RIDGE = 0.03  # per row, in units of standardised features
ROUNDS = 8
SOFT = 0.05  # residuals below this count squared, above absolutely
MAX_MOVE = 1.0  # a move beyond this (e-fold) is a shop that opened or closed
SIZE_POWER = 0.7  # weight = size ** this: WAPE counts won, but with 1.0 a dozen large areas would decide
AGEING = 0.93  # weight of a row that is a quarter older, because old rows tell less about the next quarter
MAX_ROWS = 16_000  # to fit on; with more the trees gain nothing here and take time
TREES = hierarchy.Recipe(
    FEATURES,
    params=hierarchy.PARAMS
    | {"learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 60, "lambda_l2": 10.0, "feature_fraction": 0.5},
    rounds={"global": 120, "regional": 40, "local": 30},
    min_periods=4,
    onto_global=True,
)


def known_rows(panel: Panel, regions: Array, quarter: int, values: Array) -> Rows:
    """Rows of the series whose move into a quarter of the panel is known; an entity is a series.

    The period is the column of the quarter. The weight is the last value before it, in won: see `weighted`.

    values : (n_series, n_features) features for the quarter
    """
    column = panel.quarters.index(quarter)
    beyond = panel.values["change"][:, column] - panel.values["move"][:, column]
    series = np.flatnonzero(np.isfinite(beyond))
    target = np.clip(beyond[series], -MAX_MOVE, MAX_MOVE)
    size = panel.values["sales"][series, column - 1]
    return _rows(panel, regions, series, values[series], target, column, size)


def unknown_rows(panel: Panel, regions: Array, values: Array) -> Rows:
    """Rows of all series for the quarter after the panel's last, the target not known yet."""
    n = len(values)
    return _rows(panel, regions, np.arange(n), values, np.zeros(n), len(panel.quarters), np.ones(n))


def _rows(panel: Panel, regions: Array, series: Array, values: Array, target: Array, column: int, size: Array) -> Rows:
    categories = panel.series["category"].to_numpy(object)
    return Rows(values, target, series, np.full(len(series), column), regions[series], categories[series], size)


def weighted(rows: Rows) -> Rows:
    """The same rows with size and age as weights of mean 1; sizes are relative to their quarter."""
    assert rows.weight is not None
    quarters, place = np.unique(rows.period, return_inverse=True)
    mean_size = np.bincount(place, rows.weight) / np.bincount(place)
    age = (len(quarters) - 1 - place).astype(float)
    weight = (rows.weight / mean_size[place]) ** SIZE_POWER * AGEING**age
    return replace(rows, weight=weight / weight.mean())


def training_rows(panel: Panel, regions: Array, features: Mapping[int, Array]) -> Rows | None:
    """Rows to fit on: the features for each earlier quarter and the move that came; None without any.

    features : quarter -> (n_series, n_features) features for it; quarters that the panel does not have are left out
    """
    quarters = sorted(set(features) & set(panel.quarters))
    if not quarters:
        return None
    rows = Rows.concat([known_rows(panel, regions, quarter, features[quarter]) for quarter in quarters])
    if len(rows) > MAX_ROWS:  # every k-th: series are in order, so that every area and industry stays
        rows = rows.select(np.linspace(0, len(rows) - 1, MAX_ROWS).astype(int))
    return weighted(rows) if len(rows) else None


@dataclass(frozen=True)
class Line:
    """A linear model on standardised features."""

    centre: Array
    spread: Array
    slopes: Array

    def predict(self, values: Array) -> Array:
        """Log correction of each row of features, (n,)."""
        return _standard(values, self.centre, self.spread) @ self.slopes

    def as_json(self) -> dict[str, dict[str, float]]:
        """Centre, spread and slope by feature."""
        columns = {"centre": self.centre, "spread": self.spread, "slope": self.slopes}
        return {key: dict(zip(LINE, map(float, values), strict=True)) for key, values in columns.items()}


def line(rows: Rows) -> Line:
    """Fit the linear model by iteratively reweighted ridge regressions: Huber's loss with a fixed threshold.

    scikit-learn's QuantileRegressor has the same WAPE on the panel of 2022 (12.86 %) and takes over 100 times as long
    (1.6 s for a fit, because it solves a linear programme of up to 16,000 rows). HuberRegressor estimates the threshold
    from the data.
    """
    assert rows.weight is not None
    values = rows.values[:, COLUMNS]
    centre = np.nan_to_num(median(values.T))  # 0 for a column in which nothing is known
    spread = mean(np.abs(values - centre).T)
    spread = np.where(spread > 0, spread, 1.0)
    standard = _standard(rows.values, centre, spread)
    model = Ridge(RIDGE * len(rows), fit_intercept=False)
    factor = np.ones(len(rows))
    for _ in range(ROUNDS):
        model.fit(standard, rows.target, sample_weight=rows.weight * factor)
        factor = SOFT / np.maximum(np.abs(rows.target - model.predict(standard)), SOFT)
    return Line(centre, spread, model.coef_)


def _standard(values: Array, centre: Array, spread: Array) -> Array:
    """The line's features, centred and scaled; unknown values take the centre, 0."""
    return np.nan_to_num(np.clip((values[:, COLUMNS] - centre) / spread, -4, 4))


def trees(panel: Panel, regions: Array, rows: Rows) -> hierarchy.Hierarchy:
    """The global model, and the regional and local ones of cells that are large enough."""
    names, categories = (tuple(sorted(set(values) - {""})) for values in (regions, panel.series["category"]))
    return hierarchy.fit(TREES, rows, names, categories)
