"""A hierarchy of LightGBM models: one for all rows, one per region, one per region x category.

Arrays in, boosters out; nothing here depends on what is forecast. The weights of the levels are chosen in
hierarchy_weights.py.

The global model has region and category as categorical features, a regional one only category, a local one neither:
all are trained on subsets of one binned data set, in which a column that is constant in the subset cannot be split on.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from core.errors import DataError
from core.models.forecast.arrays import Array, ArrayTable

Cell = tuple[str, str]  # region, category; ("", "") is the global cell, (region, "") a regional one
Loss = Callable[[Array], Array]  # predictions (n,) -> loss of each row (n,)

LEVELS = ("global", "regional", "local")
# A smaller cell has no local model and takes its region's: own choice after simulations, docs/models.md.
MIN_ENTITIES = 60
MIN_PERIODS = 24
KEYS = ("region", "category")
GLOBAL: Cell = ("", "")
COUNTS = ("entities", "periods", "rows", "fitted", "inherits")
COLUMNS = ("model_id", "level", *KEYS, *COUNTS)

# Absolute error, because absolute error is what a forecast is judged by (WAPE). Small trees: a cell has a few thousand
# rows of a hundred businesses that hardly change from one period to the next.
PARAMS: dict[str, Any] = {
    "objective": "regression_l1",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "lambda_l2": 1.0,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.7,
    "max_bin": 63,
    "max_cat_threshold": 8,
    "deterministic": True,
    "force_col_wise": True,
    "feature_pre_filter": False,  # the levels share one binned table and differ in min_data_in_leaf
    "verbosity": -1,
    "seed": 7,
}
# Several models are trained at once instead: the result is the same on any machine.
ONE_THREAD = {"num_threads": 1}


@dataclass(frozen=True)
class Rows(ArrayTable):
    """Rows to fit or to predict: one per entity, period and (if stacked) horizon.

    values : (n, n_features); target, weight : (n,); entity : ids; period : integers that count periods;
    region, category : text, "" where unknown
    """

    values: Array
    target: Array
    entity: Array
    period: Array
    region: Array
    category: Array
    weight: Array | None = None

    @cached_property
    def by_cell(self) -> dict[Cell, Array]:
        """Numbers of the rows of every cell that has any."""
        keys = pd.DataFrame({"region": self.region, "category": self.category})
        local = {cell: rows for cell, rows in keys.groupby(list(KEYS)).indices.items() if all(cell)}
        regional = {(name, ""): rows for name, rows in keys.groupby("region").indices.items() if name}
        return {GLOBAL: np.arange(len(self)), **regional, **local}

    def of(self, cell: Cell) -> Array:
        """Numbers of the rows of a cell, in ascending order."""
        return self.by_cell.get(cell, np.zeros(0, dtype=int))


@dataclass(frozen=True)
class Recipe:
    """How to fit: feature names, LightGBM's parameters, number of trees by level, and the smallest cell."""

    features: tuple[str, ...]
    rounds: Mapping[str, int]
    params: Mapping[str, Any] = field(default_factory=lambda: PARAMS)
    min_entities: int = MIN_ENTITIES
    min_periods: int = MIN_PERIODS
    # Regional and local models start from the global predictions and fit the rest: a cell then has to show only how it
    # differs.
    onto_global: bool = False
    threads: int = 2


@dataclass(frozen=True)
class Hierarchy:
    """Fitted models by cell, and `counts`: the table of `grid`."""

    recipe: Recipe
    boosters: Mapping[Cell, lgb.Booster]
    regions: tuple[str, ...]
    categories: tuple[str, ...]
    counts: pd.DataFrame


@dataclass(frozen=True)
class LevelPredictions(ArrayTable):
    """Predictions of each level, (n,) each; NaN where a row has no model of that level."""

    whole: Array
    regional: Array
    local: Array

    def of(self, level: str) -> Array:
        """Predictions of one of LEVELS."""
        return dict(zip(LEVELS, (self.whole, self.regional, self.local), strict=True))[level]


def level_of(cell: Cell) -> str:
    """Which of LEVELS a cell belongs to.

    >>> [level_of(cell) for cell in (("", ""), ("R1", ""), ("R1", "dining"))]
    ['global', 'regional', 'local']
    """
    return LEVELS[sum(map(bool, cell))]


def model_id(cell: Cell) -> str:
    """Name of a model and of its file.

    >>> model_id(("R1", "dining"))
    'local_R1_dining'
    """
    return "_".join([level_of(cell), *filter(None, cell)])


def cells(regions: tuple[str, ...], categories: tuple[str, ...]) -> list[Cell]:
    """The global cell, every region, every region x category: 1 + 6 + 72 = 79 in Seoul."""
    local = [(region, category) for region in regions for category in categories]
    return [GLOBAL, *((region, "") for region in regions), *local]


