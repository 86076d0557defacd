"""Trade-area sales as a panel: one row a series (area x industry), one column a quarter, NaN where nothing is known.

Reads market_sales, market_footfall, market_stores, market_areas, districts

A forecast for a quarter is made from `Panel.before(quarter)`, which holds no later column: what a model is never given
it cannot leak.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core import db
from core.errors import DataError

Array = np.ndarray
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
    """Every quarter from first to last, both in it.

    >>> span(20204, 20212)
    (20204, 20211, 20212)
    """
    found = [first]
    while found[-1] < last:
        found.append(shifted(found[-1], 1))
    return tuple(found) if first <= last else ()


@dataclass(frozen=True)
class Panel:
    """`series`: area_code, industry_code, category, district_code, region; `values`: name -> (n_series, n_quarters)."""

    series: pd.DataFrame
    quarters: tuple[int, ...]
    values: Mapping[str, Array]

    def before(self, quarter: int) -> "Panel":
        """What was known when `quarter` lay ahead: columns of earlier quarters only."""
        kept = sum(1 for known in self.quarters if known < quarter)
        cut = {name: values[:, :kept] for name, values in self.values.items()}
        return replace(self, quarters=self.quarters[:kept], values=cut)

    def once(self, name: str, made: Callable[[], Array]) -> Array:
        """`made()`, unless the panel carries it already (see `carrying`)."""
        return self.values[name] if name in self.values else made()

    def carrying(self, more: Mapping[str, Array]) -> "Panel":
        """The same with more values. A column may depend on itself and on earlier ones only: cuts keep it as it is."""
        return replace(self, values={**self.values, **more})

    def at(self, quarter: int, name: str = "sales") -> Array:
        """One column, (n_series,); all NaN where the panel does not have the quarter."""
        if quarter not in self.quarters:
            return np.full(len(self.series), np.nan)
        return self.values[name][:, self.quarters.index(quarter)]

    def categories(self) -> dict[str, Array]:
        """Row numbers of the series of each category."""
        return pd.Series(range(len(self.series))).groupby(self.series["category"].to_numpy()).indices

    def logs(self, name: str = "sales") -> Array:
        """Natural logs; what is not above zero has none."""
        values = self.values[name]
        return np.log(np.where(values > 0, values, np.nan))


def read(con: db.Connection, newest: int = NEWEST) -> Panel:
    """The panel of the checked tables, rows up to `newest` only.

    Raises
    ------
    DataError : there is not one row of sales
    """
    rows = db.query(con, "core/models/forecast/city/sql/rows", {"newest": newest})
    if rows.empty:
        raise DataError("there are no trade-area sales; bring the city's files of estimated sales and try again")
    return panel(rows)


def panel(rows: pd.DataFrame) -> Panel:
    """A panel from the rows of city_rows.sql."""
    keys = pd.MultiIndex.from_frame(rows[KEYS])
    place, known = pd.factorize(keys, sort=True)
    quarters = span(int(rows["quarter"].min()), int(rows["quarter"].max()))
    column = pd.Index(quarters).get_indexer(rows["quarter"])
    values = {}
    for name in (*AMOUNTS, *SHARES):
        values[name] = np.full((len(known), len(quarters)), np.nan)
        values[name][place, column] = rows[name].to_numpy(float)
    series = rows.drop_duplicates(KEYS).sort_values(KEYS, ignore_index=True)[FACTS]
    texts = {name: series[name].fillna("").astype(str) for name in FACTS}
    return Panel(series.assign(**texts), quarters, values)
