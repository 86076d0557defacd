"""Today shows at most ten businesses of the own book, each with its reason, and the book in figures."""

import re

import pytest

from pages.shared.read import read
from pages.shared.text.escape import safe
from tests.pages.conftest import run_page, texts

pytestmark = pytest.mark.slow
LISTED = """
    SELECT business_id, name, rule FROM worklist JOIN business_scores USING (business_id)
    WHERE worklist.manager_id = $manager AND place <= 10 ORDER BY place
"""


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("demo_build")
def test_today_is_drawn_in_both_languages(language, caplog):
    at = run_page("today", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "오늘 먼저 볼 업체", "en": "Whom to call first"}[language]


def test_the_list_is_the_marts_in_its_order(query, manager):
    listed = query(LISTED, manager=manager)
    at = run_page("today")
    assert 0 < len(listed) <= 10
    assert [button.key for button in at.button] == [f"open_{business_id}" for business_id, *_ in listed]
    names = [f"**{safe(name)}**" for _, name, _ in listed]
    assert [m.value for m in at.markdown if m.value in names] == names


def test_a_branch_has_ten_rows_too_and_the_next_ten(query):
    branch = [
        row[0] for row in query("SELECT manager_id FROM managers WHERE branch = (SELECT min(branch) FROM managers)")
    ]
    rows = read("today/worklist", manager_ids=branch, visits=10, rows=10)
    assert list(rows["part"]) == ["now"] * 10 + ["next"] * 10
    assert set(rows["manager_id"]) <= set(branch)


def test_figures_are_the_databases(query, manager):
    sql = "SELECT count(*) FILTER (WHERE state <> 'CLOSED'), sum(exposure_krw) FROM business_scores"
    businesses, exposure = query(f"{sql} WHERE manager_id = $m", m=manager)[0]
    book = read("today/portfolio", manager_ids=[manager], late_dpd=30).iloc[0]
    assert (book["businesses"], book["exposure_krw"]) == (businesses, exposure)
    assert book[[f"tier_{tier}" for tier in range(1, 6)]].sum() + book["not_rated"] == businesses
    assert f"#### {businesses:,}" in texts(run_page("today"))


def test_every_row_tells_tier_and_reason(query, manager):
    listed = query(LISTED, manager=manager)
    at = run_page("today")
    chips = [html.proto.body for html in at.get("html")][: len(listed)]  # the bar of the tiers comes after them
    assert len(chips) == len(listed)
    assert all(re.search(r"#[0-9A-F]{6}.*(점|평가보류|폐업|휴업)", chip) for chip in chips)
    assert not [words for words in texts(at) if words.startswith("reason.")]


@pytest.mark.usefixtures("demo_build")
def test_nobody_to_call_is_said():
    at = run_page("today", rm="no such manager")  # falls back to the default
    assert not at.exception
    assert read("today/worklist", manager_ids=["nobody"], visits=10, rows=10).empty


def test_the_capacity_is_the_urls_and_never_more_than_ten_rows_are_shown(query, manager):
    waiting = query("SELECT count(*) FROM worklist WHERE manager_id = $m AND skip IS NULL", m=manager)[0][0]
    for visits, shown in (("3", 3), ("50", 10), ("0", 1), ("9999", 10)):
        at = run_page("today", visits=visits)
        assert not at.exception
        opened = [button.key for button in at.button if str(button.key).startswith("open_")]
        assert len(opened) == min(shown, waiting)
    at = run_page("today", visits="3")
    at.number_input[0].set_value(4).run()
    assert len([button for button in at.button if str(button.key).startswith("open_")]) == min(4, waiting)


def test_what_changed_adds_up_on_the_page(manager):
    rows = read("today/worklist", manager_ids=[manager], visits=10, rows=10)
    known = rows[rows["change"].notna()]
    assert len(known)
    assert (known[["own", "market", "model"]].sum(axis=1) == known["score"] - known["score_1m"]).all()
    at = run_page("today", "en")
    assert sum("own " in words and "market " in words for words in texts(at)) >= len(known[known["part"] == "now"])


def test_every_row_says_what_to_say_and_what_to_offer(manager):
    rows = read("today/worklist", manager_ids=[manager], visits=10, rows=10)
    now = int((rows["part"] == "now").sum())
    shown = texts(run_page("today", "en"))
    for heading in ("What changed", "What to say first", "What to offer"):
        assert shown.count(f"**{heading}**") == now
