"""How large a loan can a business carry? Annuities, and a ceiling that names the cap that binds.

    cash flow = monthly sales x stress x margin - living cost
    instalment at most = cash flow / DSCR - instalments already due
    ceiling = the least of: loan of that instalment at the stressed rate, product limit, need, share of sales, LTI

Reads data/reference/margins.csv, [lending] of policy.toml. Amounts in won, rates a year as shares (0.05).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core import reference
from core.config import policy
from core.errors import DataError

# What a business that cannot carry an instalment is referred to: debt relief and refinancing (catalogue codes).
REFERRALS = ("A01", "L02")
REVOLVING_MONTHS = 60  # a credit line is judged as if fully drawn and paid back over five years


@dataclass(frozen=True)
class Rules:
    """The bank's decisions on sizing; by default those of policy.toml."""

    dscr_min: float
    rate_stress: float
    sales_stress: float
    annual_sales_share: float
    living_cost_krw: float
    step_krw: int
    minimum_krw: int
    lti_cap: float | None

    @classmethod
    def of_policy(cls) -> "Rules":
        """The rules of [lending] in policy.toml; without an lti_cap there is no such cap."""
        decided = policy()["lending"]
        return cls(lti_cap=decided.get("lti_cap"), **{key: decided[key] for key in _RULES})


_RULES = (
    "dscr_min",
    "rate_stress",
    "sales_stress",
    "annual_sales_share",
    "living_cost_krw",
    "step_krw",
    "minimum_krw",
)


@dataclass(frozen=True)
class Request:
    """What is asked for. `repayment` is equal_payment, bullet or revolving; grace months pay interest only."""

    rate: float
    months: int
    need_krw: float | None = None
    product_limit_krw: float | None = None
    grace_months: int = 0
    repayment: str = "equal_payment"


@dataclass(frozen=True)
class Earner:
    """Who would pay: sales of a typical month, what is left of them, and what is owed already.

    `replaced_instalment_krw` is the part of the existing instalments that the new loan would refinance. A loan below
    `replaced_debt_krw`, the debt behind them, frees no more than its share of them; None: any loan frees them all.
    """

    monthly_sales_krw: float
    margin: float
    instalment_krw: float = 0.0
    debt_krw: float = 0.0
    replaced_instalment_krw: float = 0.0
    replaced_debt_krw: float | None = None

    def due(self, amount_krw: float) -> float:
        """Won a month that stay due on the existing loans beside a new one of this amount.

        >>> Earner(20_000_000, 0.1, 900_000, 60_000_000, 900_000, 60_000_000).due(40_000_000)
        300000.0
        """
        debt = self.replaced_debt_krw
        share = 1.0 if debt is None else min(1.0, amount_krw / debt) if debt else 0.0
        return max(0.0, self.instalment_krw - share * self.replaced_instalment_krw)


@dataclass(frozen=True)
class Ceiling:
    """The largest loan, which cap set it, and every step on the way.

    state: OK, NO_CAPACITY (nothing is left for an instalment) or BELOW_MINIMUM (less than the smallest loan).
    """

    amount_krw: int
    state: str
    binding: str
    cash_flow_krw: float
    instalment_max_krw: float
    caps: Mapping[str, float]
    instalment_krw: float
    referrals: tuple[str, ...] = ()


def annuity(principal: float, rate: float, months: int) -> float:
    """Monthly instalment of a loan paid back in equal parts.

    >>> round(annuity(30_000_000, 0.05, 36))
    899127
    """
    return principal / _factor(rate, months)


def inverse(instalment: float, rate: float, months: int) -> float:
    """Loan that this monthly instalment pays back.

    >>> round(inverse(1_000_000, 0.05, 36))
    33365701
    """
    return instalment * _factor(rate, months)


def interest_only(principal: float, rate: float) -> float:
    """Monthly interest of a loan paid back at its end.

    >>> interest_only(12_000_000, 0.05)
    50000.0
    """
    return principal * rate / 12


