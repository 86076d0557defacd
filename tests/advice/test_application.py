"""Typed figures become features of the model, the others are medians of the peers; a loan never lowers the risk."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.advice.application import NEVER_LATE_MONTHS, Applicant, features, instalment, score
from core.advice.lending import LoanRequest
from core.errors import DataError
from core.models.classifier import cohorts
from core.models.classifier.model import Model, Recipe, grow
from core.models.default.problem import DEFAULT
from tests.pd_bank import bank

NAMES = ("debt_to_revenue", "instalment_to_inflow", "revenue_change_yoy", "revenue_against_peers", "tenure_months")
MEDIANS = {"debt_to_revenue": 0.05, "instalment_to_inflow": 0.1, "revenue_change_yoy": 0.0, "tenure_months": 80.0}


@pytest.fixture(scope="module")
def model() -> Model:
    """A small model with the signs that debts and sales have in the catalogue."""
    random = np.random.default_rng(3)
    rows = pd.DataFrame(random.normal(size=(2_000, len(NAMES))), columns=list(NAMES))
    risk = -2 + rows["debt_to_revenue"] + rows["instalment_to_inflow"] - rows["revenue_change_yoy"]
    rows["label"] = (random.random(2_000) < 1 / (1 + np.exp(-risk))).astype(int)
    recipe = Recipe(NAMES, (1, 1, -1, -1, -1), ("debt", "debt", "sales", "sales", "age"), (1,), rounds=40)
    return Model(*(recipe.features, recipe.signs, recipe.reasons, recipe.seeds), grow(recipe, rows), 1.0, 0.0)


def test_typed_figures_become_features_as_in_the_build():
    con, as_of = bank(150), date(2022, 6, 30)
    cohorts.snapshot(con, DEFAULT, as_of, cohorts.EVERYBODY)
    rows = con.execute(
        "SELECT avg(revenue_krw) AS sales, max(revenue_size) AS size, max(months_since_late) AS months_since"
        " FROM cohort_snapshot JOIN revenue USING (business_id) WHERE month > DATE '2021-06-30' AND month <= $as_of"
        " GROUP BY business_id HAVING count(*) = 12",
        {"as_of": as_of},
    ).df()
    sizes = [features(Applicant("dining", sales))["revenue_size"] for sales in rows["sales"]]
    assert sizes == pytest.approx(rows["size"].tolist())
    assert rows["months_since"].max() == NEVER_LATE_MONTHS


def test_debts_are_set_against_a_year_of_sales():
    row = features(Applicant("dining", 10_000_000, debt_krw=30_000_000, overdraft_used_krw=6_000_000))
    assert row["debt_to_revenue"] == pytest.approx(0.3)  # 36 million of 120 million


def test_money_in_and_out_and_the_cushion():
    row = features(Applicant("dining", 10_000_000, inflow_krw=9e6, outflow_krw=6e6, deposit_krw=3e6))
    assert row["cash_coverage_6m"] == pytest.approx(1.5)
    assert row["deposit_months_covered"] == pytest.approx(0.5)


def test_features_without_a_typed_figure_are_left_out():
    row = features(Applicant("dining", 10_000_000))
    assert not {"cash_coverage_6m", "revenue_change_yoy", "tenure_months"} & row.keys()


def test_no_overdraft_and_no_loan_are_facts_and_not_zeros():
    row = features(Applicant("dining", 10_000_000))
    assert math.isnan(row["overdraft_use_now"])
    assert math.isnan(row["dpd_now"])


def test_a_borrower_who_was_never_late_has_the_longest_clean_record():
    row = features(Applicant("dining", 10_000_000, debt_krw=1e7, instalment_krw=3e5))
    assert (row["dpd_now"], row["dpd_max_12m"], row["months_since_late"]) == (0.0, 0.0, 24.0)


def test_days_past_due_now_are_the_longest_delay_and_the_last():
    row = features(Applicant("dining", 10_000_000, debt_krw=1e7, days_past_due=40))
    assert (row["dpd_now"], row["dpd_max_12m"], row["months_since_late"]) == (40.0, 40.0, 0.0)
    assert row["late_payments_12m"] == 1.0


def test_lateness_of_unknown_length_is_left_out():
    row = features(Applicant("dining", 10_000_000, debt_krw=1e7, late_payments=2))
    assert row["late_payments_12m"] == 2.0
    assert not {"dpd_max_12m", "months_since_late"} & row.keys()


@pytest.mark.parametrize("wrong", [{"monthly_sales_krw": 0.0}, {"monthly_sales_krw": 1e6, "sales_change": -1.0}])
def test_impossible_figures_are_refused(wrong):
    with pytest.raises(DataError):
        features(Applicant("dining", **wrong))


def test_the_loan_raises_debts_and_instalments(model):
    borrower = Applicant("dining", 10_000_000, inflow_krw=1e7, debt_krw=1e7, instalment_krw=5e5)
    before, after = (score(model, borrower, LoanRequest(0.05, 36, need), MEDIANS) for need in (None, 60_000_000.0))
    assert before.pd_before == before.pd_after
    assert after.pd_after > after.pd_before


def test_without_an_instalment_now_there_is_no_probability_before(model):
    assert score(model, Applicant("dining", 10_000_000), LoanRequest(0.05, 36, 1e7), MEDIANS).pd_before is None


def test_reasons_are_in_order_and_imputed_features_are_named(model):
    scored = score(model, Applicant("dining", 10_000_000), LoanRequest(0.05, 36, 1e7), MEDIANS)
    assert set(scored.imputed) == {"revenue_change_yoy", "revenue_against_peers", "tenure_months"}
    assert list(scored.drivers["contribution"]) == sorted(scored.drivers["contribution"], reverse=True)


def test_a_credit_line_is_paid_back_over_five_years():
    line, loan = (LoanRequest(0.0, 12, repayment=kind) for kind in ("revolving", "equal_payment"))
    assert instalment(60_000_000, line) == pytest.approx(1_000_000)
    assert instalment(60_000_000, loan) == pytest.approx(5_000_000)
    assert instalment(60_000_000, LoanRequest(0.06, 12, repayment="bullet")) == pytest.approx(300_000)
