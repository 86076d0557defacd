"""Reports of a real build: the template passes its verifier for whole books, and nobody reads another's."""

import re

import pytest

from core import db
from core.errors import DataError
from core.report import fact_sheet, files, note, template, verifier
from core.report.brief import brief
from pages.shared.text.report import ReportLanguage
from tests.conftest import core

pytestmark = pytest.mark.slow
# A whole book would be as good as any; these differ the most.
VARIED = """
    SELECT business_id, manager_id FROM (
        SELECT *, row_number() OVER (PARTITION BY state, tier, pd_basis, churn_level ORDER BY hash(business_id)) AS n
        FROM business_scores
    ) WHERE n <= 2 OR days_past_due >= 5
"""


@pytest.fixture(scope="module")
def bank(demo_build):
    builds = demo_build / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        yield con


@pytest.fixture(scope="module")
def first(bank) -> tuple[str, str]:
    """A business of a manager's work list, and the manager."""
    return bank.execute("SELECT business_id, manager_id FROM worklist ORDER BY manager_id, place LIMIT 1").fetchone()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_template_passes_its_own_verifier(bank, language):
    found = bank.execute(VARIED).fetchall()
    assert len(found) > 40
    speak = ReportLanguage(language)
    faults = {}
    for business_id, manager_id in found:
        sheet = fact_sheet.fact_sheet(bank, business_id, manager_id, speak)
        draft = template.draft(sheet)
        if wrong := verifier.faults(draft, sheet, template.notes(sheet, "template")):
            faults[business_id] = wrong
    assert faults == {}


def test_the_figures_are_those_of_the_build(bank, first):
    score, peer, won = bank.execute(
        "SELECT score, tier, revenue_3m_krw FROM business_scores WHERE business_id = $1", [first[0]]
    ).fetchone()
    sheet = fact_sheet.fact_sheet(bank, *first, ReportLanguage("ko"))
    assert sheet.facts["SCORE"].value == score
    assert sheet.facts["TIER"].value == peer
    assert ("REVENUE_3M" in sheet.facts) == (won is not None)
    assert sheet.facts["SCORE"].display in note.text(note.note(bank, *first, ReportLanguage("ko")))


def test_a_demo_says_so(bank, first):
    shown = note.note(bank, *first, ReportLanguage("ko"))
    assert "데모 데이터" in shown.badges
    assert shown.notes[-1].startswith("데모 데이터")


def test_another_managers_business_has_no_note(bank, first):
    other = bank.execute("SELECT min(manager_id) FROM managers WHERE manager_id <> $1", [first[1]]).fetchone()[0]
    with pytest.raises(DataError, match="not in the book"):
        fact_sheet.fact_sheet(bank, first[0], other, ReportLanguage("ko"))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_brief_holds_the_own_work_list_and_no_other_business(bank, first, language):
    listed = [
        row[0]
        for row in bank.execute(
            "SELECT business_id FROM worklist WHERE manager_id = $1 ORDER BY place LIMIT 10", [first[1]]
        ).fetchall()
    ]
    shown = brief(bank, first[1], ReportLanguage(language))
    assert re.findall(r"\((B\d+)\)", " ".join(section.title for section in shown.sections)) == listed
    assert str(bank.execute(
        "SELECT count(*) FROM business_scores WHERE manager_id = $1 AND state <> 'CLOSED'", [first[1]]
    ).fetchone()[0]) in shown.sections[0].lines[0]  # fmt: skip
    assert not re.search(r"\{\{|\bnan\b|report\.|today\.rule", note.text(shown))


def test_a_brief_is_one_file_without_a_request(bank, first):
    source = files.brief(bank, first[1], ReportLanguage("ko"), "html").decode()
    assert not re.search(r"(?i)\b(src|href|srcset)\s*=|url\(|@import|https?:|<script|<link", source)
    assert files.brief(bank, first[1], ReportLanguage("ko"), "pdf").startswith(b"%PDF")


def test_nobodys_brief_is_a_sentence(bank):
    with pytest.raises(DataError, match="has no book"):
        brief(bank, "NOBODY", ReportLanguage("ko"))


def test_the_command_writes_each_kind_of_file(demo_build, first, tmp_path):
    for form, start in (("pdf", b"%PDF"), ("html", b"<!doctype html>"), ("txt", "업체 보고서".encode())):
        to = tmp_path / f"note.{form}"
        done = core(demo_build, "report", first[0], "--manager", first[1], "--format", form, "--out", str(to))
        assert done.returncode == 0, done.stderr
        assert to.read_bytes().startswith(start)


def test_the_command_writes_a_brief_in_english(demo_build, first, tmp_path):
    to = tmp_path / "brief.txt"
    done = core(demo_build, "report", "--brief", first[1], "--lang", "en", "--format", "txt", "--out", str(to))
    assert done.returncode == 0, done.stderr
    assert to.read_text(encoding="utf-8").startswith("The week's brief")


@pytest.mark.parametrize(
    "asked",
    [
        ["--manager", "NOBODY"],
        [],
        ["--manager", "RM001", "--brief", "RM001"],
    ],
)
def test_a_wrong_question_is_one_sentence_and_no_file(demo_build, first, tmp_path, asked):
    to = tmp_path / "x.pdf"
    done = core(demo_build, "report", first[0], *asked, "--out", str(to))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert not to.exists()
