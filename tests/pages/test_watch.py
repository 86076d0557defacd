"""The watch on the Models page: every part in both languages, alerts with their fate, a report as PDF."""

import io
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from core import db
from core.desk import alerts
from core.desk.engine import open_desk
from core.desk.records import Scope
from core.watch import report, send
from pages.models import alerts as watch_alerts
from pages.models import watch
from pages.shared.text import in_language
from pages.shared.text.report import ReportLanguage
from tests.pages.conftest import LOCALES, Query, texts

ONE = """
from core.calendar import today
from core.desk import alerts
from pages.models.alerts import show_alert
from pages.shared import state
from pages.shared.desk import session
state.restore()
session.show_result()
show_alert(alerts.current(session.desk(), session.scope(), today()).iloc[0], session.scope(), "book")
"""
SHOW = "from pages.models import watch; from pages.shared import state; state.restore(); watch.show()"


@pytest.fixture
def desk_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty desk for this test alone."""
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    monkeypatch.setenv("BEACON_DESK_URL", url)
    return url


def _part(name: str, language: str = "ko") -> AppTest:
    at = AppTest.from_string(SHOW, default_timeout=60)
    at.context = {"locale": LOCALES[language]}
    at.session_state["watch_part"] = name
    return at.run()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", list(watch.PARTS))
def test_every_part_draws_in_both_languages_without_a_bare_key(
    demo_build: Path, desk_url: str, name: str, language: str
):
    at = _part(name, language)
    assert not at.exception
    assert not [text for text in texts(at) if "watch." in text]


@pytest.mark.slow
def test_an_alert_shows_who_has_it(demo_build: Path, desk_url: str, query: Query, manager: str):
    builds = demo_build / "builds"
    build_id = db.current_build(builds)
    with db.open_build(builds, build_id) as con:
        send.send(con, open_desk(desk_url), build_id, date(2025, 1, 10))
    scope = Scope((manager,), manager, is_demo=True)
    first = query("SELECT alert_id FROM watch_alerts WHERE manager_id = $manager AND place = 1", manager=manager)
    record = alerts.current(open_desk(desk_url), scope, date(2025, 1, 10)).set_index("alert_key").loc[first[0][0]]
    alerts.acknowledge(open_desk(desk_url), scope, record["id"], 1, "김지점")
    table = _part("alerts").dataframe[0].value
    assert "처리 중" in table["상태"].tolist()
    assert "김지점" in table["처리 담당"].tolist()


@pytest.fixture
def sent(demo_build: Path, desk_url: str, query: Query, manager: str) -> Scope:
    """The scope whose first alert, not of the budget, was sent to the desk."""
    sql = (
        "SELECT alert_id, rule, severity, manager_id, business_id, first_on, as_of FROM watch_alerts"
        " WHERE manager_id = $manager AND NOT within_budget ORDER BY place LIMIT 1"
    )
    alert = alerts.Alert(*query(sql, manager=manager)[0])
    alerts.send(open_desk(desk_url), [alert], [manager], date(2025, 1, 10), is_demo=True)
    return Scope((manager,), manager, is_demo=True)


@pytest.mark.slow
def test_an_alert_goes_to_the_name_in_the_box_when_the_button_is_pressed(desk_url: str, sent: Scope):
    at = AppTest.from_string(ONE, default_timeout=60)
    at.context = {"locale": LOCALES["ko"]}
    take = next(button for button in at.run().button if button.label == "처리 시작")
    # One run for both: whoever types and presses has left the box with the press.
    at.text_input[0].input("김지점")
    at = take.click().run()
    assert not at.exception
    assert alerts.current(open_desk(desk_url), sent, date(2025, 1, 10))["owner"].tolist() == ["김지점"]


@pytest.mark.slow
def test_an_alert_is_taken_by_somebody(desk_url: str, sent: Scope):
    at = AppTest.from_string(ONE, default_timeout=60)
    at.context = {"locale": LOCALES["ko"]}
    at = next(button for button in at.run().button if button.label == "처리 시작").click().run()
    assert [error.value for error in at.error] == ["저장하지 않았습니다. 내용을 입력해 주십시오."]


@pytest.mark.slow
def test_what_somebody_has_taken_is_shown_beyond_the_budget_too(desk_url: str, sent: Scope):
    desk = open_desk(desk_url)
    assert "김지점" not in _part("alerts").dataframe[0].value["처리 담당"].tolist()
    alerts.acknowledge(desk, sent, alerts.current(desk, sent, date(2025, 1, 10))["id"].iloc[0], 1, "김지점")
    assert "김지점" in _part("alerts").dataframe[0].value["처리 담당"].tolist()


@pytest.mark.slow
def test_the_report_is_the_same_on_paper(demo_build: Path):
    from core.report.pdf import pdf

    builds = demo_build / "builds"
    build_id = db.current_build(builds)
    with db.open_build(builds, build_id) as con:
        page = report.report(con, builds / build_id / "models", 28, ReportLanguage("ko"))
    read = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf(page, one_page=False))).pages)
    assert "최근 28일" in read
    assert all(section.title in read for section in page.sections)
    assert page.sections[0].lines[0] in read


def test_few_judged_alerts_have_counts_and_no_rate():
    with in_language("en"):
        assert watch_alerts.precision_words(5, 29) == "5 of 29 (too few)"
        assert watch_alerts.precision_words(15, 30).startswith("50.0%")