def _factor(rate: float, months: int) -> float:
    """Won lent per won of monthly instalment."""
    if not (months >= 1 and math.isfinite(rate) and rate >= 0):
        raise DataError(f"a loan needs a rate of 0 or more and at least one month, got {rate!r} and {months!r}")
    monthly = rate / 12
    # expm1 and log1p keep small rates exact; at zero every instalment is principal.
    return -math.expm1(-months * math.log1p(monthly)) / monthly if monthly > 0 else float(months)


def ceiling(earner: Earner, request: Request, rules: Rules | None = None) -> Ceiling:
    """The largest loan that the cash flow carries under stress and that no cap forbids, floored to whole steps.

    >>> found = ceiling(Earner(16_600_000, 0.126, 900_000), Request(0.05, 36))
    >>> found.amount_krw, found.binding
    (16000000, 'cash_flow')
    """
    rules = rules or Rules.of_policy()
    _assert_plausible(earner)
    cash = earner.monthly_sales_krw * rules.sales_stress * earner.margin - rules.living_cost_krw
    caps = _limits(earner, request, rules)
    most = min(caps.values())
    room = cash / rules.dscr_min - earner.due(most)
    months = judged_months(request)
    factor = _factor(request.rate + rules.rate_stress, months)
    caps = {"cash_flow": _carried(earner, cash / rules.dscr_min, most, factor)} | caps
    binding = min(caps, key=lambda cap: caps[cap])
    amount = _floored(caps[binding], rules.step_krw)
    # Rounded down, a loan that refinances may free less than it costs.
    if room <= 0 or amount / factor + earner.due(amount) > cash / rules.dscr_min + 1:
        return Ceiling(0, "NO_CAPACITY", "cash_flow", cash, room, caps, 0.0, REFERRALS)
    if amount < rules.minimum_krw:
        return Ceiling(0, "BELOW_MINIMUM", binding, cash, room, caps, 0.0, REFERRALS)
    return Ceiling(amount, "OK", binding, cash, room, caps, annuity(amount, request.rate, months))


def judged_months(request: Request) -> int:
    """Months over which the loan is paid back when it hurts most: after the grace, or five years for a credit line.

    A bullet loan is judged by its term in equal parts: interest alone would say nothing of the day it falls due.
    """
    if request.repayment == "revolving":
        return REVOLVING_MONTHS
    if not 0 <= request.grace_months < request.months:
        raise DataError(f"grace of {request.grace_months} months does not fit a term of {request.months}")
    return request.months - request.grace_months


def _carried(earner: Earner, instalments: float, most: float, factor: float) -> float:
    """The loan that all `instalments` together carry beside what stays due, when it may be no more than `most`."""
    carried = max(0.0, instalments - earner.due(most)) * factor
    debt = earner.replaced_debt_krw
    if carried >= most or not debt:
        return carried
    # Less than it might pay back: each won lent costs its instalment and frees that of a won of the old debt.
    room = instalments - earner.due(0.0)
    return room / (1 / factor - earner.replaced_instalment_krw / debt) if room > 0 else 0.0


def _limits(earner: Earner, request: Request, rules: Rules) -> dict[str, float]:
    yearly = 12 * earner.monthly_sales_krw
    lti = None if rules.lti_cap is None else rules.lti_cap * yearly * earner.margin - earner.debt_krw
    caps = {
        "product_limit": request.product_limit_krw,
        "need": request.need_krw,
        "annual_sales": rules.annual_sales_share * yearly,
        "lti": lti,
    }
    return {name: max(0.0, value) for name, value in caps.items() if value is not None}


def _floored(amount: float, step: int) -> int:
    return int(amount // step) * step


def _assert_plausible(earner: Earner) -> None:
    for name in ("monthly_sales_krw", "margin", "instalment_krw", "debt_krw", "replaced_instalment_krw"):
        value = getattr(earner, name)
        if not (math.isfinite(value) and value >= 0):
            raise DataError(f"{name} is {value!r}, must be a number of 0 or more")


@cache
def margins() -> Mapping[str, float]:
    """Operating profit as a share of sales, by category.

    >>> margins()["cafe_bakery"]
    0.126
    """
    return {row["category"]: float(row["margin"]) for row in reference.rows("margins.csv")}
