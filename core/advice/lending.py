"""Loan size: the largest loan that a business can repay out of its cash flow, and which cap sets it.

    cash flow          = monthly sales x sales stress x margin - living cost
    largest instalment = cash flow / DSCR - instalments still due on other loans
    largest loan       = the least of: loan of that instalment at the stressed rate, product limit, need, share of
                         yearly sales, LTI

Reads data/reference/margins.csv and [lending] of policy.toml. Amounts in won, rates a year as shares (0.05).
Source: docs/models.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core import reference
from core.config import policy
from core.errors import DataError

# Offered instead where no instalment can be carried: debt relief and refinancing (catalogue codes).
REFERRALS = ("A01", "L02")
REVOLVING_MONTHS = 60  # a credit line is sized as if fully drawn and repaid over five years
DEFAULT_TERM_MONTHS = 60  # of a product whose term the catalogue does not give
# Loans to sole proprietors: above the first amount the bank records loan over income (LTI), from the second on it
# writes an opinion (guideline of the Korea Federation of Banks, article 18).
LTI_RECORD_KRW = 100_000_000
LTI_OPINION_KRW = 1_000_000_000


@dataclass(frozen=True)
class SizingRules:
    """The bank's decisions on loan size. Without `lti_cap` loans over income are not capped."""

    dscr_min: float
    rate_stress: float
    sales_stress: float
    annual_sales_share: float
    living_cost_krw: float
    step_krw: int
    minimum_krw: int
    lti_cap: float | None = None

    @classmethod
    def from_policy(cls) -> "SizingRules":
        """The rules of [lending] in policy.toml."""
        return cls(**policy()["lending"])


@dataclass(frozen=True)
class LoanRequest:
    """Terms of a loan. `repayment` is equal_payment, bullet or revolving; grace months pay interest only."""

    rate: float
    months: int
    need_krw: float | None = None
    product_limit_krw: float | None = None
    grace_months: int = 0
    repayment: str = "equal_payment"


@dataclass(frozen=True)
class Borrower:
    """Sales of a typical month, the margin on them, and the debt that the business has already.

    `replaced_instalment_krw` is the part of the existing instalments that the new loan would refinance. A loan below
    `replaced_debt_krw`, the debt behind them, frees no more than its share of them; None: any loan frees them all.
    """

    monthly_sales_krw: float
    margin: float
    instalment_krw: float = 0.0
    debt_krw: float = 0.0
    replaced_instalment_krw: float = 0.0
    replaced_debt_krw: float | None = None

    def cash_flow_krw(self, rules: SizingRules) -> float:
        """Won a month that are left for instalments when sales are stressed."""
        return self.monthly_sales_krw * rules.sales_stress * self.margin - rules.living_cost_krw

    def remaining_instalment_krw(self, amount_krw: float) -> float:
        """Won a month still due on the existing loans beside a new one of this amount.

        >>> Borrower(20_000_000, 0.1, 900_000, 60_000_000, 900_000, 60_000_000).remaining_instalment_krw(40_000_000)
        300000.0
        """
        debt = self.replaced_debt_krw
        share = 1.0 if debt is None else min(1.0, amount_krw / debt) if debt else 0.0
        return max(0.0, self.instalment_krw - share * self.replaced_instalment_krw)


@dataclass(frozen=True)
class MaxLoan:
    """The largest loan, the cap that sets it, and every step of the calculation.

    state: OK, NO_CAPACITY (nothing is left for an instalment) or BELOW_MINIMUM (less than the smallest loan).
    """

    amount_krw: int
    state: str
    binding_cap: str
    cash_flow_krw: float
    instalment_max_krw: float
    caps: Mapping[str, float]
    instalment_krw: float = 0.0
    referrals: tuple[str, ...] = REFERRALS


def annuity_payment(principal: float, rate: float, months: int) -> float:
    """Monthly instalment of a loan repaid in equal parts.

    >>> round(annuity_payment(30_000_000, 0.05, 36))
    899127
    """
    return principal / annuity_factor(rate, months)


def annuity_principal(payment: float, rate: float, months: int) -> float:
    """Loan that this monthly instalment repays.

    >>> round(annuity_principal(1_000_000, 0.05, 36))
    33365701
    """
    return payment * annuity_factor(rate, months)


def interest_only(principal: float, rate: float) -> float:
    """Monthly interest of a loan repaid at its end.

    >>> interest_only(12_000_000, 0.05)
    50000.0
    """
    return principal * rate / 12


