"""The bank's book as matrices of business x month: what was sold, what came in, and since when each figure is known.

Reads businesses, revenue, balances, market_sales, market_footfall, all as they were known on `as_of`
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core.score.season import estimate

Array = np.ndarray

MONTHS = 84  # seven years back: five of origins to learn from, and two before the first of them
EVERYBODY = ("", "g")  # hashes are hexadecimal: every one lies between
NEVER_KNOWN = np.int32(2**30)
FLOWS = ("inflow_krw", "card_krw", "deposit_krw")
STREET = ("street_change_yoy", "street_change_qoq", "city_change_yoy", "city_change_qoq", "footfall_change_yoy")


@dataclass(frozen=True)
class Sheet:
    """Figures by business and month, and the month in which each became known: a late file is late for the past too."""

    first: int  # month of column 0, counted as 12 x year + month - 1
    values: Array  # (n, months) won, NaN unknown
    known: Array  # (n, months)

    @property
    def last(self) -> int:
        """Newest month."""
        return self.first + self.values.shape[1] - 1

    def seen(self, origin: int, back: int) -> Array:
        """The last `back` months up to `origin` as they were known at its end: (n, back), oldest first."""
        end = origin - self.first + 1
        start = max(end - back, 0)
        known = np.where(self.known[:, start:end] <= origin, self.values[:, start:end], np.nan)
        missing = back - known.shape[1]
        return np.pad(known, ((0, 0), (missing, 0)), constant_values=np.nan) if missing else known

    def of(self, month: int) -> Array:
        """Figures of a month as known today, (n,); NaN where unknown or not yet over."""
        column = month - self.first
        inside = 0 <= column < self.values.shape[1]
        return self.values[:, column] if inside else np.full(len(self.values), np.nan)

    def where(self, chosen: Array) -> "Sheet":
        """The businesses numbered so."""
        return Sheet(self.first, self.values[chosen], self.known[chosen])


@dataclass(frozen=True)
class Book:
    """Businesses in rows; their sales, the money on their accounts and the news of their streets."""

    businesses: pd.DataFrame
    sales: Sheet
    flows: dict[str, Sheet]  # FLOWS by name; empty for a bank without balances
    street: dict[int, Array]  # day of publication (ordinal) -> (n, len(STREET))

    def __len__(self) -> int:
        return len(self.businesses)

    def where(self, chosen: Array) -> "Book":
        """The businesses numbered so."""
        return Book(
            self.businesses.iloc[chosen].reset_index(drop=True),
            self.sales.where(chosen),
            {name: sheet.where(chosen) for name, sheet in self.flows.items()},
            {day: news[chosen] for day, news in self.street.items()},
        )

    def street_at(self, origin: int) -> Array:
        """What the city had published of the street by the end of `origin`, (n, len(STREET))."""
        days = [day for day in self.street if day <= month_end_of(origin).toordinal()]
        return self.street[max(days)] if days else np.full((len(self), len(STREET)), np.nan)


def index_of(day: date) -> int:
    """Month of a day as a number that counts months.

    >>> index_of(date(2024, 1, 31)) - index_of(date(2023, 12, 1))
    1
    """
    return day.year * 12 + day.month - 1


def month_of(index: int) -> date:
    """First day of a month number.

    >>> month_of(index_of(date(2024, 2, 29)))
    datetime.date(2024, 2, 1)
    """
    return date(index // 12, index % 12 + 1, 1)


def month_end_of(index: int) -> date:
    """Last day of a month number."""
    return date.fromordinal(month_of(index + 1).toordinal() - 1)


def load(con: db.Connection, as_of: date, hashes: tuple[str, str] = EVERYBODY, since: int = 0) -> Book:
    """The book known on `as_of`: businesses whose hash lies between `hashes`; the street for origins from `since`."""
    span = {"as_of": as_of, "first_slice": hashes[0], "last_slice": hashes[1]}
    businesses = db.query(con, "core/models/forecast/bank/sql/businesses", span)
    sales = db.query(con, "core/models/forecast/bank/sql/sales", span | {"months": MONTHS})
    money = db.query(con, "core/models/forecast/bank/sql/balances", span | {"months": MONTHS})
    last = index_of(as_of)
    first = int(min(sales["month_index"].min(), last)) if len(sales) else last
    grid = _Grid(pd.Index(businesses["business_id"]), first, last - first + 1)
    flows = {name: grid.sheet(money, name) for name in FLOWS} if len(money) else {}
    street = _street(con, span, businesses["business_id"], since)
    return Book(businesses, grid.sheet(sales, "revenue_krw"), flows, street)


@dataclass(frozen=True)
class _Grid:
    ids: pd.Index
    first: int
    months: int

    def sheet(self, rows: pd.DataFrame, column: str) -> Sheet:
        known = self.filled(rows, "known_index", NEVER_KNOWN).astype(np.int32)
        return Sheet(self.first, self.filled(rows, column), known)

    def filled(self, rows: pd.DataFrame, column: str, empty: Any = np.nan) -> Array:
        at = self.ids.get_indexer(rows["business_id"])
        month = rows["month_index"].to_numpy() - self.first
        known = (at >= 0) & (month >= 0)
        values = np.full((len(self.ids), self.months), empty, dtype=np.float64)
        values[at[known], month[known]] = rows[column].to_numpy()[known]
        return values


def _street(con: db.Connection, span: dict[str, Any], ids: pd.Series, since: int) -> dict[int, Array]:
    days = [day.date() for day in db.query(con, "core/models/forecast/bank/sql/market_days")["available_on"].dropna()]
    known = [day for day in days if day <= span["as_of"]]
    before = [day for day in known if index_of(day) < since]
    wanted = before[-1:] + known[len(before) :]
    return {day.toordinal(): _street_on(con, span | {"as_of": day}, ids) for day in wanted}


def _street_on(con: db.Connection, span: dict[str, Any], ids: pd.Series) -> Array:
    found = db.query(con, "core/models/forecast/bank/sql/market", span).set_index("business_id")
    return found.reindex(ids)[list(STREET)].to_numpy(dtype=np.float32, na_value=np.nan)


@dataclass(frozen=True)
class Season:
    """ln of the seasonal index by cell and month, from the months up to `until`."""

    until: date
    cells: pd.MultiIndex
    first: int
    ln_si: Array  # (cells, months)

    def of(self, book: Book, start: int, end: int) -> Array:
        """(n, end - start) index of each business for the months from `start` up to before `end`; 0 where unknown."""
        at = self.cells.get_indexer(pd.MultiIndex.from_frame(book.businesses[["category", "region"]]))
        wide = self.cells.get_indexer(pd.MultiIndex.from_product([book.businesses["category"], [""]]))
        at = np.where(at < 0, wide, at)
        columns = np.arange(start, end) - self.first
        inside = (columns >= 0) & (columns < self.ln_si.shape[1])
        found = np.zeros((len(book), end - start))
        found[:, inside] = np.where(at[:, None] < 0, 0.0, self.ln_si[at][:, columns[inside]])
        return found


def season(con: db.Connection, until: date) -> Season:
    """The seasonal index from what was known on `until`."""
    index, _ = estimate(con, until)
    wide = index.pivot(index=["category", "region"], columns="month", values="ln_si")
    first = index_of(wide.columns[0]) if len(wide.columns) else index_of(until)
    return Season(until, pd.MultiIndex.from_frame(wide.index.to_frame(index=False)), first, wide.to_numpy())
