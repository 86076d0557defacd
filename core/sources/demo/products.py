"""What does each business hold, look at, accept? Tables holdings and interactions, driven by taste.

A product's appeal = popularity + taste of the business x character of the product, so that what a business took tells
what it will take: neighbours in taste beat plain popularity.
"""

import numpy as np
import pyarrow as pa

from core.sources.demo.book import TASTES, Book
from core.sources.demo.latent import Latent
from core.sources.demo.lending import PRODUCTS, Loans
from core.sources.demo.money import table
from core.sources.demo.timeline import LAST_DAY, MONTHS, day_in, moment, stream

# Product and popularity (logit of the chance that a customer of some years holds it).
OFFERED = {
    "D01": -0.9, "D02": -0.6, "D03": -0.3, "I01": -2.2, "I02": -1.5, "I03": -1.7, "G01": -0.4, "L03": -0.8,
    "L05": -1.6,
}  # fmt: skip
LOOKED_AT = tuple(OFFERED) + tuple(code for code, *_ in PRODUCTS)
CHARACTER_SCALE = 1.0
TERMS = {"D01": 12, "D02": 24, "I02": 36, "L03": 12, "L05": 12}


def characters(seed: int) -> np.ndarray:
    """(products, TASTES) what each product is like."""
    return stream(seed, "characters").normal(0, CHARACTER_SCALE / np.sqrt(TASTES), (len(LOOKED_AT), TASTES))


def _appeal(book: Book, seed: int) -> np.ndarray:
    popular = np.array([OFFERED.get(code, -1.5) for code in LOOKED_AT])
    return popular + 1.6 * book.taste @ characters(seed).T


def holdings(book: Book, latent: Latent, loans: Loans, limit: np.ndarray, seed: int, chunk: int) -> pa.Table:
    """Table holdings: every contract, loans among them (their maturity is ends_on)."""
    rng = stream(seed, "holdings", chunk)
    appeal = _appeal(book, seed)[:, : len(OFFERED)]
    held = rng.random(appeal.shape) < 1 / (1 + np.exp(-appeal))
    overdraft = list(OFFERED).index("L03")
    held[:, overdraft] = limit.any(axis=1)
    business, product = np.nonzero(held)
    start = np.maximum(book.since[business] + rng.geometric(0.035, len(business)), -60)
    start = np.where(product == overdraft, np.maximum((limit > 0).argmax(axis=1)[business], 0), start)
    stop = np.minimum(latent.closes[business], MONTHS)
    kept = start < np.minimum(stop, MONTHS - 1)
    business, product, start = business[kept], product[kept], start[kept]
    rows = _contracts(book, latent, business, product, start, rng)
    loan_rows = {
        "business_id": book.ids[loans.business],
        "product_id": np.array([code for code, *_ in PRODUCTS])[loans.product],
        "opened_on": loans.opened_on,
        "ends_on": loans.matures_on,
        "closed_on": loans.closed_on,
    }
    whole = {name: np.concatenate([rows[name], loan_rows[name]]) for name in rows}
    ids = np.array([f"H{chunk:03d}{i:07d}" for i in range(len(whole["business_id"]))])
    return table(holding_id=ids, **whole)


def _contracts(
    book: Book, latent: Latent, business: np.ndarray, product: np.ndarray, start: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    codes = np.array(list(OFFERED))[product]
    opened_on = np.maximum(day_in(start, rng), book.since_on[business])
    term = np.array([TERMS.get(code, 0) for code in OFFERED])[product]
    # Renewed until today: the end of the current term.
    age = np.maximum((LAST_DAY - opened_on).astype(int) / 30.44, 0)
    rounds = np.floor(age / np.maximum(term, 1)) + 1
    ends_on = opened_on + (30.44 * term * rounds).astype(int)
    leaves = np.where(latent.cause[business] == 3, latent.leaves[business], 10_000)
    given_up = np.where(rng.random(len(business)) < 0.18, start + 6 + rng.integers(0, 40, len(business)), 10_000)
    stop = np.min([latent.closes[business], leaves, given_up], axis=0)
    closed_on = np.maximum(day_in(np.minimum(stop, MONTHS), rng), opened_on)
    return {
        "business_id": book.ids[business],
        "product_id": codes,
        "opened_on": opened_on,
        "ends_on": np.where(term > 0, ends_on, np.datetime64("NaT")),
        "closed_on": np.where(stop < MONTHS, closed_on, np.datetime64("NaT")),
    }


def interactions(book: Book, latent: Latent, seed: int, chunk: int) -> pa.Table:
    """Table interactions: views follow taste; offers follow the bank's habit; answers follow taste."""
    rng = stream(seed, "interactions", chunk)
    appeal = _appeal(book, seed)
    present = latent.with_bank.sum(axis=1)[:, None]
    views = rng.poisson(np.exp(0.9 * appeal.clip(-4, 3) - 3.3) * present / 10)
    offers = rng.poisson(0.004 * present * np.exp(0.3 * appeal.mean(axis=0)))
    business, product, action = [], [], []
    for counts, name in ((views, "viewed"), (offers, "offered")):
        who, what = np.nonzero(counts)
        times = counts[who, what]
        business.append(np.repeat(who, times)), product.append(np.repeat(what, times))
        action.append(np.full(times.sum(), name))
    who, what, done = map(np.concatenate, (business, product, action))
    at = _when(latent, book, who, rng)
    asked = np.flatnonzero((done == "offered") & (rng.random(len(done)) < 0.8))
    yes = rng.random(len(asked)) < 1 / (1 + np.exp(0.4 - appeal[who[asked], what[asked]]))
    answer_at = np.minimum(at[asked] + rng.integers(3600, 20 * 86400, len(asked)), np.datetime64("2024-12-31T23:59:59"))
    answer = np.where(yes, "accepted", "declined")
    return table(
        business_id=book.ids[np.concatenate([who, who[asked]])],
        product_id=np.array(LOOKED_AT)[np.concatenate([what, what[asked]])],
        at=np.concatenate([at, answer_at]),
        action=np.concatenate([done, answer]),
    )


def _when(latent: Latent, book: Book, who: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    first = np.maximum(book.since, 0)
    last = np.minimum(np.minimum(latent.closes, latent.leaves), MONTHS)
    span = np.maximum(last - first, 1)
    month = first[who] + (rng.random(len(who)) * span[who]).astype(int)
    day = np.maximum(day_in(month, rng), book.since_on[who])
    return moment(day, rng.integers(8 * 3600, 22 * 3600, len(who)))
