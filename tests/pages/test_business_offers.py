"""The business page: every product is either offered or says why not, and a loan is as large as the advice says."""

import pytest
from streamlit.testing.v1 import AppTest

from core.advice import lending
from pages.business import loan, offers
from pages.shared.read import product_rules, read
from tests.pages.conftest import LOCALES, run_page, texts

pytestmark = pytest.mark.slow
OFFERED = """
    SELECT business_id, manager_id, list(product_id) AS products FROM recommendations
    GROUP BY ALL HAVING count(*) >= 3 ORDER BY business_id LIMIT 1
"""
# Sized by the catalogue's own terms alone: no need, quote or old loan to ask for. First who lacks the record.
SIZED = """
    SELECT recommendations.business_id, recommendations.manager_id, product_id, amount_krw
    FROM recommendations JOIN advice_facts USING (business_id)
    WHERE kind IN ('loan', 'guarantee', 'policy') AND amount_krw > 0 AND product_id NOT IN ('L01', 'L05')
    ORDER BY suitability DESC, business_id LIMIT 25
"""
PANEL = "from pages.business import {module}; {module}.{call}"


@pytest.fixture
def offered(query) -> tuple[str, str, list[str]]:
    return query(OFFERED)[0]


@pytest.fixture
def lent(query) -> tuple[str, str, str, int]:
    return query(SIZED)[0]


def _part(module: str, call: str, language: str = "ko") -> AppTest:
    at = AppTest.from_string(PANEL.format(module=module, call=call), default_timeout=60)
    at.context = {"locale": LOCALES[language]}
    return at.run()


def _panel(business_id: str, manager: str, language: str = "ko") -> AppTest:
    return _part("loan", f"panel({{'business_id': {business_id!r}, 'manager_ids': [{manager!r}]}})", language)


def test_offers_stand_in_their_order_with_the_state_of_the_record(offered):
    business_id, manager, products = offered
    at = run_page("business", id=business_id, rm=manager)
    heads = [text for text in texts(at) if text.startswith("**") and text[2:4] in ("1.", "2.", "3.", "4.", "5.")]
    assert len(heads) == len(products)
    badges = [text for text in texts(at) if "확인서" in text or "권유 가능" in text]
    assert len(badges) >= len(products)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_product_is_offered_or_says_why_not(offered, language, caplog):
    business_id, manager, products = offered
    chosen = {"business_id": business_id, "manager_ids": [manager]}
    at = _part("offers", f"show_why_not({chosen!r}, offers.read('shared/business_offers', **{chosen!r}))", language)
    assert not at.exception
    lines = at.markdown[0].value.splitlines()
    assert len(lines) == 2 * (len(read("shared/product_names")) - len(products))  # a name and a reason each
    assert all(line.strip() for line in lines)
    assert not [record for record in caplog.records if "words for" in record.message]


def test_why_not_names_the_rules_first_then_the_missing_need(offered):
    judged = product_rules(offered[0], [offered[1]])
    forbidden, free = judged[~judged["eligible"]].iloc[0], judged[judged["eligible"]].iloc[0]
    assert offers.why_not(forbidden) == " · ".join(offers.t(f"rule.{code}") for code in forbidden["failed_rules"])
    assert "0.05" in offers.why_not(free.to_frame().T.assign(need=0.05).iloc[0])


def test_another_managers_business_is_judged_for_nobody(offered, query):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $rm", rm=offered[1])[0][0]
    assert product_rules(offered[0], [other]).empty
    assert len(product_rules(offered[0], [offered[1]])) == len(read("shared/product_names"))


def test_the_loan_that_the_page_sizes_is_the_one_that_the_build_recommends(query):
    products = read("business/credit_products").set_index("product_id")
    for business_id, manager, product_id, amount in query(SIZED):
        facts = read("shared/business_facts", business_id=business_id, manager_ids=[manager]).iloc[0]
        terms = products.loc[product_id]
        term = lending.DEFAULT_TERM_MONTHS if loan.unknown(terms["term_months_max"]) else int(terms["term_months_max"])
        way = "revolving" if terms["repayment"] == "revolving" else "equal_payment"
        limit = loan.limit(terms, facts)
        request = lending.LoanRequest(terms["rate"], term, None, limit, int(terms["grace_months"]), way)
        assert lending.max_loan(loan._earner(terms, facts), request).amount_krw == amount, product_id


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_sized_loan_shows_its_caps_its_payments_and_the_stress(lent, language, caplog):
    at = _panel(lent[0], lent[1], language)
    assert not at.exception
    assert at.success or at.error
    assert at.table
    assert {"ko": "권유하려면 먼저", "en": "uitability record"}[language] in at.warning[0].value
    assert not [record for record in caplog.records if "words for" in record.message]


def test_the_schedule_on_the_page_is_the_one_of_the_ceiling(lent):
    at = _panel(lent[0], lent[1])
    at.selectbox(key=f"sizing_product_{lent[0]}").set_value(lent[2]).run()
    paid = at.dataframe[0].value
    assert paid["원금(원)"].sum() == lent[3]
    assert paid["남은 원금(원)"].iloc[-1] == 0


def ratio(at: AppTest) -> float:
    """The DSCR under the sliders, from its box: the last one with a ratio."""
    boxes = [text for text in texts(at) if text.startswith("#### ") and text.endswith("배")]
    return float(boxes[-1].removeprefix("#### ").removesuffix("배"))


def test_more_stress_is_seen_at_once(lent):
    at = _panel(lent[0], lent[1])
    at.selectbox(key=f"sizing_product_{lent[0]}").set_value(lent[2]).run()
    before = ratio(at)
    at.select_slider(key=f"stress_rate_{lent[0]}").set_value(4.0)
    at.select_slider(key=f"stress_sales_{lent[0]}").set_value(0.5).run()
    judged = [str(box.value) for box in (*at.error, *at.warning, *at.success)]
    assert [words for words in judged if words.startswith("금리 +4.0%p, 매출 50%에서")]
    assert ratio(at) < before / 1.5


def test_a_forbidden_product_is_not_sized(query):
    business_id, manager = query(
        "SELECT business_id, manager_id FROM advice_facts WHERE tier = 1 AND monthly_sales_krw > 0 LIMIT 1"
    )[0]
    at = _panel(business_id, manager)
    at.selectbox(key=f"sizing_product_{business_id}").set_value("L03").run()
    assert "규칙상 안내할 수 없는 상품입니다" in at.error[0].value
    assert not at.dataframe


def test_terms_that_cannot_be_are_named(lent):
    at = _panel(lent[0], lent[1])
    key = f"{at.selectbox(key=f'sizing_product_{lent[0]}').value}_{lent[0]}"
    at.number_input(key=f"sizing_months_{key}").set_value(6)
    at.number_input(key=f"sizing_grace_{key}").set_value(6).run()
    assert "거치 기간" in at.error[0].value


def test_the_rules_of_the_page_are_the_rules_of_the_build(offered, query):
    listed = {row[0] for row in query("SELECT product_id FROM recommendations WHERE business_id = $id", id=offered[0])}
    judged = product_rules(offered[0], [offered[1]])
    assert set(judged[judged["product_id"].isin(listed)]["eligible"]) == {True}
