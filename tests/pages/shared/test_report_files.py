"""The reports are made on the click, in the language of the page, from the own book only."""

import io

import pytest
from pypdf import PdfReader

from tests.pages.conftest import run_page, settle

pytestmark = pytest.mark.slow


@pytest.fixture
def own(query) -> dict[str, str]:
    business_id, manager_id = query("SELECT business_id, manager_id FROM worklist ORDER BY manager_id, place LIMIT 1")[
        0
    ]
    return {"id": business_id, "rm": manager_id}


def _labels(at) -> list[str]:
    return [button.label for button in at.get("download_button") if "DF" in button.label or "HTML" in button.label]


@pytest.mark.parametrize(
    ("language", "note", "brief"),
    [
        ("ko", ["한 장 보고서 (PDF)", "한 장 보고서 (HTML)"], ["주간 보고 (PDF)", "주간 보고 (HTML)"]),
        ("en", ["One-page note (PDF)", "One-page note (HTML)"], ["The week's brief (PDF)", "The week's brief (HTML)"]),
    ],
)
def test_both_pages_offer_both_files(own, language, note, brief):
    assert _labels(run_page("business", language, **own)) == note
    assert _labels(run_page("today", language, rm=own["rm"])) == brief


def test_another_managers_business_offers_no_note(query, own):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $rm", rm=own["rm"])[0][0]
    assert _labels(run_page("business", id=own["id"], rm=other)) == []


def test_a_branch_has_no_brief(query):
    manager = query("SELECT min(manager_id) FROM managers")[0][0]
    assert _labels(run_page("today", rm=f"branch-{manager}")) == []


def test_a_click_gives_the_note_of_the_business_that_is_open(tab, server, query, own):
    score = query("SELECT score FROM business_scores WHERE business_id = $id", id=own["id"])[0][0]
    tab.goto(f"{server.url}/business?id={own['id']}&rm={own['rm']}")
    settle(tab)
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="한 장 보고서 (PDF)").click()
    assert caught.value.suggested_filename == f"보고서_{own['id']}_2024-12-31.pdf"
    text = PdfReader(io.BytesIO(caught.value.path().read_bytes())).pages[0].extract_text()
    assert own["id"] in text
    assert f"{score}점" in text


def test_a_click_gives_the_brief_of_the_manager_who_is_chosen(tab, server, own):
    tab.goto(f"{server.url}/today?rm={own['rm']}")
    settle(tab)
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="주간 보고 (HTML)").click()
    source = caught.value.path().read_text(encoding="utf-8")
    assert own["id"] in source
    assert f"{own['rm']} · 기준일" in source
