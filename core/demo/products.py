"""What does each business hold, look at, accept? Tables holdings and interactions, driven by taste."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.book import Book
from core.demo.catalogue import CODES, FIRST_LOAN, OTHERS, OVERDRAFT
from core.demo.latent import Latent
from core.demo.money import table
from core.demo.timeline import (  # fmt: skip
    DAYS_A_MONTH,
    LAST_DAY,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NO_DAY,
    Streams,
    chance,
    day_in,
    moment,
)

GIVEN_UP = 0.18
# Contracts that began with our offer, that were looked at before; offers of the unwanted that got an answer.
CAME_BY_OFFER, LOOKED_BEFORE, ANSWERED = 0.55, 0.65, 0.8
# A year's views at appeal 0, and unasked offers.
VIEWS, OFFERS = 0.085, 0.045


def contracts(
    book: Book, latent: Latent, loans: pd.DataFrame, limit: np.ndarray, wanted: np.ndarray, streams: Streams
) -> pd.DataFrame:
    """One row a contract: business, product (number in CODES), opened_on, ends_on, closed_on; loans among them."""
    rng = streams("holdings")
    business, product, start = _taken(book, latent, limit, wanted, rng)
    opened_on = np.maximum(day_in(start, rng), book.since_on[business])
    term = OTHERS["term"].to_numpy()[product]
    leaving = np.where(latent.cause == 3, latent.leaves, NEVER)[business]
    given_up = np.where(rng.random(len(business)) < GIVEN_UP, start + 6 + rng.integers(0, 40, len(business)), NEVER)
    stop = np.min([latent.closes[business], leaving, given_up], axis=0)
    closed_on = np.maximum(day_in(np.minimum(stop, MONTHS), rng), opened_on)
    rows = pd.DataFrame(
        {
            "business": business,
            "product": product,
            "opened_on": opened_on,
            "ends_on": np.where(term > 0, _current_end(opened_on, term), NO_DAY),
            "closed_on": np.where(stop < MONTHS, closed_on, NO_DAY),
        }
    )
    borrowed = loans[["business", "opened_on", "closed_on"]].assign(
        product=FIRST_LOAN + loans["product"], ends_on=loans["matures_on"]
    )
    return pd.concat([rows, borrowed], ignore_index=True).sort_values(["business", "opened_on"], ignore_index=True)


def _taken(
    book: Book, latent: Latent, limit: np.ndarray, wanted: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who took which product (no loan) in which month; the overdraft as the balances show it."""
    held = rng.random((len(book), FIRST_LOAN)) < chance(wanted[:, :FIRST_LOAN])
    held[:, OVERDRAFT] = limit.any(axis=1)
    business, product = np.nonzero(held)
    start = np.maximum(book.since[business] + rng.geometric(0.035, len(business)), -60)
    start = np.where(product == OVERDRAFT, (limit > 0).argmax(axis=1)[business], start)
    kept = start < np.min([latent.closes[business], latent.leaves[business], np.full(len(start), MONTHS)], axis=0)
    return business[kept], product[kept], start[kept]


def _current_end(opened_on: np.ndarray, term: np.ndarray) -> np.ndarray:
    """Last day of the term that runs on the last day of the data."""
    age = np.maximum((LAST_DAY - opened_on).astype(int) / DAYS_A_MONTH, 0)
    terms = np.floor(age / np.maximum(term, 1)) + 1
    return opened_on + np.ceil(DAYS_A_MONTH * term * terms).astype(int)


def holdings(book: Book, held: pd.DataFrame, streams: Streams) -> pa.Table:
    """Table holdings: every contract; a loan's maturity is its ends_on."""
    days = {name: held[name].to_numpy().astype("datetime64[D]") for name in ("opened_on", "ends_on", "closed_on")}
    return table(
        holding_id=streams.ids("H", len(held)),
        business_id=book.ids[held["business"]],
        product_id=CODES[held["product"]],
        **days,
    )


