"""Rows of the revenue models: what was known at an origin, and how far sales went from there in the months after it.

A row is a business x origin x horizon. Sales are spoken of in logarithms without the season: the level is the median
of the last three known months, the target how far the month asked for lies from it once its own season is taken off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.models.forecast.bank.series import STREET, Array, Book, Season
from core.models.forecast.hierarchy import Rows
from core.score.components import mean, median

HORIZONS = (1, 2, 3)
WINDOW = 24
LEVEL_MONTHS, LEVEL_REACH = 3, 6  # the level: median of the last three months; of six where those are unknown
MIN_MONTHS = 3  # fewer known months in the last twelve carry no forecast
FLOOR_SHARE, FLOOR_KRW = 0.01, 10_000.0  # domain notes B.1: keeps the logarithm of a month without sales finite
SIGMA_PRIOR = 6.0  # months' worth of the cell's usual restlessness in that of a business
SIGMA_LEAST = 0.03
PEERS = 30  # businesses; a cell with fewer takes its category's median
MONEY = ("inflow_change", "inflow_now", "card_change", "deposit_months")

FEATURES = (
    "horizon",
    "last_to_level",
    "before_to_level",
    "third_to_level",
    "half_year_to_level",
    "year_to_level",
    "year_ago_to_level",
    "same_month_to_level",
    "own_season",
    "own_season_before",
    "slope_12m",
    "restlessness",
    "zero_months_12m",
    "known_months_12m",
    "business_age_months",
    "tenure_months",
    "level",
    "ln_season",
    "season_step",
    "peers_last",
    "peers_year",
    "city_last",
    *MONEY,
    *STREET,
)


@dataclass(frozen=True)
class Panel:
    """Rows of many origins: what the models see (`rows`; target NaN where the outcome is unknown), what it means."""

    rows: Rows
    anchor: Array  # (n,) ln won: the level with the season of the month asked for
    floor: Array  # (n,) won added before every logarithm
    sigma: Array  # (n,) usual monthly move of the business, in logarithms
    actual: Array  # (n,) won, NaN unknown
    usual: Array  # (n,) won, mean month of the last twelve
    horizon: Array
    last_value: Array  # (n,) won in the newest known month
    seasonal_naive: Array  # (n,) won in the same month a year earlier, NaN unknown
    moving_average: Array  # (n,) won, mean of the last three known months
    yearly_move: Array  # (n,) won, mean absolute change over a year in the twelve months before: denominator of MASE

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: Array) -> "Panel":
        """The rows for which `chosen` is true (or the rows numbered so)."""
        rest = {name: value[chosen] for name, value in vars(self).items() if name != "rows"}
        return Panel(self.rows.where(chosen), **rest)

    def won(self, said: Array) -> Array:
        """Predictions of the target as won, never below 0."""
        return np.maximum(np.exp(self.anchor + said) - self.floor, 0.0)

    def log(self, won: Array) -> Array:
        """Won as the target is counted: ln(won + floor) - anchor."""
        return np.log(won + self.floor) - self.anchor

    @property
    def month(self) -> Array:
        """Month asked for, (n,)."""
        return self.rows.period + self.horizon

    @property
    def matured(self) -> Array:
        """Which rows have a known outcome, (n,) booleans."""
        return ~np.isnan(self.actual)


def joined(parts: Sequence[Panel]) -> Panel:
    """Several panels, one after the other."""
    rest = {name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0]) if name != "rows"}
    return Panel(Rows.joined([part.rows for part in parts]), **rest)


def states(book: Book, origin: int) -> Array:
    """State of each business at an origin, (n,): OK, CLOSED, SUSPENDED or SHORT (too few known months)."""
    seen = ~np.isnan(book.sales.seen(origin, 12))
    closed = book.businesses["closed_index"].to_numpy(dtype=float, na_value=np.inf) <= origin
    # Only today's suspensions are on file; a past one shows as months without sales.
    suspended = book.businesses["is_suspended"].to_numpy(dtype=bool) & (origin >= book.sales.last)
    short = (seen.sum(axis=1) < MIN_MONTHS) | ~seen[:, -LEVEL_REACH:].any(axis=1)
    return np.select([closed, suspended, short], ["CLOSED", "SUSPENDED", "SHORT"], "OK")


def panel(book: Book, season: Season, origins: Iterable[int], thinned: int = 1) -> Panel:
    """Rows of the businesses with a forecast at each origin, for each horizon; every `thinned`-th, taking turns."""
    return joined([at_origin(book, season, origin, thinned) for origin in origins])


def at_origin(book: Book, season: Season, origin: int, thinned: int = 1) -> Panel:
    """Rows of one origin; `entity` is the business's place in the book."""
    entity = np.flatnonzero(states(book, origin) == "OK")
    known = Known.of(book.where(entity), season, origin)
    turn = np.flatnonzero((origin + entity) % thinned == 0)
    if thinned > 1:  # peers are counted before, among everybody
        known = known.where(turn)
    return joined([_asked(known, entity[turn], horizon) for horizon in HORIZONS])


