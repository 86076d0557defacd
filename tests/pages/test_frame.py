"""The frame speaks both languages, says what is missing, and follows a new build."""

import logging
import shutil

import duckdb
import pytest

from core import db
from pages.shared import read, state
from tests.pages.conftest import run_frame, run_page, texts


@pytest.fixture
def no_build(tmp_path, monkeypatch):
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))


@pytest.fixture
def market_only(demo_build, tmp_path, monkeypatch):
    """The demo build without its book, as a build of the city's files alone leaves it."""
    build = tmp_path / "builds" / "market"
    shutil.copytree(demo_build / "builds" / db.current_build(demo_build / "builds"), build)
    with duckdb.connect(str(build / db.DATABASE)) as con:
        for table in ("business_scores", "business_scores_history", "drivers", "worklist"):
            con.execute(f"DROP TABLE {table}")
        con.execute("DELETE FROM managers")
        con.execute("DELETE FROM businesses")
        con.execute("UPDATE build_info SET value = NULL WHERE key = 'as_of'")
    db.publish(tmp_path / "builds", "market")
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))


@pytest.mark.usefixtures("no_build")
@pytest.mark.parametrize(("language", "words"), [("ko", "빌드"), ("en", "build")])
def test_without_a_build_it_says_which_command_to_run(language, words):
    at = run_frame(language)
    assert not at.exception
    assert words in at.info[0].value
    assert at.code[0].value == "python -m core build"


@pytest.mark.slow
@pytest.mark.usefixtures("market_only")
@pytest.mark.parametrize("page", ["today", "districts", "businesses", "business", "compare", "data"])
def test_without_a_book_every_page_says_what_is_missing(page):
    at = run_page(page)
    assert not at.exception
    assert texts(at)


@pytest.mark.slow
@pytest.mark.usefixtures("market_only")
def test_without_a_book_districts_show_the_city():
    at = run_page("districts", district="11680")
    assert at.get("plotly_chart")
    assert "market_score" in at.dataframe[0].value.columns


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_demo_data_are_marked_as_such():
    assert any("데모 데이터" in text for text in texts(run_frame()))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize(("language", "other"), [("ko", "en"), ("en", "ko")])
def test_the_browsers_language_is_the_first_guess_and_the_switch_wins(language, other):
    at = run_frame(language, district="11680")
    assert at.button_group(key="choose_language").value == language
    at.button_group(key="choose_language").set_value(other).run()
    assert at.query_params["lang"] == other
    assert at.session_state[state.SELECTION].district == "11680"


@pytest.mark.slow
def test_a_new_build_is_noticed_by_itself(demo_build, tmp_path, monkeypatch):
    builds = tmp_path / "builds"
    old = db.current_build(demo_build / "builds")
    shutil.copytree(demo_build / "builds" / old, builds / "old")
    db.publish(builds, "old")
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))
    at = run_frame()
    shutil.copytree(builds / "old", builds / "new")
    with duckdb.connect(str(builds / "new" / db.DATABASE)) as con:
        con.execute("UPDATE build_info SET value = '2031-12-31' WHERE key = 'as_of'")
    db.publish(builds, "new")
    at.run()
    assert any("2031-12-31" in text for text in texts(at))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_page_run_leaves_one_line_that_names_nobody(caplog):
    caplog.set_level(logging.INFO, logger="beacon.page")
    run_frame(rm="RM001", q="한강", id="B0000001")
    lines = [record.getMessage() for record in caplog.records if record.name == "beacon.page"]
    build = db.current_build(read.builds_folder())
    assert len(lines) == 1
    assert lines[0].startswith(f"page=today build={build} ms=")
    assert not any(secret in lines[0] for secret in ("RM001", "한강", "B0000001"))
