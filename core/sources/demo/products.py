"""What does each business hold, look at, accept? Tables holdings and interactions, driven by taste.

A product's appeal = popularity + taste of the business x character of the product, so that what a business took tells
what it will take: neighbours in taste beat plain popularity.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.sources.demo.book import TASTES, Book
from core.sources.demo.latent import Latent
from core.sources.demo.lending import PRODUCTS
from core.sources.demo.money import table
from core.sources.demo.timeline import (
    DAYS_A_MONTH,
    LAST_DAY,
    MONTHS,
    NEVER,
    NO_DAY,
    Streams,
    chance,
    day_in,
    moment,
)  # fmt: skip

# Popularity (logit of holding it after some years) and term in months, of what is no instalment loan.
OFFERED = {
    "D01": (-0.9, 12), "D02": (-0.6, 24), "D03": (-0.3, 0), "I01": (-2.2, 0), "I02": (-1.5, 36), "I03": (-1.7, 0),
    "G01": (-0.4, 0), "L03": (-0.8, 12), "L05": (-1.6, 12),
}  # fmt: skip
OVERDRAFT = list(OFFERED).index("L03")
LOAN_POPULARITY = -1.5
LOOKED_AT = [*OFFERED, *PRODUCTS["product_id"]]
TASTE_WEIGHT = 1.6
GIVEN_UP = 0.18
ANSWERED = 0.8
LAST_SECOND = np.datetime64("2024-12-31T23:59:59")


def appeal(book: Book, streams: Streams) -> np.ndarray:
    """(n, products) logit of wanting each product of LOOKED_AT."""
    popular = np.array([OFFERED[code][0] if code in OFFERED else LOAN_POPULARITY for code in LOOKED_AT])
    # What products are like is the same for every chunk.
    characters = Streams(streams.seed)("characters").normal(0, 1 / np.sqrt(TASTES), (len(LOOKED_AT), TASTES))
    return popular + TASTE_WEIGHT * book.taste @ characters.T


def holdings(book: Book, latent: Latent, loans: pd.DataFrame, limit: np.ndarray, streams: Streams) -> pa.Table:
    """Table holdings: every contract, loans among them (their maturity is ends_on)."""
    contracts = _contracts(book, latent, limit, streams)
    product = PRODUCTS["product_id"].to_numpy()[loans["product"]]
    borrowed = loans[["business", "opened_on", "closed_on"]].assign(product_id=product, ends_on=loans["matures_on"])
    rows = pd.concat([contracts, borrowed], ignore_index=True)
    days = {name: rows[name].to_numpy().astype("datetime64[D]") for name in ("opened_on", "ends_on", "closed_on")}
    return table(
        holding_id=streams.ids("H", len(rows)),
        business_id=book.ids[rows["business"]],
        product_id=rows["product_id"].to_numpy(),
        **days,
    )


def _contracts(book: Book, latent: Latent, limit: np.ndarray, streams: Streams) -> pd.DataFrame:
    """Deposits, funds, mutual aid, limits: one row a contract, renewed at each term's end until given up."""
    rng = streams("holdings")
    business, product, start = _taken(book, latent, limit, appeal(book, streams), rng)
    opened_on = np.maximum(day_in(start, rng), book.since_on[business])
    term = np.array([term for _, term in OFFERED.values()])[product]
    leaving = np.where(latent.cause == 3, latent.leaves, NEVER)[business]
    given_up = np.where(rng.random(len(business)) < GIVEN_UP, start + 6 + rng.integers(0, 40, len(business)), NEVER)
    stop = np.min([latent.closes[business], leaving, given_up], axis=0)
    closed_on = np.maximum(day_in(np.minimum(stop, MONTHS), rng), opened_on)
    return pd.DataFrame(
        {
            "business": business,
            "product_id": np.array(list(OFFERED))[product],
            "opened_on": opened_on,
            "ends_on": np.where(term > 0, _current_end(opened_on, term), NO_DAY),
            "closed_on": np.where(stop < MONTHS, closed_on, NO_DAY),
        }
    )


def _taken(
    book: Book, latent: Latent, limit: np.ndarray, wanted: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who took which product in which month; the overdraft as the balances show it."""
    held = rng.random((len(book), len(OFFERED))) < chance(wanted[:, : len(OFFERED)])
    held[:, OVERDRAFT] = limit.any(axis=1)
    business, product = np.nonzero(held)
    start = np.maximum(book.since[business] + rng.geometric(0.035, len(business)), -60)
    start = np.where(product == OVERDRAFT, (limit > 0).argmax(axis=1)[business], start)
    kept = start < np.minimum(latent.closes[business], MONTHS - 1)
    return business[kept], product[kept], start[kept]


def _current_end(opened_on: np.ndarray, term: np.ndarray) -> np.ndarray:
    """Last day of the term that runs on the last day of the data."""
    age = np.maximum((LAST_DAY - opened_on).astype(int) / DAYS_A_MONTH, 0)
    terms = np.floor(age / np.maximum(term, 1)) + 1
    return opened_on + np.ceil(DAYS_A_MONTH * term * terms).astype(int)


def interactions(book: Book, latent: Latent, streams: Streams) -> pa.Table:
    """Table interactions: views follow taste; offers follow the bank's habit; answers follow taste."""
    rng = streams("interactions")
    wanted = appeal(book, streams)
    years = (latent.of(book) & (latent.gone() == 0)).sum(axis=1)[:, None] / 12
    seen = _events(rng.poisson(0.044 * np.exp(0.9 * wanted.clip(-4, 3)) * years), "viewed")
    offered = _events(rng.poisson(0.048 * np.exp(0.3 * wanted.mean(axis=0)) * years), "offered")
    rows = pd.concat([seen, offered], ignore_index=True)
    rows["at"] = _when(book, latent, rows["business"].to_numpy(), rng)
    rows = pd.concat([rows, _answers(rows, wanted, rng)], ignore_index=True)
    rows = rows.sort_values(["business", "at", "product", "action"], ignore_index=True)
    return table(
        business_id=book.ids[rows["business"]],
        product_id=np.array(LOOKED_AT)[rows["product"]],
        at=rows["at"].to_numpy().astype("datetime64[s]"),
        action=rows["action"].to_numpy(),
    )


def _events(counts: np.ndarray, action: str) -> pd.DataFrame:
    business, product = np.nonzero(counts)
    times = counts[business, product]
    return pd.DataFrame(
        {"business": np.repeat(business, times), "product": np.repeat(product, times), "action": action}
    )


def _answers(rows: pd.DataFrame, wanted: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    asked = rows[(rows["action"] == "offered") & (rng.random(len(rows)) < ANSWERED)]
    yes = rng.random(len(asked)) < chance(wanted[asked["business"], asked["product"]] - 0.4)
    after = rng.integers(3600, 20 * 86_400, len(asked)).astype("timedelta64[s]")
    at = np.minimum(asked["at"].to_numpy().astype("datetime64[s]") + after, LAST_SECOND)
    return asked.assign(action=np.where(yes, "accepted", "declined"), at=at)


def _when(book: Book, latent: Latent, business: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A waking second while the business was with the bank."""
    first = np.maximum(book.since, 0)[business]
    last = np.minimum(np.minimum(latent.closes, latent.leaves), MONTHS)[business]
    month = first + (rng.random(len(business)) * np.maximum(last - first, 1)).astype(int)
    day = np.maximum(day_in(month, rng), book.since_on[business])
    return moment(day, rng.integers(8 * 3600, 22 * 3600, len(business)))
