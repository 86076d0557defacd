"""What happens to each business that nobody sees? Health, cash, misfortunes, attachment; closing, leaving.

All arrays are (n_businesses, 72 months). Effects come with lags and noise: sales show health only in part, the account
shows cash, and some misfortunes of the owner show nowhere before the instalments stop. No score is used anywhere.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.book import Book
from core.demo.calibration import Calibration
from core.demo.market import Market, returning_noise
from core.demo.timeline import (  # fmt: skip
    LAST_DAY,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NO_DAY,
    QUARTERS,
    Streams,
    blows,
    chance,
    first_month,
    lagged,
    smoothed,
    wave,
)

# Monthly chances.
SLUMP, OWNER_BLOW, REST, PARTING, CLOSING = 0.004, 0.0050, 0.0019, 0.0020, 0.0040
# A shop's own noise in sales: part returns within months, part is gone the next month. A bank sees a shop's own
# takings, the city an estimate from card sales: so four fifths of the width of its one-shop cells (facts D).
NOISE_RETURN, NOISE_PART, PASSING_SD = 0.72, 0.42, 0.05
COMMON_QOQ_SD = 0.25
# Months with repairs, an illness, a large order.
ODD_MONTH, ODD_SD = 0.015, 0.7
# Log sales a unit of health; below -1 weakness shows more.
HEALTH_IN_SALES, WEAKNESS_IN_SALES = 0.12, 0.16
# Logits of missing an instalment when none is missed, when some are, when the loan is called.
FIRST_SLIP, FURTHER_SLIP, CALLED_SLIP = -6.05, -2.2, 0.6
CURES, CURES_LATE = 0.85, 0.15
WARM_UP = 12
# Instalments behind after which nobody counts on: the loan is written off by then.
FORGOTTEN = 14
CAUSES = ("inactivity", "outflow", "switch", "last_product")
CAUSE_SHARES = (0.20, 0.30, 0.40, 0.10)
LEFT_AT_LAST = (1.0, 0.93, 0.93, 1.0)


@dataclass(frozen=True)
class Latent:
    """The hidden course of each business; months of closing and leaving are NEVER where it does not."""

    log_sales: np.ndarray
    cash: np.ndarray
    attachment: np.ndarray
    missed: np.ndarray
    suspended: np.ndarray
    closes: np.ndarray
    leaves: np.ndarray
    cause: np.ndarray

    def of(self, book: Book) -> np.ndarray:
        """(n, 72) is the business a customer and not closed?"""
        months = np.arange(MONTHS)
        return (months >= book.since[:, None]) & (months < self.closes[:, None])

    def gone(self) -> np.ndarray:
        """(n, 72) how far a customer has left the bank: 0, then half in the month, (nearly) all after two."""
        since = np.arange(MONTHS) - self.leaves[:, None]
        at_last = np.array(LEFT_AT_LAST)[self.cause][:, None]
        return np.select([since < 0, since == 0, since == 1], [0.0, 0.5, 0.85], at_last)


def course(book: Book, facts: Calibration, market: Market, streams: Streams) -> Latent:
    """Simulate all months of all businesses of the chunk."""
    street = street_level(book, market)
    health = _health(book, street, streams("health"))
    own = _own_sales(book, health, facts, streams("own sales"))
    owner = blows(len(book), OWNER_BLOW, 0.85, streams("owner"))
    cash = _cash(book, health, own, owner, streams("cash"))
    missed = _missed_instalments(book, health, cash, owner, streams("delinquency"))
    closes = _closing(book, facts, health, missed, streams("closing"))
    attachment = _attachment(len(book), streams("attachment"))
    leaves = _leaving(book, attachment, closes, streams("leaving"))
    return Latent(
        log_sales=street + own,
        cash=cash,
        attachment=attachment,
        missed=missed,
        suspended=_suspended(health, closes, streams("suspending")),
        closes=closes,
        leaves=leaves,
        cause=streams("cause").choice(len(CAUSES), len(book), p=CAUSE_SHARES),
    )


def street_level(book: Book, market: Market) -> np.ndarray:
    """Log level of the shop's industry and area by month: the quarters' levels, joined by straight lines."""
    pandemic = (np.arange(QUARTERS) >= 4) & (np.arange(QUARTERS) < 13)
    felt = np.where(pandemic, book.pandemic[:, None], 1.0)
    quarter = market.industry_level[book.industry] * felt + market.area_level[book.area]
    position = (np.arange(MONTHS) - 1) / 3
    left = np.floor(position).clip(0, QUARTERS - 2).astype(int)
    part = (position - left).clip(0, 1)
    return quarter[:, left] * (1 - part) + quarter[:, left + 1] * part


def _health(book: Book, street: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Quality, a slow wave, slumps that last a year or more, part of the street's fortune; about N(0, 1)."""
    slump = blows(len(book), SLUMP, 0.955, rng)
    fortune = np.clip(street - smoothed(street, 24), -0.6, 0.4)
    return book.quality[:, None] + 0.8 * wave(len(book), 0.96, rng) - 1.2 * slump + 1.2 * fortune


def _own_sales(book: Book, health: np.ndarray, facts: Calibration, rng: np.random.Generator) -> np.ndarray:
    """Log deviation of sales from the street: health of the last three months and noise with fat tails."""
    seen = smoothed(health, 2.5)
    # Half way between the industry's own width and the common one: the widest owe much to the estimate.
    qoq_sd = np.sqrt(COMMON_QOQ_SD * facts.industries["qoq_log_sd"].to_numpy())[book.industry]
    noise = returning_noise(NOISE_PART * qoq_sd, MONTHS, rng, NOISE_RETURN)
    odd = rng.random(noise.shape) < ODD_MONTH
    noise += rng.normal(0, PASSING_SD, noise.shape) + odd * rng.normal(-0.2, ODD_SD, noise.shape)
    return HEALTH_IN_SALES * seen + WEAKNESS_IN_SALES * np.minimum(seen + 1.0, 0.0) + noise


