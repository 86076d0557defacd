"""The map's figures are the book's, small numbers make no figure, and the city alone is enough to draw it."""

import json

import pytest

from pages.shared.parts import measures
from pages.shared.read import read
from tests.pages.conftest import run_page, texts

pytestmark = pytest.mark.slow


def _map(at) -> dict:
    return json.loads(at.get("plotly_chart")[0].proto.spec)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("demo_build")
def test_the_page_is_drawn_in_both_languages(language, caplog):
    at = run_page("districts", language, district="11680", rm="branch-RM001")
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.subheader[0].value == {"ko": "강남구", "en": "Gangnam-gu"}[language]


@pytest.mark.usefixtures("demo_build")
def test_all_districts_are_on_the_map():
    areas = [trace["locations"] for trace in _map(run_page("districts"))["data"] if trace["type"] == "choropleth"]
    assert len({code for codes in areas for code in codes}) == 25


@pytest.mark.usefixtures("demo_build")
def test_the_map_needs_no_network():
    assert {trace.get("geojson", "/api/")[:5] for trace in _map(run_page("districts"))["data"]} == {"/api/"}


def test_the_median_is_the_books(query):
    rows = read("shared/district_summary", manager_ids=["RM001", "RM002", "RM003"], category=None)
    expected = query(
        "SELECT district_code, median(score), count(score) FROM business_scores"
        " WHERE manager_id IN ('RM001', 'RM002', 'RM003') AND state <> 'CLOSED' GROUP BY ALL HAVING count(score) >= 5"
    )
    shown = rows.dropna(subset=["score_p50"]).set_index("district_code")["score_p50"]
    assert expected
    assert shown.to_dict() == {code: median for code, median, _ in expected}


@pytest.mark.usefixtures("demo_build")
def test_fewer_than_five_businesses_make_no_figure():
    rows = read("shared/district_summary", manager_ids=["RM001"], category=None)
    assert rows.loc[rows["rated"] < 5, ["score_p50", "weak_share"]].isna().all(axis=None)
    assert (rows["rated"] < 5).any()


@pytest.mark.usefixtures("demo_build")
def test_every_measure_has_words_in_its_hover():
    at = run_page("districts", rm="branch-RM001")
    for code in at.selectbox(key="choose_measure").options:
        assert "measure." not in code
    for code in measures.MEASURES:
        at.selectbox(key="choose_measure").set_value(code).run()
        assert not at.exception


@pytest.mark.usefixtures("demo_build")
def test_a_district_without_businesses_says_so():
    at = run_page("districts", rm="RM001", district="11320", category="education")
    assert any("자료 부족" in text or "담당 업체가 없습니다" in text or "업체" in text for text in texts(at))
    assert not at.exception
