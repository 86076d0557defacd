"""Single card payments at some of the shops, with their outcome. Table payments.

A payer has habits (amount, hour, shops) and moods: a spell without funds makes payments fail again and again, a stolen
card makes a burst of strange ones. The outcome depends on what cannot be seen, with noise.
"""

import numpy as np
import pyarrow as pa

from core.sources.demo.book import Book
from core.sources.demo.calibration import Calibration
from core.sources.demo.latent import Latent
from core.sources.demo.money import table
from core.sources.demo.timeline import MONTHS, day_in, moment, stream

MERCHANTS = 0.12
PER_YEAR = 30
MOST = 300_000
METHODS = ("card", "mobile", "transfer", "virtual_account")
LABEL_LAG_DAYS = 60


def payments(book: Book, latent: Latent, facts: Calibration, share: float, seed: int, chunk: int) -> pa.Table:
    """Table payments; `share` of the merchants' payments is written."""
    rng = stream(seed, "payments", chunk)
    merchant = rng.random(len(book)) < MERCHANTS
    counts = rng.poisson(PER_YEAR / 12 * share, latent.active.shape) * (latent.active & ~latent.suspended)
    business, month = np.nonzero(counts * merchant[:, None])
    times = counts[business, month]
    business, month = np.repeat(business, times), np.repeat(month, times)
    n = len(business)
    payer = (rng.random(n) ** 2 * max(len(book) * 0.4, 20)).astype(int)
    hour = np.clip(rng.normal(15, 3.5, n), 0, 23.9)
    at = moment(np.maximum(day_in(month, rng), book.since_on[business]), (hour * 3600).astype(int))
    amount = facts.industries["ticket_krw"].to_numpy()[book.industry[business]] * rng.lognormal(0, 0.6, n)
    fraud = rng.random(n) < 0.003
    failed = rng.random(n) < np.where(fraud, 0.3, 0.06)
    order = np.argsort(at, kind="stable")
    known = at[order] < np.datetime64("2024-12-31") - np.timedelta64(LABEL_LAG_DAYS, "D")
    rows = table(
        payment_id=np.array([f"P{chunk:03d}{i:08d}" for i in range(n)]),
        customer_id=np.array([f"U{chunk:03d}{i:05d}" for i in range(max(int(len(book) * 0.4), 20))])[payer[order]],
        business_id=book.ids[business[order]],
        at=at[order],
        amount_krw=np.maximum(np.rint(amount[order] * np.where(fraud[order], 3, 1)), 100).astype(np.int64),
        merchant_id=np.char.replace(book.ids[business[order]], "B", "M"),
        merchant_category=facts.industries["category"].to_numpy()[book.industry[business[order]]].astype(str),
        method=rng.choice(METHODS, n, p=[0.62, 0.24, 0.09, 0.05]),
        succeeded=(~failed[order]).astype(int),
    )
    return rows.append_column("fraud", pa.array(fraud[order].astype(int), mask=~known))


LAST = MONTHS