def _cash(book: Book, health: np.ndarray, own: np.ndarray, owner: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cushion: worn down by weak health and, as costs stay, by sales below those of the last year; about N(0, 1)."""
    habit = smoothed(own, 14)
    drop = lagged(np.clip(smoothed(own, 2) - habit, -0.8, 0.4), 1)
    push = 0.09 * lagged(health, 2) + 0.65 * drop - 0.10 * owner + 0.20 * rng.normal(size=health.shape)
    cash = np.array(push)
    cash[:, 0] += 0.5 * health[:, 0] + 0.5 * rng.normal(size=len(book))
    for t in range(1, MONTHS):
        cash[:, t] += 0.88 * cash[:, t - 1]
    return cash - 0.25 * book.leverage[:, None]


def _missed_instalments(
    book: Book, health: np.ndarray, cash: np.ndarray, owner: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(n, 72) instalments behind at each month's end: one more is missed, or all are paid up, or nothing changes."""
    strain = 0.25 * book.leverage[:, None] - 0.40 * book.discipline[:, None] - 0.95 * cash - 0.40 * health + owner
    strain += 0.6 * rng.normal(size=strain.shape)
    missed = np.zeros(strain.shape, dtype=int)
    now = np.zeros(len(book), dtype=int)
    for t in [0] * WARM_UP + list(range(MONTHS)):
        base = np.select([now == 0, now < 4], [FIRST_SLIP, FURTHER_SLIP], CALLED_SLIP) + relief(t)
        slips = rng.random(len(book)) < chance(base + strain[:, t])
        cures = rng.random(len(book)) < np.where(now < 4, CURES, CURES_LATE) * chance(1.4 - 0.5 * strain[:, t])
        now = np.where(slips, now + 1, np.where(cures, 0, now))
        now = np.where(book.borrows & (now < FORGOTTEN), now, 0)
        missed[:, t] = now
    return missed


def relief(t: int) -> float:
    """Logit: deferrals kept arrears low in 2020-2022. Own choice, after the press of the time."""
    return float(np.interp(t, [0, 12, 15, 40, 54, 71], [0.0, 0.0, -0.35, -0.15, 0.0, 0.0]))


def _closing(
    book: Book, facts: Calibration, health: np.ndarray, missed: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Month of closing. Young shops, weak health four months ago and arrears close more."""
    survival = facts.industries["survival_3y"].to_numpy()[book.industry]
    # 18 % a year is the loss of a trade with the usual survival of 56 % over three years.
    trade = np.log((1 - survival ** (1 / 3)) / 0.18)[:, None]
    young = 0.7 * ((np.arange(MONTHS) - book.opened[:, None]) < 36)
    hazard = CLOSING * np.exp(trade + young - 0.55 * lagged(health, 4) + 0.35 * np.minimum(missed, 5))
    settled = np.arange(MONTHS) >= book.since[:, None] + 3
    return first_month((rng.random(health.shape) < hazard) & settled)


def _suspended(health: np.ndarray, closes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 72) is the business resting? A rest lasts about eight months."""
    begins = rng.random(health.shape) < REST * np.exp(-0.5 * health)
    return lasting(begins, rng.geometric(1 / 7, health.shape) + 1) & (np.arange(MONTHS) < closes[:, None])


def lasting(begins: np.ndarray, length: np.ndarray) -> np.ndarray:
    """(n, 72) is one of the runs on? `begins` starts one of the `length` beside it."""
    left = np.zeros(len(begins), dtype=int)
    on = np.zeros(begins.shape, dtype=bool)
    for t in range(begins.shape[1]):
        left = np.where(begins[:, t] & (left == 0), length[:, t], np.maximum(left - 1, 0))
        on[:, t] = left > 0
    return on


def _attachment(n: int, rng: np.random.Generator) -> np.ndarray:
    """How much the customer feels at home; competitors and annoyances make it drop."""
    return 0.6 * rng.normal(size=(n, 1)) + 0.8 * wave(n, 0.95, rng) - blows(n, 0.006, 0.88, rng)


def _leaving(book: Book, attachment: np.ndarray, closes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Month in which the customer leaves the bank, two months after the attachment went; not after closing."""
    hazard = PARTING * np.exp(-1.05 * lagged(attachment, 2))
    settled = np.arange(MONTHS) >= book.since[:, None] + 6
    leaves = first_month((rng.random(attachment.shape) < hazard) & settled)
    return np.where(leaves < closes, leaves, NEVER)


def status(latent: Latent, rng: np.random.Generator) -> pd.DataFrame:
    """status and status_on of each business on the last day."""
    closed, resting = latent.closes < MONTHS, latent.suspended[:, -1]
    rest_began = MONTHS - np.argmin(latent.suspended[:, ::-1], axis=1)
    month = np.select([closed, resting], [latent.closes, rest_began], 0).clip(0, MONTHS - 1)
    day = np.minimum(MONTH_STARTS[month] + rng.integers(0, 28, len(month)), LAST_DAY)
    state = np.select([closed, resting], ["closed", "suspended"], "open")
    return pd.DataFrame({"status": state, "status_on": np.where(closed | resting, day, NO_DAY)})
