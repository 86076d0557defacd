"""Loan size: published instalments, the worked example of docs/models.md, the cap that binds, and the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.advice.lending import (
    Borrower,
    LoanRequest,
    SizingRules,
    annuity_payment,
    annuity_principal,
    interest_only,
    margins,
    max_loan,
)
from core.config import REFERENCE
from core.errors import DataError

RULES = SizingRules(1.25, 0.02, 0.85, 0.5, 0, 1_000_000, 1_000_000, None)
SHOP = Borrower(16_600_000, 0.126, 900_000)
REQUEST = LoanRequest(0.05, 36)


@pytest.mark.parametrize(
    ("principal", "rate", "months", "instalment"),
    [
        (30_000_000, 0.05, 36, 899_127),
        (50_000_000, 0.045, 60, 932_151),
        (10_000_000, 0.0, 24, 416_667),
        (70_000_000, 0.035, 60, 1_273_422),
    ],
)
def test_instalments_equal_the_published_ones(principal: int, rate: float, months: int, instalment: int):
    assert round(annuity_payment(principal, rate, months)) == instalment


@pytest.mark.parametrize(("rate", "principal"), [(0.05, 33_365_701), (0.07, 32_386_464), (0.0, 36_000_000)])
def test_a_million_a_month_for_three_years_pays_back_the_published_loans(rate: float, principal: int):
    assert round(annuity_principal(1_000_000, rate, 36)) == principal


@given(st.integers(1, 10**11), st.floats(0, 1), st.integers(1, 600))
def test_principal_inverts_payment_within_a_won(principal: int, rate: float, months: int):
    assert abs(annuity_principal(annuity_payment(principal, rate, months), rate, months) - principal) <= 1


@given(st.integers(10**6, 10**10), st.floats(0, 0.5), st.integers(2, 360))
def test_equal_instalments_pay_at_least_the_interest_and_the_principal(principal: int, rate: float, months: int):
    instalment = annuity_payment(principal, rate, months)
    assert instalment * months >= principal - 1
    assert instalment >= interest_only(principal, rate)


def test_the_worked_example_has_its_published_steps():
    loan = max_loan(SHOP, REQUEST, RULES)
    assert round(loan.cash_flow_krw) == 1_777_860
    assert round(loan.instalment_max_krw) == 522_288
    assert round(loan.caps["cash_flow"]) == 16_915_062
    assert (loan.amount_krw, loan.state, loan.binding_cap) == (16_000_000, "OK", "cash_flow")


@pytest.mark.parametrize(
    ("request_", "binding", "amount"),
    [
        (LoanRequest(0.05, 36, need_krw=7_500_000), "need", 7_000_000),
        (LoanRequest(0.05, 36, product_limit_krw=10_000_000), "product_limit", 10_000_000),
        (LoanRequest(0.05, 36, need_krw=9_000_000, product_limit_krw=8_000_000), "product_limit", 8_000_000),
    ],
)
def test_the_least_cap_binds_and_is_named(request_: LoanRequest, binding: str, amount: int):
    loan = max_loan(SHOP, request_, RULES)
    assert (loan.binding_cap, loan.amount_krw) == (binding, amount)


def test_half_a_years_sales_cap_a_loan_without_other_debt():
    # 1 million a month, margin 1: 0.85 / 1.25 = 0.68 million a month over 120 months is far above 6 million
    loan = max_loan(Borrower(1_000_000, 1.0), LoanRequest(0.05, 120), RULES)
    assert (loan.binding_cap, loan.amount_krw) == ("annual_sales", 6_000_000)


def test_an_lti_cap_counts_what_is_owed_already():
    # income 12 x 10 million x 0.5 = 60 million; twice that less 110 million owed leaves 10 million
    capped = SizingRules(1.25, 0.02, 0.85, 0.5, 0, 1_000_000, 1_000_000, 2.0)
    loan = max_loan(Borrower(10_000_000, 0.5, debt_krw=110_000_000), LoanRequest(0.05, 60), capped)
    assert (loan.binding_cap, loan.amount_krw) == ("lti", 10_000_000)


def test_no_room_for_an_instalment_is_no_loan_and_a_referral():
    loan = max_loan(Borrower(16_600_000, 0.126, 1_500_000), REQUEST, RULES)
    assert (loan.amount_krw, loan.state) == (0, "NO_CAPACITY")
    assert loan.instalment_max_krw < 0
    assert loan.referrals == ("A01", "L02")


def test_less_than_the_smallest_loan_is_no_loan():
    loan = max_loan(SHOP, LoanRequest(0.05, 36, need_krw=900_000), RULES)
    assert (loan.amount_krw, loan.state, loan.binding_cap) == (0, "BELOW_MINIMUM", "need")


def test_refinancing_frees_the_instalment_it_replaces():
    tight = Borrower(16_600_000, 0.126, 1_500_000, replaced_instalment_krw=1_500_000)
    assert max_loan(tight, REQUEST, RULES).amount_krw == 46_000_000  # 1,422,288 x 32.386 = 46.06 million
    assert max_loan(Borrower(16_600_000, 0.126, 1_500_000), REQUEST, RULES).amount_krw == 0


def test_a_loan_that_refinances_a_part_leaves_the_rest_due():
    # 60 of 120 million are refinanced: half of the 1.5 million stays due, 1,422,288 - 750,000 is left for the loan.
    half = Borrower(16_600_000, 0.126, 1_500_000, 120_000_000, 1_500_000, 120_000_000)
    loan = max_loan(half, LoanRequest(0.05, 120, product_limit_krw=60_000_000), RULES)
    assert round(loan.instalment_max_krw) == round(1_777_860 / 1.25 - 750_000)
    assert (loan.amount_krw, loan.binding_cap) == (0, "cash_flow")
    assert max_loan(half, LoanRequest(0.05, 120, product_limit_krw=120_000_000), RULES).amount_krw > 0


def test_grace_is_judged_in_the_first_month_that_repays():
    assert (
        max_loan(SHOP, LoanRequest(0.05, 36, grace_months=12), RULES).caps
        == max_loan(SHOP, LoanRequest(0.05, 24), RULES).caps
    )


def test_a_credit_line_is_judged_as_if_drawn_and_repaid_over_five_years():
    line = max_loan(SHOP, LoanRequest(0.05, 12, repayment="revolving"), RULES)
    assert line.caps == max_loan(SHOP, LoanRequest(0.05, 60), RULES).caps


def test_the_owners_living_cost_comes_first():
    living = SizingRules(1.25, 0.02, 0.85, 0.5, 1_777_860, 1_000_000, 1_000_000, None)
    assert max_loan(SHOP, REQUEST, living).state == "NO_CAPACITY"


@given(st.floats(0, 10**9), st.floats(0, 1), st.floats(0, 10**8), st.floats(0, 0.3), st.integers(1, 120))
def test_the_largest_loan_breaks_no_cap_and_comes_in_whole_steps(sales, margin, due, rate, months):
    loan = max_loan(Borrower(sales, margin, due), LoanRequest(rate, months, need_krw=50_000_000), RULES)
    assert 0 <= loan.amount_krw <= min(loan.caps.values())
    assert loan.amount_krw % 1_000_000 == 0
    stressed = annuity_payment(loan.amount_krw, rate + 0.02, months) + due
    assert loan.amount_krw == 0 or stressed * 1.25 <= loan.cash_flow_krw + 1


@pytest.mark.parametrize("bad", [Borrower(float("nan"), 0.1), Borrower(-1, 0.1), Borrower(1, 0.1, float("inf"))])
def test_amounts_that_are_no_amounts_are_refused(bad: Borrower):
    with pytest.raises(DataError, match="must be a number"):
        max_loan(bad, REQUEST, RULES)


@pytest.mark.parametrize("bad", [LoanRequest(-0.01, 36), LoanRequest(0.05, 0), LoanRequest(0.05, 12, grace_months=12)])
def test_terms_that_are_no_terms_are_refused(bad: LoanRequest):
    with pytest.raises(DataError):
        max_loan(SHOP, bad, RULES)


def test_every_category_has_a_margin():
    categories = [line.split(",")[0] for line in (REFERENCE / "categories.csv").read_text("utf-8").splitlines()[1:]]
    assert set(margins()) == set(categories)
    assert all(0 < margin < 1 for margin in margins().values())
