"""Features of a series when the quarter ahead is forecast: its level, its recent changes, its season, its customers.

Values are relative to the common move of the category, which is forecast apart (category_moves.py). All features come
from a panel that ends with the quarter before the target; NaN where a fact is not known.
"""

import numpy as np

from core.models.forecast.arrays import Array
from core.models.forecast.city.category_moves import lagged
from core.models.forecast.city.panel import SHARES, YEAR, Panel, shifted
from core.score.components import mean

# A change in one quarter beyond this means that a shop opened, closed or changed hands: its exact size is no signal.
MAX_CHANGE = 0.6
MAX_DISTANCE = 0.8
FEATURES = (
    "change_1q",
    "change_2q",
    "change_3q",
    "above_year",
    "above_always",
    "season",
    "season_shares",
    "ticket_change",
    "ticket_above_year",
    "purchases_above_year",
    "ticket",
    "size",
    "restless",
    "people_change",
    "people_level",
    "stores_change",
    *SHARES,
    *(f"{name}_above_year" for name in SHARES),
    "quarter_of_year",
)


def features(panel: Panel) -> Array:
    """One row per series for the quarter after the panel's last, (n_series, n_features), columns as FEATURES."""
    move, sales = panel.values["move"], panel.values["sales"]
    changes = np.clip(panel.values["change"] - move, -MAX_CHANGE, MAX_CHANGE)
    level = np.log(np.where(sales > 0, sales, np.nan)) - np.nancumsum(move, axis=1)
    ticket, people, purchases = (panel.centred(name) for name in ("ticket", "people", "purchases"))
    target = shifted(panel.quarters[-1], 1)
    same = [j for j, quarter in enumerate(panel.quarters) if quarter % 10 == target % 10 and j > 0]
    columns = {f"change_{back}q": _back(changes, back) for back in (1, 2, 3)} | {
        "above_year": _clipped(_above(level, YEAR)),
        "above_always": _clipped(_above(level, level.shape[1])),
        "season": _season(changes[:, same]),
        "season_shares": _season_of_shares(panel, changes, same),
        "ticket_change": _change(ticket),
        "ticket_above_year": _clipped(_above(ticket, YEAR)),
        "purchases_above_year": _clipped(_above(purchases, YEAR)),
        "ticket": ticket[:, -1],
        "size": panel.centred("sales")[:, -1],
        "restless": mean(np.abs(changes)),
        "people_change": _change(people),
        "people_level": people[:, -1],
        "stores_change": _change(np.log1p(panel.values["stores"])),
        "quarter_of_year": np.full(len(level), float(target % 10)),
    }
    for name in SHARES:
        share = panel.centred(name)
        columns |= {name: share[:, -1], f"{name}_above_year": _above(share, YEAR)}
    return np.column_stack([columns[name] for name in FEATURES])


def _season(same: Array) -> Array:
    """Mean of the series' own changes into the same quarter of earlier years, shrunk for how few there are."""
    years = np.isfinite(same).sum(axis=1)
    return np.where(years > 0, np.nansum(same, axis=1) / (years + 1.0), np.nan)


def _season_of_shares(panel: Panel, changes: Array, same: list[int]) -> Array:
    """The change of areas with such customers and hours into the same quarter of earlier years: a ridge per year."""
    same = [j for j in same if j > 1]
    if not same:
        return np.full(len(changes), np.nan)
    total, now = np.zeros(len(changes)), _profile(panel, -1)
    for j in same:
        profile, is_known = _profile(panel, j - 1), np.isfinite(changes[:, j])
        total += now @ _ridge(profile[is_known], changes[is_known, j])
    return total / (len(same) + 1.0)


def _profile(panel: Panel, column: int) -> Array:
    """Shares of one quarter in units of their spread, 0 where unknown, (n_series, n_shares)."""
    shares = np.column_stack([panel.centred(name)[:, column] for name in SHARES])
    spread = mean(np.abs(shares).T)
    return np.nan_to_num(np.clip(shares / np.where(spread > 0, spread, 1.0), -4, 4))


def _ridge(values: Array, target: Array, strength: float = 0.1) -> Array:
    gram = values.T @ values + strength * max(len(values), 1) * np.eye(values.shape[1])
    return np.linalg.solve(gram, values.T @ target)


def _back(values: Array, steps: int) -> Array:
    return values[:, -steps] if values.shape[1] > steps else np.full(len(values), np.nan)


def _change(values: Array) -> Array:
    """Newest change from one quarter to the next."""
    return _back(np.clip(values - lagged(values), -MAX_CHANGE, MAX_CHANGE), 1)


def _above(values: Array, quarters: int) -> Array:
    """Distance of the newest value from the mean of the last quarters."""
    return values[:, -1] - mean(values[:, -quarters:])


def _clipped(values: Array) -> Array:
    return np.clip(values, -MAX_DISTANCE, MAX_DISTANCE)
