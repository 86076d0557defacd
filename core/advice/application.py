"""One application typed in by hand: what the model of default says of it, before and after the loan.

The model learned from customers whose every month the bank sees; a person at a desk knows a dozen figures. What is
known becomes features by the definitions of core/features/sql, the rest is what is usual among businesses of the
category, and the answer says which. It is a behavioural model: it never saw a rejected application.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advice.lending import REVOLVING_MONTHS, Request, annuity, interest_only
from core.errors import DataError
from core.models.classifier.explain import reason_names, reasons
from core.models.classifier.model import Model

SILENT = 10_000.0  # won that keep logarithms finite, as in feature_revenue.sql
NEVER_LATE = 24  # months_since_late of those who never were
REPAYMENT = ("dpd_now", "dpd_max_12m", "months_since_late", "late_payments_12m", "paid_share_6m")
OVERDRAFT = ("overdraft_use_now", "overdraft_use_max_3m")


@dataclass(frozen=True)
class Applicant:
    """What is known of the business; None is unknown. Amounts in won, a month where it matters, changes as shares."""

    category: str
    monthly_sales_krw: float
    sales_change: float | None = None
    inflow_krw: float | None = None
    outflow_krw: float | None = None
    deposit_krw: float | None = None
    debt_krw: float = 0.0
    instalment_krw: float = 0.0
    overdraft_limit_krw: float = 0.0
    overdraft_used_krw: float = 0.0
    days_past_due: int = 0
    late_payments: int = 0
    business_months: int | None = None
    customer_months: int | None = None


@dataclass(frozen=True)
class Scored:
    """Probability before and after the loan, the reasons after it, and which features are the peers' medians.

    `before` is None without an instalment to pay now: the model learned from borrowers only, and none is no little.
    `drivers` has a row a reason group in log-odds: reason, feature, value, contribution, peer_median.
    """

    before: float | None
    after: float
    drivers: pd.DataFrame
    filled: tuple[str, ...]


def features(applicant: Applicant) -> dict[str, float]:
    """Features that the given figures settle; NaN where the fact itself is absent (no overdraft, no loan).

    >>> known = features(Applicant("dining", 20_000_000, debt_krw=24_000_000, instalment_krw=1_000_000))
    >>> round(known["debt_to_revenue"], 2), known["months_since_late"]
    (0.1, 24.0)
    """
    _assert_plausible(applicant)
    return _of_sales(applicant) | _of_money(applicant) | _of_debt(applicant) | _of_record(applicant)


def _of_sales(applicant: Applicant) -> dict[str, float]:
    found = {"revenue_size": math.log(applicant.monthly_sales_krw + SILENT), "zero_months_12m": 0.0}
    if applicant.sales_change is not None:
        found["revenue_change_yoy"] = math.log1p(applicant.sales_change)
    for feature, months in (
        ("business_age_months", applicant.business_months),
        ("tenure_months", applicant.customer_months),
    ):
        if months is not None:
            found[feature] = float(months)
    return found


def _of_money(applicant: Applicant) -> dict[str, float]:
    found = {}
    if applicant.inflow_krw is not None and applicant.outflow_krw:
        found["cash_coverage_6m"] = applicant.inflow_krw / applicant.outflow_krw
    if applicant.deposit_krw is not None and applicant.outflow_krw:
        found["deposit_months_covered"] = applicant.deposit_krw / applicant.outflow_krw
    limit = applicant.overdraft_limit_krw
    # No limit is a fact of its own, and the model knows it as a missing value.
    return found | dict.fromkeys(OVERDRAFT, applicant.overdraft_used_krw / limit if limit else math.nan)


def _of_debt(applicant: Applicant) -> dict[str, float]:
    owed = applicant.debt_krw + applicant.overdraft_used_krw
    found = {"debt_to_revenue": owed / (12 * applicant.monthly_sales_krw)}
    if not applicant.instalment_krw:
        found["instalment_to_inflow"] = math.nan
    elif applicant.inflow_krw:
        found["instalment_to_inflow"] = applicant.instalment_krw / applicant.inflow_krw
    return found


def _of_record(applicant: Applicant) -> dict[str, float]:
    if not (applicant.debt_krw or applicant.instalment_krw or applicant.days_past_due or applicant.late_payments):
        return dict.fromkeys(REPAYMENT, math.nan)
    late = applicant.days_past_due or applicant.late_payments
    found = {
        "dpd_now": float(applicant.days_past_due),
        "late_payments_12m": float(max(applicant.late_payments, applicant.days_past_due > 0)),
        "months_since_late": 0.0 if applicant.days_past_due else math.nan if late else float(NEVER_LATE),
    }
    if applicant.days_past_due or not late:
        found["dpd_max_12m"] = float(applicant.days_past_due)
    # Late some time in the year but not now: how late and when is not known, so it is left to the usual value.
    return {feature: value for feature, value in found.items() if not (math.isnan(value) and late)}


def _assert_plausible(applicant: Applicant) -> None:
    if not applicant.monthly_sales_krw > 0:
        raise DataError(f"monthly_sales_krw is {applicant.monthly_sales_krw!r}, must be above 0")
    if applicant.sales_change is not None and applicant.sales_change <= -1:
        raise DataError(f"sales_change is {applicant.sales_change!r}, must be above -1 (-100 %)")


def instalment_of(principal: float, request: Request) -> float:
    """Monthly payment of the loan asked for when it weighs most: principal and interest, or interest until its end."""
    if request.repayment == "bullet":
        return interest_only(principal, request.rate)
    months = REVOLVING_MONTHS if request.repayment == "revolving" else request.months - request.grace_months
    return annuity(principal, request.rate, months)


def score(model: Model, applicant: Applicant, request: Request, usual: Mapping[str, float]) -> Scored:
    """The model's answer on the applicant as is, and with the loan of `request.need_krw` on top.

    Parameters
    ----------
    usual : median of every feature among businesses of the category

    Raises
    ------
    DataError : figures that cannot be (sales of 0 or less, a fall of 100 % or more)
    """
    known = features(applicant)
    filled = tuple(feature for feature in model.features if feature not in known)
    before = {feature: float(usual.get(feature, math.nan)) for feature in model.features} | known
    if "revenue_change_yoy" in known and "peers_change" in before:
        before["revenue_against_peers"] = known["revenue_change_yoy"] - before["peers_change"]
        filled = tuple(feature for feature in filled if feature != "revenue_against_peers")
    after = before | _with_loan(applicant, request, before)
    values = np.array([[row[feature] for feature in model.features] for row in (before, after)])
    why = reasons(model, values)
    p = model.probability(values)
    names = reason_names(model)
    drivers = pd.DataFrame(
        {
            "reason": [names[code] for code in why.code[1]],
            "feature": [model.features[feature] for feature in why.feature[1]],
            "value": why.value[1],
            "contribution": why.contribution[1],
        }
    )
    drivers["peer_median"] = drivers["feature"].map(dict(usual))
    return Scored(float(p[0]) if applicant.instalment_krw else None, float(p[1]), drivers, filled)


def _with_loan(applicant: Applicant, request: Request, row: Mapping[str, float]) -> dict[str, float]:
    """What the loan itself changes: what is owed against sales, and instalments against money in."""
    asked = request.need_krw or 0.0
    if not asked:
        return {}
    year = 12 * applicant.monthly_sales_krw
    paid = applicant.instalment_krw + instalment_of(asked, request)
    # Without the account's inflow, sales stand for it: that is what the owner can pay from.
    inflow = applicant.inflow_krw or applicant.monthly_sales_krw
    return {
        "debt_to_revenue": row["debt_to_revenue"] + asked / year,
        "instalment_to_inflow": paid / inflow,
    }