def annuity_factor(rate: float, months: int) -> float:
    """Won lent per won of monthly instalment; the same as the macro annuity_factor of core/sql/macros.sql."""
    if not (months >= 1 and math.isfinite(rate) and rate >= 0):
        raise DataError(f"a loan needs a rate of 0 or more and at least one month, got {rate!r} and {months!r}")
    monthly = rate / 12
    # expm1 and log1p keep small rates exact; at zero every instalment is principal.
    return -math.expm1(-months * math.log1p(monthly)) / monthly if monthly > 0 else float(months)


def max_loan(borrower: Borrower, request: LoanRequest, rules: SizingRules | None = None) -> MaxLoan:
    """The largest loan that the stressed cash flow repays and that every cap allows, rounded down to whole steps.

    Raises
    ------
    DataError : an amount or a term that cannot be

    >>> loan = max_loan(Borrower(16_600_000, 0.126, 900_000), LoanRequest(0.05, 36))
    >>> loan.amount_krw, loan.binding_cap
    (16000000, 'cash_flow')
    """
    rules = rules or SizingRules.from_policy()
    _assert_plausible(borrower)
    cash_flow = borrower.cash_flow_krw(rules)
    payable = cash_flow / rules.dscr_min
    limits = _limits(borrower, request, rules)
    months = repayment_months(request)
    factor = annuity_factor(request.rate + rules.rate_stress, months)
    caps = {"cash_flow": _repayable(borrower, payable, min(limits.values()), factor)} | limits
    binding_cap = min(caps, key=lambda cap: caps[cap])
    amount = int(caps[binding_cap] // rules.step_krw) * rules.step_krw
    instalment_max = payable - borrower.remaining_instalment_krw(min(limits.values()))
    # Rounded down, a loan that refinances may free less than it costs.
    if instalment_max <= 0 or amount / factor + borrower.remaining_instalment_krw(amount) > payable + 1:
        return MaxLoan(0, "NO_CAPACITY", "cash_flow", cash_flow, instalment_max, caps)
    if amount < rules.minimum_krw:
        return MaxLoan(0, "BELOW_MINIMUM", binding_cap, cash_flow, instalment_max, caps)
    instalment = annuity_payment(amount, request.rate, months)
    return MaxLoan(amount, "OK", binding_cap, cash_flow, instalment_max, caps, instalment, referrals=())


def repayment_months(request: LoanRequest) -> int:
    """Months over which a loan is repaid at its hardest: after the grace, or five years for a credit line.

    A bullet loan counts as repaid in equal parts over its term: its interest alone says nothing of the day it falls
    due.
    """
    if request.repayment == "revolving":
        return REVOLVING_MONTHS
    if not 0 <= request.grace_months < request.months:
        raise DataError(f"grace of {request.grace_months} months does not fit a term of {request.months}")
    return request.months - request.grace_months


def _repayable(borrower: Borrower, payable: float, limit: float, factor: float) -> float:
    """The loan that `payable` won a month repay beside the instalments that stay due, when it may not pass `limit`."""
    amount = max(0.0, payable - borrower.remaining_instalment_krw(limit)) * factor
    debt = borrower.replaced_debt_krw
    if amount >= limit or not debt:
        return amount
    # Below the limit each won lent costs its own instalment and frees the instalment of one won of the old debt.
    left = payable - borrower.remaining_instalment_krw(0.0)
    return left / (1 / factor - borrower.replaced_instalment_krw / debt) if left > 0 else 0.0


def _limits(borrower: Borrower, request: LoanRequest, rules: SizingRules) -> dict[str, float]:
    annual_sales = 12 * borrower.monthly_sales_krw
    lti = None if rules.lti_cap is None else rules.lti_cap * annual_sales * borrower.margin - borrower.debt_krw
    limits = {
        "product_limit": request.product_limit_krw,
        "need": request.need_krw,
        "annual_sales": rules.annual_sales_share * annual_sales,
        "lti": lti,
    }
    return {name: max(0.0, limit) for name, limit in limits.items() if limit is not None}


def _assert_plausible(borrower: Borrower) -> None:
    for name in ("monthly_sales_krw", "margin", "instalment_krw", "debt_krw", "replaced_instalment_krw"):
        value = getattr(borrower, name)
        if not (math.isfinite(value) and value >= 0):
            raise DataError(f"{name} is {value!r}, must be a number of 0 or more")


@cache
def margins() -> Mapping[str, float]:
    """Operating profit as a share of sales, by category.

    >>> margins()["cafe_bakery"]
    0.126
    """
    return {row["category"]: float(row["margin"]) for row in reference.rows("margins.csv")}
