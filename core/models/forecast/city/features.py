"""What is known of a series when the quarter ahead is forecast: where it stands, where it came from, its season.

Everything is relative to the category's common move (city_common.py), which no single series can teach. All features
come from a panel that ends with the quarter before the target; NaN where a fact is not known.
"""

import warnings

import numpy as np

from core.models.forecast.city.category_moves import CHANGED, MOVED, before, changed, moves
from core.models.forecast.city.panel import SHARES, YEAR, Array, Panel, shifted

# A quarter's jump beyond this is a shop that opened, closed or changed hands: its size says nothing more.
JUMP = 0.6
FAR = 0.8
LOGS = ("sales", "purchases", "people", "ticket")
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
    """One row a series for the quarter after the panel's last, (n_series, n_features), columns as FEATURES."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of rows in which nothing is known are NaN, as wanted
        found = _measured(panel)
    return np.column_stack([found[name] for name in FEATURES]).astype(np.float64)


def prepared(panel: Panel) -> Panel:
    """The panel with everything that does not depend on where it is cut, so that it is worked out once."""
    panel = panel.carrying({CHANGED: changed(panel)})
    panel = panel.carrying({MOVED: moves(panel)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the median of a category in which nothing is known is NaN
        return panel.carrying({f"centred_{name}": centred(panel, name) for name in (*LOGS, *SHARES)})


def centred(panel: Panel, name: str) -> Array:
    """Logs of an amount, or a share, less the median of their category and quarter."""
    return panel.once(f"centred_{name}", lambda: _centred(panel, name))


def _centred(panel: Panel, name: str) -> Array:
    if name == "ticket":
        values = panel.logs() - panel.logs("purchases")
    else:
        values = panel.values[name] if name in SHARES else panel.logs(name)
    found = np.full_like(values, np.nan)
    for own in panel.categories().values():
        found[own] = values[own] - np.nanmedian(values[own], axis=0)
    return found


def _measured(panel: Panel) -> dict[str, Array]:
    shift = moves(panel)
    steps = np.clip(changed(panel) - shift, -JUMP, JUMP)
    level = panel.logs() - np.nancumsum(shift, axis=1)
    ticket, people, purchases = (centred(panel, name) for name in ("ticket", "people", "purchases"))
    found = {f"change_{back}q": _back(steps, back) for back in (1, 2, 3)}
    found |= {
        "above_year": _clip(_above(level, YEAR)),
        "above_always": _clip(_above(level, level.shape[1])),
        "season": season(panel, steps),
        "season_shares": season_of_shares(panel, steps),
        "ticket_change": _back(np.clip(ticket - before(ticket), -JUMP, JUMP), 1),
        "ticket_above_year": _clip(_above(ticket, YEAR)),
        "purchases_above_year": _clip(_above(purchases, YEAR)),
        "ticket": ticket[:, -1],
        "size": centred(panel, "sales")[:, -1],
        "restless": np.nanmean(np.abs(steps), axis=1),
        "people_change": _back(np.clip(people - before(people), -JUMP, JUMP), 1),
        "people_level": people[:, -1],
        "stores_change": _back(_stores(panel), 1),
        "quarter_of_year": np.full(len(level), float(next_quarter(panel) % 10)),
    }
    for name in SHARES:
        share = centred(panel, name)
        found |= {name: share[:, -1], f"{name}_above_year": _above(share, YEAR)}
    return found


def next_quarter(panel: Panel) -> int:
    """The quarter to be forecast: the one after the panel's last."""
    return shifted(panel.quarters[-1], 1)


def season(panel: Panel, steps: Array) -> Array:
    """Mean of the series' own steps into the same quarter of earlier years, shrunk for how few there are."""
    same = _same(panel)
    years = np.isfinite(steps[:, same]).sum(axis=1)
    return np.where(years > 0, np.nansum(steps[:, same], axis=1) / (years + 1.0), np.nan)


def season_of_shares(panel: Panel, steps: Array) -> Array:
    """The step that areas of such customers and hours took into the same quarter of earlier years: a ridge a year."""
    found, same = np.zeros(len(steps)), [j for j in _same(panel) if j > 1]
    now = _profile(panel, -1)
    for j in same:
        profile, known = _profile(panel, j - 1), np.isfinite(steps[:, j])
        found += now @ _ridge(profile[known], steps[known, j])
    return found / (len(same) + 1.0) if same else np.full(len(steps), np.nan)


def _profile(panel: Panel, column: int) -> Array:
    """Shares of one quarter in units of their spread, 0 where unknown, (n_series, n_shares)."""
    shares = np.column_stack([centred(panel, name)[:, column] for name in SHARES])
    spread = np.nanmean(np.abs(shares), axis=0)
    return np.nan_to_num(np.clip(shares / np.where(spread > 0, spread, 1.0), -4, 4))


def _ridge(values: Array, target: Array, strength: float = 0.1) -> Array:
    gram = values.T @ values + strength * max(len(values), 1) * np.eye(values.shape[1])
    return np.linalg.solve(gram, values.T @ target)


def _same(panel: Panel) -> list[int]:
    wanted = next_quarter(panel) % 10
    return [j for j, quarter in enumerate(panel.quarters) if quarter % 10 == wanted and j > 0]


def _back(values: Array, steps: int) -> Array:
    return values[:, -steps] if values.shape[1] > steps else np.full(len(values), np.nan)


def _above(values: Array, quarters: int) -> Array:
    """How far the newest value stands above the mean of the last quarters."""
    return values[:, -1] - np.nanmean(values[:, -quarters:], axis=1)


def _stores(panel: Panel) -> Array:
    logs = np.log1p(panel.values["stores"])
    return np.clip(logs - before(logs), -JUMP, JUMP)


def _clip(values: Array) -> Array:
    return np.clip(values, -FAR, FAR)
