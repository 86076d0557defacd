"""Who owes what, and how is it paid back? Tables loans and repayments; overdraft limits by month."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.sources.demo.book import Book
from core.sources.demo.latent import NEVER, Latent
from core.sources.demo.money import table
from core.sources.demo.timeline import LAST_DAY, MONTH_LABELS, MONTHS, day_in, stream

BORROWERS = 0.62
OVERDRAFTS = 0.40
# Product, share of loans, spread over the base rate, terms in months, repaid at the end.
PRODUCTS = (
    ("L01", 0.16, 0.042, (6, 12), True),
    ("L02", 0.12, 0.032, (36, 48, 60), False),
    ("L04", 0.30, 0.024, (36, 48, 60), False),
    ("L06", 0.16, 0.026, (60, 84), False),
    ("P01", 0.16, 0.008, (60,), False),
    ("P02", 0.06, 0.011, (60,), False),
    ("P03", 0.04, 0.006, (60,), False),
)
# The Bank of Korea's base rate from the given month index on (public record).
RATE_FROM = (-400, 0, 6, 9, 14, 16, 31, 34, 36, 39, 40, 42, 43, 45, 46, 48, 69, 70)
RATES = (1.75, 1.75, 1.5, 1.25, 0.75, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.25, 2.5, 3.0, 3.25, 3.5, 3.25, 3.0)
WRITE_OFF_AFTER = 10


@dataclass(frozen=True)
class Loans:
    """One entry a loan; months as index, `ends` the first month without an instalment."""

    business: np.ndarray
    product: np.ndarray
    opened: np.ndarray
    term: np.ndarray
    ends: np.ndarray
    principal: np.ndarray
    rate: np.ndarray
    ids: np.ndarray
    opened_on: np.ndarray
    matures_on: np.ndarray
    closed_on: np.ndarray


def made_up_loans(book: Book, latent: Latent, seed: int, chunk: int) -> Loans:
    """Loans follow one another: a first one, a renewal or a further one when it ends, relief loans in 2020-2021."""
    rng = stream(seed, "loans", chunk)
    borrows = np.flatnonzero(rng.random(len(book)) < BORROWERS)
    first = np.maximum(book.since[borrows], -30) + rng.geometric(0.12, len(borrows))
    rounds = [(borrows, first)]
    business, opened, product, term = [], [], [], []
    for _ in range(6):
        who, when = rounds[-1]
        kept = (when < MONTHS - 1) & (when < latent.closes[who]) & (when < latent.leaves[who])
        who, when = who[kept], when[kept]
        kind = rng.choice(len(PRODUCTS), len(who), p=[share for _, share, *_ in PRODUCTS])
        terms = np.array(
            [
                PRODUCTS[k][3][int(luck * len(PRODUCTS[k][3]))]
                for k, luck in zip(kind, rng.random(len(who)), strict=True)
            ],
            dtype=int,
        )
        business.append(who), opened.append(when), product.append(kind), term.append(terms)
        wait = np.rint(terms * rng.uniform(0.35, 1.05, len(who))).astype(int)
        rounds.append((who, when + np.maximum(wait, 2)))
    return _finished(book, latent, *map(np.concatenate, (business, opened, product, term)), seed, chunk)


def _finished(
    book: Book, latent: Latent, business: np.ndarray, opened: np.ndarray, product: np.ndarray, term: np.ndarray,
    seed: int, chunk: int,
) -> Loans:  # fmt: skip
    rng = stream(seed, "loan terms", chunk)
    order = np.lexsort((opened, business))
    business, opened, product, term = business[order], opened[order], product[order], term[order]
    months = rng.lognormal(1.1, 0.6, len(business)) * np.exp(0.25 * book.leverage[business])
    principal = np.clip(np.exp(book.log_sales[business]) * months, 3e6, 5e8).round(-6).astype(np.int64)
    base = np.array(RATES)[np.searchsorted(RATE_FROM, opened, side="right") - 1] / 100
    spread = np.array([spread for _, _, spread, *_ in PRODUCTS])[product]
    rate = base + spread + rng.normal(0, 0.004, len(business)).clip(-0.01, 0.01) + 0.002 * book.leverage[business]
    opened_on = np.maximum(day_in(opened, rng), book.since_on[business])
    ends, early = _ends(latent, business, opened, term, rng)
    number = np.arange(len(business))
    return Loans(
        business, product, opened, term, ends, principal, np.round(np.maximum(rate, 0.005), 4),
        np.array([f"LN{chunk:03d}{i:06d}" for i in number]), opened_on, opened_on + (30.44 * term).astype(int),
        np.where(early, np.minimum(day_in(ends, rng), LAST_DAY), np.datetime64("NaT")),
    )  # fmt: skip


def _ends(
    latent: Latent, business: np.ndarray, opened: np.ndarray, term: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Month each loan ends: repaid at maturity, early (closing, leaving, by choice), or written off; and whether seen."""
    written_off = _written_off(latent)[business]
    closing = latent.closes[business] + rng.integers(0, 6, len(business))
    stays_open = rng.random(len(business)) < 0.35
    closing = np.where(stays_open, NEVER, closing)
    leaving = np.where(latent.cause[business] == 3, latent.leaves[business], NEVER)
    choice = np.where(rng.random(len(business)) < 0.15, opened + 6 + rng.integers(0, 30, len(business)), NEVER)
    behind = latent.missed[business, np.minimum(opened + term, MONTHS - 1).clip(0)] > 0
    maturity = np.where(behind, opened + term + 8, opened + term)
    ends = np.maximum(np.min([written_off, closing, leaving, choice, maturity], axis=0), opened + 1)
    return ends, ends < MONTHS


