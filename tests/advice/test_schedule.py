"""Payments add up to the loan in every way of paying back; stress only ever makes a loan harder to carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.advice.lending import Earner, Request, Rules, annuity, ceiling, inverse
from core.advice.schedule import dscr, schedule, strain
from core.errors import DataError

RULES = Rules(1.25, 0.02, 0.85, 0.5, 0, 1_000_000, 1_000_000, None)
SHOP = Earner(16_600_000, 0.126, 900_000)
WAYS = ("equal_payment", "bullet", "revolving")
LOANS = st.builds(
    lambda rate, months, grace, way: Request(rate, months, grace_months=min(grace, months - 1), repayment=way),
    st.floats(0, 0.3),
    st.integers(1, 120),
    st.integers(0, 36),
    st.sampled_from(WAYS),
)


@given(st.floats(1, 10**10), st.floats(0, 1), st.integers(1, 600))
def test_the_instalment_of_the_loan_of_an_instalment_is_that_instalment(instalment, rate, months):
    assert annuity(inverse(instalment, rate, months), rate, months) == pytest.approx(instalment, rel=1e-9)


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
    paid = schedule(principal, Request(rate, months))["payment_krw"]
    assert set(paid[:-1]) == {instalment}
    assert abs(paid.iloc[-1] - instalment) < months  # rounding of each month gathers in the last


def test_grace_months_pay_interest_only_and_the_rest_is_paid_in_equal_parts():
    paid = schedule(12_000_000, Request(0.05, 24, grace_months=12))
    assert set(paid["payment_krw"][:12]) == {50_000}  # 12 million x 5 % / 12
    assert paid["payment_krw"][12] == round(annuity(12_000_000, 0.05, 12))


@pytest.mark.parametrize("way", ["bullet", "revolving"])
def test_interest_only_leaves_the_whole_loan_to_the_last_month(way):
    paid = schedule(12_000_000, Request(0.05, 12, repayment=way))
    assert set(paid["payment_krw"][:-1]) == {50_000}
    assert paid["payment_krw"].iloc[-1] == 12_050_000


@pytest.mark.parametrize(("amount", "months", "grace"), [(-1, 12, 0), (1, 12, 12), (1, 0, 0)])
def test_no_schedule_of_what_is_no_loan(amount, months, grace):
    with pytest.raises(DataError, match="no schedule"):
        schedule(amount, Request(0.05, months, grace_months=grace))


def test_the_banks_own_stress_gives_the_ceiling_of_the_notes():
    found = strain(SHOP, Request(0.05, 36), 16_000_000, RULES.rate_stress, RULES.sales_stress, RULES)
    assert found.ceiling == ceiling(SHOP, Request(0.05, 36), RULES)
    # 1,777,860 / (900,000 + instalment of 16 million over 36 months at 7 %)
    assert found.dscr == pytest.approx(1_777_860 / (900_000 + annuity(16_000_000, 0.07, 36)))


@given(LOANS, st.floats(0, 0.04), st.floats(0, 0.04), st.floats(0.5, 1), st.floats(0.5, 1))
def test_more_stress_never_helps(request_, rate_one, rate_two, sales_one, sales_two):
    mild = strain(SHOP, request_, 10_000_000, min(rate_one, rate_two), max(sales_one, sales_two), RULES)
    hard = strain(SHOP, request_, 10_000_000, max(rate_one, rate_two), min(sales_one, sales_two), RULES)
    assert hard.dscr <= mild.dscr + 1e-12
    assert hard.ceiling.amount_krw <= mild.ceiling.amount_krw


def test_who_owes_nothing_has_no_ratio():
    assert dscr(Earner(10_000_000, 0.1), Request(0.05, 36), 0, RULES) is None