@dataclass(frozen=True)
class Known:
    """What is the same for every horizon of an origin: (n, WINDOW) sales, oldest first, and what follows from them."""

    book: Book
    origin: int
    won: Array
    floor: Array
    logs: Array  # ln(won + floor) without the season
    season: Array  # (n, WINDOW + longest horizon)
    level: Array
    features: dict[str, Array]

    @classmethod
    def of(cls, book: Book, season: Season, origin: int) -> "Known":
        """Everything of these businesses that was known at the end of `origin`."""
        won = book.sales.seen(origin, WINDOW)
        ln_si = season.of(book, origin - WINDOW + 1, origin + max(HORIZONS) + 1)
        sold = np.where(won[:, -12:] > 0, won[:, -12:], np.nan)
        floor = np.fmax(FLOOR_SHARE * median(sold), FLOOR_KRW)
        logs = np.log(won + floor[:, None]) - ln_si[:, :WINDOW]
        level = median(logs[:, -LEVEL_MONTHS:])
        level = np.where(np.isnan(level), median(logs[:, -LEVEL_REACH:]), level)
        features = _own(won, logs - level[:, None]) | {"level": level}
        features |= _ages(book, origin) | _peers(book, features) | _money(book, won, ln_si, origin)
        street = book.street_at(origin)
        features |= {name: street[:, column] for column, name in enumerate(STREET)}
        return cls(book, origin, won, floor, logs, ln_si, level, features)

    def where(self, chosen: Array) -> "Known":
        """The businesses numbered so."""
        return Known(
            self.book.where(chosen),
            self.origin,
            self.won[chosen],
            self.floor[chosen],
            self.logs[chosen],
            self.season[chosen],
            self.level[chosen],
            {name: values[chosen] for name, values in self.features.items()},
        )


def _own(won: Array, off: Array) -> dict[str, Array]:
    """The business against its own level: (n, WINDOW) sales and their distance from it."""
    year = off[:, -12:]
    return {
        "last_to_level": off[:, -1],
        "before_to_level": off[:, -2],
        "third_to_level": off[:, -3],
        "half_year_to_level": mean(off[:, -6:]),
        "year_to_level": mean(year),
        "year_ago_to_level": median(off[:, -15:-12]),
        "slope_12m": _slope(year),
        "restlessness": median(np.abs(np.diff(year, axis=1))),
        "zero_months_12m": (won[:, -12:] == 0).sum(axis=1),
        "known_months_12m": (~np.isnan(year)).sum(axis=1),
    }


def _slope(values: Array) -> Array:
    """Least-squares slope per month over the known points of each row."""
    time = np.where(np.isnan(values), np.nan, np.arange(values.shape[1], dtype=float))
    time, off = time - mean(time)[:, None], values - mean(values)[:, None]
    spread = np.nansum(time * time, axis=1)
    return np.divide(np.nansum(time * off, axis=1), spread, out=np.full(len(values), np.nan), where=spread > 0)


def _ages(book: Book, origin: int) -> dict[str, Array]:
    dates = book.businesses[["opened_index", "since_index"]].to_numpy(dtype=float, na_value=np.nan)
    return {"business_age_months": origin - dates[:, 0], "tenure_months": origin - dates[:, 1]}


