"""Contracts, views and offers of each business, by its taste: tables holdings and interactions."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.bank_files import table
from core.demo.book import Book
from core.demo.catalogue import CODES, FIRST_LOAN, OTHERS, OVERDRAFT
from core.demo.latent_state import LatentState
from core.demo.timeline import (  # fmt: skip
    DAYS_A_MONTH,
    LAST_DAY,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NO_DAY,
    Streams,
    events,
    logistic,
    random_day,
    timestamp,
)

CANCELLED = 0.18
# Share of contracts after an offer and after a view; share of the offers without a contract that were declined.
AFTER_OFFER, AFTER_VIEW, DECLINED = 0.55, 0.65, 0.8
# Views and offers a year of a product with appeal 0.
VIEWS, OFFERS = 0.085, 0.045


def demo_contracts(
    book: Book, latent: LatentState, loans: pd.DataFrame, limit: np.ndarray, appeals: np.ndarray, streams: Streams
) -> pd.DataFrame:
    """One row a contract, loans included: business, product (number in CODES), opened_on, ends_on, closed_on."""
    rng = streams("holdings")
    business, product, start = _other_contracts(book, latent, limit, appeals, rng)
    opened_on = np.maximum(random_day(start, rng), book.since_on[business])
    term = OTHERS["term"].to_numpy()[product]
    leaving = np.where(latent.cause == 3, latent.leaves, NEVER)[business]
    cancelled = np.where(rng.random(len(business)) < CANCELLED, start + 6 + rng.integers(0, 40, len(business)), NEVER)
    stop = np.min([latent.closes[business], leaving, cancelled], axis=0)
    closed_on = np.maximum(random_day(np.minimum(stop, MONTHS), rng), opened_on)
    rows = pd.DataFrame(
        {
            "business": business,
            "product": product,
            "opened_on": opened_on,
            "ends_on": np.where(term > 0, _current_end(opened_on, term), NO_DAY),
            "closed_on": np.where(stop < MONTHS, closed_on, NO_DAY),
        }
    )
    of_loans = loans[["business", "opened_on", "closed_on"]].assign(
        product=FIRST_LOAN + loans["product"], ends_on=loans["matures_on"]
    )
    return pd.concat([rows, of_loans], ignore_index=True).sort_values(["business", "opened_on"], ignore_index=True)


def _other_contracts(
    book: Book, latent: LatentState, limit: np.ndarray, appeals: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Business, product and first month of the contracts that are no loans; overdrafts as the balances show them."""
    is_held = rng.random((len(book), FIRST_LOAN)) < logistic(appeals[:, :FIRST_LOAN])
    is_held[:, OVERDRAFT] = limit.any(axis=1)
    business, product = np.nonzero(is_held)
    start = np.maximum(book.since[business] + rng.geometric(0.035, len(business)), -60)
    start = np.where(product == OVERDRAFT, (limit > 0).argmax(axis=1)[business], start)
    is_customer = start < np.min(
        [latent.closes[business], latent.leaves[business], np.full(len(start), MONTHS)], axis=0
    )
    return business[is_customer], product[is_customer], start[is_customer]


def _current_end(opened_on: np.ndarray, term: np.ndarray) -> np.ndarray:
    """End of the term that includes the last day of the data; contracts are renewed."""
    age = np.maximum((LAST_DAY - opened_on).astype(int) / DAYS_A_MONTH, 0)
    terms = np.floor(age / np.maximum(term, 1)) + 1
    return opened_on + np.ceil(DAYS_A_MONTH * term * terms).astype(int)


def holdings(book: Book, contracts: pd.DataFrame, streams: Streams) -> pa.Table:
    """Table holdings: every contract; a loan's maturity is its ends_on."""
    days = {name: contracts[name].to_numpy().astype("datetime64[D]") for name in ("opened_on", "ends_on", "closed_on")}
    return table(
        holding_id=streams.ids("H", len(contracts)),
        business_id=book.ids[contracts["business"]],
        product_id=CODES[contracts["product"]],
        **days,
    )


def interactions(
    book: Book, latent: LatentState, contracts: pd.DataFrame, appeals: np.ndarray, streams: Streams
) -> pa.Table:
    """Table interactions: views and offers before contracts, other views by taste, offers without a contract."""
    rng = streams("interactions")
    rows = pd.concat(
        [
            _before_contracts(contracts, rng),
            _views(book, latent, appeals, rng),
            _declined_offers(book, latent, contracts, appeals, rng),
        ],
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


def _before_contracts(contracts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A view weeks before the contract, the offer, and its acceptance on the day before."""
    had_offer, had_view = rng.random(len(contracts)) < AFTER_OFFER, rng.random(len(contracts)) < AFTER_VIEW
    ahead = {"viewed": (had_view, 4, 40), "offered": (had_offer, 2, 25), "accepted": (had_offer, 0, 1)}
    parts = []
    for action, (is_true, fewest, most) in ahead.items():
        rows = contracts.loc[is_true, ["business", "product"]]
        day = contracts.loc[is_true, "opened_on"].to_numpy().astype("datetime64[D]") - rng.integers(
            fewest, most + 1, len(rows)
        )
        parts.append(rows.assign(action=action, at=_daytime(day, rng)))
    return pd.concat(parts, ignore_index=True)


def _daytime(day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return timestamp(day, rng.integers(8 * 3600, 22 * 3600, len(day)))


def _views(book: Book, latent: LatentState, appeals: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Views without a contract, by taste."""
    counts = rng.poisson(VIEWS * np.exp(0.9 * appeals.clip(-4, 3)) * _years(latent, book))
    business, product = events(counts)
    at = _random_time(book, latent, business, rng)
    return pd.DataFrame({"business": business, "product": product, "action": "viewed", "at": at})


def _declined_offers(
    book: Book, latent: LatentState, contracts: pd.DataFrame, appeals: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Offers of products the business never had; most are declined within three weeks, the others are not answered."""
    counts = rng.poisson(OFFERS * np.exp(0.3 * appeals.mean(axis=0)) * _years(latent, book))
    counts[contracts["business"], contracts["product"]] = 0
    business, product = events(counts)
    offered = pd.DataFrame({"business": business, "product": product, "action": "offered"})
    offered["at"] = _random_time(book, latent, business, rng)
    answered = offered[rng.random(len(offered)) < DECLINED]
    after = rng.integers(3600, 20 * 86_400, len(answered)).astype("timedelta64[s]")
    declined = answered.assign(action="declined", at=answered["at"].to_numpy().astype("datetime64[s]") + after)
    return pd.concat([offered, declined[declined["at"].to_numpy() <= LAST_DAY]], ignore_index=True)


def _years(latent: LatentState, book: Book) -> np.ndarray:
    """(n, 1) years as an active customer."""
    return (latent.is_customer(book) & (latent.departed_share() == 0)).sum(axis=1)[:, None] / 12


def _random_time(book: Book, latent: LatentState, business: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random daytime second while the business was a customer."""
    first = np.maximum(book.since, 0)[business]
    last = np.minimum(np.minimum(latent.closes, latent.leaves), MONTHS)[business]
    month = first + (rng.random(len(business)) * np.maximum(last - first, 1)).astype(int)
    return _daytime(np.maximum(random_day(month, rng), book.since_on[business]), rng)
