"""Data shows what the build was made of, and takes files in only after a check."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from core import build
from pages.data import quarantine, sources, upload
from pages.shared.read import read
from pages.shared.text import in_language
from tests.pages.conftest import run_page, texts


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("demo_build")
def test_data_is_drawn_in_both_languages(language, caplog):
    at = run_page("data", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "데이터", "en": "Data"}[language]


@pytest.mark.slow
def test_every_file_is_listed_with_its_rows(query):
    shown = run_page("data", "en").dataframe[0].value
    files, loaded = query("SELECT count(*), sum(rows_loaded) FROM source_files")[0]
    assert (len(shown), shown["Rows used"].sum()) == (files, loaded)


@pytest.mark.slow
def test_missing_tables_say_who_misses_them(query):
    absent = [row[0] for row in query("SELECT source_table FROM absent_tables")]
    words = " ".join(texts(run_page("data", "en")))
    assert absent
    assert [table for table in absent if f"`{table}`" not in words] == []


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_quarantine_shows_two_hundred_rows_at_most():
    assert len(read("data/quarantine", source_table=None, rows=quarantine.SHOWN)) <= 200
    assert read("data/quarantine", source_table="no such table", rows=10).empty


@pytest.mark.slow
def test_the_dictionary_names_every_column_of_the_chosen_table(query):
    at = run_page("data", "ko")
    at.selectbox(key="dictionary_table").set_value("drivers").run()
    assert not at.exception
    shown = at.dataframe[-1].value
    columns = [row[0] for row in query("SELECT column_name FROM (DESCRIBE drivers)")]
    assert shown["열"].tolist() == columns
    assert shown["뜻"].str.len().min() > 0
    assert shown.set_index("열").loc["contribution", "단위"] == "로그 오즈"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.slow
def test_a_broken_file_is_refused_and_nothing_is_kept(demo_build):
    before = _names(demo_build / "raw")
    at = run_page("data")
    at.file_uploader(key=upload.UPLOAD).upload("../../x.csv", b"a,b\n1,2\n", "text/csv").run()
    assert not at.exception
    assert at.error[0].value.startswith("이 파일은 넣을 수 없습니다")
    assert upload.IMPORT not in [button.key for button in at.button]
    assert _names(demo_build / "raw") == before
    assert list(Path(tempfile.gettempdir()).glob("beacon-upload-*")) == []


@pytest.mark.slow
def test_a_good_file_is_checked_first_and_then_brought_in(demo_build, tmp_path, monkeypatch):
    for folder in ("builds", "raw"):
        shutil.copytree(demo_build / folder, tmp_path / folder)
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))
    content = (tmp_path / "raw" / "bank" / "managers.csv").read_bytes()
    before = _names(tmp_path / "raw")
    at = run_page("data")
    at.file_uploader(key=upload.UPLOAD).upload("people.csv", content, "text/csv").run()
    assert _names(tmp_path / "raw") == before
    at.button(key=upload.IMPORT).click().run()
    assert not at.exception
    assert any("파일을 넣었습니다" in message.value for message in at.success)
    assert "people.csv" in _names(tmp_path / "raw")


def test_a_file_name_cannot_leave_its_folder():
    assert upload.safe_name("..\\..\\windows\\매출.csv") == "매출.csv"
    assert upload.safe_name("...") == "upload"
    assert "/" not in upload.safe_name("a/../../b/c.xlsx")


def test_the_steps_are_the_builds():
    assert tuple(name for name, _ in build.STEPS) == upload.STEPS


def test_progress_is_read_through_escape_codes():
    output = "\x1b[2K\x1b[32m⠋\x1b[0m build: load ━━\r\x1b[2Kbuild: score ━━"
    assert upload.progress(output)[1] == "score"
    assert upload.progress("") == (0.0, "start")


@pytest.mark.parametrize(
    ("last", "as_of", "months"),
    [
        ("2024-12-01", "2024-12-31", 0),
        ("2024-11", "2024-12-31", 1),
        ("20243", "2024-12-31", 3),
        ("20234", "2024-12-31", 12),
    ],
)
def test_freshness_counts_months_to_the_as_of(last, as_of, months):
    assert sources.months_behind(last, as_of) == months


def test_a_problem_is_worded_in_korean():
    problem = "1,204 x left out: the amount is negative (first: line 7, revenue_krw = '-5')"
    words = upload.problem_words(problem, "amount_negative")
    assert words.startswith(
        "1,204건 행 제외: 금액이 음수: 0원 이상으로 보내 주십시오 (처음 나온 곳 7줄, revenue_krw = '-5')"
    )
    assert upload.problem_words("x.csv is cut off", "truncated_file").startswith("파일이 중간에 끊김")
    assert upload.problem_words("something else", None) == "something else"


@pytest.mark.slow
def test_a_problem_of_a_real_file_has_a_code(demo_build, tmp_path):
    file = tmp_path / "book.csv"
    file.write_text("manager_id,name,branch\n,Kim,A\nM1,Lee,B\n", encoding="utf-8")
    report = upload.importer.check_files(file, demo_build / "raw").files[0]
    assert [report.codes[problem] for problem in report.problems if problem in report.codes] == ["missing"]
    assert "처음 나온 곳 2줄" in upload.problem_words(*next(iter(report.codes.items())))


def test_rows_to_take_away_have_worded_headings():
    row = {
        "source_table": "revenue", "file": "r.csv", "line": 3, "column_name": "revenue_krw", "value": "=1", "code":
        "amount_text", "action": "row", "reason": "…",
    }  # fmt: skip
    with in_language("en"):
        table = quarantine.in_words(pd.DataFrame([row]))
    assert list(table["What is wrong"]) == ["Not an amount: deliver plain digits in won"]


@pytest.mark.slow
def test_build_now_says_why_a_build_did_not_finish(demo_build, tmp_path, monkeypatch):
    shutil.copytree(demo_build / "builds", tmp_path / "builds")  # nothing in raw: the build refuses
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))
    at = run_page("data")
    at.button(key="build_now").click().run(timeout=120)
    assert not at.exception
    assert at.error[0].value.startswith("빌드가 끝나지 않았습니다")
    assert any("is empty" in text.value for text in at.text)
