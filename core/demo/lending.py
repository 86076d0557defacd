"""Who owes what, and how is it paid back? Tables loans and repayments; overdraft limits by month."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.book import Book
from core.demo.catalogue import LOANS, chosen_loans
from core.demo.latent import Latent
from core.demo.money import table
from core.demo.timeline import (  # fmt: skip
    DAYS_A_MONTH,
    MONTH_LABELS,
    MONTHS,
    NEVER,
    NO_DAY,
    Streams,
    day_in,
    first_month,
)

# Base rate of the Bank of Korea in percent, from the month (0 is January 2019) on. Public record.
BASE_RATES = {
    -NEVER: 1.75, 6: 1.5, 9: 1.25, 14: 0.75, 16: 0.5, 31: 0.75, 34: 1.0, 36: 1.25, 39: 1.5, 40: 1.75, 42: 2.25,
    43: 2.5, 45: 3.0, 46: 3.25, 48: 3.5, 69: 3.25, 70: 3.0,
}  # fmt: skip
OVERDRAFTS = 0.58
# Instalments behind: four are more than 90 days, ten and the loan is written off.
BAD, LOST = 4, 10
PREPAYS = 0.15
PUNCTUAL_SLIPS = 0.025


def made_up_loans(book: Book, latent: Latent, wanted: np.ndarray, streams: Streams) -> pd.DataFrame:
    """One row a loan; months counted, `ends` is the month of the last instalment."""
    rng = streams("loans")
    granted = _granted(book, latent, wanted, rng)
    loans = granted.sort_values(["business", "opened"], ignore_index=True)
    business = loans["business"].to_numpy()
    months_of_sales = rng.lognormal(1.1, 0.6, len(loans)) * np.exp(0.25 * book.leverage[business])
    size = np.clip(np.exp(book.log_sales[business]) * months_of_sales, 3e6, 5e8)
    rates = np.array(list(BASE_RATES.values()))
    base = rates[np.searchsorted(list(BASE_RATES), loans["opened"], side="right") - 1] / 100
    own = rng.normal(0, 0.004, len(loans)).clip(-0.01, 0.01) + 0.002 * book.leverage[business]
    spread = LOANS["spread"].to_numpy()[loans["product"]]
    ends, early = _ends(latent, loans, rng)
    opened_on = np.maximum(day_in(loans["opened"].to_numpy(), rng), book.since_on[business])
    return loans.assign(
        loan_id=streams.ids("L", len(loans)),
        principal_krw=size.round(-6).astype(np.int64),
        annual_rate=np.round(np.maximum(base + spread + own, 0.005), 4),
        ends=ends,
        opened_on=opened_on,
        matures_on=opened_on + np.rint(DAYS_A_MONTH * loans["term"].to_numpy()).astype(int),
        closed_on=np.where(early, np.maximum(day_in(ends, rng), opened_on), NO_DAY),
    )


def _granted(book: Book, latent: Latent, wanted: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Loans in rounds: a first one soon after joining, the next when the last is half repaid or ends."""
    who = np.flatnonzero(book.borrows)
    when = np.maximum(book.since[who], -40) + rng.geometric(0.2, len(who))
    rounds = []
    while len(who):
        kept = _may_borrow(latent, who, when)
        who, when = who[kept], when[kept]
        product = chosen_loans(wanted[who], rng)
        term = _terms(product, rng)
        rounds.append(pd.DataFrame({"business": who, "opened": when, "product": product, "term": term}))
        when = when + np.maximum(np.rint(term * rng.uniform(0.4, 0.95, len(who))).astype(int), 2)
    return pd.concat(rounds, ignore_index=True)