def interactions(book: Book, latent: Latent, held: pd.DataFrame, wanted: np.ndarray, streams: Streams) -> pa.Table:
    """Table interactions: what led to each contract, views by taste, offers by the bank's habit and their refusal."""
    rng = streams("interactions")
    rows = pd.concat(
        [_before_contracts(held, rng), _views(book, latent, wanted, rng), _refused(book, latent, held, wanted, rng)],
        ignore_index=True,
    )
    since = np.maximum(book.since_on[rows["business"]], MONTH_STARTS[0])
    rows = rows[rows["at"].to_numpy() >= since]
    rows = rows.sort_values(["business", "at", "product", "action"], ignore_index=True)
    return table(
        business_id=book.ids[rows["business"]],
        product_id=CODES[rows["product"]],
        at=rows["at"].to_numpy().astype("datetime64[s]"),
        action=rows["action"].to_numpy(),
    )


def _before_contracts(held: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A look some weeks before, our offer, the yes on the day before the contract."""
    by_offer, looked = rng.random(len(held)) < CAME_BY_OFFER, rng.random(len(held)) < LOOKED_BEFORE
    ahead = {"viewed": (looked, 4, 40), "offered": (by_offer, 2, 25), "accepted": (by_offer, 0, 1)}
    parts = []
    for action, (happened, fewest, most) in ahead.items():
        rows = held.loc[happened, ["business", "product"]]
        day = held.loc[happened, "opened_on"].to_numpy().astype("datetime64[D]") - rng.integers(
            fewest, most + 1, len(rows)
        )
        parts.append(rows.assign(action=action, at=_waking(day, rng)))
    return pd.concat(parts, ignore_index=True)


def _waking(day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return moment(day, rng.integers(8 * 3600, 22 * 3600, len(day)))


def _views(book: Book, latent: Latent, wanted: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Looks that led to nothing (yet), by taste."""
    counts = rng.poisson(VIEWS * np.exp(0.9 * wanted.clip(-4, 3)) * _years(latent, book))
    business, product = _each(counts)
    at = _some_time(book, latent, business, rng)
    return pd.DataFrame({"business": business, "product": product, "action": "viewed", "at": at})


def _refused(
    book: Book, latent: Latent, held: pd.DataFrame, wanted: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Offers of products the business never took; most are declined within three weeks, some stay unanswered."""
    counts = rng.poisson(OFFERS * np.exp(0.3 * wanted.mean(axis=0)) * _years(latent, book))
    counts[held["business"], held["product"]] = 0
    business, product = _each(counts)
    offered = pd.DataFrame({"business": business, "product": product, "action": "offered"})
    offered["at"] = _some_time(book, latent, business, rng)
    answered = offered[rng.random(len(offered)) < ANSWERED]
    after = rng.integers(3600, 20 * 86_400, len(answered)).astype("timedelta64[s]")
    declined = answered.assign(action="declined", at=answered["at"].to_numpy().astype("datetime64[s]") + after)
    return pd.concat([offered, declined[declined["at"].to_numpy() <= LAST_DAY]], ignore_index=True)


def _years(latent: Latent, book: Book) -> np.ndarray:
    """(n, 1) years as an active customer."""
    return (latent.of(book) & (latent.gone() == 0)).sum(axis=1)[:, None] / 12


def _each(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    business, product = np.nonzero(counts)
    times = counts[business, product]
    return np.repeat(business, times), np.repeat(product, times)


def _some_time(book: Book, latent: Latent, business: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A waking second while the business was with the bank."""
    first = np.maximum(book.since, 0)[business]
    last = np.minimum(np.minimum(latent.closes, latent.leaves), MONTHS)[business]
    month = first + (rng.random(len(business)) * np.maximum(last - first, 1)).astype(int)
    return _waking(np.maximum(day_in(month, rng), book.since_on[business]), rng)
