"""Contacts with the bank and suitability records: tables contacts and suitability.

Contacts are visits and calls, calls after missed instalments, and complaints before leaving.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.bank_files import table
from core.demo.book import Book
from core.demo.latent_state import LatentState
from core.demo.timeline import DAYS_A_MONTH, MONTHS, NO_DAY, Streams, random_day, timestamp

CHANNELS = {"visit": 0.18, "phone": 0.42, "branch": 0.22, "app": 0.18}
TOPICS = ("loan", "deposit", "card", "cash_flow", "renewal", "greeting")
# Monthly probability of a routine contact, of a call about an overdue instalment, of a complaint at usual attachment.
ROUTINE, ARREARS, COMPLAINT = 0.11, 0.5, 0.005
# Share of customers with a record, by kind; records are of the newest 30 months and valid for 24, or without end.
RECORD_SHARES = {"loan": 0.50, "investment": 0.20}
RECORD_MONTHS, VALID_MONTHS, WITHOUT_END = 30, 24, 0.1
OFFICE_HOURS = (9 * 3600, 18 * 3600)


def contacts(book: Book, latent: LatentState, streams: Streams) -> pa.Table:
    """Table contacts, sorted by business and time."""
    rng = streams("contacts")
    is_customer = latent.is_customer(book)
    is_active = is_customer & (latent.departed_share() == 0)
    draws = rng.random((3, *is_customer.shape))
    complaint = COMPLAINT * np.exp(-1.0 * np.clip(latent.attachment, -3, 3))
    kinds = {
        "routine": is_active & (draws[0] < ROUTINE),
        "arrears": is_customer & (latent.missed > 0) & (draws[1] < ARREARS),
        "service": is_active & (draws[2] < complaint),
    }
    rows = pd.concat([_rows(is_true, kind) for kind, is_true in kinds.items()], ignore_index=True)
    day = np.maximum(random_day(rows["month"].to_numpy(), rng), book.since_on[rows["business"]])
    rows["at"] = timestamp(day, rng.integers(*OFFICE_HOURS, len(rows)))
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


def _rows(is_true: np.ndarray, topic: str) -> pd.DataFrame:
    business, month = np.nonzero(is_true)
    return pd.DataFrame({"business": business, "month": month, "topic": topic})


def suitability(book: Book, latent: LatentState, streams: Streams) -> pa.Table:
    """Table suitability: about two in five customers have a valid record, a few an expired one, the others none."""
    rng = streams("suitability")
    parts = [_records(book, latent, kind, share, rng) for kind, share in RECORD_SHARES.items()]
    rows = pd.concat(parts, ignore_index=True).sort_values(["business", "recorded_on", "kind"], ignore_index=True)
    return table(
        business_id=book.ids[rows["business"]],
        kind=rows["kind"].to_numpy().astype(str),
        recorded_on=rows["recorded_on"].to_numpy().astype("datetime64[D]"),
        expires_on=rows["expires_on"].to_numpy().astype("datetime64[D]"),
    )


def _records(book: Book, latent: LatentState, kind: str, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Records of one kind: at most one a business, signed while it was a customer."""
    month = MONTHS - 1 - rng.integers(0, RECORD_MONTHS, len(book))
    is_customer = (month >= book.since) & (month < np.minimum(latent.closes, latent.leaves))
    business = np.flatnonzero((rng.random(len(book)) < share) & is_customer)
    recorded = np.maximum(random_day(month[business], rng), book.since_on[business])
    ends = recorded + np.round(VALID_MONTHS * DAYS_A_MONTH).astype(int)
    expires = np.where(rng.random(len(business)) < WITHOUT_END, NO_DAY, ends)
    return pd.DataFrame({"business": business, "kind": kind, "recorded_on": recorded, "expires_on": expires})
