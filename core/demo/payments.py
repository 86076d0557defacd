"""Single payments at one business in eight, with their outcome: table payments.

A payer has a usual hour. Without funds, for a month or longer, payments fail again and again; a failed payment is tried
again within minutes; a stolen card causes a burst of unusual payments. Fraud is known two months later.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.bank_files import table
from core.demo.book import Book
from core.demo.calibration import Calibration
from core.demo.latent_state import LatentState
from core.demo.timeline import LAST_DAY, MONTHS, Streams, events, logistic, random_day, shocks, timestamp

MERCHANT_SHARE = 0.12
PAYMENTS_A_YEAR = 30
PAYERS_PER_BUSINESS = 0.06
METHODS = {"card": 0.62, "mobile": 0.24, "transfer": 0.09, "virtual_account": 0.05}
METHOD_RISK = np.array([0.0, -0.3, 0.5, 1.1])
# Logit of a failed payment, and its increase without funds and for an unusual amount.
USUAL_FAILURE, NO_FUNDS, UNUSUAL_AMOUNT = -4.1, 3.2, 0.8
OUT_OF_FUNDS = 0.025
RETRY, FAILS_AGAIN, MOST_RETRIES = 0.65, 0.72, 3
FRAUD_BURSTS = 0.004
FRAUD_KNOWN_AFTER = np.timedelta64(60, "D")
# Share of payments at a merchant that is no customer of the bank.
OTHER_MERCHANT_SHARE = 0.08
NIGHT_PAYERS = 0.1


def payments(book: Book, latent: LatentState, facts: Calibration, share: float, streams: Streams) -> pa.Table:
    """Table payments, sorted by time; `share` of all payments is written."""
    rng = streams("payments")
    payers = max(int(len(book) * PAYERS_PER_BUSINESS), 10)
    first = pd.concat([_usual(book, latent, payers, share, rng), _bursts(book, latent, payers, share, rng)])
    first = _with_outcome(first.reset_index(drop=True), book, facts, payers, rng)
    rows = _with_retries(first, rng).sort_values(["at", "payer", "amount"], ignore_index=True)
    business = rows["business"].to_numpy()
    is_customer = rng.random(len(rows)) >= OTHER_MERCHANT_SHARE
    is_known = rows["at"].to_numpy() < (LAST_DAY - FRAUD_KNOWN_AFTER)
    return table(
        payment_id=streams.ids("P", len(rows)),
        customer_id=streams.ids("U", payers)[rows["payer"]],
        business_id=pa.array(book.ids[business], mask=~is_customer),
        at=rows["at"].to_numpy().astype("datetime64[s]"),
        amount_krw=np.maximum(np.rint(rows["amount"].to_numpy() / 10) * 10, 100).astype(np.int64),
        merchant_id=np.char.replace(book.ids[business], "B", "M"),
        merchant_category=facts.industries["category"].to_numpy().astype(str)[book.industry[business]],
        method=np.array(list(METHODS))[rows["method"]],
        succeeded=(~rows["failed"]).to_numpy().astype(int),
        fraud=pa.array(rows["fraud"].to_numpy().astype(int), mask=~is_known),
    )


def _usual(book: Book, latent: LatentState, payers: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Payments at one business in eight, at the usual hour of the payer."""
    is_merchant = (rng.random(len(book)) < MERCHANT_SHARE)[:, None]
    counts = rng.poisson(PAYMENTS_A_YEAR / 12 * share, (len(book), MONTHS)) * (
        latent.is_customer(book) & ~latent.suspended & is_merchant
    )
    business, month = events(counts)
    day = np.maximum(random_day(month, rng), book.since_on[business])
    payer = (rng.random(len(business)) ** 1.5 * payers).astype(int)
    # Most payers pay in the daytime, a few at night.
    usual_hour = np.where(rng.random(payers) < NIGHT_PAYERS, rng.uniform(20, 28, payers), rng.uniform(11, 19, payers))
    hour = (usual_hour[payer] + rng.normal(0, 2.7, len(payer))) % 24
    at = np.maximum(timestamp(day, (hour * 3600).astype(int)), _opening(book, business))
    return pd.DataFrame({"business": business, "payer": payer, "at": at, "fraud": False})


def _opening(book: Book, business: np.ndarray) -> np.ndarray:
    return timestamp(book.since_on[business], np.full(len(business), 9 * 3600))


def _bursts(book: Book, latent: LatentState, payers: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Stolen cards: three to eight payments within two hours, mostly at night, at any open business."""
    payer, month = np.nonzero(rng.random((payers, MONTHS)) < FRAUD_BURSTS * min(1.0, share))
    times = rng.integers(3, 9, len(payer))
    night = rng.random(len(payer)) < 0.6
    second = np.where(night, rng.integers(0, 5 * 3600, len(payer)), rng.integers(9 * 3600, 21 * 3600, len(payer)))
    start = timestamp(random_day(month, rng), second)
    month = np.repeat(month, times)
    at = np.repeat(start, times) + rng.integers(0, 7200, len(month)).astype("timedelta64[s]")
    business = rng.integers(0, len(book), len(month))
    rows = pd.DataFrame({"business": business, "payer": np.repeat(payer, times), "at": at, "fraud": True})
    return rows[latent.is_customer(book)[business, month] & (at >= book.since_on[business])]


def _with_outcome(
    rows: pd.DataFrame, book: Book, facts: Calibration, payers: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The rows with amount, method and whether the payment failed: by funds in the month, amount, method and chance."""
    payer, month = rows["payer"].to_numpy(), rows["at"].to_numpy().astype("datetime64[M]").astype(int) - 588
    usual = facts.industries["ticket_krw"].to_numpy()[book.industry[rows["business"]]]
    unusual = rng.normal(0, 0.6, len(rows)) + np.where(rows["fraud"], 1.0, 0.0)
    no_funds = shocks(payers, OUT_OF_FUNDS, 0.6, rng)[payer, month].clip(0, 1)
    method = rng.choice(len(METHODS), len(rows), p=list(METHODS.values()))
    logit = USUAL_FAILURE + NO_FUNDS * no_funds + UNUSUAL_AMOUNT * unusual + METHOD_RISK[method]
    failed = rng.random(len(rows)) < logistic(logit)
    return rows.assign(amount=usual * np.exp(unusual), method=method, failed=failed)


def _with_retries(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A failed payment is often tried again within five minutes, and often fails again."""
    tries = [rows]
    for _ in range(MOST_RETRIES):
        last = tries[-1]
        again = last[last["failed"].to_numpy() & (rng.random(len(last)) < RETRY)]
        after = rng.integers(15, 300, len(again)).astype("timedelta64[s]")
        fails = rng.random(len(again)) < FAILS_AGAIN
        tries.append(again.assign(at=again["at"].to_numpy().astype("datetime64[s]") + after, failed=fails))
    return pd.concat(tries, ignore_index=True)
