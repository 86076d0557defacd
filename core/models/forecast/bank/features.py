"""Features and target of the revenue models: what was known at an origin, and the sales of the months after it.

A row is a business x origin x horizon. Sales are counted in logarithms without the season: the level is the median of
the last three known months, the target is the distance of the forecast month from it, its own season taken off.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.models.forecast.arrays import Array, ArrayTable
from core.models.forecast.bank.series import MARKET, Book, Season
from core.models.forecast.hierarchy import Rows
from core.score.components import FLOOR_KRW, FLOOR_SHARE, mean, median

HORIZONS = (1, 2, 3)
YEAR, WINDOW = 12, 24
LEVEL_MONTHS, LEVEL_REACH = 3, 6  # the level: median of the last three months; of six where those are unknown
MIN_MONTHS = 3  # with fewer known months in the last twelve there is no forecast
SIGMA_PRIOR = 6.0  # months of the usual volatility of all that are added to those of a business
MIN_SIGMA = 0.03
MIN_PEERS = 30  # businesses; a smaller cell takes its category's median
FLOW_FEATURES = ("inflow_change", "inflow_now", "card_change", "deposit_months")

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
    *FLOW_FEATURES,
    *MARKET,
)


@dataclass(frozen=True, kw_only=True)
class ForecastRows(Rows):
    """Rows of many origins with what turns predictions into won; `period` is the origin, all arrays are (n,).

    The target is NaN where the outcome is unknown; `entity` is the place of the business in the book.
    """

    anchor: Array  # ln won: the level with the season of the forecast month
    floor: Array  # won added before every logarithm
    sigma: Array  # usual monthly change of the business, in logarithms
    actual: Array  # won, NaN unknown
    usual: Array  # won, mean month of the last twelve
    horizon: Array
    last_value: Array  # won in the newest known month
    seasonal_naive: Array  # won in the same month a year earlier, NaN unknown
    moving_average: Array  # won, mean of the last three known months
    yearly_change: Array  # won, mean absolute change over a year in the twelve months before: denominator of MASE

    def won(self, predictions: Array) -> Array:
        """Predictions of the target as won, never below 0."""
        return np.maximum(np.exp(self.anchor + predictions) - self.floor, 0.0)

    def log(self, won: Array) -> Array:
        """Won in the unit of the target: ln(won + floor) - anchor."""
        return np.log(won + self.floor) - self.anchor

    @property
    def month(self) -> Array:
        """The forecast month, (n,)."""
        return self.period + self.horizon

    @property
    def is_known(self) -> Array:
        """Rows with a known outcome, (n,) booleans."""
        return ~np.isnan(self.actual)


def states(book: Book, origin: int) -> Array:
    """State of each business at an origin, (n,): OK, CLOSED, SUSPENDED or SHORT (too few known months)."""
    is_known = ~np.isnan(book.sales.known_at(origin, YEAR))
    closed = book.businesses["closed_index"].to_numpy(dtype=float, na_value=np.inf) <= origin
    # Only today's suspensions are on file; a past one shows as months without sales.
    suspended = book.businesses["is_suspended"].to_numpy(dtype=bool) & (origin >= book.sales.last)
    short = (is_known.sum(axis=1) < MIN_MONTHS) | ~is_known[:, -LEVEL_REACH:].any(axis=1)
    return np.select([closed, suspended, short], ["CLOSED", "SUSPENDED", "SHORT"], "OK")


def rows_of(book: Book, season: Season, origins: Iterable[int], every: int = 1) -> ForecastRows:
    """Rows of each origin and horizon, of the businesses that have a forecast there.

    With `every` = k each business is there at every k-th origin only, a different part of them at each.
    """
    return ForecastRows.concat([at_origin(book, season, origin, every) for origin in origins])


def at_origin(book: Book, season: Season, origin: int, every: int = 1) -> ForecastRows:
    """Rows of one origin."""
    entity = np.flatnonzero(states(book, origin) == "OK")
    state = _state(book.select(entity), season, origin)
    turn = (origin + entity) % every == 0
    if every > 1:  # after the medians of peers, which are of all businesses
        entity, state = entity[turn], state.select(turn)
    return ForecastRows.concat([_rows(state, entity, horizon) for horizon in HORIZONS])


@dataclass(frozen=True)
class OriginState(ArrayTable):
    """What is the same for every horizon of an origin: (n, WINDOW) sales, oldest first, and what follows from them."""

    book: Book
    origin: int
    won: Array
    floor: Array
    logs: Array  # ln(won + floor) without the season
    season: Array  # (n, WINDOW + longest horizon)
    level: Array
    features: dict[str, Array]


def _state(book: Book, season: Season, origin: int) -> OriginState:
    """State of these businesses as it was known at the end of `origin`."""
    won = book.sales.known_at(origin, WINDOW)
    ln_si = season.of(book, origin - WINDOW + 1, origin + max(HORIZONS) + 1)
    sold = np.where(won[:, -YEAR:] > 0, won[:, -YEAR:], np.nan)
    floor = np.fmax(FLOOR_SHARE * median(sold), FLOOR_KRW)
    logs = np.log(won + floor[:, None]) - ln_si[:, :WINDOW]
    level = median(logs[:, -LEVEL_MONTHS:])
    level = np.where(np.isnan(level), median(logs[:, -LEVEL_REACH:]), level)
    features = _own(won, logs - level[:, None]) | {"level": level}
    features |= _ages(book, origin) | _peers(book, features) | _flows(book, won, ln_si, origin)
    features |= dict(zip(MARKET, book.market_at(origin).T, strict=True))
    return OriginState(book, origin, won, floor, logs, ln_si, level, features)


def _own(won: Array, distance: Array) -> dict[str, Array]:
    """Features of the business alone, from (n, WINDOW) sales and their distance from its level."""
    year = distance[:, -YEAR:]
    return {
        "last_to_level": distance[:, -1],
        "before_to_level": distance[:, -2],
        "third_to_level": distance[:, -3],
        "half_year_to_level": mean(distance[:, -6:]),
        "year_to_level": mean(year),
        "year_ago_to_level": median(distance[:, -15:-12]),
        "slope_12m": _slope(year),
        "restlessness": median(np.abs(np.diff(year, axis=1))),
        "zero_months_12m": (won[:, -YEAR:] == 0).sum(axis=1),
        "known_months_12m": (~np.isnan(year)).sum(axis=1),
    }


def _slope(values: Array) -> Array:
    """Least-squares slope per month over the known points of each row."""
    time = np.where(np.isnan(values), np.nan, np.arange(values.shape[1], dtype=float))
    time, values = time - mean(time)[:, None], values - mean(values)[:, None]
    spread = np.nansum(time * time, axis=1)
    return np.divide(np.nansum(time * values, axis=1), spread, out=np.full(len(values), np.nan), where=spread > 0)


def _ages(book: Book, origin: int) -> dict[str, Array]:
    dates = book.businesses[["opened_index", "since_index"]].to_numpy(dtype=float, na_value=np.nan)
    return dict(zip(("business_age_months", "tenure_months"), origin - dates.T, strict=True))


def _peers(book: Book, own: dict[str, Array]) -> dict[str, Array]:
    """Median last month and last year of the businesses of the same cell, and median last month of all."""
    distance = pd.DataFrame({"last": own["last_to_level"], "year": own["year_to_level"]})
    category, region = (book.businesses[key].to_numpy() for key in ("category", "region"))
    by_cell = distance.groupby([category, region])
    of_cell, of_category = by_cell.transform("median"), distance.groupby(category).transform("median")
    enough = by_cell["last"].transform("count") >= MIN_PEERS
    peers = {f"peers_{name}": np.where(enough, of_cell[name], of_category[name]) for name in distance}
    return peers | {"city_last": np.full(len(distance), distance["last"].median())}


def _flows(book: Book, won: Array, ln_si: Array, origin: int) -> dict[str, Array]:
    """Flows on the account: inflow of the newest months against the year, deposits in months of sales."""
    if not book.flows:
        return {name: np.full(len(book), np.nan) for name in FLOW_FEATURES}
    flows = {name: figures.known_at(origin, YEAR) for name, figures in book.flows.items()}
    season = np.exp(ln_si[:, WINDOW - YEAR : WINDOW])
    inflow, card = flows["inflow_krw"] / season, flows["card_krw"] / season
    ratios = (
        _log_ratio(mean(inflow[:, -3:]), mean(inflow)),
        _log_ratio(inflow[:, -1], mean(inflow[:, -6:])),
        _log_ratio(mean(card[:, -3:]), mean(card)),
        _log_ratio(flows["deposit_krw"][:, -1], mean(won[:, -YEAR:])),
    )
    return dict(zip(FLOW_FEATURES, ratios, strict=True))


def _log_ratio(now: Array, usual: Array) -> Array:
    return np.log((now + FLOOR_KRW) / (usual + FLOOR_KRW))


def _rows(state: OriginState, entity: Array, horizon: int) -> ForecastRows:
    """Rows of one horizon."""
    month = WINDOW - 1 + horizon  # column of the forecast month
    anchor, actual = state.level + state.season[:, month], state.book.sales.of(state.origin + horizon)
    features = state.features | _of_month(state, month, horizon)
    return ForecastRows(
        np.column_stack([features[name] for name in FEATURES]).astype(np.float32),
        np.log(actual + state.floor) - anchor,
        entity,
        np.full(len(entity), state.origin),
        state.book.businesses["region"].to_numpy(dtype=object),
        state.book.businesses["category"].to_numpy(dtype=object),
        anchor=anchor,
        floor=state.floor,
        sigma=_sigma(state.features["restlessness"], state.features["known_months_12m"]),
        actual=actual,
        usual=mean(state.won[:, -YEAR:]),
        horizon=np.full(len(entity), horizon),
        last_value=_newest(state.won),
        seasonal_naive=state.won[:, month - YEAR],
        moving_average=mean(state.won[:, -LEVEL_MONTHS:]),
        yearly_change=mean(np.abs(state.won[:, -YEAR:] - state.won[:, :YEAR])),
    )


def _of_month(state: OriginState, month: int, horizon: int) -> dict[str, Array]:
    """Features of the forecast month: its season, and the same month of the two years before."""
    year_ago, two_years_ago = state.logs[:, month - YEAR], state.logs[:, month - 2 * YEAR]
    return {
        "horizon": np.full(len(state.level), horizon),
        "same_month_to_level": year_ago - state.level,
        "own_season": year_ago - median(state.logs[:, 6:15]),
        "own_season_before": two_years_ago - median(state.logs[:, :YEAR]),
        "ln_season": state.season[:, month],
        "season_step": state.season[:, month] - state.season[:, WINDOW - 1],
    }


def _sigma(restlessness: Array, months: Array) -> Array:
    """Usual monthly change: 1.4826 x median absolute change, shrunk to that of all where few months are known."""
    usual = np.nanmedian(restlessness) if np.isfinite(restlessness).any() else MIN_SIGMA
    share = months / (months + SIGMA_PRIOR)
    own = np.where(np.isnan(restlessness), usual, restlessness)
    return np.maximum(1.4826 * (share * own + (1 - share) * usual), MIN_SIGMA)


def _newest(won: Array) -> Array:
    """Newest known value of each row."""
    column = won.shape[1] - 1 - np.argmax(~np.isnan(won[:, ::-1]), axis=1)
    return np.take_along_axis(won, column[:, None], axis=1)[:, 0]
