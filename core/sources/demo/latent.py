"""What happens to each business that nobody sees? Health, cash, owner's misfortune, attachment; then closing, leaving.

All arrays are (n_businesses, 72 months). Effects come with lags and noise: sales show health only in part, the account
shows cash, and some misfortunes of the owner show nowhere before the instalments stop.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.sources.demo.book import Book
from core.sources.demo.calibration import Calibration
from core.sources.demo.market import Market
from core.sources.demo.timeline import LAST_DAY, MONTH_STARTS, MONTHS, QUARTER_OF_MONTH, stream

NEVER = 10_000
# Monthly chances.
SLUMP = 0.0035
OWNER_SHOCK = 0.0035
BREAK_WITH_BANK = 0.0018
CLOSING = 0.0026
SUSPENDING = 0.0014
CAUSES = ("inactivity", "outflow", "switch", "last_product")
CAUSE_SHARES = (0.20, 0.30, 0.40, 0.10)


@dataclass(frozen=True)
class Latent:
    """The hidden course of each business."""

    market: np.ndarray
    health: np.ndarray
    cash: np.ndarray
    owner: np.ndarray
    attachment: np.ndarray
    missed: np.ndarray
    closes: np.ndarray
    suspended: np.ndarray
    leaves: np.ndarray
    cause: np.ndarray
    active: np.ndarray
    with_bank: np.ndarray


def course(book: Book, facts: Calibration, market: Market, seed: int, chunk: int) -> Latent:
    """Simulate all months of all businesses of the chunk."""
    rng = stream(seed, "latent", chunk)
    n = len(book)
    street = street_level(book, market)
    health = _health(book, street, rng)
    owner = _shocks(n, OWNER_SHOCK, 0.80, rng)
    cash = _cash(book, health, owner, rng)
    missed = _missed_instalments(book, health, cash, owner, stream(seed, "delinquency", chunk))
    closes = _closing(book, facts, health, missed, stream(seed, "closing", chunk))
    suspended = _suspended(health, closes, stream(seed, "suspending", chunk))
    attachment, leaves, cause = _leaving(book, closes, stream(seed, "churn", chunk))
    months = np.arange(MONTHS)
    active = (months >= book.since[:, None]) & (months < closes[:, None])
    return Latent(
        street, health, cash, owner, attachment, missed, closes, suspended, leaves, cause, active,
        active & (months < leaves[:, None]),
    )  # fmt: skip


def street_level(book: Book, market: Market) -> np.ndarray:
    """Log level of the shop's industry and area by month: the quarters' levels, joined by straight lines."""
    quarter = (
        market.industry_level[book.industry] * book.pandemic[:, None] ** _pandemic_quarters()
        + market.area_level[book.area]
    )
    position = (np.arange(MONTHS) - 1) / 3
    left = np.floor(position).clip(0, quarter.shape[1] - 2).astype(int)
    part = (position - left).clip(0, 1)
    return quarter[:, left] * (1 - part) + quarter[:, left + 1] * part


def _pandemic_quarters() -> np.ndarray:
    """1 where levels are the pandemic's (2020 to 2022Q1), else 0."""
    quarter = np.arange(QUARTER_OF_MONTH[-1] + 1)
    return ((quarter >= 4) & (quarter < 13)).astype(float)


def _shocks(n: int, chance: float, keeps: float, rng: np.random.Generator) -> np.ndarray:
    """Sudden blows that fade: size 1 to 3, `keeps` of it left after a month."""
    blow = (rng.random((n, MONTHS)) < chance) * (1.0 + rng.exponential(0.7, (n, MONTHS)))
    state = np.zeros((n, MONTHS))
    state[:, 0] = blow[:, 0]
    for t in range(1, MONTHS):
        state[:, t] = np.maximum(keeps * state[:, t - 1], blow[:, t])
    return state


