"""Formulas that SQL files share are the ones that Python has, and every table that uses one gives the same figure."""

import hashlib
from datetime import date

import pytest

from core import db
from core.advice.lending import annuity_factor
from tests.advice_bank import AS_OF, add_loan, bank, fact, prepare

LOANS = {
    "annuity": ("2022-05-01", "2030-12-31", "annuity"),
    "bullet": ("2022-05-01", "2030-12-31", "bullet"),
    "past its maturity": ("2020-01-15", "2024-06-30", "annuity"),
    "one month": ("2024-12-05", "2024-12-20", "annuity"),
    "without maturity": ("2024-01-01", None, "annuity"),
}


def _value(expression: str, **params: object) -> object:
    return db.connect().execute(f"SELECT {expression}", params).fetchall()[0][0]


@pytest.mark.parametrize(("rate", "months"), [(0.05, 36), (0.07, 120), (0.0001, 1), (0.0, 24)])
def test_the_annuity_factor_in_sql_is_that_of_the_lending_module(rate: float, months: int):
    assert _value("annuity_factor($rate, $months)", rate=rate, months=months) == pytest.approx(
        annuity_factor(rate, months)
    )


@pytest.mark.parametrize("name", LOANS)
def test_a_loan_has_the_same_balance_in_the_advice_and_on_the_pages(name: str):
    opened_on, matures_on, repayment = LOANS[name]
    con = bank("A")
    add_loan(con, "A", opened_on, principal_krw=10_000_001, due_krw=100_000)
    con.execute("UPDATE loans SET matures_on = $day, repayment = $way", {"day": matures_on, "way": repayment})
    prepare(con)
    db.create_table(con, "open_loans", "core/marts/sql/open_loans", {"as_of": AS_OF})
    balance = con.execute("SELECT balance_krw FROM open_loans").fetchall()[0][0]
    assert balance == round(fact(con, "loan_balance_krw"))


def test_a_hash_of_business_and_campaign_holds_out():
    rows = db.connect().execute("SELECT n, is_held_out('B' || n, 'R1', 0.1) FROM range(200) AS r(n)").fetchall()
    for number, is_held_out in rows:
        digits = hashlib.md5(f"B{number}|R1".encode(), usedforsecurity=False).hexdigest()[:8]
        assert is_held_out == (int(digits, 16) % 10_000 < 1_000)


def test_the_ban_on_tied_sales_ends_after_31_days():
    assert _value("tying_until(DATE '2024-12-01')") == date(2025, 1, 1)


def test_macros_of_the_pages_are_stored_in_the_build(tmp_path):
    (tmp_path / "build").mkdir()
    db.connect(tmp_path / "build" / db.DATABASE).close()
    with db.open_build(tmp_path, "build") as con:
        rows = con.cursor().execute("SELECT is_held_out('B1', 'R1', 1), tying_until(DATE '2024-12-01')").fetchall()
    assert rows == [(True, date(2025, 1, 1))]
