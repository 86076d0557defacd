"""Sales and account of each business by month: tables revenue and balances."""

import numpy as np
import pyarrow as pa

from core.demo.bank_files import table
from core.demo.book import Book
from core.demo.calibration import Calibration, seasons
from core.demo.latent_state import LatentState
from core.demo.timeline import DAYS_IN_MONTH, MONTH_LABELS, MONTHS, Streams, lagged, logistic, spells

# Months without data come in runs: about 1.4 % of all months.
DATA_GAP, DATA_GAP_MONTHS = 0.004, 3.5
DECLINE_MONTHS = 4
USUAL_CARD_SHARE = 0.72
CARD_SETTLEMENT_HERE = 0.7
# Share of leaving customers who cancel automatic payments in advance; monthly probability that one who stays cancels.
CANCEL_IN_ADVANCE, CANCEL_ANYWAY = 0.5, 0.006


def sales(book: Book, latent: LatentState, facts: Calibration) -> np.ndarray:
    """(n, 72) net sales in won; 0 while suspended; NaN where the business is not a customer."""
    log = book.log_sales[:, None] + latent.log_sales + monthly_season(facts)[book.industry] + _closing_decline(latent)
    won = np.where(latent.suspended, 0.0, np.rint(np.exp(log)))
    return np.where(latent.is_customer(book), won, np.nan)


def monthly_season(facts: Calibration) -> np.ndarray:
    """(n_industries, 72) log season by month: the quarter's deviation and the days in the month."""
    quarter = np.repeat(seasons(facts.industries), 3, axis=1)
    return np.tile(quarter, MONTHS // 12) + np.log(DAYS_IN_MONTH / DAYS_IN_MONTH.mean())


def _closing_decline(latent: LatentState) -> np.ndarray:
    """(n, 72) log decline of sales in the last four months, for every other business that closes."""
    ahead = latent.closes[:, None] - np.arange(MONTHS)
    is_declining = (latent.closes % 2 == 0)[:, None] & (ahead > 0) & (ahead <= DECLINE_MONTHS)
    return np.where(is_declining, -0.12 * (DECLINE_MONTHS + 1 - ahead), 0.0)


def revenue(book: Book, won: np.ndarray, facts: Calibration, streams: Streams) -> pa.Table:
    """Table revenue; months without data have no row."""
    rng = streams("feed")
    business, month = np.nonzero(~np.isnan(won) & ~_data_gaps(won.shape, rng))
    krw = won[business, month].astype(np.int64)
    ticket = facts.industries["ticket_krw"].to_numpy()[book.industry][business] * rng.lognormal(0, 0.1, len(krw))
    count = np.where(krw > 0, np.maximum(np.rint(krw / ticket), 1), 0).astype(np.int64)
    return table(business_id=book.ids[business], month=MONTH_LABELS[month], revenue_krw=krw, sales_count=count)


def _data_gaps(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    begins = rng.random(shape) < DATA_GAP
    length = np.where(begins, rng.geometric(1 / DATA_GAP_MONTHS, shape), 0)
    for t in range(1, shape[1]):
        length[:, t] = np.maximum(length[:, t], length[:, t - 1] - 1)
    return length > 0


def balances(book: Book, won: np.ndarray, latent: LatentState, limit: np.ndarray, streams: Streams) -> pa.Table:
    """Table balances: one row a customer and month."""
    rng = streams("balances")
    inflow = np.nan_to_num(won) * _inflow_share(latent, rng) * rng.lognormal(0, 0.08, won.shape)
    deposit = _deposit(book, latent, rng)
    outflow = np.maximum(inflow - np.diff(deposit, axis=1, prepend=deposit[:, :1]), 0.0) * rng.lognormal(
        0, 0.03, won.shape
    )
    rows = business, month = np.nonzero(latent.is_customer(book))
    return table(
        business_id=book.ids[business],
        month=MONTH_LABELS[month],
        deposit_avg_krw=_whole(deposit[rows]),
        inflow_krw=_whole(inflow[rows]),
        outflow_krw=_whole(outflow[rows]),
        card_settlement_krw=_whole((inflow * _card_share(latent, rng))[rows]),
        overdraft_limit_krw=_whole(limit[rows]),
        overdraft_used_krw=_whole((limit * _overdraft_use(latent, rng))[rows]),
        autopay_count=_autopays(latent, rng)[rows],
        logins=_logins(latent, rng)[rows],
    )


def _whole(won: np.ndarray) -> np.ndarray:
    return np.rint(won).astype(np.int64)


def _inflow_share(latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    """Share of sales that arrives on the account: by attachment two months ago; nearly 0 after leaving."""
    attachment = lagged(latent.attachment, 2)
    return logistic(0.6 + 0.7 * attachment + 0.25 * rng.normal(size=attachment.shape)) * (1 - latent.departed_share())


def _deposit(book: Book, latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    """Deposit in won: months of sales by cash, the owner's habit and noise; withdrawn on leaving."""
    habit = 0.5 * rng.normal(size=(len(book), 1))
    months = np.exp(-0.7 + 0.6 * latent.cash + habit + 0.3 * rng.normal(size=latent.cash.shape))
    # A customer who only switches the main bank leaves a part of the money.
    withdrawn = np.where(latent.cause[:, None] == 2, 0.5, 1.0) * latent.departed_share()
    return np.exp(book.log_sales)[:, None] * months * (1 - withdrawn)


def _card_share(latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    is_settled_here = (rng.random((len(latent.closes), 1)) < CARD_SETTLEMENT_HERE) & (latent.departed_share() < 0.8)
    return is_settled_here * np.clip(USUAL_CARD_SHARE + 0.10 * rng.normal(size=latent.cash.shape), 0.2, 0.95)


def _overdraft_use(latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    habit = 0.8 * rng.normal(size=(len(latent.closes), 1))
    return logistic(-0.6 + habit - 0.9 * latent.cash + 0.5 * rng.normal(size=latent.cash.shape))


def _autopays(latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    """Number of automatic payments. Half of the leaving customers cancel theirs one by one in the months before, the
    others after leaving. Customers who stay cancel a few for a while, too.
    """
    shape = latent.cash.shape
    base = rng.poisson(3.0, (shape[0], 1))
    ahead = np.where(rng.random(shape[0]) < CANCEL_IN_ADVANCE, rng.integers(2, 7, shape[0]), 0)[:, None]
    left = latent.leaves[:, None] - np.arange(MONTHS)
    cancelled_share = np.clip((ahead - left + 1) / (ahead + 1), 0, 1)
    begins = rng.random(shape) < CANCEL_ANYWAY
    fewer = spells(begins, rng.geometric(1 / 6, shape)) * rng.integers(1, 4, (shape[0], 1))
    count = base + (latent.attachment > 1.2) - np.rint(base * 0.7 * cancelled_share).astype(int) - fewer
    return np.maximum(count, 0)


def _logins(latent: LatentState, rng: np.random.Generator) -> np.ndarray:
    attachment = np.clip(latent.attachment, -3, 3)
    return rng.poisson(9 * np.exp(0.35 * attachment) * (1 - latent.departed_share()))
