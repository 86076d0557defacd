"""What does a loan cost month by month, and does the business still carry it when sales fall or rates rise?

    equal_payment   grace months pay interest only, the rest the same instalment
    bullet          interest every month, the whole loan in the last one
    revolving       a credit line as if fully drawn: interest every month, due at the end of its term

Nothing is read or written; amounts in won. Interest of a month is balance x rate / 12, rounded to whole won, and the
last month takes what rounding left, so that the principal adds up to the loan exactly.
"""

from dataclasses import dataclass, replace

import pandas as pd

from core.advice import lending
from core.advice.lending import Ceiling, Earner, Request, Rules
from core.errors import DataError


@dataclass(frozen=True)
class Strain:
    """A loan under stress: cash flow over all instalments (None where none is due), and the largest loan then."""

    dscr: float | None
    ceiling: Ceiling


def schedule(amount_krw: int, request: Request) -> pd.DataFrame:
    """Payments of a loan, one row a month: month from 1, payment_krw, interest_krw, principal_krw, balance_krw left.

    Raises
    ------
    DataError : the amount is negative, or the grace does not fit the term

    >>> rows = schedule(30_000_000, Request(0.05, 36))
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
        wanted = balance if month == request.months else _repaid(month, interest, instalment, request)
        principal = min(balance, wanted)
        balance -= principal
        rows.append((month, interest + principal, interest, principal, balance))
    return pd.DataFrame(rows, columns=["month", "payment_krw", "interest_krw", "principal_krw", "balance_krw"])


def _instalment(amount_krw: int, request: Request) -> int:
    """Whole won a month once the loan is paid back; nothing before its end unless in equal parts."""
    if request.repayment != "equal_payment":
        return 0
    return round(lending.annuity(amount_krw, request.rate, request.months - request.grace_months))


def _repaid(month: int, interest: int, instalment: int, request: Request) -> int:
    return 0 if month <= request.grace_months else max(0, instalment - interest)


def strain(
    earner: Earner,
    request: Request,
    amount_krw: float,
    rate_rise: float,
    sales_factor: float,
    rules: Rules | None = None,
) -> Strain:
    """What becomes of a loan of `amount_krw` at a rate higher by `rate_rise` and sales times `sales_factor`.

    The DSCR counts the month in which it hurts most (after the grace; a credit line as if paid back over five years)
    and what is due on other loans, whose rates stay. Source: domain notes C.5.

    >>> shop = Earner(16_600_000, 0.126, 900_000)
    >>> found = strain(shop, Request(0.05, 36), 16_000_000, 0.02, 0.85)
    >>> round(found.dscr, 2), found.ceiling.amount_krw
    (1.28, 16000000)
    """
    stressed = replace(rules or Rules.of_policy(), rate_stress=rate_rise, sales_stress=sales_factor)
    return Strain(dscr(earner, request, amount_krw, stressed), lending.ceiling(earner, request, stressed))


def dscr(earner: Earner, request: Request, amount_krw: float, rules: Rules) -> float | None:
    """Cash flow over all instalments, both under the stress of `rules`; None where nothing is due."""
    cash = earner.monthly_sales_krw * rules.sales_stress * earner.margin - rules.living_cost_krw
    months = lending.judged_months(request)
    due = lending.annuity(amount_krw, request.rate + rules.rate_stress, months)
    due += earner.due(amount_krw)
    return cash / due if due > 0 else None
