"""Repayment schedule of a loan month by month, and a stress test: can the business still pay when sales fall?

    equal_payment   grace months pay interest only, the rest the same instalment
    bullet          interest every month, the whole loan in the last one
    revolving       a credit line as if fully drawn: interest every month, due at the end of its term

Nothing is read or written; amounts in won. Interest of a month is balance x rate / 12, rounded to whole won, and the
last month takes what rounding left, so that the principal adds up to the loan exactly.
"""

from dataclasses import dataclass, replace

import pandas as pd

from core.advice import lending
from core.advice.lending import Borrower, LoanRequest, MaxLoan, SizingRules
from core.errors import DataError


@dataclass(frozen=True)
class StressTest:
    """A loan under stress: cash flow over all instalments (None where none is due), and the largest loan then."""

    dscr: float | None
    max_loan: MaxLoan


def schedule(amount_krw: int, request: LoanRequest) -> pd.DataFrame:
    """Payments of a loan, one row a month: month from 1, payment_krw, interest_krw, principal_krw, balance_krw left.

    Raises
    ------
    DataError : the amount is negative, or the grace does not fit the term

    >>> rows = schedule(30_000_000, LoanRequest(0.05, 36))
    >>> int(rows["payment_krw"][0]), int(rows["principal_krw"].sum()), int(rows["balance_krw"].iloc[-1])
    (899127, 30000000, 0)
    """
    if amount_krw < 0 or not 0 <= request.grace_months < request.months:
        raise DataError(
            f"no schedule for {amount_krw!r} won over {request.months!r} months with {request.grace_months!r} of grace"
        )
    instalment = _instalment(amount_krw, request)
    rows, balance = [], amount_krw
    for month in range(1, request.months + 1):
        interest = round(lending.interest_only(balance, request.rate))
        repaid = 0 if month <= request.grace_months else max(0, instalment - interest)
        principal = balance if month == request.months else min(balance, repaid)
        balance -= principal
        rows.append((month, interest + principal, interest, principal, balance))
    return pd.DataFrame(rows, columns=["month", "payment_krw", "interest_krw", "principal_krw", "balance_krw"])


def _instalment(amount_krw: int, request: LoanRequest) -> int:
    """Whole won a month after the grace; 0 for a loan that is repaid at its end."""
    if request.repayment != "equal_payment":
        return 0
    return round(lending.annuity_payment(amount_krw, request.rate, request.months - request.grace_months))


def stress_test(
    borrower: Borrower,
    request: LoanRequest,
    amount_krw: float,
    rate_rise: float,
    sales_factor: float,
    rules: SizingRules | None = None,
) -> StressTest:
    """DSCR of a loan of `amount_krw`, and the largest loan, at a rate higher by `rate_rise` and sales x `sales_factor`.

    The DSCR counts the hardest month (after the grace; a credit line as if repaid over five years) and the instalments
    on other loans, whose rates stay. Source: docs/models.md.

    >>> test = stress_test(Borrower(16_600_000, 0.126, 900_000), LoanRequest(0.05, 36), 16_000_000, 0.02, 0.85)
    >>> round(test.dscr, 2), test.max_loan.amount_krw
    (1.28, 16000000)
    """
    stressed = replace(rules or SizingRules.from_policy(), rate_stress=rate_rise, sales_stress=sales_factor)
    return StressTest(dscr(borrower, request, amount_krw, stressed), lending.max_loan(borrower, request, stressed))


def dscr(borrower: Borrower, request: LoanRequest, amount_krw: float, rules: SizingRules) -> float | None:
    """Debt service coverage: cash flow over all instalments under the stress of `rules`; None where none is due."""
    rate = request.rate + rules.rate_stress
    instalment = lending.annuity_payment(amount_krw, rate, lending.repayment_months(request))
    instalment += borrower.remaining_instalment_krw(amount_krw)
    return borrower.cash_flow_krw(rules) / instalment if instalment > 0 else None
