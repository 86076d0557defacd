"""Trade-area sales as a panel: one row per series (area x industry), one column per quarter, NaN where unknown.

Reads market_sales, market_footfall, market_stores, market_areas, districts

A forecast for a quarter is made from `Panel.before(quarter)`, which holds no later column, so that no later value can
leak. For the same reason a derived column may depend on its own and on earlier quarters only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core import db
from core.errors import DataError
from core.models.forecast.arrays import Array
from core.models.forecast.city.category_moves import lagged, moves
from core.score.components import median

KEYS = ["area_code", "industry_code"]
FACTS = [*KEYS, "category", "district_code", "region"]
AMOUNTS = ("sales", "purchases", "people", "stores")
SHARES = ("weekend", "night", "evening", "lunch", "female", "young", "older")
NEWEST = 99994
YEAR = 4


def shifted(quarter: int, steps: int) -> int:
    """The quarter YYYYQ so many quarters later.

    >>> shifted(20204, 1), shifted(20211, -1)
    (20211, 20204)
    """
    index = quarter // 10 * 4 + quarter % 10 - 1 + steps
    return index // 4 * 10 + index % 4 + 1


def span(first: int, last: int) -> tuple[int, ...]:
    """Every quarter from first to last, both included; empty when first is the later one.

    >>> span(20204, 20212)
    (20204, 20211, 20212)
    """
    quarters = (10 * year + number for year in range(first // 10, last // 10 + 1) for number in (1, 2, 3, 4))
    return tuple(quarter for quarter in quarters if first <= quarter <= last)


@dataclass(frozen=True)
class Panel:
    """`series` has FACTS, `values` the matrices (n_series, n_quarters) by name.

    values : AMOUNTS and SHARES; change, the log change of sales; move, that of the series' category; <name>_centred,
    the logs of sales, purchases, people and ticket (sales per purchase) and the shares, less their median by category
    and quarter
    """

    series: pd.DataFrame
    quarters: tuple[int, ...]
    values: Mapping[str, Array]

    def before(self, quarter: int) -> "Panel":
        """What is known when `quarter` lies ahead: the columns of earlier quarters."""
        columns = sum(own < quarter for own in self.quarters)
        values = {name: matrix[:, :columns] for name, matrix in self.values.items()}
        return replace(self, quarters=self.quarters[:columns], values=values)

    def at(self, quarter: int) -> Array:
        """Sales of one quarter, (n_series,); all NaN where the panel does not have the quarter."""
        if quarter not in self.quarters:
            return np.full(len(self.series), np.nan)
        return self.values["sales"][:, self.quarters.index(quarter)]

    def centred(self, name: str) -> Array:
        """The matrix <name>_centred."""
        return self.values[f"{name}_centred"]

    def categories(self) -> dict[str, Array]:
        """Row numbers of the series of each category."""
        return _categories(self.series)


def read(con: db.Connection, newest: int = NEWEST) -> Panel:
    """The panel of the checked tables, quarters up to `newest` only.

    Raises
    ------
    DataError : there is not one row of sales
    """
    rows = db.query(con, "core/models/forecast/city/sql/rows", {"newest": newest})
    if rows.empty:
        raise DataError("there are no trade-area sales; bring the city's files of estimated sales and try again")
    return panel(rows)


def panel(rows: pd.DataFrame) -> Panel:
    """A panel from rows as sql/rows.sql returns them."""
    place, keys = pd.factorize(pd.MultiIndex.from_frame(rows[KEYS]), sort=True)
    quarters = span(int(rows["quarter"].min()), int(rows["quarter"].max()))
    column = pd.Index(quarters).get_indexer(rows["quarter"])
    values = {name: np.full((len(keys), len(quarters)), np.nan) for name in (*AMOUNTS, *SHARES)}
    for name, matrix in values.items():
        matrix[place, column] = rows[name].to_numpy(float)
    series = rows.drop_duplicates(KEYS).sort_values(KEYS, ignore_index=True)[FACTS].fillna("").astype(str)
    return Panel(series, quarters, values | _derived(values, _categories(series)))


def _categories(series: pd.DataFrame) -> dict[str, Array]:
    return series.groupby("category").indices


def _derived(values: Mapping[str, Array], categories: Mapping[str, Array]) -> dict[str, Array]:
    """The matrices of `Panel` that follow from the published ones."""
    logs = {name: np.log(np.where(values[name] > 0, values[name], np.nan)) for name in ("sales", "purchases", "people")}
    logs["ticket"] = logs["sales"] - logs["purchases"]
    change = logs["sales"] - lagged(logs["sales"])
    derived = {"change": change, "move": moves(change, lagged(values["sales"]), categories)}
    for name, matrix in (logs | {name: values[name] for name in SHARES}).items():
        derived[f"{name}_centred"] = centred = np.full_like(matrix, np.nan)
        for own in categories.values():
            centred[own] = matrix[own] - median(matrix[own].T)
    return derived
