"""What do sales and the account show? Tables revenue and balances, by business and month."""

import numpy as np
import pyarrow as pa

from core.sources.demo.book import Book
from core.sources.demo.calibration import Calibration, seasons
from core.sources.demo.latent import Latent
from core.sources.demo.market import returning_noise
from core.sources.demo.timeline import DAYS_IN_MONTH, MONTH_LABELS, MONTHS, stream

# A shop's own noise: part returns within months, part is gone the next month.
MONTHLY_RETURN = 0.72
LASTING_PART, PASSING_SD = 0.62, 0.05
HEALTH_EFFECT = 0.055
FEED_GAP_START, FEED_GAP_MONTHS = 0.004, 3.5
NO_FEED = -1


def sales(book: Book, latent: Latent, facts: Calibration, seed: int, chunk: int) -> np.ndarray:
    """(n, 72) won of net sales; 0 while suspended; NaN where the business is not (yet, any more) there."""
    rng = stream(seed, "revenue", chunk)
    trade = facts.industries.iloc[book.industry]
    noise = returning_noise(LASTING_PART * trade["qoq_log_sd"].to_numpy(), MONTHS, rng, MONTHLY_RETURN)
    noise += rng.normal(0, PASSING_SD, noise.shape)
    log = book.log_sales[:, None] + latent.market + monthly_season(facts)[book.industry] + noise
    log += HEALTH_EFFECT * _seen_health(latent.health) + _winding_down(latent)
    won = np.where(latent.suspended, 0.0, np.exp(log))
    return np.where(latent.active, np.rint(won), np.nan)


def _seen_health(health: np.ndarray) -> np.ndarray:
    """Mean of the last three months' health; weakness weighs more than strength."""
    padded = np.concatenate([np.repeat(health[:, :1], 2, axis=1), health], axis=1)
    mean = (padded[:, 2:] + padded[:, 1:-1] + padded[:, :-2]) / 3
    return mean + 1.4 * np.minimum(mean + 1.0, 0.0)


def _winding_down(latent: Latent) -> np.ndarray:
    """Half of those who close sell less in the last four months."""
    ahead = latent.closes[:, None] - np.arange(MONTHS)
    slow = (latent.closes % 2 == 0)[:, None] & (ahead <= 4) & (ahead > 0)
    return np.where(slow, -0.12 * (5 - ahead), 0.0)


def monthly_season(facts: Calibration) -> np.ndarray:
    """(n_industries, 72) log season by month: the quarter's deviation, days in the month, the year's end."""
    quarter = np.repeat(seasons(facts.industries), 3, axis=1)
    days = np.log(DAYS_IN_MONTH / 30.4)
    return np.tile(quarter, MONTHS // 12) + days


def revenue(book: Book, won: np.ndarray, facts: Calibration, seed: int, chunk: int) -> pa.Table:
    """Table revenue; months without a feed have no row."""
    rng = stream(seed, "feed", chunk)
    arrived = ~np.isnan(won) & ~_gaps(won.shape, rng)
    business, month = np.nonzero(arrived)
    krw = won[business, month].astype(np.int64)
    ticket = facts.industries["ticket_krw"].to_numpy()[book.industry][business] * rng.lognormal(0, 0.1, len(krw))
    count = np.where(krw > 0, np.maximum(np.rint(krw / ticket), 1), 0).astype(np.int64)
    return table(business_id=book.ids[business], month=MONTH_LABELS[month], revenue_krw=krw, sales_count=count)


def _gaps(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Months in which no sales data arrived, in runs."""
    begins = rng.random(shape) < FEED_GAP_START
    length = rng.geometric(1 / FEED_GAP_MONTHS, shape)
    gap, left = np.zeros(shape, dtype=bool), np.zeros(shape[0], dtype=int)
    for t in range(shape[1]):
        left = np.where(begins[:, t], np.maximum(length[:, t], left), np.maximum(left - 1, 0))
        gap[:, t] = left > 0
    return gap


def table(**columns: np.ndarray) -> pa.Table:
    """Columns as an Arrow table."""
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def balances(book: Book, won: np.ndarray, latent: Latent, limit: np.ndarray, seed: int, chunk: int) -> pa.Table:
    """Table balances: months with an account (before closing the last of it)."""
    rng = stream(seed, "balances", chunk)
    share = _inflow_share(latent, rng)
    inflow = np.nan_to_num(won) * share * rng.lognormal(0, 0.08, share.shape)
    deposit = _deposit(book, won, latent, share, rng)
    before = np.concatenate([deposit[:, :1], deposit[:, :-1]], axis=1)
    outflow = np.maximum(inflow - (deposit - before) + 0.03 * inflow * rng.normal(size=share.shape), 0.0)
    used = limit * _chance(-0.6 - 1.1 * latent.cash + 0.5 * rng.normal(size=share.shape))
    card = inflow * np.clip(0.72 + 0.10 * rng.normal(size=share.shape), 0.2, 0.95) * _settles_here(latent, rng)
    business, month = np.nonzero(latent.active)
    at = (business, month)
    return table(
        business_id=book.ids[business],
        month=MONTH_LABELS[month],
        deposit_avg_krw=_won(deposit[at]),
        inflow_krw=_won(inflow[at]),
        outflow_krw=_won(outflow[at]),
        card_settlement_krw=_won(card[at]),
        overdraft_limit_krw=_won(limit[at]),
        overdraft_used_krw=_won(used[at]),
        autopay_count=_autopays(latent, rng)[at],
        logins=_logins(latent, rng)[at],
    )


def _won(values: np.ndarray) -> np.ndarray:
    return np.rint(values).astype(np.int64)


def _chance(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logit))


def _gone(latent: Latent) -> np.ndarray:
    """(n, 72) how far a leaving customer has left: 0, then 0.5 in the month, 0.85 or more after it."""
    since = np.arange(MONTHS) - latent.leaves[:, None]
    return np.select([since < 0, since == 0, since == 1], [0.0, 0.5, 0.85], 0.93)


def _inflow_share(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    """Part of sales that arrives on our account: attachment two months ago; near nothing after leaving."""
    lagged = np.roll(latent.attachment, 2, axis=1)
    lagged[:, :2] = latent.attachment[:, :1]
    return _chance(0.6 + 0.7 * lagged + 0.25 * rng.normal(size=lagged.shape)) * (1 - _gone(latent))


def _deposit(book: Book, won: np.ndarray, latent: Latent, share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    usual = np.exp(book.log_sales)[:, None] * (0.35 + 0.65 * share)
    months = np.exp(
        -0.5 + 0.75 * latent.cash + 0.25 * rng.normal(size=won.shape) + 0.5 * rng.normal(size=(len(book), 1))
    )
    drained = np.where(latent.cause[:, None] == 2, 0.5, 1.0) * _gone(latent)
    return usual * months * (1 - drained)


def _settles_here(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    return (rng.random((len(latent.closes), 1)) < 0.7) & (_gone(latent) < 0.8)


def _autopays(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    """Standing payments: some of them cancelled one to three months before leaving."""
    base = rng.poisson(3.0, (len(latent.closes), 1))
    leaving = np.arange(MONTHS) >= (latent.leaves - rng.integers(0, 4, len(latent.leaves)))[:, None]
    return np.where(leaving, base // 3, base + (latent.attachment > 1.2))


def _logins(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(9 * np.exp(0.35 * np.clip(latent.attachment, -3, 3)) * (1 - 0.95 * _gone(latent)))
