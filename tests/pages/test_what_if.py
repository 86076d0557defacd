"""What if: only what can be changed, the difference visible, the parts adding up to the whole."""

import math

import pytest
import streamlit as st

from core.models import what_if
from pages.business import what_if as page
from pages.shared import text
from tests.pages.conftest import run_page, texts

pytestmark = pytest.mark.slow
LATE = """
    SELECT business_id, manager_id FROM business_scores
    WHERE pd_band IN ('D', 'E') AND state = 'OK' AND churn_3m IS NOT NULL AND open_loans > 0
    ORDER BY days_past_due DESC, business_id LIMIT 1
"""


@pytest.fixture
def late(query) -> dict[str, str]:
    business_id, manager_id = query(LATE)[0]
    st.session_state[text.LANGUAGE] = "ko"
    return {"id": business_id, "rm": manager_id}


@pytest.fixture
def cases(late) -> list[page.ModelCase]:
    return page.model_cases({"business_id": late["id"], "manager_ids": [late["rm"]]})


def test_another_managers_business_has_no_case(late, query):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $rm", rm=late["rm"])[0][0]
    assert page.model_cases({"business_id": late["id"], "manager_ids": [other]}) == []


def test_the_answer_before_is_the_one_on_the_page(cases, late, query):
    pd_12m, churn_3m = query("SELECT pd_12m, churn_3m FROM business_scores WHERE business_id = $id", id=late["id"])[0]
    before = {case.name: page.answer(case, {}).before for case in cases}
    assert math.isclose(before["default"], pd_12m, abs_tol=1e-9)
    assert math.isclose(before["churn"], churn_3m, abs_tol=1e-9)


def test_a_pulled_lever_changes_the_answer_by_the_sum_of_its_reasons(cases):
    case = next(case for case in cases if case.name == "default")
    answer = page.answer(case, {lever.lever: lever.amounts[-1] for lever in case.levers})
    assert answer.after < answer.before
    total = sum(points for _, points in page.differences(answer))
    assert math.isclose(total, answer.after - answer.before, abs_tol=page.SMALLEST * len(answer.reasons))


def test_a_lever_that_moves_nothing_is_not_shown(cases):
    without_arrears = cases[0].row | {"dpd_now": 0.0, "paid_share_6m": 1.0}
    assert "arrears" not in [lever.lever for lever in page.effective(what_if.levers("default"), without_arrears)]


def test_the_way_to_a_better_band_ends_in_it_or_is_said_not_to_exist(cases):
    for case in cases:
        if case.levers:
            assert any(word in page.better_band(case) for word in ("→", "닿지 않습니다", "가장 좋은"))


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_lever_has_words(language):
    codes = {lever.lever for name in page.MODELS for lever in what_if.levers(name)}
    assert [code for code in codes if f"lever.{code}" not in text.strings(language)] == []


def test_moving_a_slider_shows_the_difference(late):
    at = run_page("business", **late)
    at.session_state["what_if"] = True  # unfolded
    at.run()
    sales = next(slider for slider in at.select_slider if slider.key.startswith("lever_sales"))
    assert not [words for words in texts(at) if "%p]" in words]
    sales.set_value(0.3).run()
    assert not at.exception
    assert [words for words in texts(at) if "%p]" in words]