def _health(book: Book, street: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Own slow wave, slumps that last a year or more, and part of the street's fortune; about N(0, 1)."""
    n = len(book)
    slow = np.zeros((n, MONTHS))
    slow[:, 0] = rng.normal(size=n)
    for t in range(1, MONTHS):
        slow[:, t] = 0.96 * slow[:, t - 1] + 0.28 * rng.normal(size=n)
    slump = _shocks(n, SLUMP, 0.955, rng)
    # The street's level against its own last two years.
    relative = street - np.minimum(street.mean(axis=1, keepdims=True), 0.1)
    return book.quality[:, None] + 0.8 * slow - 1.1 * slump + 1.2 * np.clip(relative, -0.8, 0.4)


def _cash(book: Book, health: np.ndarray, owner: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cushion: health three months ago, slowly; the owner's blows at once; noise of its own."""
    lagged = np.roll(health, 3, axis=1)
    lagged[:, :3] = health[:, :1]
    cash = np.zeros_like(health)
    cash[:, 0] = 0.6 * health[:, 0] + rng.normal(0, 0.6, len(book))
    for t in range(1, MONTHS):
        push = 0.12 * lagged[:, t] - 0.10 * owner[:, t] + 0.22 * rng.normal(size=len(book))
        cash[:, t] = 0.88 * cash[:, t - 1] + push
    return cash - 0.25 * book.leverage[:, None]


def _missed_instalments(
    book: Book, health: np.ndarray, cash: np.ndarray, owner: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Instalments behind at each month's end (0, 1, 2, …): missing one more, staying, paying one, paying all."""
    n = len(book)
    strain = (
        -0.75 * cash - 0.25 * health + 0.9 * owner + 0.35 * book.leverage[:, None] - 0.35 * book.discipline[:, None]
    )
    strain += 0.5 * rng.normal(size=strain.shape)
    missed = np.zeros((n, MONTHS), dtype=int)
    now = np.zeros(n, dtype=int)
    for t in range(MONTHS):
        base = np.where(now == 0, -5.0, np.where(now < 3, -1.0, 0.6))
        slips = rng.random(n) < _chance(base + relief(t) + strain[:, t])
        cures = rng.random(n) < np.where(now >= 4, 0.06, 0.55) * _chance(0.8 - 0.6 * strain[:, t])
        now = np.where(slips, now + 1, np.where(cures, 0, now))
        missed[:, t] = now
    return missed


def relief(t: int) -> float:
    """Deferrals kept arrears low in 2020-2022; the bill came in 2023 and 2024. Own choice, after the press of the time."""
    return float(np.interp(t, [0, 14, 18, 40, 54, 71], [0.0, 0.0, -0.35, -0.25, 0.25, 0.30]))


def _chance(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


def _closing(
    book: Book, facts: Calibration, health: np.ndarray, missed: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Month of closing (NEVER: none). Young shops, weak health four months ago and arrears close more."""
    survival = facts.industries["survival_3y"].to_numpy()[book.industry]
    trade = np.log((1 - survival ** (1 / 3)) / 0.18)[:, None]
    months = np.arange(MONTHS)
    young = ((months - book.opened[:, None]) < 36) * 0.7
    weak = -0.55 * np.roll(health, 4, axis=1)
    weak[:, :4] = -0.55 * health[:, :1]
    hazard = CLOSING * np.exp(trade + young + weak + 0.7 * np.minimum(missed, 4) / 2)
    return _first(rng.random(health.shape) < hazard, book.since + 3)


def _first(happens: np.ndarray, earliest: np.ndarray) -> np.ndarray:
    happens = happens & (np.arange(MONTHS) >= earliest[:, None])
    return np.where(happens.any(axis=1), happens.argmax(axis=1), NEVER)


def _suspended(health: np.ndarray, closes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) is the business resting? A rest lasts about seven months."""
    n = len(health)
    begins = rng.random((n, MONTHS)) < SUSPENDING * np.exp(-0.5 * health)
    length = rng.geometric(1 / 7, (n, MONTHS)) + 1
    left = np.zeros(n, dtype=int)
    resting = np.zeros((n, MONTHS), dtype=bool)
    for t in range(MONTHS):
        left = np.where((left == 0) & begins[:, t], length[:, t], np.maximum(left - 1, 0))
        resting[:, t] = (left > 0) & (t < closes)
    return resting


def _leaving(book: Book, closes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Attachment to the bank, the month a customer leaves it (NEVER: stays), and in which of four ways."""
    n = len(book)
    wave = np.zeros((n, MONTHS))
    wave[:, 0] = rng.normal(size=n)
    for t in range(1, MONTHS):
        wave[:, t] = 0.95 * wave[:, t - 1] + 0.31 * rng.normal(size=n)
    attachment = 0.6 * rng.normal(size=(n, 1)) + 0.8 * wave - _shocks(n, 0.006, 0.88, rng)
    hazard = BREAK_WITH_BANK * np.exp(-0.9 * np.roll(attachment, 2, axis=1))
    leaves = _first(rng.random((n, MONTHS)) < hazard, book.since + 6)
    leaves = np.where(leaves < closes, leaves, NEVER)
    return attachment, leaves, rng.choice(len(CAUSES), n, p=CAUSE_SHARES)


def status(latent: Latent, rng: np.random.Generator) -> pd.DataFrame:
    """status and status_on of each business on the last day."""
    closed, resting = latent.closes < MONTHS, latent.suspended[:, -1]
    since = MONTHS - 1 - np.argmin(latent.suspended[:, ::-1], axis=1) + 1
    month = np.where(closed, latent.closes, np.where(resting, since, 0)).clip(0, MONTHS - 1)
    day = np.minimum(MONTH_STARTS[month] + rng.integers(0, 28, len(month)), LAST_DAY)
    return pd.DataFrame(
        {
            "status": np.select([closed, resting], ["closed", "suspended"], "open"),
            "status_on": np.where(closed | resting, day, np.datetime64("NaT")),
        }
    )
