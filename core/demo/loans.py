"""Loans, their instalments, and overdraft limits: tables loans and repayments."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo.bank_files import table
from core.demo.book import Book
from core.demo.catalogue import LOANS, chosen_loans
from core.demo.latent_state import LatentState
from core.demo.timeline import (  # fmt: skip
    DAYS_A_MONTH,
    MONTH_LABELS,
    MONTHS,
    NEVER,
    NO_DAY,
    Streams,
    first_month,
    random_day,
)

# Base rate of the Bank of Korea in percent from a month (0 is January 2019) on. Source: https://www.bok.or.kr
BASE_RATES = {
    -NEVER: 1.75, 6: 1.5, 9: 1.25, 14: 0.75, 16: 0.5, 31: 0.75, 34: 1.0, 36: 1.25, 39: 1.5, 40: 1.75, 42: 2.25,
    43: 2.5, 45: 3.0, 46: 3.25, 48: 3.5, 69: 3.25, 70: 3.0,
}  # fmt: skip
OVERDRAFT_SHARE = 0.58
# Overdue instalments: with four the loan is more than 90 days past due, with ten it is written off.
PAST_DUE_90, WRITTEN_OFF = 4, 10
PREPAYMENT_SHARE = 0.15
FEW_DAYS_LATE = 0.025


def demo_loans(book: Book, latent: LatentState, appeals: np.ndarray, streams: Streams) -> pd.DataFrame:
    """One row a loan; `opened` and `ends`, the month of the last instalment, are month numbers."""
    rng = streams("loans")
    granted = _granted(book, latent, appeals, rng)
    loans = granted.sort_values(["business", "opened"], ignore_index=True)
    business = loans["business"].to_numpy()
    months_of_sales = rng.lognormal(1.1, 0.6, len(loans)) * np.exp(0.25 * book.leverage[business])
    size = np.clip(np.exp(book.log_sales[business]) * months_of_sales, 3e6, 5e8)
    rates = np.array(list(BASE_RATES.values()))
    base = rates[np.searchsorted(list(BASE_RATES), loans["opened"], side="right") - 1] / 100
    own = rng.normal(0, 0.004, len(loans)).clip(-0.01, 0.01) + 0.002 * book.leverage[business]
    spread = LOANS["spread"].to_numpy()[loans["product"]]
    ends, early = _ends(latent, loans, rng)
    opened_on = np.maximum(random_day(loans["opened"].to_numpy(), rng), book.since_on[business])
    return loans.assign(
        loan_id=streams.ids("L", len(loans)),
        principal_krw=size.round(-6).astype(np.int64),
        annual_rate=np.round(np.maximum(base + spread + own, 0.005), 4),
        ends=ends,
        opened_on=opened_on,
        matures_on=opened_on + np.rint(DAYS_A_MONTH * loans["term"].to_numpy()).astype(int),
        closed_on=np.where(early, np.maximum(random_day(ends, rng), opened_on), NO_DAY),
    )


def _granted(book: Book, latent: LatentState, appeals: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Loans in rounds: a first one soon after joining, the next when the last is about half repaid or ends."""
    business = np.flatnonzero(book.borrows)
    month = np.maximum(book.since[business], -40) + rng.geometric(0.2, len(business))
    rounds = []
    while len(business):
        is_eligible = _may_borrow(latent, business, month)
        business, month = business[is_eligible], month[is_eligible]
        product = chosen_loans(appeals[business], rng)
        term = _terms(product, rng)
        rounds.append(pd.DataFrame({"business": business, "opened": month, "product": product, "term": term}))
        month = month + np.maximum(np.rint(term * rng.uniform(0.4, 0.95, len(business))).astype(int), 2)
    return pd.concat(rounds, ignore_index=True)


def _may_borrow(latent: LatentState, business: np.ndarray, month: np.ndarray) -> np.ndarray:
    """True for an open business that is a customer, was never 90 days past due and has no overdue instalment."""
    is_customer = (month < MONTHS - 1) & (month < latent.closes[business]) & (month < latent.leaves[business])
    is_clean = month < first_month(latent.missed >= PAST_DUE_90)[business]
    is_overdue = (month >= 0) & (latent.missed[business, month.clip(0, MONTHS - 1)] > 0)
    return is_customer & is_clean & ~is_overdue


