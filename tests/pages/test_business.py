"""Business shows one business of the own book: its reasons, its points, its way to the probability."""

import math

import pandas as pd
import pytest

from pages.business import history
from pages.shared.read import read
from pages.shared.text import reasons
from pages.shared.text.escape import safe
from tests.pages.conftest import run_page, texts

pytestmark = pytest.mark.slow
STATES = ("OK", "INSUFFICIENT", "CLOSED", "SUSPENDED", "ZERO_SALES", "ZERO_2M")
ALL = (
    *(f"shared/business_{name}" for name in ("card", "revenue", "street", "offers", "facts")),
    *(f"business/{name}" for name in ("drivers", "loans", "holdings", "contacts", "churn", "anomaly", "forecast")),
    *("business/inputs_default", "business/service"),
)
RICH = """
    SELECT business_id, manager_id FROM business_scores
    WHERE state = 'OK' AND open_loans > 0 AND products_held > 0 AND pd_12m IS NOT NULL ORDER BY business_id LIMIT 1
"""


@pytest.fixture
def rich(query) -> dict[str, str]:
    business_id, manager_id = query(RICH)[0]
    return {"id": business_id, "rm": manager_id}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_drawn_in_both_languages(query, state, language, caplog):
    rows = query("SELECT business_id, manager_id FROM business_scores WHERE state = $s LIMIT 1", s=state)
    if not rows:
        pytest.skip(f"no business of this small bank is {state}")
    at = run_page("business", language, id=rows[0][0], rm=rows[0][1])
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]


def test_the_head_names_it_and_says_tier_and_score(query, rich):
    name, score = query("SELECT name, score FROM business_scores WHERE business_id = $id", id=rich["id"])[0]
    at = run_page("business", **rich)
    assert at.title[0].value == safe(name)
    assert f"{score}점" in at.get("html")[0].proto.body


def test_another_managers_business_is_not_told(query, rich):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $rm", rm=rich["rm"])[0][0]
    name = query("SELECT name FROM business_scores WHERE business_id = $id", id=rich["id"])[0][0]
    at = run_page("business", id=rich["id"], rm=other)
    assert at.warning[0].value == "이 업체는 지금 선택한 담당자의 고객이 아닙니다."
    assert not [words for words in texts(at) if name in words]


@pytest.mark.parametrize("name", ALL)
def test_every_query_is_empty_for_another_manager(query, rich, name):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $rm", rm=rich["rm"])[0][0]
    own = read(name, business_id=rich["id"], manager_ids=[rich["rm"]])
    assert len(own) > 0 or name in (
        "business/contacts",
        "shared/business_offers",
    )  # who needs nothing is offered nothing
    assert read(name, business_id=rich["id"], manager_ids=[other]).empty


@pytest.mark.usefixtures("demo_build")
def test_without_a_choice_the_page_says_where_to_choose():
    at = run_page("business")
    assert "업체 목록" in at.info[0].value


def test_components_of_every_business_add_up_to_its_raw_score(query):
    rows = query("SELECT business_id FROM business_scores WHERE score IS NOT NULL ORDER BY business_id LIMIT 40")
    for (business_id,) in rows:
        manager = query("SELECT manager_id FROM business_scores WHERE business_id = $id", id=business_id)[0][0]
        card = read("shared/business_card", business_id=business_id, manager_ids=[manager]).iloc[0]
        parts = reasons.components(card)
        assert math.isclose(sum(part.gained for part in parts), card["score_raw"], abs_tol=1e-6)
        assert math.isclose(sum(part.gained + part.lost for part in parts), 100, abs_tol=1e-6)


def test_the_way_adds_up_to_the_probability(rich):
    chosen = {"business_id": rich["id"], "manager_ids": [rich["rm"]]}
    drivers = read("business/drivers", **chosen)
    drivers = drivers[drivers["model"] == "default"]
    log_odds = drivers["base"].iloc[0] + drivers["contribution"].sum()
    assert math.isclose(
        1 / (1 + math.exp(-log_odds)), read("shared/business_card", **chosen)["pd_12m"][0], abs_tol=1e-6
    )


def test_at_most_four_reasons_of_each_kind(rich):
    at = run_page("business", **rich)
    badges = [markdown.value for markdown in at.markdown if "-badge[" in markdown.value]
    assert sum("점]" in badge for badge in badges) <= 4
    assert 0 < sum("위험을" in badge for badge in badges) <= 8  # of default and of leaving


def test_a_probability_without_credit_is_for_reference_only(query):
    row = query("SELECT business_id, manager_id FROM business_scores WHERE pd_basis = 'no_exposure' LIMIT 1")[0]
    at = run_page("business", id=row[0], rm=row[1])
    assert [m for m in at.markdown if "여신 없음: 참고치" in m.value]


def test_the_loans_of_the_page_add_up_to_what_the_business_owes(query):
    sql = "SELECT business_id, manager_id, loan_balance_krw FROM business_scores WHERE open_loans > 1 LIMIT 5"
    for business_id, manager, balance in query(sql):
        loans = read("business/loans", business_id=business_id, manager_ids=[manager])
        assert loans["balance_krw"].sum() == balance


@pytest.mark.parametrize(
    ("days", "closed", "expected"),
    [(400, None, "유지"), (30, None, "만기 30일 전"), (-3, None, "만기 지남"), (None, None, "유지"),
     (5, pd.Timestamp("2024-06-30"), "해지 2024-06-30")],
)  # fmt: skip
def test_a_contract_says_whether_it_ends_soon(days, closed, expected):
    assert history.contract(days, closed) == expected