def _may_borrow(latent: Latent, who: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Still there, still with the bank, never 90 days late so far, and not behind now."""
    there = (when < MONTHS - 1) & (when < latent.closes[who]) & (when < latent.leaves[who])
    clean = when < first_month(latent.missed >= BAD)[who]
    behind = (when >= 0) & (latent.missed[who, when.clip(0, MONTHS - 1)] > 0)
    return there & clean & ~behind


def _terms(product: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    luck, terms = rng.random(len(product)), np.zeros(len(product), dtype=int)
    for number, choices in enumerate(LOANS["terms"]):
        own = np.flatnonzero(product == number)
        terms[own] = np.array(choices)[(luck[own] * len(choices)).astype(int)]
    return terms


def _ends(latent: Latent, loans: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Month of the last instalment (matured, repaid early, written off), and whether the data reach that far."""
    business, opened = loans["business"].to_numpy(), loans["opened"].to_numpy()
    n, maturity = len(loans), (loans["opened"] + loans["term"]).to_numpy()
    written_off = first_month(latent.missed >= LOST)[business]
    # Two of three who close pay off within half a year; the others go on paying, or not.
    closing = np.where(rng.random(n) < 0.65, latent.closes[business] + rng.integers(0, 6, n), NEVER)
    leaving = np.where(latent.cause[business] == 3, latent.leaves[business], NEVER)
    choice = np.where(rng.random(n) < PREPAYS, opened + 6 + rng.integers(0, 30, n), NEVER)
    behind = latent.missed[business, maturity.clip(0, MONTHS - 1)] > 0
    at_end = np.where(behind, maturity + LOST, maturity)
    ends = np.maximum(np.min([written_off, closing, leaving, choice, at_end], axis=0), opened + 1)
    return ends, ends < MONTHS


def loan_table(book: Book, loans: pd.DataFrame) -> pa.Table:
    """Table loans."""
    product = LOANS.iloc[loans["product"]]
    days = {name: loans[name].to_numpy().astype("datetime64[D]") for name in ("opened_on", "matures_on", "closed_on")}
    return table(
        loan_id=loans["loan_id"].to_numpy(),
        business_id=book.ids[loans["business"]],
        product_id=product["product_id"].to_numpy(),
        principal_krw=loans["principal_krw"].to_numpy(),
        annual_rate=loans["annual_rate"].to_numpy(),
        opened_on=days["opened_on"],
        matures_on=days["matures_on"],
        repayment=np.where(product["bullet"], "bullet", "annuity"),
        closed_on=days["closed_on"],
    )


def repayments(loans: pd.DataFrame, latent: Latent, streams: Streams) -> pa.Table:
    """Table repayments: one row a loan and month, from the month after opening to the last instalment."""
    start = np.maximum(loans["opened"].to_numpy() + 1, 0)
    length = np.maximum(np.minimum(loans["ends"].to_numpy() + 1, MONTHS) - start, 0)
    rows = loans.loc[np.repeat(loans.index, length)]
    month = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(start, length)
    missed, before = _behind(latent, rows, month)
    due = _due(rows, month)
    # Who misses one pays nothing; who stays behind pays one; who catches up pays all of them.
    paid = due * np.where(missed > before, 0, before + 1 - missed)
    late = _days_late(missed, streams("days late"))
    return table(
        loan_id=rows["loan_id"].to_numpy(), month=MONTH_LABELS[month], due_krw=due, paid_krw=paid, days_past_due=late
    )


def _behind(latent: Latent, rows: pd.DataFrame, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Instalments behind now and a month before; a loan cannot be behind for longer than it exists."""
    business, age = rows["business"].to_numpy(), month - rows["opened"].to_numpy()
    now = np.minimum(latent.missed[business, month], age)
    before = np.where(age > 1, np.minimum(latent.missed[business, np.maximum(month - 1, 0)], age - 1), 0)
    return now, before


def _due(rows: pd.DataFrame, month: np.ndarray) -> np.ndarray:
    """Won due in the month: level instalments, or interest and everything at the end."""
    principal, rate, term = (
        rows["principal_krw"].to_numpy(),
        rows["annual_rate"].to_numpy() / 12,
        rows["term"].to_numpy(),
    )
    level = principal * rate / (1 - (1 + rate) ** -term)
    last = month == (rows["opened"] + rows["term"]).to_numpy()
    bullet = LOANS["bullet"].to_numpy()[rows["product"]]
    return np.rint(np.where(bullet, principal * (rate + last), level)).astype(np.int64)


def _days_late(missed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0 5 20 35 65 95 …: thirty days an instalment behind; one in forty of the punctual is a few days late."""
    slip = np.where(rng.random(len(missed)) < PUNCTUAL_SLIPS, rng.integers(1, 6, len(missed)), 0)
    return np.where(missed == 0, slip, 30 * (missed - 1) + rng.integers(3, 27, len(missed)))


def overdraft_limits(book: Book, latent: Latent, streams: Streams) -> np.ndarray:
    """(n, 72) won of overdraft limit; 0 without one."""
    rng = streams("overdraft")
    has = rng.random(len(book)) < OVERDRAFTS
    start = np.maximum(book.since, -12) + rng.geometric(0.08, len(book))
    size = np.clip(np.exp(book.log_sales) * rng.uniform(0.4, 1.4, len(book)), 1e6, 5e7).round(-6)
    ends = np.minimum(np.where(latent.cause == 3, latent.leaves, NEVER), latent.closes)
    months = np.arange(MONTHS)
    runs = (months >= start[:, None]) & (months < ends[:, None])
    return np.where(has[:, None] & runs, size[:, None], 0.0)
