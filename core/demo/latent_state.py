"""The latent state of each business: health, cash, the owner's misfortunes, attachment to the bank; closing, leaving.

All arrays are (n_businesses, 72 months). Effects have lags and noise: sales show only a part of health, the account
shows cash, and a part of the owner's misfortunes shows nowhere before an instalment is missed. No score is used.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.book import Book
from core.demo.calibration import Calibration
from core.demo.market import Market, mean_reverting_noise
from core.demo.timeline import (  # fmt: skip
    LAST_DAY,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NO_DAY,
    QUARTERS,
    Streams,
    ar1,
    first_month,
    lagged,
    logistic,
    shocks,
    smoothed,
    spells,
)

# Monthly probabilities of a slump, a misfortune of the owner, a suspension, leaving, closing.
SLUMP, MISFORTUNE, SUSPENSION, LEAVING, CLOSING = 0.004, 0.0050, 0.0019, 0.0020, 0.0040
# Noise in the sales of a business: a part reverts over months, a part is gone the next month. The bank sees true sales,
# the city an estimate from card sales: so four fifths of the width of its one-shop cells (calibration.csv, source D).
NOISE_PERSISTENCE, NOISE_PART, MONTHLY_SD = 0.72, 0.42, 0.05
COMMON_QOQ_SD = 0.25
# Unusual months: repairs, an illness, a large order.
UNUSUAL_MONTH, UNUSUAL_SD = 0.015, 0.7
# Log sales a unit of health, and what is added where health is below -1.
HEALTH_IN_SALES, WEAKNESS_IN_SALES = 0.12, 0.16
# Logits of missing an instalment: with none missed, with one to three, after the loan was called.
FIRST_MISS, FURTHER_MISS, MISS_AFTER_CALL = -6.05, -2.2, 0.6
CURE, LATE_CURE = 0.85, 0.15
WARM_UP = 12
# Missed instalments are counted up to here: the loan is written off by then.
MOST_MISSED = 14
CAUSES = ("inactivity", "outflow", "switch", "last_product")
CAUSE_SHARES = (0.20, 0.30, 0.40, 0.10)
# Share of the business with the bank that is lost in the end, by cause.
LOST_SHARES = (1.0, 0.93, 0.93, 1.0)


@dataclass(frozen=True)
class LatentState:
    """Arrays of the chunk. `closes` and `leaves` are months, NEVER for a business that does not close or leave."""

    log_sales: np.ndarray
    cash: np.ndarray
    attachment: np.ndarray
    missed: np.ndarray
    suspended: np.ndarray
    closes: np.ndarray
    leaves: np.ndarray
    cause: np.ndarray

    def is_customer(self, book: Book) -> np.ndarray:
        """(n, 72) True from the first month as a customer to the last before closing."""
        months = np.arange(MONTHS)
        return (months >= book.since[:, None]) & (months < self.closes[:, None])

    def departed_share(self) -> np.ndarray:
        """(n, 72) share of the business with the bank that is lost: half in the month of leaving, then (nearly) all."""
        since = np.arange(MONTHS) - self.leaves[:, None]
        in_the_end = np.array(LOST_SHARES)[self.cause][:, None]
        return np.select([since < 0, since == 0, since == 1], [0.0, 0.5, 0.85], in_the_end)


def simulation(book: Book, facts: Calibration, market: Market, streams: Streams) -> LatentState:
    """Latent state of all businesses of the chunk over all months."""
    market_level = log_market_level(book, market)
    health = _health(book, market_level, streams("health"))
    own = _own_sales(book, health, facts, streams("own sales"))
    owner = shocks(len(book), MISFORTUNE, 0.85, streams("owner"))
    cash = _cash(book, health, own, owner, streams("cash"))
    missed = _missed_instalments(book, health, cash, owner, streams("delinquency"))
    closes = _closing(book, facts, health, missed, streams("closing"))
    attachment = _attachment(len(book), streams("attachment"))
    leaves = _leaving(book, attachment, closes, streams("leaving"))
    return LatentState(
        log_sales=market_level + own,
        cash=cash,
        attachment=attachment,
        missed=missed,
        suspended=_suspended(health, closes, streams("suspending")),
        closes=closes,
        leaves=leaves,
        cause=streams("cause").choice(len(CAUSES), len(book), p=CAUSE_SHARES),
    )


def log_market_level(book: Book, market: Market) -> np.ndarray:
    """(n, 72) log sales level of the industry and area of each business, interpolated from the quarters' levels."""
    is_pandemic = (np.arange(QUARTERS) >= 4) & (np.arange(QUARTERS) < 13)
    sensitivity = np.where(is_pandemic, book.pandemic[:, None], 1.0)
    quarter = market.industry_level[book.industry] * sensitivity + market.area_level[book.area]
    position = (np.arange(MONTHS) - 1) / 3
    left = np.floor(position).clip(0, QUARTERS - 2).astype(int)
    part = (position - left).clip(0, 1)
    return quarter[:, left] * (1 - part) + quarter[:, left + 1] * part


