"""The desk on the pages: kept, shown to the own books only, refused when stale, alive through a rebuild."""

import os
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from core import calendar, refresh
from core.config import Settings
from core.desk import decisions, follow_ups, notes, records, schema, watch_list
from core.desk.decisions import Decision, Recommendation
from core.desk.engine import Desk, open_desk, reading
from core.desk.records import Business, Scope
from core.desk.watch_list import Rule
from pages.shared.text.escape import safe
from tests.pages.conftest import run_page, settle, texts

pytestmark = pytest.mark.slow
ADVISED = """
    SELECT business_id, business_scores.manager_id FROM recommendations JOIN business_scores USING (business_id)
    WHERE recommendations.rank = 1 AND tier <= 4 ORDER BY business_id LIMIT 1
"""
THEN = {"build_id": "long gone", "as_of": date(2024, 1, 31), "state": "OK", "tier": 5, "score": 90, "pd_12m": 0.01}


@pytest.fixture
def shop(query) -> Business:
    return Business(*query(ADVISED)[0])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of this test alone, over the data of all."""
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    monkeypatch.setenv("BEACON_DESK_URL", url)
    return open_desk(url)


@pytest.fixture
def full(desk: Desk, shop: Business, query) -> Scope:
    """A record of each kind on the business, by its manager."""
    scope, today = Scope((shop.manager_id,), shop.manager_id, is_demo=True), calendar.today()
    product = query("SELECT product_id FROM recommendations WHERE business_id = $b AND rank = 1", b=shop.business_id)
    notes.write(desk, scope, shop, "saw the **owner** on Monday")
    follow_ups.plan(desk, scope, shop, "three days late", today - timedelta(3))
    follow_ups.plan(desk, scope, shop, "in a week", today + timedelta(7))
    watch_list.put(desk, scope, shop, "fell from the top", Rule("until", until_on=today + timedelta(9)), THEN)
    on = Recommendation("long gone", date(2024, 1, 31), product[0][0], 2)
    decisions.decide(desk, scope, shop, on, Decision("declined", "not_now", "after the holidays"))
    return scope


def _page(shop: Business, language: str = "ko", rm: str | None = None):
    return run_page("business", language, id=shop.business_id, rm=rm or shop.manager_id)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_business_page_shows_a_record_of_each_kind(full, shop, language, caplog):
    at = _page(shop, language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    shown = " ".join([*texts(at), *(warning.value for warning in at.warning)])
    for words in (safe("saw the **owner** on Monday"), "three days late", "in a week", "fell from the top"):
        assert words in shown
    assert {"ko": "등록 당시보다 악화", "en": "Worse than at the start"}[language] in shown
    # The decision stands on the recommendation of a build that is gone.
    assert {"ko": "2024-01-31 기준 2순위 제안", "en": "recommendation no. 2, as of 2024-01-31"}[language] in shown
    assert "after the holidays" in shown


def test_another_manager_sees_no_record(full, shop, query):
    other = query("SELECT min(manager_id) FROM managers WHERE manager_id <> $m", m=shop.manager_id)[0][0]
    for at in (_page(shop, rm=other), run_page("today", rm=other)):
        assert "three days late" not in " ".join(texts(at))


def test_today_tells_what_is_due_and_who_got_worse(full, shop, query):
    name = query("SELECT name FROM business_scores WHERE business_id = $b", b=shop.business_id)[0][0]
    at = run_page("today", rm=shop.manager_id)
    assert {"기한이 된 후속 조치 1건 (기한 경과 1건)", "확인이 필요한 관찰 업체 1곳"} <= {
        head.value for head in at.subheader
    }
    shown = " ".join(texts(at))
    assert safe(name) in shown
    assert "three days late" in shown
    assert "in a week" not in shown
    # The head of the branch sees it too.
    branch = query("SELECT min(manager_id) FROM managers WHERE branch = "
                   "(SELECT branch FROM managers WHERE manager_id = $m)", m=shop.manager_id)[0][0]  # fmt: skip
    assert "three days late" in " ".join(texts(run_page("today", rm=f"branch-{branch}")))


def test_today_is_silent_when_the_desk_is_empty(desk, shop):
    assert not {head.value for head in run_page("today", rm=shop.manager_id).subheader if "후속" in head.value}


def test_a_note_is_written_on_the_page_and_signed(desk, shop):
    at = _page(shop)
    at.text_area(key=f"desk_note_{shop.business_id}").input("첫 통화")
    next(button for button in at.button if button.label == "메모 저장").click().run()
    (note,) = notes.of_business(desk, Scope((shop.manager_id,), "", is_demo=True), shop.business_id).itertuples()
    assert (note.text, note.by) == ("첫 통화", shop.manager_id)
    assert "첫 통화" in texts(at)
    assert at.text_area(key=f"desk_note_{shop.business_id}").value == ""


def test_an_empty_note_is_refused_in_a_sentence(desk, shop):
    at = _page(shop)
    next(button for button in at.button if button.label == "메모 저장").click().run()
    assert [error.value for error in at.error] == ["저장하지 않았습니다. 내용을 입력해 주십시오."]


def test_a_follow_up_that_somebody_moved_meanwhile_is_finished_with_the_second_press(full, desk, shop):
    row = follow_ups.of_business(desk, full, shop.business_id).iloc[0]
    key = f"desk_follow_{row['id']}"
    at = AppTest.from_string("from pages.business.page import page; page()", default_timeout=60)
    at.context = {"locale": "ko-KR"}
    at.query_params.update(id=shop.business_id, rm=shop.manager_id)
    at.session_state[f"{key}_done"] = True
    at.run()
    follow_ups.move(desk, replace(full, by="a colleague"), row["id"], 1, calendar.today() + timedelta(30))
    # The typed outcome redraws the page; the press that follows is refused all the same.
    at.text_input(key=f"{key}_outcome").input("통화 완료").run()
    assert any("다른 사람이 이 기록을 고쳤습니다" in warning.value for warning in at.warning)
    at.button(key=f"{key}_done_save").click().run()
    assert any("먼저 고쳤습니다" in error.value for error in at.error)
    at.button(key=f"{key}_done_save").click().run()
    after = follow_ups.of_business(desk, full, shop.business_id).set_index("id").loc[row["id"]]
    assert (after["outcome"], after["due_on"]) == ("통화 완료", calendar.today() + timedelta(30))


@pytest.mark.parametrize("page", ["business", "today"])
def test_a_desk_out_of_reach_leaves_the_page(shop, monkeypatch, page):
    monkeypatch.setenv("BEACON_DESK_URL", "postgresql+psycopg://rm:secret@127.0.0.1:1/desk")
    at = run_page(page, id=shop.business_id, rm=shop.manager_id)
    assert not at.exception
    assert any("데이터베이스를 사용할 수 없습니다" in warning.value for warning in at.warning)
    assert len(at.subheader) + len(at.header) > 0


def test_records_outlive_a_rebuild_and_follow_the_business_to_its_new_manager(full, shop, desk, query, tmp_path):
    """The next build gives the business to another manager; all else of it is the same."""
    other = query("SELECT max(manager_id) FROM managers WHERE manager_id <> $m", m=shop.manager_id)[0][0]
    builds = Path(os.environ["BEACON_DATA_DIR"]) / "builds"
    current = (builds / "CURRENT").read_text(encoding="utf-8").strip()
    shutil.copytree(builds / current, tmp_path / "builds" / "next")
    with duckdb.connect(str(tmp_path / "builds" / "next" / "bank.duckdb")) as con:
        for table in ("business_scores", "recommendations", "worklist"):
            con.execute(f"UPDATE {table} SET manager_id = $m WHERE business_id = $b",
                        {"m": other, "b": shop.business_id})  # fmt: skip
    (tmp_path / "builds" / "CURRENT").write_text("next", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BEACON_DATA_DIR", str(tmp_path))
        # A page only reads: the records wait for the build's own step on the desk.
        assert "after the holidays" not in " ".join(texts(_page(shop, rm=other)))
        assert _moves(desk) == []
        refresh.send(Settings.from_env(), "next", calendar.today())
        assert _moves(desk) == [(shop.business_id, shop.manager_id, other, "next")]
        shown = " ".join(texts(_page(shop, rm=other)))
        assert "after the holidays" in shown
        assert safe("saw the **owner** on Monday") in shown
        assert "three days late" in " ".join(texts(run_page("today", rm=other)))
        assert "three days late" not in " ".join(texts(run_page("today", rm=shop.manager_id)))


def _moves(desk: Desk) -> list[tuple]:
    moves = schema.moves.c
    with reading(desk) as con:
        return [*con.execute(sa.select(moves.business_id, moves.from_manager_id, moves.to_manager_id, moves.build_id))]


@pytest.mark.parametrize("is_left_first", [False, True])
def test_words_on_an_old_version_are_refused_kept_and_saved_once_the_newer_were_seen(
    tab, server, demo_build, shop, is_left_first
):
    """Also when leaving the box has redrawn the form, with the newer words, before the press of the button arrives."""
    other, colleague = open_desk(Settings(demo_build).desk_url), Scope((shop.manager_id,), "a colleague", is_demo=True)
    shared, newer, mine = (f"{words} {uuid4().hex}" for words in ("함께 쓰는 메모", "동료의 말", "나의 말"))
    note_id = notes.write(other, colleague, shop, shared)
    tab.goto(f"{server.url}/business?id={shop.business_id}&rm={shop.manager_id}")
    tab.get_by_role("button", name="수정").first.click()
    expect(tab.get_by_label("메모 내용")).to_have_value(shared)
    notes.edit(other, colleague, note_id, 1, newer)
    tab.get_by_label("메모 내용").fill(mine)
    if is_left_first:
        tab.get_by_label("메모 내용").press("Tab")
        expect(tab.get_by_text("입력하는 동안 다른 사람이 이 기록을 고쳤습니다")).to_be_visible()
        settle(tab)
    tab.get_by_role("button", name="저장", exact=True).click()
    expect(tab.get_by_text("그사이 다른 사람이 같은 기록을 먼저 고쳤습니다")).to_be_visible()
    expect(tab.get_by_label("메모 내용")).to_have_value(mine)
    expect(tab.locator("p", has_text=newer).first).to_be_visible()
    settle(tab)
    tab.get_by_role("button", name="저장", exact=True).click()
    expect(tab.locator("p", has_text=mine)).to_be_visible()
    expect(tab.get_by_label("메모 내용")).to_have_count(0)
    assert list(records.history(other, schema.notes, colleague, note_id)["by"]) == [
        shop.manager_id, "a colleague", "a colleague",
    ]  # fmt: skip
    other.dispose()
