"""Up to four businesses and districts side by side, from the URL, and never one of another book."""

import pytest
from playwright.sync_api import Page, expect

from pages.businesses import table as business_list
from pages.compare import businesses
from pages.shared import selection, state
from pages.shared.parts import basket
from tests.pages.conftest import run_page, settle, texts

pytestmark = pytest.mark.slow
OWN = """
    SELECT business_id, name FROM business_scores
    WHERE manager_id = $manager AND state = 'OK' ORDER BY business_id LIMIT 5
"""


@pytest.fixture
def own(query, manager) -> list[tuple[str, str]]:
    return query(OWN, manager=manager)


def _shown(at) -> list[str]:
    return [str(table.value.columns.tolist()) for table in at.table]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_businesses_and_districts_stand_side_by_side_in_both_languages(own, language, caplog):
    ids = "~".join(business_id for business_id, _ in own[:2])
    at = run_page("compare", language, compare=ids, areas="11680~11140")
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert len(at.table[0].value.columns) == 2
    assert len(at.table[1].value.columns) == 2


def test_a_business_of_another_book_is_neither_shown_nor_named(own, query, manager):
    other, name = query(
        "SELECT business_id, name FROM business_scores WHERE manager_id <> $manager AND name NOT IN"
        " (SELECT name FROM business_scores WHERE manager_id = $manager) ORDER BY business_id LIMIT 1",
        manager=manager,
    )[0]
    at = run_page("compare", compare=f"{own[0][0]}~{other}")
    assert "1개 업체는 지금 선택한 담당자의 고객이 아니어서" in at.warning[0].value
    assert not [words for words in [*texts(at), *_shown(at)] if name in words]
    at.button(key="compare_drop").click().run()
    assert at.session_state[state.SELECTION].basket == (own[0][0],)


@pytest.mark.usefixtures("demo_build")
def test_an_id_that_no_business_has_looks_like_anothers():
    at = run_page("compare", compare="' OR 1=1 --")
    assert "1개 업체는 지금 선택한 담당자의 고객이 아니어서" in at.warning[0].value
    assert not at.table


def test_a_fifth_is_refused_and_the_four_stay(own):
    ids = [business_id for business_id, _ in own]
    at = run_page("business", id=ids[4], compare="~".join(ids[:4]))
    assert at.button(key=f"compare_basket_{ids[4]}").disabled
    state.st.session_state[state.SELECTION] = selection.Selection(basket=tuple(ids[:4]))
    basket.toggle_business(ids[4])
    assert state.selection().basket == tuple(ids[:4])
    basket.toggle_business(ids[0])
    assert state.selection().basket == tuple(ids[1:4])


def test_the_button_of_the_business_page_puts_it_in_and_takes_it_out(own):
    business_id = own[0][0]
    at = run_page("business", id=business_id)
    at.button(key=f"compare_basket_{business_id}").click().run()
    assert at.session_state[state.SELECTION].basket == (business_id,)
    at.button(key=f"compare_basket_{business_id}").click().run()
    assert at.session_state[state.SELECTION].basket == ()


@pytest.mark.usefixtures("demo_build")
def test_the_button_of_the_districts_page_puts_the_district_in():
    at = run_page("districts", district="11680")
    at.button(key="compare_areas_11680").click().run()
    assert at.session_state[state.SELECTION].areas == ("11680",)


def test_the_list_says_what_is_in_the_basket(own):
    at = run_page("businesses", compare=own[0][0])
    table = at.dataframe[0].value
    assert business_list.COLUMNS[1] == "compare"
    assert set(table["compare"]) <= {"담기", "빼기"}
    assert at.button(key="compare_open").label == "비교 보기 (1/4)"


def test_figures_are_those_of_the_book(own, query, manager):
    business_id = own[0][0]
    run_page("compare", rm=manager, compare=business_id)
    state.st.session_state[state.SELECTION] = selection.Selection(scope=manager, basket=(business_id,))
    pd_12m, score = query("SELECT pd_12m, score FROM business_scores WHERE business_id = $id", id=business_id)[0]
    card = businesses._card(business_id)
    figures = businesses.rows(card)
    assert f"{score}점" in figures["기회점수"]
    assert pd_12m is None or figures["부도확률 (12개월)"].startswith(f"{100 * pd_12m:.1f}%")


def test_the_basket_survives_pages_a_reload_and_back(server, tab: Page, own):
    business_id, name = own[0]
    tab.goto(f"{server.url}/business?id={business_id}")
    settle(tab)
    tab.get_by_role("button", name="비교에 담기").click()
    expect(tab.get_by_role("button", name="비교 보기 (1/4)")).to_be_visible()
    tab.get_by_role("link", name="자치구").click()
    expect(tab.get_by_role("heading", name="자치구별 현황")).to_be_visible()
    tab.get_by_role("button", name="비교 보기 (1/4)").click()
    expect(tab.get_by_role("heading", name="업체 비교")).to_be_visible()
    tab.reload()
    expect(tab.locator("table").get_by_text(name).first).to_be_visible()