def _health(book: Book, market_level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Quality, a slow process, slumps of a year or more, and a part of the change of the market; about N(0, 1)."""
    slump = shocks(len(book), SLUMP, 0.955, rng)
    market_change = np.clip(market_level - smoothed(market_level, 24), -0.6, 0.4)
    return book.quality[:, None] + 0.8 * ar1(len(book), 0.96, rng) - 1.2 * slump + 1.2 * market_change


def _own_sales(book: Book, health: np.ndarray, facts: Calibration, rng: np.random.Generator) -> np.ndarray:
    """Log deviation of sales from the market: health of the last three months and noise with fat tails."""
    recent_health = smoothed(health, 2.5)
    # Geometric mean of the industry's own width and a common one: a very large width is in part estimation error.
    qoq_sd = np.sqrt(COMMON_QOQ_SD * facts.industries["qoq_log_sd"].to_numpy())[book.industry]
    noise = mean_reverting_noise(NOISE_PART * qoq_sd, MONTHS, rng, NOISE_PERSISTENCE)
    is_unusual = rng.random(noise.shape) < UNUSUAL_MONTH
    noise += rng.normal(0, MONTHLY_SD, noise.shape) + is_unusual * rng.normal(-0.2, UNUSUAL_SD, noise.shape)
    return HEALTH_IN_SALES * recent_health + WEAKNESS_IN_SALES * np.minimum(recent_health + 1.0, 0.0) + noise


def _cash(book: Book, health: np.ndarray, own: np.ndarray, owner: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cash reserve: falls with weak health and, as costs are fixed, with sales below the last year's; about N(0, 1)."""
    usual = smoothed(own, 14)
    drop = lagged(np.clip(smoothed(own, 2) - usual, -0.8, 0.4), 1)
    change = 0.09 * lagged(health, 2) + 0.65 * drop - 0.10 * owner + 0.20 * rng.normal(size=health.shape)
    cash = np.array(change)
    cash[:, 0] += 0.5 * health[:, 0] + 0.5 * rng.normal(size=len(book))
    for t in range(1, MONTHS):
        cash[:, t] += 0.88 * cash[:, t - 1]
    return cash - 0.25 * book.leverage[:, None]


def _missed_instalments(
    book: Book, health: np.ndarray, cash: np.ndarray, owner: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(n, 72) instalments overdue at each month's end: one more is missed, all are paid, or nothing changes."""
    strain = 0.25 * book.leverage[:, None] - 0.40 * book.discipline[:, None] - 0.95 * cash - 0.40 * health + owner
    strain += 0.6 * rng.normal(size=strain.shape)
    missed = np.zeros(strain.shape, dtype=int)
    now = np.zeros(len(book), dtype=int)
    for t in [0] * WARM_UP + list(range(MONTHS)):
        base = np.select([now == 0, now < 4], [FIRST_MISS, FURTHER_MISS], MISS_AFTER_CALL) + relief(t)
        misses = rng.random(len(book)) < logistic(base + strain[:, t])
        cures = rng.random(len(book)) < np.where(now < 4, CURE, LATE_CURE) * logistic(1.4 - 0.5 * strain[:, t])
        now = np.where(misses, now + 1, np.where(cures, 0, now))
        now = np.where(book.borrows & (now < MOST_MISSED), now, 0)
        missed[:, t] = now
    return missed


def relief(t: int) -> float:
    """Logit of month `t`: deferrals lowered arrears in 2020-2022. Own choice, after newspapers of these years."""
    return float(np.interp(t, [0, 12, 15, 40, 54, 71], [0.0, 0.0, -0.35, -0.15, 0.0, 0.0]))


def _closing(
    book: Book, facts: Calibration, health: np.ndarray, missed: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Month of closing. More likely for young businesses, after weak health four months ago and with arrears."""
    survival = facts.industries["survival_3y"].to_numpy()[book.industry]
    # 18 % close each year in an industry with the usual survival of 56 % over three years.
    industry = np.log((1 - survival ** (1 / 3)) / 0.18)[:, None]
    young = 0.7 * ((np.arange(MONTHS) - book.opened[:, None]) < 36)
    hazard = CLOSING * np.exp(industry + young - 0.55 * lagged(health, 4) + 0.35 * np.minimum(missed, 5))
    settled = np.arange(MONTHS) >= book.since[:, None] + 3
    return first_month((rng.random(health.shape) < hazard) & settled)


def _suspended(health: np.ndarray, closes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) True while the business is suspended, about eight months each time."""
    begins = rng.random(health.shape) < SUSPENSION * np.exp(-0.5 * health)
    return spells(begins, rng.geometric(1 / 7, health.shape) + 1) & (np.arange(MONTHS) < closes[:, None])


def _attachment(n: int, rng: np.random.Generator) -> np.ndarray:
    """Attachment of the customer to the bank; competitors and bad experiences lower it."""
    return 0.6 * rng.normal(size=(n, 1)) + 0.8 * ar1(n, 0.95, rng) - shocks(n, 0.006, 0.88, rng)


def _leaving(book: Book, attachment: np.ndarray, closes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Month of leaving the bank, more likely two months after a low attachment; never after closing."""
    hazard = LEAVING * np.exp(-1.05 * lagged(attachment, 2))
    settled = np.arange(MONTHS) >= book.since[:, None] + 6
    leaves = first_month((rng.random(attachment.shape) < hazard) & settled)
    return np.where(leaves < closes, leaves, NEVER)


def status(latent: LatentState, rng: np.random.Generator) -> pd.DataFrame:
    """status and status_on of each business on the last day."""
    is_closed, is_suspended = latent.closes < MONTHS, latent.suspended[:, -1]
    suspended_since = MONTHS - np.argmin(latent.suspended[:, ::-1], axis=1)
    month = np.select([is_closed, is_suspended], [latent.closes, suspended_since], 0).clip(0, MONTHS - 1)
    day = np.minimum(MONTH_STARTS[month] + rng.integers(0, 28, len(month)), LAST_DAY)
    state = np.select([is_closed, is_suspended], ["closed", "suspended"], "open")
    return pd.DataFrame({"status": state, "status_on": np.where(is_closed | is_suspended, day, NO_DAY)})
