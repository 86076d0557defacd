"""Offers to those who may leave: worth and cost by hand, a hold-out that is kept out, and no claim of an effect."""

import tomllib

import duckdb
import pytest

from core.advice import retention
from core.config import policy
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, bank, lend, prepared

DECIDED = policy()["retention"]


def _leaving(*shops: str, chance: float = 0.5) -> duckdb.DuckDBPyConnection:
    con = bank(*shops, "stays")
    for shop in shops:
        con.execute("INSERT INTO churn_scores VALUES ($id, $as_of, $p, 'severe')", _of(shop, chance))
    con.execute("INSERT INTO churn_scores VALUES ($id, $as_of, $p, 'normal')", _of("stays", 0.01))
    return con


def _of(shop: str, chance: float) -> dict[str, object]:
    return {"id": shop, "as_of": AS_OF, "p": chance}


def _offered(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    prepared(con)
    retention.offer(con)
    return con


def test_the_worth_of_a_customer_by_hand():
    con = _leaving("A", chance=0.5)
    _offered(con)
    # Deposit 30 million at 0.8 %, fees 0.05 % of 132 million paid in a year, no loan: 306,000 a year.
    margin = (0.008 * 30_000_000 + 0.0005 * 12 * 11_000_000) / 12
    # The usual chance is the median of 0.5 and 0.01 in three months; survival and discount month by month.
    hazard = 1 - (1 - 0.255) ** (1 / 3)
    clv = sum(margin * ((1 - hazard) / (1 + 0.06 / 12)) ** month for month in range(1, 25))
    worth, stake, cost, value = con.execute(
        "SELECT clv_krw, at_stake_krw, cost_krw, expected_value_krw FROM retention_choices WHERE offer = 'deposit_rate'"
    ).fetchall()[0]
    assert worth == pytest.approx(clv, abs=1)
    assert stake == pytest.approx(0.5 * clv, abs=1)
    assert cost == 10_000 + 0.003 * 30_000_000
    assert value == pytest.approx(0.5 * clv - cost, abs=1)


def test_expected_loss_lowers_the_worth_of_a_borrower():
    worth = []
    for pd in (0.0, 0.02):
        con = _leaving("A")
        lend(con, "A", "2024-01-01", 50_000_000)
        con.execute("INSERT INTO pd_scores VALUES ('A', $as_of, $pd, 'exposed')", {"as_of": AS_OF, "pd": pd})
        _offered(con)
        worth.append(con.execute("SELECT max(clv_krw) FROM retention_choices").fetchall()[0][0])
    assert worth[0] > worth[1] > 0


def test_only_those_who_may_leave_are_considered():
    assert _offered(_leaving("A")).execute("SELECT business_id FROM retention_offers").fetchall() == [("A",)]


def test_an_offer_that_answers_a_reason_comes_first():
    con = _leaving("A")
    con.execute("INSERT INTO drivers VALUES ('A', 'churn', 'standing_payments', 0.8, 1)")
    found = _offered(con).execute("SELECT offer, for_reason FROM retention_offers").fetchall()
    assert found == [("autopay_cashback", "standing_payments")]


def test_no_offer_is_made_where_none_is_worth_its_cost():
    con = _leaving("A")
    con.execute("UPDATE balances SET deposit_avg_krw = 1000, inflow_krw = 1000")
    assert _offered(con).execute("SELECT offer, cost_krw FROM retention_offers").fetchall() == [(None, None)]


def test_a_better_deposit_rate_is_subject_to_the_tying_rule():
    con = _leaving("A")
    lend(con, "A", "2024-12-20")
    offers = {row[0] for row in _offered(con).execute("SELECT offer FROM retention_choices").fetchall()}
    assert "deposit_rate" not in offers
    assert "rate_review" in offers


def test_a_tenth_is_held_out_gets_nothing_and_is_drawn_again_the_same():
    shops = [f"S{number:04d}" for number in range(2000)]
    con = _offered(_leaving(*shops))
    held = "SELECT business_id FROM retention_offers WHERE holdout ORDER BY 1"
    first = con.execute(held).fetchall()
    assert len(first) / 2000 == pytest.approx(DECIDED["holdout_share"], abs=0.02)  # three standard errors
    assert con.execute("SELECT count(offer) FROM retention_offers WHERE holdout").fetchall() == [(0,)]
    assert con.execute("SELECT count(offer) FROM retention_offers WHERE NOT holdout").fetchall()[0][0] > 1700
    assert _offered(_leaving(*reversed(shops))).execute(held).fetchall() == first


def test_no_effect_is_claimed():
    con = _offered(_leaving("A", "B"))
    assert con.execute("SELECT DISTINCT effect_verified FROM retention_offers").fetchall() == [(False,)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_offer_has_words(language: str):
    words = tomllib.loads((STRINGS / language / "rules.toml").read_text(encoding="utf-8"))["retention"]
    codes = [line.split(",")[0] for line in retention.OFFERS.read_text(encoding="utf-8").splitlines()[1:]]
    assert set(codes) <= set(words)
