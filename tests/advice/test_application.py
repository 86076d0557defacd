"""What is typed becomes the features the model knows; what is not typed is the peers'; a loan never lowers the risk."""

import math

import numpy as np
import pandas as pd
import pytest

from core.advice.application import Applicant, features, instalment_of, score
from core.advice.lending import Request
from core.errors import DataError
from core.models.classifier.model import Model, Recipe, grown

NAMES = ("debt_to_revenue", "instalment_to_inflow", "revenue_change_yoy", "revenue_against_peers", "tenure_months")
USUAL = {"debt_to_revenue": 0.05, "instalment_to_inflow": 0.1, "revenue_change_yoy": 0.0, "tenure_months": 80.0}


@pytest.fixture(scope="module")
def model() -> Model:
    """A small model with the signs that debts and sales have in the catalogue."""
    random = np.random.default_rng(3)
    rows = pd.DataFrame(random.normal(size=(2_000, len(NAMES))), columns=list(NAMES))
    risk = -2 + rows["debt_to_revenue"] + rows["instalment_to_inflow"] - rows["revenue_change_yoy"]
    rows["bad"] = (random.random(2_000) < 1 / (1 + np.exp(-risk))).astype(int)
    recipe = Recipe(NAMES, (1, 1, -1, -1, -1), ("debt", "debt", "sales", "sales", "age"), (1,), rounds=40)
    return Model(*(recipe.features, recipe.signs, recipe.reasons, recipe.seeds), grown(recipe, rows), 1.0, 0.0)


def test_debts_are_set_against_a_year_of_sales():
    known = features(Applicant("dining", 10_000_000, debt_krw=30_000_000, overdraft_used_krw=6_000_000))
    assert known["debt_to_revenue"] == pytest.approx(0.3)  # 36 million of 120 million


def test_money_in_and_out_and_the_cushion():
    known = features(Applicant("dining", 10_000_000, inflow_krw=9e6, outflow_krw=6e6, deposit_krw=3e6))
    assert known["cash_coverage_6m"] == pytest.approx(1.5)
    assert known["deposit_months_covered"] == pytest.approx(0.5)


def test_what_was_not_typed_is_left_to_the_peers():
    known = features(Applicant("dining", 10_000_000))
    assert not {"cash_coverage_6m", "revenue_change_yoy", "tenure_months"} & known.keys()


def test_no_overdraft_and_no_loan_are_facts_and_not_zeros():
    known = features(Applicant("dining", 10_000_000))
    assert math.isnan(known["overdraft_use_now"])
    assert math.isnan(known["dpd_now"])


def test_a_borrower_who_was_never_late_has_the_longest_clean_record():
    known = features(Applicant("dining", 10_000_000, debt_krw=1e7, instalment_krw=3e5))
    assert (known["dpd_now"], known["dpd_max_12m"], known["months_since_late"]) == (0.0, 0.0, 24.0)


def test_days_past_due_now_are_the_longest_delay_and_the_last():
    known = features(Applicant("dining", 10_000_000, debt_krw=1e7, days_past_due=40))
    assert (known["dpd_now"], known["dpd_max_12m"], known["months_since_late"]) == (40.0, 40.0, 0.0)
    assert known["late_payments_12m"] == 1.0


def test_lateness_of_unknown_length_is_left_to_the_peers():
    known = features(Applicant("dining", 10_000_000, debt_krw=1e7, late_payments=2))
    assert known["late_payments_12m"] == 2.0
    assert not {"dpd_max_12m", "months_since_late"} & known.keys()


@pytest.mark.parametrize("wrong", [{"monthly_sales_krw": 0.0}, {"monthly_sales_krw": 1e6, "sales_change": -1.0}])
def test_impossible_figures_are_refused(wrong):
    with pytest.raises(DataError):
        features(Applicant("dining", **wrong))


def test_the_loan_weighs_on_debts_and_instalments(model):
    borrower = Applicant("dining", 10_000_000, inflow_krw=1e7, debt_krw=1e7, instalment_krw=5e5)
    before, after = (score(model, borrower, Request(0.05, 36, need), USUAL) for need in (None, 60_000_000.0))
    assert before.before == before.after
    assert after.after > after.before


def test_who_pays_nothing_now_has_no_figure_before(model):
    assert score(model, Applicant("dining", 10_000_000), Request(0.05, 36, 1e7), USUAL).before is None


def test_reasons_add_up_and_what_was_filled_is_named(model):
    scored = score(model, Applicant("dining", 10_000_000), Request(0.05, 36, 1e7), USUAL)
    assert set(scored.filled) == {"revenue_change_yoy", "revenue_against_peers", "tenure_months"}
    assert list(scored.drivers["contribution"]) == sorted(scored.drivers["contribution"], reverse=True)


def test_a_credit_line_is_paid_back_over_five_years():
    line, loan = (Request(0.0, 12, repayment=kind) for kind in ("revolving", "equal_payment"))
    assert instalment_of(60_000_000, line) == pytest.approx(1_000_000)
    assert instalment_of(60_000_000, loan) == pytest.approx(5_000_000)
    assert instalment_of(60_000_000, Request(0.06, 12, repayment="bullet")) == pytest.approx(300_000)
