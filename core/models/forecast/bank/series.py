"""The bank's book as matrices of business x month: sales, money on the accounts, and when each figure became known.

Reads  businesses, revenue, balances, market_sales, market_footfall, all as they were known on `as_of`

Months are numbers here: 12 x year + month - 1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core.calendar import month_end
from core.models.forecast.arrays import Array, ArrayTable
from core.score.season import estimate

MONTHS = 84  # seven years back: five of origins to train on, and two before the first of them
ALL_HASHES = ("", "g")  # hashes are hexadecimal: every one lies between
NEVER_KNOWN = 2**30
FLOWS = ("inflow_krw", "card_krw", "deposit_krw")
MARKET = ("street_change_yoy", "street_change_qoq", "city_change_yoy", "city_change_qoq", "footfall_change_yoy")


@dataclass(frozen=True)
class MonthlyFigures(ArrayTable):
    """Figures by business and month, and the month in which each became known: late data was unknown before."""

    values: Array  # (n, months) won, NaN unknown
    known_from: Array  # (n, months) month in which each became known, NEVER_KNOWN where it has no row
    first: int  # month of column 0

    @property
    def last(self) -> int:
        """Newest month."""
        return self.first + self.values.shape[1] - 1

    def known_at(self, origin: int, months: int) -> Array:
        """The last months up to `origin` as they were known at its end: (n, months), oldest first."""
        end = origin - self.first + 1
        start = max(end - months, 0)
        values = np.where(self.known_from[:, start:end] <= origin, self.values[:, start:end], np.nan)
        return np.pad(values, ((0, 0), (months - values.shape[1], 0)), constant_values=np.nan)

    def of(self, month: int) -> Array:
        """Figures of a month as known today, (n,); NaN where unknown or not yet over."""
        column = month - self.first
        inside = 0 <= column < self.values.shape[1]
        return self.values[:, column] if inside else np.full(len(self.values), np.nan)


@dataclass(frozen=True)
class Book(ArrayTable):
    """Businesses in rows: their sales, the flows on their accounts and the market around them."""

    businesses: pd.DataFrame
    sales: MonthlyFigures
    flows: dict[str, MonthlyFigures]  # FLOWS by name; empty for a bank without balances
    market: dict[int, Array]  # day of publication (ordinal) -> (n, len(MARKET))

    def market_at(self, origin: int) -> Array:
        """What the city had published about the market by the end of `origin`, (n, len(MARKET))."""
        last_day = month_end(month_of(origin)).toordinal()
        days = [day for day in self.market if day <= last_day]
        return self.market[max(days)] if days else np.full((len(self), len(MARKET)), np.nan)


def index_of(day: date) -> int:
    """Number of the month of a day.

    >>> index_of(date(2024, 1, 31)) - index_of(date(2023, 12, 1))
    1
    """
    return day.year * 12 + day.month - 1


def month_of(index: int) -> date:
    """First day of a month.

    >>> month_of(index_of(date(2024, 2, 29)))
    datetime.date(2024, 2, 1)
    """
    return date(index // 12, index % 12 + 1, 1)


def load(con: db.Connection, as_of: date, hashes: tuple[str, str] = ALL_HASHES, since: int = 0) -> Book:
    """The book known on `as_of`: businesses whose hash lies between `hashes`, the market for origins from `since`."""
    params = {"as_of": as_of, "first_slice": hashes[0], "last_slice": hashes[1]}
    businesses = db.query(con, "core/models/forecast/bank/sql/businesses", params)
    sales = db.query(con, "core/models/forecast/bank/sql/sales", params | {"months": MONTHS})
    balances = db.query(con, "core/models/forecast/bank/sql/balances", params | {"months": MONTHS})
    last = index_of(as_of)
    months = range(int(min(sales["month_index"].min(), last)) if len(sales) else last, last + 1)
    ids = pd.Index(businesses["business_id"])
    flows = {name: _figures(balances, name, ids, months) for name in FLOWS} if len(balances) else {}
    return Book(businesses, _figures(sales, "revenue_krw", ids, months), flows, _market(con, params, ids, since))


def _figures(rows: pd.DataFrame, column: str, ids: pd.Index, months: range) -> MonthlyFigures:
    """One column of monthly rows as a matrix; rows of other businesses and earlier months are left out."""
    business, month = ids.get_indexer(rows["business_id"]), rows["month_index"].to_numpy() - months.start
    inside = (business >= 0) & (month >= 0)
    values = np.full((len(ids), len(months)), np.nan)
    known_from = np.full(values.shape, NEVER_KNOWN, dtype=np.int32)
    for matrix, name in ((values, column), (known_from, "known_index")):
        matrix[business[inside], month[inside]] = rows[name].to_numpy()[inside]
    return MonthlyFigures(values, known_from, months.start)


def _market(con: db.Connection, params: dict[str, Any], ids: pd.Index, since: int) -> dict[int, Array]:
    """The market on each day of publication, and on the last one before `since`."""
    days = [day.date() for day in db.query(con, "core/models/forecast/bank/sql/market_days")["available_on"].dropna()]
    published = [day for day in days if day <= params["as_of"]]
    earlier = sum(index_of(day) < since for day in published)
    return {day.toordinal(): _market_on(con, params | {"as_of": day}, ids) for day in published[max(earlier - 1, 0) :]}


def _market_on(con: db.Connection, params: dict[str, Any], ids: pd.Index) -> Array:
    rows = db.query(con, "core/models/forecast/bank/sql/market", params).set_index("business_id")
    return rows.reindex(ids)[list(MARKET)].to_numpy(dtype=np.float32, na_value=np.nan)


@dataclass(frozen=True)
class Season:
    """ln of the seasonal index, (cells, months); `cells` are category x region, `first` is the month of column 0."""

    cells: pd.MultiIndex
    first: int
    ln_si: Array

    def of(self, book: Book, start: int, end: int) -> Array:
        """(n, end - start) index of each business for the months from `start` up to before `end`; 0 where unknown."""
        cell = self.cells.get_indexer(pd.MultiIndex.from_frame(book.businesses[["category", "region"]]))
        whole_category = pd.MultiIndex.from_product([book.businesses["category"], [""]])
        cell = np.where(cell < 0, self.cells.get_indexer(whole_category), cell)
        columns = np.arange(start, end) - self.first
        inside = (columns >= 0) & (columns < self.ln_si.shape[1])
        index = np.zeros((len(book), end - start))
        index[:, inside] = np.where(cell[:, None] < 0, 0.0, self.ln_si[cell][:, columns[inside]])
        return index


def season(con: db.Connection, until: date) -> Season:
    """The seasonal index from what was known on `until`."""
    rows, _ = estimate(con, until)
    index = rows.pivot(index=["category", "region"], columns="month", values="ln_si")
    first = index_of(index.columns[0]) if len(index.columns) else index_of(until)
    return Season(pd.MultiIndex.from_frame(index.index.to_frame(index=False)), first, index.to_numpy())
