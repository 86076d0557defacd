"""Retention offers: worth and cost by hand, a hold-out group that gets nothing, and no claim of an effect."""

import tomllib

import pytest

from core import db
from core.advice import retention
from core.config import policy
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, add_loan, bank, insert, prepare, update

HOLDOUT_SHARE = policy()["retention"]["holdout_share"]


def _bank(*shops: str, churn_3m: float = 0.5) -> db.Connection:
    """These shops, about to leave with this chance, and one that stays."""
    con = bank(*shops, "stays")
    for shop in shops:
        insert(con, "churn_scores", business_id=shop, as_of=AS_OF, churn_3m=churn_3m, level="severe")
    insert(con, "churn_scores", business_id="stays", as_of=AS_OF, churn_3m=0.01, level="normal")
    return con


def _offers(con: db.Connection, columns: str, table: str = "retention_offers", where: str = "true") -> list[tuple]:
    """These columns of the offers of the bank."""
    retention.write_offers(prepare(con))
    return con.execute(f"SELECT {columns} FROM {table} WHERE {where}").fetchall()


def test_the_worth_of_a_customer_by_hand():
    # Deposit 30 million at 0.8 %, fees 0.05 % of 132 million paid in a year, no loan: 306,000 a year.
    margin = (0.008 * 30_000_000 + 0.0005 * 12 * 11_000_000) / 12
    # The usual chance is the median of 0.5 and 0.01 in three months; survival and discount month by month.
    hazard = 1 - (1 - 0.255) ** (1 / 3)
    clv = sum(margin * ((1 - hazard) / (1 + 0.06 / 12)) ** month for month in range(1, 25))
    columns = "clv_krw, at_stake_krw, cost_krw, expected_value_krw"
    rows = _offers(_bank("A", churn_3m=0.5), columns, "retention_choices", "offer = 'deposit_rate'")
    worth, stake, cost, value = rows[0]
    assert worth == pytest.approx(clv, abs=1)
    assert stake == pytest.approx(0.5 * clv, abs=1)
    assert cost == 10_000 + 0.003 * 30_000_000
    assert value == pytest.approx(0.5 * clv - cost, abs=1)


def test_expected_loss_lowers_the_worth_of_a_borrower():
    worth = []
    for pd in (0.0, 0.02):
        con = _bank("A")
        add_loan(con, "A", "2024-01-01", principal_krw=50_000_000)
        insert(con, "pd_scores", business_id="A", as_of=AS_OF, pd_12m=pd, pd_basis="exposed")
        worth.append(_offers(con, "max(clv_krw)", "retention_choices")[0][0])
    assert worth[0] > worth[1] > 0


def test_only_businesses_that_may_leave_are_considered():
    assert _offers(_bank("A"), "business_id") == [("A",)]


def test_an_offer_that_answers_a_reason_comes_first():
    con = _bank("A")
    insert(con, "drivers", business_id="A", model="churn", reason="standing_payments", contribution=0.8, rank=1)
    assert _offers(con, "offer, for_reason") == [("autopay_cashback", "standing_payments")]


def test_no_offer_is_made_where_none_is_worth_its_cost():
    con = _bank("A")
    update(con, "balances", deposit_avg_krw=1_000, inflow_krw=1_000)
    assert _offers(con, "offer, cost_krw") == [(None, None)]


def test_a_better_deposit_rate_is_subject_to_the_tying_rule():
    con = _bank("A")
    add_loan(con, "A", "2024-12-20")
    offers = {row[0] for row in _offers(con, "offer", "retention_choices")}
    assert "deposit_rate" not in offers
    assert "rate_review" in offers


def test_a_tenth_is_held_out_gets_nothing_and_is_drawn_again_the_same():
    shops = [f"S{number:04d}" for number in range(2000)]
    rows = _offers(_bank(*shops), "business_id, holdout, offer")
    held_out = {shop for shop, is_held_out, _ in rows if is_held_out}
    assert len(held_out) / 2000 == pytest.approx(HOLDOUT_SHARE, abs=0.02)  # three standard errors
    assert {offer for _, is_held_out, offer in rows if is_held_out} == {None}
    assert sum(offer is not None for _, is_held_out, offer in rows if not is_held_out) > 1700
    assert {shop for (shop,) in _offers(_bank(*reversed(shops)), "business_id", where="holdout")} == held_out


def test_no_effect_is_claimed():
    assert _offers(_bank("A", "B"), "DISTINCT effect_verified") == [(False,)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_offer_has_text(language: str):
    words = tomllib.loads((STRINGS / language / "rules.toml").read_text(encoding="utf-8"))["retention"]
    codes = [line.split(",")[0] for line in retention.OFFERS.read_text(encoding="utf-8").splitlines()[1:]]
    assert set(codes) <= set(words)
