"""The list of businesses shows one manager's book, filtered as asked, and says how to get out of an empty result."""

import csv
import io
import unicodedata

import pandas as pd
import pytest

from pages.businesses import download, table
from pages.shared import selection, state
from pages.shared.parts import export
from pages.shared.read import read
from tests.pages.conftest import run_page, texts

pytestmark = pytest.mark.slow
# No filter.
EVERYONE = {
    "district": None,
    "category": None,
    "tiers": [],
    "churn": [],
    "anomaly": None,
    "segment": None,
    "state": None,
    "text": "",
}
OWN = "SELECT business_id, name FROM business_scores WHERE manager_id = $manager AND state <> 'CLOSED'"


def _shown(at) -> pd.DataFrame:
    return at.dataframe[0].value


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("demo_build")
def test_the_list_is_drawn_in_both_languages(language, caplog):
    at = run_page("businesses", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "업체 목록", "en": "Businesses"}[language]


def test_a_manager_sees_the_own_book_only(query, manager):
    own = {name for _, name in query(OWN, manager=manager)}
    assert set(_shown(run_page("businesses"))["name"]) <= own


def test_the_count_is_the_databases(query, manager):
    sql = OWN + " AND tier IN (1, 2) AND district_code = $district"
    district = query("SELECT mode(district_code) FROM business_scores WHERE manager_id = $m AND tier <= 2", m=manager)
    expected = len(query(sql, manager=manager, district=district[0][0]))
    at = run_page("businesses", tier="1-2", district=district[0][0])
    assert expected > 0
    assert any(f"**{expected:,}개 업체" in text for text in texts(at))


def test_levels_of_leaving_and_anomalies_filter_the_list(query, manager):
    watched = query(OWN + " AND churn_level IN ('watch', 'risk', 'severe')", manager=manager)
    unusual = query(OWN + " AND anomaly_pct >= 0.95", manager=manager)
    assert any(
        f"**{len(watched):,}개 업체" in text for text in texts(run_page("businesses", churn="watch-risk-severe"))
    )
    assert any(f"**{len(unusual):,}개 업체" in text for text in texts(run_page("businesses", anomaly="95")))


@pytest.mark.usefixtures("demo_build")
def test_clearing_all_filters_clears_level_and_anomaly():
    at = run_page("businesses", churn="severe", anomaly="99", q="없는이름")
    next(button for button in at.button if button.label == "조건 모두 해제").click().run()
    assert (at.session_state[state.SELECTION].churn, at.session_state[state.SELECTION].anomaly) == ((), None)


def test_worst_scores_come_first(query, manager):
    worst = query(OWN + " ORDER BY score NULLS LAST, business_id LIMIT 5", manager=manager)
    assert list(_shown(run_page("businesses"))["name"][:5]) == [name for _, name in worst]


@pytest.mark.parametrize("order", selection.SORTS)
@pytest.mark.usefixtures("demo_build")
def test_every_order_is_known_to_the_query(order):
    rows = [
        read("businesses/businesses", **EVERYONE, manager_ids=["RM001", "RM002"], sort=sort, rows=50, offset=0)
        for sort in (order, "no such order")
    ]
    assert list(rows[0]["business_id"]) != list(rows[1]["business_id"])


def test_pages_cover_the_book_once(query, manager):
    ids: list[str] = []
    for offset in range(0, 500, 50):
        rows = read("businesses/businesses", **EVERYONE, manager_ids=[manager], sort="score", rows=50, offset=offset)
        ids += list(rows["business_id"])
    assert sorted(ids) == sorted(business for business, _ in query(OWN, manager=manager))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_korean_name_is_found_however_it_is_typed(query, manager, form):
    name = query(OWN + " ORDER BY business_id LIMIT 1", manager=manager)[0][1]
    part = unicodedata.normalize(form, name[:3])
    assert name in set(_shown(run_page("businesses", q=part))["name"])


def test_search_signs_are_not_patterns():
    at = run_page("businesses", q="%")
    assert any("조건에 맞는 업체가 없습니다" in text for text in texts(at))


def test_an_empty_result_names_the_filter_to_take_away():
    at = run_page("businesses", q="없는이름없는이름")
    at.button(key="loosen_text").click().run()
    assert at.session_state[state.SELECTION].text == ""
    assert len(_shown(at)) > 0


@pytest.mark.usefixtures("demo_build")
def test_closed_businesses_show_only_when_asked_for():
    closed = _shown(run_page("businesses", rm="branch-RM001", state="CLOSED"))["score"]
    assert set(closed) == {table.UNRATED["CLOSED"]}
    assert not {table.UNRATED["CLOSED"]} & set(_shown(run_page("businesses", rm="branch-RM001"))["score"])


def test_the_file_is_the_whole_filtered_list(query, manager):
    run_page("businesses")  # not needed by the file; proves that it is written without a session
    rows = download.file_rows()(export.MAX_CSV_ROWS)
    written = list(csv.DictReader(io.StringIO(export.to_csv(rows, export.Note("a", "b", ())).decode("utf-8-sig"))))
    assert {row[next(iter(row))] for row in written} == {business for business, _ in query(OWN, manager=manager)}