def grid(recipe: Recipe, rows: Rows, regions: tuple[str, ...], categories: tuple[str, ...]) -> pd.DataFrame:
    """One row per cell, in COLUMNS: how much there is to fit on, whether a model is fitted, else whose it inherits."""
    table: list[tuple] = []
    fitted: dict[Cell, bool] = {}
    for cell in cells(regions, categories):
        own = rows.of(cell)
        entities, periods = len(pd.unique(rows.entity[own])), len(pd.unique(rows.period[own]))
        enough = entities >= recipe.min_entities and periods >= recipe.min_periods
        fitted[cell] = len(own) > 0 if cell == GLOBAL else enough
        has_region = bool(cell[1]) and fitted[cell[0], ""]
        inherits = None if fitted[cell] else "region" if has_region else "global"
        table.append((model_id(cell), level_of(cell), *cell, entities, periods, len(own), fitted[cell], inherits))
    return pd.DataFrame(table, columns=list(COLUMNS))


def fit(recipe: Recipe, rows: Rows, regions: tuple[str, ...], categories: tuple[str, ...]) -> Hierarchy:
    """Fit the global model and every regional and local one of a large enough cell.

    Raises
    ------
    DataError : there is not one row
    """
    if not len(rows):
        raise DataError("a forecast needs at least one row with a known outcome, got none")
    counts = grid(recipe, rows, regions, categories)
    values = _matrix(rows, regions, categories)
    data = lgb.Dataset(
        values,
        rows.target,
        weight=rows.weight,
        feature_name=[*recipe.features, *KEYS],
        categorical_feature=list(KEYS),
        params=dict(recipe.params) | ONE_THREAD,
        free_raw_data=False,
    ).construct()
    boosters = {}
    if recipe.onto_global:
        boosters[GLOBAL] = _booster(recipe, data, GLOBAL)
        data.set_init_score(_predicted(boosters[GLOBAL], values, recipe.threads))

    def booster(cell: Cell) -> lgb.Booster:
        return _booster(recipe, data if cell == GLOBAL else data.subset(rows.of(cell).tolist()), cell)

    fitted = counts.loc[counts["fitted"], list(KEYS)].itertuples(index=False, name=None)
    others = [cell for cell in fitted if cell not in boosters]
    with ThreadPoolExecutor(recipe.threads) as pool:
        boosters |= dict(zip(others, pool.map(booster, others), strict=True))
    return Hierarchy(recipe, boosters, regions, categories, counts)


def _booster(recipe: Recipe, data: lgb.Dataset, cell: Cell) -> lgb.Booster:
    return lgb.train(dict(recipe.params) | ONE_THREAD, data, recipe.rounds[level_of(cell)])


def _matrix(rows: Rows, regions: tuple[str, ...], categories: tuple[str, ...]) -> Array:
    """Features, then codes of region and category, NaN where unknown."""
    codes = [pd.Index(regions).get_indexer(rows.region), pd.Index(categories).get_indexer(rows.category)]
    return np.column_stack([rows.values, *(np.where(code < 0, np.nan, code) for code in codes)]).astype(np.float32)


def predict(models: Hierarchy, rows: Rows) -> LevelPredictions:
    """Predictions of each level for each row."""
    values, threads = _matrix(rows, models.regions, models.categories), models.recipe.threads
    by_level = {level: np.full(len(rows), np.nan) for level in LEVELS}
    if GLOBAL in models.boosters and len(rows):
        by_level["global"] = _predicted(models.boosters[GLOBAL], values, threads)
    others = [cell for cell in models.boosters if cell != GLOBAL and len(rows.of(cell))]
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda cell: _predicted(models.boosters[cell], values[rows.of(cell)], 1), others)
        for cell, predictions in zip(others, parts, strict=True):
            by_level[level_of(cell)][rows.of(cell)] = predictions
    if models.recipe.onto_global:
        by_level["regional"] += by_level["global"]
        by_level["local"] += by_level["global"]
    return LevelPredictions(*by_level.values())


def _predicted(booster: lgb.Booster, values: Array, threads: int) -> Array:
    """Predictions, the rows divided among the threads."""
    parts = [part for part in np.array_split(values, threads) if len(part)]
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(lambda part: booster.predict(part, num_threads=1), parts)))


def save(models: Hierarchy, folder: Path) -> None:
    """Write each model as text, <model id>.txt."""
    for cell, booster in models.boosters.items():
        (folder / f"{model_id(cell)}.txt").write_text(booster.model_to_string(), encoding="utf-8")


def load(folder: Path, fitted: list[Cell]) -> dict[Cell, lgb.Booster]:
    """The models of these cells that `save` wrote."""
    texts = {cell: (folder / f"{model_id(cell)}.txt").read_text(encoding="utf-8") for cell in fitted}
    return {cell: lgb.Booster(model_str=text) for cell, text in texts.items()}