def _peers(book: Book, own: dict[str, Array]) -> dict[str, Array]:
    """What the last month and the last year did to the businesses of the same cell, and the last month to all."""
    moves = pd.DataFrame({"last": own["last_to_level"], "year": own["year_to_level"]})
    category, region = (book.businesses[key].to_numpy() for key in ("category", "region"))
    by_cell = moves.groupby([category, region])
    own_cell, wide = by_cell.transform("median"), moves.groupby(category).transform("median")
    enough = (by_cell["last"].transform("count") >= PEERS).to_numpy()
    return {
        "peers_last": np.where(enough, own_cell["last"], wide["last"]),
        "peers_year": np.where(enough, own_cell["year"], wide["year"]),
        "city_last": np.full(len(moves), moves["last"].median()),
    }


def _money(book: Book, won: Array, ln_si: Array, origin: int) -> dict[str, Array]:
    """The account against itself: takings of the newest months against the year, deposits in months of sales."""
    if not book.flows:
        return {name: np.full(len(book), np.nan) for name in MONEY}
    flows = {name: sheet.seen(origin, 12) for name, sheet in book.flows.items()}
    season = np.exp(ln_si[:, WINDOW - 12 : WINDOW])
    inflow, card = flows["inflow_krw"] / season, flows["card_krw"] / season
    found = (
        _ratio(mean(inflow[:, -3:]), mean(inflow)),
        _ratio(inflow[:, -1], mean(inflow[:, -6:])),
        _ratio(mean(card[:, -3:]), mean(card)),
        _ratio(flows["deposit_krw"][:, -1], mean(won[:, -12:])),
    )
    return dict(zip(MONEY, found, strict=True))


def _ratio(now: Array, usual: Array) -> Array:
    return np.log((now + FLOOR_KRW) / (usual + FLOOR_KRW))


def _asked(known: Known, entity: Array, horizon: int) -> Panel:
    """Rows of one horizon."""
    at = WINDOW - 1 + horizon  # column of the month asked for
    anchor, actual = known.level + known.season[:, at], known.book.sales.of(known.origin + horizon)
    features = known.features | _of_month(known, at, horizon)
    rows = Rows(
        np.column_stack([features[name] for name in FEATURES]).astype(np.float32),
        np.log(actual + known.floor) - anchor,
        entity,
        np.full(len(entity), known.origin),
        known.book.businesses["region"].to_numpy(dtype=object),
        known.book.businesses["category"].to_numpy(dtype=object),
    )
    known_year_ago = known.won[:, -12:] - known.won[:, :12]
    return Panel(
        rows,
        anchor,
        known.floor,
        _sigma(known.features["restlessness"], known.features["known_months_12m"]),
        actual,
        mean(known.won[:, -12:]),
        np.full(len(entity), horizon),
        _newest(known.won),
        known.won[:, at - 12],
        mean(known.won[:, -LEVEL_REACH:][:, -LEVEL_MONTHS:]),
        mean(np.abs(known_year_ago)),
    )


def _of_month(known: Known, at: int, horizon: int) -> dict[str, Array]:
    """The month asked for: its season, and what the same month was in the two years before."""
    year_ago, two_ago = known.logs[:, at - 12], known.logs[:, at - 24]
    return {
        "horizon": np.full(len(known.level), horizon),
        "same_month_to_level": year_ago - known.level,
        "own_season": year_ago - median(known.logs[:, 6:15]),
        "own_season_before": two_ago - median(known.logs[:, :12]),
        "ln_season": known.season[:, at],
        "season_step": known.season[:, at] - known.season[:, WINDOW - 1],
    }


def _sigma(restlessness: Array, months: Array) -> Array:
    """Usual monthly move: 1.4826 x median absolute change, drawn towards that of all where few months are known."""
    usual = np.nanmedian(restlessness) if np.isfinite(restlessness).any() else SIGMA_LEAST
    share = months / (months + SIGMA_PRIOR)
    own = np.where(np.isnan(restlessness), usual, restlessness)
    return np.maximum(1.4826 * (share * own + (1 - share) * usual), SIGMA_LEAST)


def _newest(won: Array) -> Array:
    """Newest known value of each row."""
    at = won.shape[1] - 1 - np.argmax(~np.isnan(won[:, ::-1]), axis=1)
    return np.take_along_axis(won, at[:, None], axis=1)[:, 0]