def _written_off(latent: Latent) -> np.ndarray:
    """First month with ten instalments behind."""
    lost = latent.missed >= WRITE_OFF_AFTER
    return np.where(lost.any(axis=1), lost.argmax(axis=1), NEVER)


def loan_table(book: Book, loans: Loans) -> pa.Table:
    """Table loans."""
    codes = np.array([code for code, *_ in PRODUCTS])
    bullet = np.array([at_end for *_, at_end in PRODUCTS])[loans.product]
    return table(
        loan_id=loans.ids,
        business_id=book.ids[loans.business],
        product_id=codes[loans.product],
        principal_krw=loans.principal,
        annual_rate=loans.rate,
        opened_on=loans.opened_on,
        matures_on=loans.matures_on,
        repayment=np.where(bullet, "bullet", "annuity"),
        closed_on=loans.closed_on,
    )


def repayments(loans: Loans, latent: Latent, seed: int, chunk: int) -> pa.Table:
    """Table repayments: one row a loan and month from the month after opening until it ends."""
    rng = stream(seed, "repayments", chunk)
    start, stop = np.maximum(loans.opened + 1, 0), np.minimum(loans.ends + 1, MONTHS)
    length = np.maximum(stop - start, 0)
    loan = np.repeat(np.arange(len(length)), length)
    month = np.arange(len(loan)) - np.repeat(np.cumsum(length) - length, length) + start[loan]
    missed, before = _behind(latent, loans, loan, month)
    due = _due(loans, loan, month)
    instalments_paid = np.maximum(before + 1 - missed, 0)
    paid = np.rint(due * np.where(missed > before, 0.0, instalments_paid)).astype(np.int64)
    late = _days_late(missed, rng)
    return table(loan_id=loans.ids[loan], month=MONTH_LABELS[month], due_krw=due, paid_krw=paid, days_past_due=late)


def _behind(latent: Latent, loans: Loans, loan: np.ndarray, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Instalments behind now and a month before; a loan cannot be behind longer than it exists."""
    business = loans.business[loan]
    age = month - loans.opened[loan]
    now = np.minimum(latent.missed[business, month], age)
    before = np.where(age > 1, np.minimum(latent.missed[business, np.maximum(month - 1, 0)], age - 1), 0)
    return now, before


def _due(loans: Loans, loan: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Won due in the month: level instalments, or interest and everything at the end."""
    principal, rate, term = loans.principal[loan], loans.rate[loan] / 12, loans.term[loan]
    level = principal * rate / (1 - (1 + rate) ** -term)
    bullet = np.array([at_end for *_, at_end in PRODUCTS])[loans.product[loan]]
    last = month == loans.opened[loan] + term
    return np.rint(np.where(bullet, principal * rate + principal * last, level)).astype(np.int64)


def _days_late(missed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0 5 20 35 65 95 …: thirty days an instalment behind; one in forty of the punctual is a few days late."""
    slip = np.where(rng.random(len(missed)) < 0.025, rng.integers(1, 6, len(missed)), 0)
    return np.where(missed == 0, slip, 30 * (missed - 1) + rng.integers(3, 27, len(missed)))


def overdraft_limits(book: Book, latent: Latent, seed: int, chunk: int) -> np.ndarray:
    """(n, 72) won of overdraft limit; 0 without one."""
    rng = stream(seed, "overdraft", chunk)
    has = rng.random(len(book)) < OVERDRAFTS
    start = np.maximum(book.since, -12) + rng.geometric(0.06, len(book))
    size = np.clip(np.exp(book.log_sales) * rng.uniform(0.4, 1.4, len(book)), 1e6, 5e7).round(-6)
    ends = np.minimum(np.where(latent.cause == 3, latent.leaves, NEVER), latent.closes)
    months = np.arange(MONTHS)
    runs = (months >= start[:, None]) & (months < ends[:, None])
    return np.where(has[:, None] & runs, size[:, None], 0.0)
