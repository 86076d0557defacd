"""Segments shows the bank's kinds of businesses and one manager's own; others' are counted, never shown."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from playwright.sync_api import expect

from core.models.segments.features import DESCRIPTIVE, FEATURES
from pages.segments import charts, cross_tables, division
from pages.segments import profile as segment_profile
from pages.shared import text, widget_keys
from pages.shared.read import read, segment_codes
from pages.shared.text import segments, strings
from tests.pages.conftest import run_page, settle, texts

BOTH = pytest.mark.parametrize("language", text.LANGUAGES)
IN_MAIN = "SELECT count(*) FROM business_scores WHERE manager_id = $m AND segment IS NOT NULL"


@pytest.fixture
def korean():
    st.session_state[text.LANGUAGE] = "ko"
    yield
    del st.session_state[text.LANGUAGE]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@BOTH
def test_the_page_is_drawn_in_both_languages(language, caplog):
    at = run_page("segments", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "세그먼트", "en": "Segments"}[language]


@pytest.mark.slow
def test_the_profile_counts_every_own_customer_once_and_the_whole_bank(query, manager):
    profile = run_page("segments").dataframe[0].value
    assert profile["own"].sum() == query(IN_MAIN, m=manager)[0][0]
    assert profile["bank"].sum() == query("SELECT count(segment) FROM business_scores")[0][0]


@pytest.mark.slow
@pytest.mark.parametrize("view", ["three", "three_plain"])
def test_every_view_of_the_build_has_three_segments(view, demo_build):
    at = run_page("segments")
    at.segmented_control(key=widget_keys.SEGMENT_VIEW).set_value(view).run()
    assert not at.exception
    assert len(at.dataframe[0].value) == 3


@pytest.mark.slow
def test_dividing_anew_by_other_features_shows_as_many_segments_as_asked(query, manager):
    at = run_page("segments")
    at.segmented_control(key=widget_keys.SEGMENT_VIEW).set_value(division.CUSTOM).run()
    assert "다시 나누기" in at.info[0].value
    at.pills(key=widget_keys.SEGMENT_FEATURES).set_value(["income", "products"]).run()
    at.select_slider(key=widget_keys.SEGMENT_K).set_value(4).run()
    at.button(key="segment_run").click().run()
    assert not at.exception
    profile = at.dataframe[0].value
    assert len(profile) == 4
    known = "SELECT count(*) FROM segment_inputs WHERE state = 'OPEN' AND income + products IS NOT NULL"
    assert profile["bank"].sum() == query(known)[0][0]
    assert query(IN_MAIN, m=manager)[0][0] >= profile["own"].sum() > 0


@pytest.mark.slow
def test_a_click_on_a_point_of_the_picture_opens_the_business(server, tab, query, manager):
    tab.goto(f"{server.url}/segments")
    chart = tab.locator("[data-testid=stPlotlyChart]").first
    points = chart.locator("path.point")
    expect(points.last).to_be_visible(timeout=60_000)
    settle(tab)
    chart.evaluate("chart => chart.scrollIntoView({block: 'center'})")
    # Drawn last, so no point lies over it; plotly's own layer does, and takes the click.
    points.last.click(force=True)
    tab.wait_for_url("**/business?**")
    opened = re.search(r"id=(B\w+)", tab.url)[1]
    assert query(f"{IN_MAIN} AND business_id = $b", b=opened, m=manager) == [(1,)]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_same_features_and_number_give_the_segments_of_the_build():
    clustering = division.cluster(("income", "growth", "borrowing"), None, lambda *_: None)[0]
    assert list(clustering.codes) == segment_codes()


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("name", ["segments/own_businesses", "segments/own_counts", "segments/own_inputs"])
def test_a_query_without_the_manager_finds_nothing(name):
    views = {"segments/own_businesses": {"view": "main", "rows": 9}, "segments/own_counts": {"view": "main"}}
    more = views.get(name, {})
    assert not read(name, manager_ids=["RM001"], **more).empty
    assert read(name, manager_ids=["RM999"], **more).empty


@pytest.mark.slow
def test_every_business_has_one_row_a_view_and_a_reason_where_it_has_no_segment(query):
    rows = query("SELECT view, state, count(*), count(segment) FROM segments GROUP BY ALL")
    total = query("SELECT count(*) FROM business_scores")[0][0]
    assert {view: sum(n for v, _, n, _ in rows if v == view) for view, *_ in rows} == dict.fromkeys(
        ("main", "three", "three_plain"), total
    )
    assert all((n_known == n) if state == "OK" else (n_known == 0) for _, state, n, n_known in rows)


@pytest.mark.slow
def test_the_list_of_a_segment_holds_its_own_customers(query, manager):
    code, count = query(
        "SELECT segment, count(*) FROM business_scores WHERE manager_id = $m AND segment IS NOT NULL "
        "AND state <> 'CLOSED' GROUP BY 1 ORDER BY 2 LIMIT 1",
        m=manager,
    )[0]
    assert any(f"**{count:,}개 업체" in words for words in texts(run_page("businesses", segment=code)))


@BOTH
def test_every_trait_feature_and_view_has_words(language):
    words = strings(language)
    features = (*FEATURES, *DESCRIPTIVE)
    wanted = [f"segments.trait.{feature}_{way}" for feature in FEATURES for way in ("high", "low")]
    wanted += [f"segments.{part}.{feature}" for part in ("feature", "help") for feature in features]
    wanted += [f"segments.{part}.{view}" for part in ("views", "views_note") for view in (*division.VIEWS, "custom")]
    assert [key for key in wanted if key not in words] == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("income_low.borrowing_low", "소형 · 차입 적음"),
        ("typical", "중간 규모"),
        ("income_high-2", "대형 (2)"),
        (None, "세그먼트 없음"),
    ],
)
def test_a_code_is_worded_by_its_traits(code, name, korean):
    assert segments.name(code) == name


@pytest.mark.parametrize(("feature", "stored", "words"), [
    ("income", math.log(12_340_000), "1,234만 원"), ("growth", math.log(0.8), "-20%"),
    ("borrowing", math.log(3.5), "월 매출의 2.5배"), ("risk", 66.0, "66점"), ("products", None, "자료 부족"),
])  # fmt: skip
def test_a_stored_value_is_read_in_its_unit(feature, stored, words, korean):
    assert division.value_words(feature, stored) == words


ENDS = {
    "income": (14.2, 18.5),
    "spend": (13.0, 18.5),
    "ticket": (8.8, 12.6),
    "risk": (3.0, 97.0),
    "products": (0.0, 6.0),
}


@pytest.mark.parametrize("feature", [*FEATURES, *DESCRIPTIVE])
def test_axes_have_a_few_round_values_in_their_range(feature, korean):
    low, high = ENDS.get(feature, (-0.5, 0.9))
    places, words = segment_profile.ticks(feature, low, high)
    assert 2 <= len(places) <= 6
    assert all(low - 1e-9 <= place <= high + 1e-9 for place in places)
    assert len({*words}) == len(words)


def test_the_picture_opens_by_id_and_shows_a_hostile_name_as_it_is():
    own = pd.DataFrame({"business_id": ["B1"], "name": ["<b>x</b>"], "segment": ["typical"], "x": [0.1], "y": [0.2]})
    cloud = pd.DataFrame({"x": [0.0], "y": [0.0], "businesses": [7]})
    words = {"x": "x", "y": "y", "bank": "bank"}
    ground, members = charts.scatter(own.assign(tier_words="t"), cloud, {"typical": "n"}, words).data
    assert ground.customdata is None
    assert members.customdata[0][0] == "B1"
    assert "&lt;b&gt;" in members.customdata[0][1]


def test_a_row_of_a_few_has_figures_and_no_colour():
    counts = pd.DataFrame({"a": [6, 3], "b": [6, 3]}, index=["many", "few"])
    heat = charts.shares(counts, counts.astype(str), "share").data[0]
    assert heat.z[0].tolist() == [0.5, 0.5]
    assert np.isnan(heat.z[1]).all()


def test_pairs_that_nobody_is_in_are_zero():
    rows = pd.DataFrame({"segment": ["a", "a"], "tier": [1, 5], "businesses": [2, 3]})
    assert cross_tables.cross_table(rows, "segment", "tier", ["a", "b"], [1, 2, 5]).to_numpy().tolist() == [
        [2, 0, 3],
        [0, 0, 0],
    ]
