"""Payments add up to the loan in every way of repayment; more stress never makes a loan easier to repay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.advice.lending import Borrower, LoanRequest, SizingRules, annuity_payment, annuity_principal, max_loan
from core.advice.schedule import dscr, schedule, stress_test
from core.errors import DataError

RULES = SizingRules(1.25, 0.02, 0.85, 0.5, 0, 1_000_000, 1_000_000, None)
SHOP = Borrower(16_600_000, 0.126, 900_000)
REPAYMENTS = ("equal_payment", "bullet", "revolving")
LOANS = st.builds(
    lambda rate, months, grace, repayment: LoanRequest(
        rate, months, grace_months=min(grace, months - 1), repayment=repayment
    ),
    st.floats(0, 0.3),
    st.integers(1, 120),
    st.integers(0, 36),
    st.sampled_from(REPAYMENTS),
)


@given(st.floats(1, 10**10), st.floats(0, 1), st.integers(1, 600))
def test_payment_inverts_principal(instalment, rate, months):
    assert annuity_payment(annuity_principal(instalment, rate, months), rate, months) == pytest.approx(
        instalment, rel=1e-9
    )


@given(st.integers(0, 10**10), LOANS)
def test_a_schedule_pays_back_the_loan_to_the_won(amount, request_):
    rows = schedule(amount, request_)
    assert len(rows) == request_.months
    assert rows["principal_krw"].sum() == amount
    assert rows["balance_krw"].iloc[-1] == 0
    assert (rows[["interest_krw", "principal_krw", "balance_krw"]] >= 0).all(axis=None)
    assert (rows["payment_krw"] == rows["interest_krw"] + rows["principal_krw"]).all()


@pytest.mark.parametrize(
    ("principal", "rate", "months", "instalment"),
    [(30_000_000, 0.05, 36, 899_127), (10_000_000, 0.0, 24, 416_667), (70_000_000, 0.035, 60, 1_273_422)],
)
def test_every_instalment_but_the_last_is_the_published_one(principal, rate, months, instalment):
    paid = schedule(principal, LoanRequest(rate, months))["payment_krw"]
    assert set(paid[:-1]) == {instalment}
    assert abs(paid.iloc[-1] - instalment) < months  # rounding of each month gathers in the last


def test_grace_months_pay_interest_only_and_the_rest_is_paid_in_equal_parts():
    paid = schedule(12_000_000, LoanRequest(0.05, 24, grace_months=12))
    assert set(paid["payment_krw"][:12]) == {50_000}  # 12 million x 5 % / 12
    assert paid["payment_krw"][12] == round(annuity_payment(12_000_000, 0.05, 12))


@pytest.mark.parametrize("repayment", ["bullet", "revolving"])
def test_interest_only_leaves_the_whole_loan_to_the_last_month(repayment):
    paid = schedule(12_000_000, LoanRequest(0.05, 12, repayment=repayment))
    assert set(paid["payment_krw"][:-1]) == {50_000}
    assert paid["payment_krw"].iloc[-1] == 12_050_000


@pytest.mark.parametrize(("amount", "months", "grace"), [(-1, 12, 0), (1, 12, 12), (1, 0, 0)])
def test_terms_that_cannot_be_have_no_schedule(amount, months, grace):
    with pytest.raises(DataError, match="no schedule"):
        schedule(amount, LoanRequest(0.05, months, grace_months=grace))


def test_the_banks_own_stress_gives_the_largest_loan_of_the_build():
    test = stress_test(SHOP, LoanRequest(0.05, 36), 16_000_000, RULES.rate_stress, RULES.sales_stress, RULES)
    assert test.max_loan == max_loan(SHOP, LoanRequest(0.05, 36), RULES)
    # 1,777,860 / (900,000 + instalment of 16 million over 36 months at 7 %)
    assert test.dscr == pytest.approx(1_777_860 / (900_000 + annuity_payment(16_000_000, 0.07, 36)))


@given(LOANS, st.floats(0, 0.04), st.floats(0, 0.04), st.floats(0.5, 1), st.floats(0.5, 1))
def test_more_stress_never_helps(request_, rate_a, rate_b, sales_a, sales_b):
    mild = stress_test(SHOP, request_, 10_000_000, min(rate_a, rate_b), max(sales_a, sales_b), RULES)
    hard = stress_test(SHOP, request_, 10_000_000, max(rate_a, rate_b), min(sales_a, sales_b), RULES)
    assert hard.dscr <= mild.dscr + 1e-12
    assert hard.max_loan.amount_krw <= mild.max_loan.amount_krw


def test_without_debt_there_is_no_ratio():
    assert dscr(Borrower(10_000_000, 0.1), LoanRequest(0.05, 36), 0, RULES) is None
