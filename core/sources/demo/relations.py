"""Who spoke with whom? Table contacts: visits and calls, collection calls after missed instalments, complaints before leaving."""

import numpy as np
import pyarrow as pa

from core.sources.demo.book import Book
from core.sources.demo.latent import Latent
from core.sources.demo.money import table
from core.sources.demo.timeline import MONTHS, day_in, moment, stream

CHANNELS = ("visit", "phone", "branch", "app")
CHANNEL_SHARES = (0.18, 0.42, 0.22, 0.18)
TOPICS = ("loan", "deposit", "card", "cash_flow", "renewal", "greeting")
ROUTINE, COMPLAINT = 0.11, 0.004


def contacts(book: Book, latent: Latent, seed: int, chunk: int) -> pa.Table:
    """Table contacts, sorted by business and time."""
    rng = stream(seed, "contacts", chunk)
    routine = latent.with_bank & (rng.random(latent.active.shape) < ROUTINE)
    arrears = latent.active & (latent.missed > 0) & (rng.random(latent.active.shape) < 0.5)
    annoyed = COMPLAINT * np.exp(-0.8 * np.clip(latent.attachment, -3, 3))
    complaint = latent.with_bank & (rng.random(latent.active.shape) < annoyed)
    business, month, kind = [], [], []
    for k, happens in enumerate((routine, arrears, complaint)):
        who, when = np.nonzero(happens)
        business.append(who), month.append(when), kind.append(np.full(len(who), k))
    who, when, what = map(np.concatenate, (business, month, kind))
    at = moment(np.maximum(day_in(when, rng), book.since_on[who]), rng.integers(9 * 3600, 18 * 3600, len(who)))
    order = np.lexsort((at, who))
    who, what, at = who[order], what[order], at[order]
    topic = np.where(what == 1, "arrears", np.where(what == 2, "service", rng.choice(TOPICS, len(who))))
    return table(
        contact_id=np.array([f"C{chunk:03d}{i:07d}" for i in range(len(who))]),
        business_id=book.ids[who],
        at=at,
        channel=rng.choice(CHANNELS, len(who), p=CHANNEL_SHARES),
        topic=topic,
        complaint=(what == 2).astype(int),
    )


MONTHS_SPAN = MONTHS
