"""The command line: help for every command, clear exit codes, one sentence instead of a traceback."""

from pathlib import Path

import pytest

from tests.conftest import ROOT, core

COMMANDS = (
    "demo",
    "import",
    "build",
    "status",
    "models",
    "train",
    "backtest",
    "fetch",
    "recommend-eval",
    "report",
    "serve",
    "key",
    "stream",
    "replay",
    "live",
    "refresh",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(command: str, tmp_path: Path):
    process = core(tmp_path, command, "--help")
    assert process.returncode == 0
    assert "Usage" in process.stdout
    assert f"python -m core {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_status_without_a_build_is_one_sentence_and_exit_code_1(tmp_path: Path):
    process = core(tmp_path, "status")
    assert process.returncode == 1
    assert "python -m core build" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_wrong_option_is_exit_code_2(tmp_path: Path):
    assert core(tmp_path, "build", "--colour").returncode == 2


def test_import_of_a_missing_folder_says_so(tmp_path: Path):
    process = core(tmp_path, "import", str(tmp_path / "nowhere"))
    assert process.returncode == 1
    assert "does not exist" in process.stderr


def test_import_of_a_file_that_is_no_table_is_refused_and_copies_nothing(tmp_path: Path):
    stray = tmp_path / "holiday.csv"
    stray.write_text("colour,taste\nred,sweet\n", encoding="utf-8")
    process = core(tmp_path / "data", "import", str(stray))
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert not list((tmp_path / "data").rglob("holiday.csv"))


@pytest.mark.slow
def test_check_only_reports_and_copies_nothing(demo_raw: Path, tmp_path: Path):
    process = core(tmp_path, "import", "--check", str(demo_raw / "raw" / "bank"))
    assert process.returncode == 0, process.stderr
    assert "businesses" in process.stdout
    assert not (tmp_path / "raw").exists()


@pytest.mark.slow
def test_status_names_the_sources_and_the_as_of(demo_build: Path):
    process = core(demo_build, "status")
    assert process.returncode == 0, process.stderr
    for word in ("DEMO DATA", "businesses", "revenue", "market_sales", "2024-12-31"):
        assert word in process.stdout
