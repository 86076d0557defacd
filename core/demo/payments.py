"""Single payments at some of the shops, with their outcome. Table payments.

A payer has habits (amount, hour) and moods: a spell without funds makes payments fail again and again, a failed payment
is tried again within minutes, a stolen card makes a burst of strange ones. Fraud is known two months later.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.book import Book
from core.demo.calibration import Calibration
from core.demo.latent import Latent
from core.demo.money import table
from core.demo.timeline import LAST_DAY, MONTHS, Streams, blows, chance, day_in, moment

MERCHANTS = 0.12
PER_YEAR = 30
PAYERS_PER_BUSINESS = 0.06
METHODS = {"card": 0.62, "mobile": 0.24, "transfer": 0.09, "virtual_account": 0.05}
METHOD_RISK = np.array([0.0, -0.3, 0.5, 1.1])
# Logits of a failed payment: usual, and what an empty account or an unusual amount adds.
USUAL_FAILURE, NO_FUNDS, UNUSUAL_AMOUNT = -4.1, 3.2, 0.8
FUNDS_RUN_OUT = 0.025
TRIES_AGAIN, FAILS_AGAIN, MOST_TRIES = 0.65, 0.72, 3
FRAUD_BURSTS = 0.004
FRAUD_KNOWN_AFTER = np.timedelta64(60, "D")
ELSEWHERE = 0.08
NIGHT_PAYERS = 0.1


def payments(book: Book, latent: Latent, facts: Calibration, share: float, streams: Streams) -> pa.Table:
    """Table payments, sorted by time; `share` of all payments is written."""
    rng = streams("payments")
    payers = max(int(len(book) * PAYERS_PER_BUSINESS), 10)
    first = pd.concat([_usual(book, latent, payers, share, rng), _bursts(book, latent, payers, share, rng)])
    first = _with_outcome(first.reset_index(drop=True), book, facts, payers, rng)
    rows = _with_retries(first, rng).sort_values(["at", "payer", "amount"], ignore_index=True)
    shop = rows["business"].to_numpy()
    ours = rng.random(len(rows)) >= ELSEWHERE
    known = rows["at"].to_numpy() < (LAST_DAY - FRAUD_KNOWN_AFTER)
    return table(
        payment_id=streams.ids("P", len(rows)),
        customer_id=streams.ids("U", payers)[rows["payer"]],
        business_id=pa.array(book.ids[shop], mask=~ours),
        at=rows["at"].to_numpy().astype("datetime64[s]"),
        amount_krw=np.maximum(np.rint(rows["amount"].to_numpy() / 10) * 10, 100).astype(np.int64),
        merchant_id=np.char.replace(book.ids[shop], "B", "M"),
        merchant_category=facts.industries["category"].to_numpy().astype(str)[book.industry[shop]],
        method=np.array(list(METHODS))[rows["method"]],
        succeeded=(~rows["failed"]).to_numpy().astype(int),
        fraud=pa.array(rows["fraud"].to_numpy().astype(int), mask=~known),
    )


def _usual(book: Book, latent: Latent, payers: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Payments at one shop in eight, each by one of its payers."""
    merchant = (rng.random(len(book)) < MERCHANTS)[:, None]
    counts = rng.poisson(PER_YEAR / 12 * share, (len(book), MONTHS)) * (latent.of(book) & ~latent.suspended & merchant)
    business, month = np.nonzero(counts)
    times = counts[business, month]
    business, month = np.repeat(business, times), np.repeat(month, times)
    day = np.maximum(day_in(month, rng), book.since_on[business])
    payer = (rng.random(len(business)) ** 1.5 * payers).astype(int)
    # Most pay by day, some at night.
    habit = np.where(rng.random(payers) < NIGHT_PAYERS, rng.uniform(20, 28, payers), rng.uniform(11, 19, payers))
    hour = (habit[payer] + rng.normal(0, 2.7, len(payer))) % 24
    at = np.maximum(moment(day, (hour * 3600).astype(int)), _opening(book, business))
    return pd.DataFrame({"business": business, "payer": payer, "at": at, "fraud": False})


def _opening(book: Book, business: np.ndarray) -> np.ndarray:
    return moment(book.since_on[business], np.full(len(business), 9 * 3600))


def _bursts(book: Book, latent: Latent, payers: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Stolen cards: three to eight payments within two hours, mostly at night, at any open shop."""
    payer, month = np.nonzero(rng.random((payers, MONTHS)) < FRAUD_BURSTS * min(1.0, share))
    times = rng.integers(3, 9, len(payer))
    night = rng.random(len(payer)) < 0.6
    second = np.where(night, rng.integers(0, 5 * 3600, len(payer)), rng.integers(9 * 3600, 21 * 3600, len(payer)))
    start = moment(day_in(month, rng), second)
    month = np.repeat(month, times)
    at = np.repeat(start, times) + rng.integers(0, 7200, len(month)).astype("timedelta64[s]")
    business = rng.integers(0, len(book), len(month))
    rows = pd.DataFrame({"business": business, "payer": np.repeat(payer, times), "at": at, "fraud": True})
    return rows[latent.of(book)[business, month] & (at >= book.since_on[business])]


def _with_outcome(
    rows: pd.DataFrame, book: Book, facts: Calibration, payers: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Amount, method and whether it failed: by the payer's funds in the month, the amount, the method, and chance."""
    payer, month = rows["payer"].to_numpy(), rows["at"].to_numpy().astype("datetime64[M]").astype(int) - 588
    usual = facts.industries["ticket_krw"].to_numpy()[book.industry[rows["business"]]]
    unusual = rng.normal(0, 0.6, len(rows)) + np.where(rows["fraud"], 1.0, 0.0)
    no_funds = blows(payers, FUNDS_RUN_OUT, 0.6, rng)[payer, month].clip(0, 1)
    method = rng.choice(len(METHODS), len(rows), p=list(METHODS.values()))
    logit = USUAL_FAILURE + NO_FUNDS * no_funds + UNUSUAL_AMOUNT * unusual + METHOD_RISK[method]
    failed = rng.random(len(rows)) < chance(logit)
    return rows.assign(amount=usual * np.exp(unusual), method=method, failed=failed)


def _with_retries(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A failed payment is often tried again within five minutes, and often fails again."""
    tries = [rows]
    for _ in range(MOST_TRIES):
        last = tries[-1]
        again = last[last["failed"].to_numpy() & (rng.random(len(last)) < TRIES_AGAIN)]
        after = rng.integers(15, 300, len(again)).astype("timedelta64[s]")
        fails = rng.random(len(again)) < FAILS_AGAIN
        tries.append(again.assign(at=again["at"].to_numpy().astype("datetime64[s]") + after, failed=fails))
    return pd.concat(tries, ignore_index=True)
