"""What do sales and the account show? Tables revenue and balances, by business and month."""

import numpy as np
import pyarrow as pa

from core.demo.book import Book
from core.demo.calibration import Calibration, seasons
from core.demo.latent import Latent, lasting
from core.demo.timeline import DAYS_IN_MONTH, MONTH_LABELS, MONTHS, Streams, chance, lagged

# Months without a feed come in runs: about 1.4 % of all months.
FEED_GAP, FEED_GAP_MONTHS = 0.004, 3.5
WINDING_DOWN_MONTHS = 4
USUAL_CARD_SHARE = 0.72
SETTLES_WITH_US = 0.7
# Share of those who leave that cancels standing payments ahead; monthly chance that somebody who stays has fewer.
CANCEL_AHEAD, REARRANGED = 0.5, 0.006


def sales(book: Book, latent: Latent, facts: Calibration) -> np.ndarray:
    """(n, 72) won of net sales; 0 while suspended; NaN where the business is not (yet, any more) a customer."""
    log = book.log_sales[:, None] + latent.log_sales + monthly_season(facts)[book.industry] + _winding_down(latent)
    won = np.where(latent.suspended, 0.0, np.rint(np.exp(log)))
    return np.where(latent.of(book), won, np.nan)


def monthly_season(facts: Calibration) -> np.ndarray:
    """(n_industries, 72) log season by month: the quarter's deviation and the days in the month."""
    quarter = np.repeat(seasons(facts.industries), 3, axis=1)
    return np.tile(quarter, MONTHS // 12) + np.log(DAYS_IN_MONTH / DAYS_IN_MONTH.mean())


def _winding_down(latent: Latent) -> np.ndarray:
    """Every other shop that closes sells less in its last four months; the others stop at once."""
    ahead = latent.closes[:, None] - np.arange(MONTHS)
    slow = (latent.closes % 2 == 0)[:, None] & (ahead > 0) & (ahead <= WINDING_DOWN_MONTHS)
    return np.where(slow, -0.12 * (WINDING_DOWN_MONTHS + 1 - ahead), 0.0)


def revenue(book: Book, won: np.ndarray, facts: Calibration, streams: Streams) -> pa.Table:
    """Table revenue; months without a feed have no row."""
    rng = streams("feed")
    business, month = np.nonzero(~np.isnan(won) & ~_feed_gaps(won.shape, rng))
    krw = won[business, month].astype(np.int64)
    ticket = facts.industries["ticket_krw"].to_numpy()[book.industry][business] * rng.lognormal(0, 0.1, len(krw))
    count = np.where(krw > 0, np.maximum(np.rint(krw / ticket), 1), 0).astype(np.int64)
    return table(business_id=book.ids[business], month=MONTH_LABELS[month], revenue_krw=krw, sales_count=count)


def _feed_gaps(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    begins = rng.random(shape) < FEED_GAP
    length = np.where(begins, rng.geometric(1 / FEED_GAP_MONTHS, shape), 0)
    for t in range(1, shape[1]):
        length[:, t] = np.maximum(length[:, t], length[:, t - 1] - 1)
    return length > 0


def table(**columns: np.ndarray | pa.Array) -> pa.Table:
    """Columns as an Arrow table."""
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def balances(book: Book, won: np.ndarray, latent: Latent, limit: np.ndarray, streams: Streams) -> pa.Table:
    """Table balances: one row a customer and month."""
    rng = streams("balances")
    inflow = np.nan_to_num(won) * _inflow_share(latent, rng) * rng.lognormal(0, 0.08, won.shape)
    deposit = _deposit(book, latent, rng)
    outflow = np.maximum(inflow - np.diff(deposit, axis=1, prepend=deposit[:, :1]), 0.0) * rng.lognormal(
        0, 0.03, won.shape
    )
    at = np.nonzero(latent.of(book))
    business, month = at
    return table(
        business_id=book.ids[business],
        month=MONTH_LABELS[month],
        deposit_avg_krw=_whole(deposit[at]),
        inflow_krw=_whole(inflow[at]),
        outflow_krw=_whole(outflow[at]),
        card_settlement_krw=_whole((inflow * _card_share(latent, rng))[at]),
        overdraft_limit_krw=_whole(limit[at]),
        overdraft_used_krw=_whole((limit * _overdraft_use(latent, rng))[at]),
        autopay_count=_autopays(latent, rng)[at],
        logins=_logins(latent, rng)[at],
    )


def _whole(won: np.ndarray) -> np.ndarray:
    return np.rint(won).astype(np.int64)


def _inflow_share(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    """Part of sales that arrives on our account: attachment two months ago; near nothing after leaving."""
    felt = lagged(latent.attachment, 2)
    return chance(0.6 + 0.7 * felt + 0.25 * rng.normal(size=felt.shape)) * (1 - latent.gone())


def _deposit(book: Book, latent: Latent, rng: np.random.Generator) -> np.ndarray:
    """Months of sales kept with us: cash with a lag of none, the owner's habit, noise; drained on leaving."""
    habit = 0.5 * rng.normal(size=(len(book), 1))
    months = np.exp(-0.7 + 0.6 * latent.cash + habit + 0.3 * rng.normal(size=latent.cash.shape))
    # Who only switches the main bank leaves some money behind.
    drained = np.where(latent.cause[:, None] == 2, 0.5, 1.0) * latent.gone()
    return np.exp(book.log_sales)[:, None] * months * (1 - drained)


def _card_share(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    settles = (rng.random((len(latent.closes), 1)) < SETTLES_WITH_US) & (latent.gone() < 0.8)
    return settles * np.clip(USUAL_CARD_SHARE + 0.10 * rng.normal(size=latent.cash.shape), 0.2, 0.95)


def _overdraft_use(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    habit = 0.8 * rng.normal(size=(len(latent.closes), 1))
    return chance(-0.6 + habit - 0.9 * latent.cash + 0.5 * rng.normal(size=latent.cash.shape))


def _autopays(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    """Standing payments. Half of those who leave cancel them one after the other in the months before; the others only
    when they are gone. And customers who stay rearrange theirs, too.
    """
    shape = latent.cash.shape
    base = rng.poisson(3.0, (shape[0], 1))
    ahead = np.where(rng.random(shape[0]) < CANCEL_AHEAD, rng.integers(2, 7, shape[0]), 0)[:, None]
    left = latent.leaves[:, None] - np.arange(MONTHS)
    going = np.clip((ahead - left + 1) / (ahead + 1), 0, 1)
    moved = rng.random(shape) < REARRANGED
    fewer = lasting(moved, rng.geometric(1 / 6, shape)) * rng.integers(1, 4, (shape[0], 1))
    count = base + (latent.attachment > 1.2) - np.rint(base * 0.7 * going).astype(int) - fewer
    return np.maximum(count, 0)


def _logins(latent: Latent, rng: np.random.Generator) -> np.ndarray:
    felt = np.clip(latent.attachment, -3, 3)
    return rng.poisson(9 * np.exp(0.35 * felt) * (1 - latent.gone()))