def _terms(product: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    draws, terms = rng.random(len(product)), np.zeros(len(product), dtype=int)
    for number, choices in enumerate(LOANS["terms"]):
        own = np.flatnonzero(product == number)
        terms[own] = np.array(choices)[(draws[own] * len(choices)).astype(int)]
    return terms


def _ends(latent: LatentState, loans: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Month of the last instalment (matured, repaid early, written off), and whether it lies within the data."""
    business, opened = loans["business"].to_numpy(), loans["opened"].to_numpy()
    n, maturity = len(loans), (loans["opened"] + loans["term"]).to_numpy()
    written_off = first_month(latent.missed >= WRITTEN_OFF)[business]
    # Two of three businesses that close repay within half a year; the others keep their loan.
    closing = np.where(rng.random(n) < 0.65, latent.closes[business] + rng.integers(0, 6, n), NEVER)
    leaving = np.where(latent.cause[business] == 3, latent.leaves[business], NEVER)
    prepayment = np.where(rng.random(n) < PREPAYMENT_SHARE, opened + 6 + rng.integers(0, 30, n), NEVER)
    behind = latent.missed[business, maturity.clip(0, MONTHS - 1)] > 0
    at_end = np.where(behind, maturity + WRITTEN_OFF, maturity)
    ends = np.maximum(np.min([written_off, closing, leaving, prepayment, at_end], axis=0), opened + 1)
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


def repayments(loans: pd.DataFrame, latent: LatentState, streams: Streams) -> pa.Table:
    """Table repayments: one row a loan and month, from the month after opening to the last instalment."""
    start = np.maximum(loans["opened"].to_numpy() + 1, 0)
    length = np.maximum(np.minimum(loans["ends"].to_numpy() + 1, MONTHS) - start, 0)
    rows = loans.loc[np.repeat(loans.index, length)]
    month = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(start, length)
    missed, before = _overdue(latent, rows, month)
    due = _due(rows, month)
    # Nothing is paid when one more is missed, one instalment when as many stay overdue, else all that were cured.
    paid = due * np.where(missed > before, 0, before + 1 - missed)
    late = _days_late(missed, streams("days late"))
    return table(
        loan_id=rows["loan_id"].to_numpy(), month=MONTH_LABELS[month], due_krw=due, paid_krw=paid, days_past_due=late
    )


def _overdue(latent: LatentState, rows: pd.DataFrame, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Overdue instalments now and a month before, at most as many as the age of the loan in months."""
    business, age = rows["business"].to_numpy(), month - rows["opened"].to_numpy()
    now = np.minimum(latent.missed[business, month], age)
    before = np.where(age > 1, np.minimum(latent.missed[business, np.maximum(month - 1, 0)], age - 1), 0)
    return now, before


def _due(rows: pd.DataFrame, month: np.ndarray) -> np.ndarray:
    """Won due in the month: level instalments, or interest and at the end the principal."""
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
    """Days past due: thirty for each overdue instalment; one in forty payments on time is a few days late."""
    few_days = np.where(rng.random(len(missed)) < FEW_DAYS_LATE, rng.integers(1, 6, len(missed)), 0)
    return np.where(missed == 0, few_days, 30 * (missed - 1) + rng.integers(3, 27, len(missed)))


def overdraft_limits(book: Book, latent: LatentState, streams: Streams) -> np.ndarray:
    """(n, 72) overdraft limit in won; 0 without an overdraft."""
    rng = streams("overdraft")
    has_overdraft = rng.random(len(book)) < OVERDRAFT_SHARE
    start = np.maximum(book.since, -12) + rng.geometric(0.08, len(book))
    size = np.clip(np.exp(book.log_sales) * rng.uniform(0.4, 1.4, len(book)), 1e6, 5e7).round(-6)
    ends = np.minimum(np.where(latent.cause == 3, latent.leaves, NEVER), latent.closes)
    months = np.arange(MONTHS)
    is_active = (months >= start[:, None]) & (months < ends[:, None])
    return np.where(has_overdraft[:, None] & is_active, size[:, None], 0.0)
