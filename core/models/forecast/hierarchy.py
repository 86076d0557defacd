"""One model for all, one a region, one a region x category: how they are fitted and what each says of a row.

Frames and arrays in, boosters out; nothing here knows about banks, streets, months or quarters. How much each level is
believed is decided in hierarchy_weights.py.

The global model sees region and category as categories, a regional one only category, a local one neither: all are
grown on subsets of one binned table, in which a column that is constant for the subset cannot be split on.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from core.errors import DataError

Array = np.ndarray
Cell = tuple[str, str]  # region, category; ("", "") is the whole, (region, "") a region

LEVELS = ("global", "regional", "local")
# A cell below these inherits from its region (domain notes A.3): no local model can be learned from it.
MIN_ENTITIES = 60
MIN_PERIODS = 24
KEYS = ("region", "category")
WHOLE: Cell = ("", "")

# Absolute error, because absolute error is what a forecast is judged by (WAPE). Small trees: a cell has a few thousand
# rows of a hundred businesses that hardly change from one period to the next.
SMALL: dict[str, Any] = {
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


@dataclass(frozen=True)
class Rows:
    """What is learned from: one row per entity, period and (if stacked) horizon.

    values : (n, n_features); target, weight : (n,); entity : ids; period : integers that count periods;
    region, category : words, "" where unknown
    """

    values: Array
    target: Array
    entity: Array
    period: Array
    region: Array
    category: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.target)

    def where(self, chosen: Array) -> "Rows":
        """The rows for which `chosen` is true (or the rows numbered so)."""
        weight = None if self.weight is None else self.weight[chosen]
        return Rows(
            self.values[chosen],
            self.target[chosen],
            self.entity[chosen],
            self.period[chosen],
            self.region[chosen],
            self.category[chosen],
            weight,
        )

    @cached_property
    def located(self) -> dict[Cell, Array]:
        """Numbers of the rows of every cell that has some, (region, "") and ("", "") among them."""
        words = pd.DataFrame({"region": self.region, "category": self.category})
        local = {key: at for key, at in words.groupby(list(KEYS)).indices.items() if all(key)}
        regional = {(name, ""): at for name, at in words.groupby("region").indices.items() if name}
        return {WHOLE: np.arange(len(self)), **regional, **local}

    def of(self, cell: Cell) -> Array:
        """Numbers of the rows of a cell, in ascending order."""
        return self.located.get(cell, np.zeros(0, dtype=int))

    @classmethod
    def joined(cls, parts: "Sequence[Rows]") -> "Rows":
        """Rows of several tables, one after the other; weights only if every table has them."""
        weights = [part.weight for part in parts if part.weight is not None]
        return cls(
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.target for part in parts]),
            np.concatenate([part.entity for part in parts]),
            np.concatenate([part.period for part in parts]),
            np.concatenate([part.region for part in parts]),
            np.concatenate([part.category for part in parts]),
            np.concatenate(weights) if len(weights) == len(parts) else None,
        )


@dataclass(frozen=True)
class Recipe:
    """How to fit: feature names, tree settings and number of trees by level, which cells are too small."""

    features: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=lambda: SMALL)
    by_level: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=lambda: {"global": 120, "regional": 80, "local": 40})
    categorical: tuple[str, ...] = ()
    min_entities: int = MIN_ENTITIES
    min_periods: int = MIN_PERIODS
    # Regional and local models start from what the global one says and learn the rest: a cell then has to show only how
    # it differs, not how the world works.
    onto_global: bool = False
    threads: int = 2


@dataclass(frozen=True)
class Hierarchy:
    """Fitted models by cell: ("", "") the global one, (region, "") regional, (region, category) local."""

    recipe: Recipe
    boosters: Mapping[Cell, lgb.Booster]
    regions: tuple[str, ...]
    categories: tuple[str, ...]
    counts: pd.DataFrame  # every cell of the grid: level, region, category, entities, periods, rows, fitted, inherits


@dataclass(frozen=True)
class Said:
    """What each level says of each row, (n,) each; NaN where a row has no model of that level."""

    whole: Array
    regional: Array
    local: Array

    def of(self, level: str) -> Array:
        """Predictions of one of LEVELS."""
        return {"global": self.whole, "regional": self.regional, "local": self.local}[level]

    def where(self, chosen: Array) -> "Said":
        """The rows for which `chosen` is true."""
        return Said(self.whole[chosen], self.regional[chosen], self.local[chosen])

    @classmethod
    def joined(cls, parts: "list[Said]") -> "Said":
        """Predictions of several periods, one after the other."""
        return cls(*(np.concatenate([part.of(level) for part in parts]) for level in LEVELS))


def level_of(cell: Cell) -> str:
    """Which of LEVELS a cell belongs to.

    >>> [level_of(cell) for cell in (("", ""), ("R1", ""), ("R1", "dining"))]
    ['global', 'regional', 'local']
    """
    region, category = cell
    return "local" if category else "regional" if region else "global"


def model_id(cell: Cell) -> str:
    """Name of a model and of its file.

    >>> model_id(("R1", "dining"))
    'local_R1_dining'
    """
    return "_".join([level_of(cell), *filter(None, cell)])


def cells(regions: tuple[str, ...], categories: tuple[str, ...]) -> list[Cell]:
    """The whole, every region, every region x category: 1 + 6 + 72 = 79 in Seoul."""
    local = [(region, category) for region in regions for category in categories]
    return [WHOLE, *((region, "") for region in regions), *local]


def grid(recipe: Recipe, rows: Rows, regions: tuple[str, ...], categories: tuple[str, ...]) -> pd.DataFrame:
    """Every cell with what there is to learn from, whether it gets a model, and from whom it inherits if not."""
    found = []
    for cell in cells(regions, categories):
        own = rows.of(cell)
        entities, periods = len(pd.unique(rows.entity[own])), len(pd.unique(rows.period[own]))
        enough = entities >= recipe.min_entities and periods >= recipe.min_periods
        fitted = len(own) > 0 if cell == WHOLE else enough
        inherits = None if fitted else ("region" if cell[1] else "global")
        found.append((model_id(cell), level_of(cell), *cell, entities, periods, len(own), fitted, inherits))
    columns = ["model_id", "level", "region", "category", "entities", "periods", "rows", "fitted", "inherits"]
    table = pd.DataFrame(found, columns=columns)
    without = set(table.loc[(table["level"] == "regional") & ~table["fitted"], "region"])
    orphan = (table["level"] == "local") & ~table["fitted"] & table["region"].isin(without)
    return table.assign(inherits=table["inherits"].mask(orphan, "global"))


def fit(recipe: Recipe, rows: Rows, regions: tuple[str, ...], categories: tuple[str, ...]) -> Hierarchy:
    """Fit the global model and every regional and local one that has enough to learn from.

    Raises
    ------
    DataError : there is not one row
    """
    if not len(rows):
        raise DataError("a forecast needs at least one row with a known outcome, got none")
    counts = grid(recipe, rows, regions, categories)
    empty = Hierarchy(recipe, {}, regions, categories, counts)
    data = _binned(empty, rows)
    wanted = [(row.region, row.category) for row in counts.itertuples() if row.fitted]
    first = {WHOLE: _grown(recipe, data, WHOLE)} if recipe.onto_global else {}
    if first:
        data.set_init_score(_halves(first[WHOLE], data.get_data(), recipe.threads))
    rest = [cell for cell in wanted if cell not in first]

    def grown(cell: Cell) -> lgb.Booster:
        return _grown(recipe, data if cell == WHOLE else data.subset(rows.of(cell).tolist()), cell)

    # One thread a model and several models at once, as in classify.py: the same result on any machine.
    with ThreadPoolExecutor(recipe.threads) as pool:
        boosters = dict(zip(rest, pool.map(grown, rest), strict=True))
    return replace(empty, boosters=first | boosters)


def _binned(shape: Hierarchy, rows: Rows) -> lgb.Dataset:
    recipe = shape.recipe
    data = lgb.Dataset(
        _values(shape, rows),
        rows.target,
        weight=rows.weight,
        feature_name=[*recipe.features, *KEYS],
        categorical_feature=[*recipe.categorical, *KEYS],
        params=dict(recipe.params) | {"num_threads": 1},
        free_raw_data=False,
    )
    return data.construct()


def _grown(recipe: Recipe, data: lgb.Dataset, cell: Cell) -> lgb.Booster:
    level = level_of(cell)
    params = dict(recipe.params) | dict(recipe.by_level.get(level, {})) | {"num_threads": 1}
    return lgb.train(params, data, recipe.rounds[level])


def _values(shape: Hierarchy, rows: Rows) -> Array:
    """Features, then codes of region and category (NaN where unknown), as the boosters want them."""
    codes = [pd.Index(shape.regions).get_indexer(rows.region), pd.Index(shape.categories).get_indexer(rows.category)]
    known = [np.where(code < 0, np.nan, code) for code in codes]
    return np.column_stack([rows.values, *known]).astype(np.float32)


def predict(models: Hierarchy, rows: Rows) -> Said:
    """What each level says of each row."""
    values = _values(models, rows)
    found = {level: np.full(len(rows), np.nan) for level in LEVELS}
    asked = [cell for cell in models.boosters if len(rows.of(cell))]

    def ask(cell: Cell) -> Array:
        return _one_thread(models.boosters[cell], values[rows.of(cell)])

    if WHOLE in asked:
        found["global"] = _halves(models.boosters[WHOLE], values, models.recipe.threads)
    rest = [cell for cell in asked if cell != WHOLE]
    with ThreadPoolExecutor(models.recipe.threads) as pool:
        for cell, said in zip(rest, pool.map(ask, rest), strict=True):
            found[level_of(cell)][rows.of(cell)] = said
    if models.recipe.onto_global:
        found["regional"] += found["global"]
        found["local"] += found["global"]
    return Said(found["global"], found["regional"], found["local"])


def _one_thread(booster: lgb.Booster, values: Array) -> Array:
    return np.asarray(booster.predict(values, num_threads=1))


def _halves(booster: lgb.Booster, values: Any, threads: int) -> Array:
    """Predictions of many rows, a part a thread."""
    parts = [part for part in np.array_split(values, threads) if len(part)]
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(lambda part: _one_thread(booster, part), parts)))


Loss = Callable[[Array], Array]  # predictions (n,) -> loss of each row (n,)
