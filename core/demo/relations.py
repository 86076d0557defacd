"""Who spoke with whom, and who has signed what suits them? Tables contacts and suitability.

Contacts: visits and calls, calls after missed instalments, complaints before leaving.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.book import Book
from core.demo.latent import Latent
from core.demo.money import table
from core.demo.timeline import DAYS_A_MONTH, MONTHS, NO_DAY, Streams, day_in, moment

CHANNELS = {"visit": 0.18, "phone": 0.42, "branch": 0.22, "app": 0.18}
TOPICS = ("loan", "deposit", "card", "cash_flow", "renewal", "greeting")
# Monthly chances: a routine contact, a call when behind, a complaint of the usual customer.
ROUTINE, ARREARS, COMPLAINT = 0.11, 0.5, 0.005
# Who has ever signed a record, by kind; over which newest months they were signed; how many hold for two years.
SIGNED = {"loan": 0.50, "investment": 0.20}
SIGNED_WITHIN, HOLDS_MONTHS, WITHOUT_END = 30, 24, 0.1
OFFICE_HOURS = (9 * 3600, 18 * 3600)


def contacts(book: Book, latent: Latent, streams: Streams) -> pa.Table:
    """Table contacts, sorted by business and time."""
    rng = streams("contacts")
    there = latent.of(book)
    with_us = there & (latent.gone() == 0)
    luck = rng.random((3, *there.shape))
    annoyed = COMPLAINT * np.exp(-1.0 * np.clip(latent.attachment, -3, 3))
    kinds = {
        "routine": with_us & (luck[0] < ROUTINE),
        "arrears": there & (latent.missed > 0) & (luck[1] < ARREARS),
        "service": with_us & (luck[2] < annoyed),
    }
    rows = pd.concat([_events(happens, kind) for kind, happens in kinds.items()], ignore_index=True)
    day = np.maximum(day_in(rows["month"].to_numpy(), rng), book.since_on[rows["business"]])
    rows["at"] = moment(day, rng.integers(*OFFICE_HOURS, len(rows)))
    rows["topic"] = rows["topic"].mask(rows["topic"] == "routine", pd.Series(rng.choice(TOPICS, len(rows))))
    rows["channel"] = rng.choice(list(CHANNELS), len(rows), p=list(CHANNELS.values()))
    rows = rows.sort_values(["business", "at", "topic"], ignore_index=True)
    return table(
        contact_id=streams.ids("C", len(rows)),
        business_id=book.ids[rows["business"]],
        at=rows["at"].to_numpy().astype("datetime64[s]"),
        channel=rows["channel"].to_numpy(),
        topic=rows["topic"].to_numpy(),
        complaint=(rows["topic"] == "service").to_numpy().astype(int),
    )


def _events(happens: np.ndarray, topic: str) -> pd.DataFrame:
    business, month = np.nonzero(happens)
    return pd.DataFrame({"business": business, "month": month, "topic": topic})


def suitability(book: Book, latent: Latent, streams: Streams) -> pa.Table:
    """Table suitability: about two in five customers have a record that holds, some an old one, most none."""
    rng = streams("suitability")
    parts = [_signed(book, latent, kind, share, rng) for kind, share in SIGNED.items()]
    rows = pd.concat(parts, ignore_index=True).sort_values(["business", "recorded_on", "kind"], ignore_index=True)
    return table(
        business_id=book.ids[rows["business"]],
        kind=rows["kind"].to_numpy().astype(str),
        recorded_on=rows["recorded_on"].to_numpy().astype("datetime64[D]"),
        expires_on=rows["expires_on"].to_numpy().astype("datetime64[D]"),
    )


def _signed(book: Book, latent: Latent, kind: str, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Records of one kind: one a business at most, signed while it was with the bank."""
    month = MONTHS - 1 - rng.integers(0, SIGNED_WITHIN, len(book))
    there = (month >= book.since) & (month < np.minimum(latent.closes, latent.leaves))
    business = np.flatnonzero((rng.random(len(book)) < share) & there)
    recorded = np.maximum(day_in(month[business], rng), book.since_on[business])
    ends = recorded + np.round(HOLDS_MONTHS * DAYS_A_MONTH).astype(int)
    expires = np.where(rng.random(len(business)) < WITHOUT_END, NO_DAY, ends)
    return pd.DataFrame({"business": business, "kind": kind, "recorded_on": recorded, "expires_on": expires})
