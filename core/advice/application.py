"""Probability of default of one loan application typed in by hand, before and after the loan.

The model learned from customers whose every month the bank sees; a person at a desk knows a dozen figures. These
become features by the definitions of core/features/sql; every other feature gets the median of its category, and the
result names those. It is a behavioural model: it never saw a rejected application.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advice.lending import LoanRequest, annuity_payment, interest_only, repayment_months
from core.errors import DataError
from core.models.classifier.explain import reason_names, reasons
from core.models.classifier.model import Model

LOG_OFFSET_KRW = 10_000.0  # keeps logarithms finite, as in feature_revenue.sql
NEVER_LATE_MONTHS = 24  # months_since_late of a borrower who was never late, as in feature_loans.sql
REPAYMENT = ("dpd_now", "dpd_max_12m", "months_since_late", "late_payments_12m", "paid_share_6m")
OVERDRAFT = ("overdraft_use_now", "overdraft_use_max_3m")


@dataclass(frozen=True)
class Applicant:
    """Figures of the business; None is unknown. Amounts in won (flows a month), changes as shares."""

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
class ApplicationScore:
    """Probability before and after the loan, the reasons after it, and the features set to their category's median.

    `pd_before` is None without an instalment due now: the model learned from borrowers only, and none is not a little.
    `drivers` has a row a reason group in log-odds: reason, feature, value, contribution, peer_median.
    """

    pd_before: float | None
    pd_after: float
    drivers: pd.DataFrame
    imputed: tuple[str, ...]


def features(applicant: Applicant) -> dict[str, float]:
    """Features that the typed figures determine; NaN where the thing itself is absent (no overdraft, no loan).

    >>> row = features(Applicant("dining", 20_000_000, debt_krw=24_000_000, instalment_krw=1_000_000))
    >>> round(row["debt_to_revenue"], 2), row["months_since_late"]
    (0.1, 24.0)
    """
    _assert_plausible(applicant)
    return (
        _sales_features(applicant) | _cash_features(applicant) | _debt_features(applicant) | _late_features(applicant)
    )


def _sales_features(applicant: Applicant) -> dict[str, float]:
    row = {"revenue_size": math.log(applicant.monthly_sales_krw + LOG_OFFSET_KRW), "zero_months_12m": 0.0}
    if applicant.sales_change is not None:
        row["revenue_change_yoy"] = math.log1p(applicant.sales_change)
    if applicant.business_months is not None:
        row["business_age_months"] = float(applicant.business_months)
    if applicant.customer_months is not None:
        row["tenure_months"] = float(applicant.customer_months)
    return row


def _cash_features(applicant: Applicant) -> dict[str, float]:
    row = {}
    if applicant.inflow_krw is not None and applicant.outflow_krw:
        row["cash_coverage_6m"] = applicant.inflow_krw / applicant.outflow_krw
    if applicant.deposit_krw is not None and applicant.outflow_krw:
        row["deposit_months_covered"] = applicant.deposit_krw / applicant.outflow_krw
    limit = applicant.overdraft_limit_krw
    # To have no limit is a fact of its own, and the model knows it as a missing value.
    return row | dict.fromkeys(OVERDRAFT, applicant.overdraft_used_krw / limit if limit else math.nan)


def _debt_features(applicant: Applicant) -> dict[str, float]:
    debt = applicant.debt_krw + applicant.overdraft_used_krw
    row = {"debt_to_revenue": debt / (12 * applicant.monthly_sales_krw)}
    if not applicant.instalment_krw:
        row["instalment_to_inflow"] = math.nan
    elif applicant.inflow_krw:
        row["instalment_to_inflow"] = applicant.instalment_krw / applicant.inflow_krw
    return row


def _late_features(applicant: Applicant) -> dict[str, float]:
    days, payments = applicant.days_past_due, applicant.late_payments
    if not (applicant.debt_krw or applicant.instalment_krw or days or payments):
        return dict.fromkeys(REPAYMENT, math.nan)
    row = {"dpd_now": float(days), "late_payments_12m": float(max(payments, days > 0))}
    if days:
        return row | {"dpd_max_12m": float(days), "months_since_late": 0.0}
    # Late some time in the year but not now: how late and when is unknown, so both keep the category's median.
    return row if payments else row | {"dpd_max_12m": 0.0, "months_since_late": float(NEVER_LATE_MONTHS)}


def _assert_plausible(applicant: Applicant) -> None:
    if not applicant.monthly_sales_krw > 0:
        raise DataError(f"monthly_sales_krw is {applicant.monthly_sales_krw!r}, must be above 0")
    if applicant.sales_change is not None and applicant.sales_change <= -1:
        raise DataError(f"sales_change is {applicant.sales_change!r}, must be above -1 (-100 %)")


def instalment(principal: float, request: LoanRequest) -> float:
    """Highest monthly payment of the loan: principal and interest; of a bullet loan the interest until its end."""
    if request.repayment == "bullet":
        return interest_only(principal, request.rate)
    return annuity_payment(principal, request.rate, repayment_months(request))


def score(model: Model, applicant: Applicant, request: LoanRequest, medians: Mapping[str, float]) -> ApplicationScore:
    """Probability of default of the applicant without the loan, and with a loan of `request.need_krw`.

    Parameters
    ----------
    medians : median of every feature among businesses of the category

    Raises
    ------
    DataError : figures that cannot be (sales of 0 or less, a fall of 100 % or more)
    """
    typed = features(applicant)
    before = {feature: float(medians.get(feature, math.nan)) for feature in model.features} | typed
    if "revenue_change_yoy" in typed and "peers_change" in before:
        typed["revenue_against_peers"] = typed["revenue_change_yoy"] - before["peers_change"]
        before |= typed
    rows = (before, before | _loan_features(applicant, request, before))
    X = np.array([[row[feature] for feature in model.features] for row in rows])
    pd_before, pd_after = (float(p) for p in model.probability(X))
    return ApplicationScore(
        pd_before if applicant.instalment_krw else None,
        pd_after,
        _drivers(model, X, medians),
        tuple(feature for feature in model.features if feature not in typed),
    )


def _drivers(model: Model, X: np.ndarray, medians: Mapping[str, float]) -> pd.DataFrame:
    """Reasons of the second row of `X`, the strongest first."""
    table, names = reasons(model, X), reason_names(model)
    drivers = pd.DataFrame(
        {
            "reason": [names[code] for code in table.code[1]],
            "feature": [model.features[feature] for feature in table.feature[1]],
            "value": table.value[1],
            "contribution": table.contribution[1],
        }
    )
    return drivers.assign(peer_median=drivers["feature"].map(dict(medians)))


def _loan_features(applicant: Applicant, request: LoanRequest, row: Mapping[str, float]) -> dict[str, float]:
    """Features that the loan itself changes: debt over sales, and instalments over money in."""
    amount = request.need_krw or 0.0
    if not amount:
        return {}
    # Without the account's inflow, sales stand for it: the owner pays the instalment out of them.
    inflow = applicant.inflow_krw or applicant.monthly_sales_krw
    return {
        "debt_to_revenue": row["debt_to_revenue"] + amount / (12 * applicant.monthly_sales_krw),
        "instalment_to_inflow": (applicant.instalment_krw + instalment(amount, request)) / inflow,
    }
