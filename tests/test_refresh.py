"""Refresh: a second run changes nothing, only one runs at a time, a failure leaves the served build."""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core import refresh
from core.cli.refresh import BUSY, UNANSWERED
from core.config import Settings
from tests.conftest import core

Folder = Callable[[], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder with one file."""
    folder = tmp_path / "raw" / "bank"
    folder.mkdir(parents=True)
    (folder / "businesses.csv").write_text("business_id\nB1\n", encoding="utf-8")
    return Settings(tmp_path)


def test_the_same_files_have_the_same_fingerprint_whenever_they_were_written(settings: Settings):
    before = refresh.fingerprint(settings)
    os.utime(settings.raw / "bank" / "businesses.csv", (1, 1))
    assert refresh.fingerprint(settings) == before


def test_one_changed_byte_changes_the_fingerprint(settings: Settings):
    before = refresh.fingerprint(settings)
    (settings.raw / "bank" / "businesses.csv").write_text("business_id\nB2\n", encoding="utf-8")
    assert refresh.fingerprint(settings) != before


def test_fetched_files_and_held_champions_change_the_fingerprint(settings: Settings):
    fingerprints = [refresh.fingerprint(settings)]
    (settings.external / "products").mkdir(parents=True)
    (settings.external / "products" / "offers.json").write_text("[]", encoding="utf-8")
    fingerprints.append(refresh.fingerprint(settings))
    home = settings.models / "default"
    home.mkdir(parents=True)
    (home / "state.json").write_text(
        json.dumps({"champion": "v1", "held": True, "previous": [], "history": []}), encoding="utf-8"
    )
    fingerprints.append(refresh.fingerprint(settings))
    assert len(set(fingerprints)) == 3


@pytest.mark.parametrize("file", ["seoul_columns.toml", "rules.csv", "model_cards.toml"])
def test_a_change_of_any_reference_file_changes_the_fingerprint(settings: Settings, file, tmp_path, monkeypatch):
    reference = tmp_path / "reference"
    shutil.copytree(refresh.REFERENCE, reference)
    monkeypatch.setattr(refresh, "REFERENCE", reference)
    before = refresh.fingerprint(settings)
    with (reference / file).open("a", encoding="utf-8") as target:
        target.write("\n")
    assert refresh.fingerprint(settings) != before


def test_a_refresh_during_another_is_exit_code_3(tmp_path: Path):
    (tmp_path / refresh.FOLDER).mkdir()
    with (tmp_path / refresh.FOLDER / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = core(tmp_path, "refresh")
    assert process.returncode == BUSY
    assert "another refresh is running" in process.stderr


def test_a_refresh_during_a_build_is_exit_code_3(tmp_path: Path):
    (tmp_path / "builds").mkdir()
    with (tmp_path / "builds" / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = core(tmp_path, "refresh")
    assert process.returncode == BUSY
    assert "another build is running" in process.stderr


def test_a_refresh_without_files_is_exit_code_1_and_says_what_to_do(tmp_path: Path):
    process = core(tmp_path, "refresh")
    assert process.returncode == 1
    assert "python -m core demo" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.slow
def test_a_second_refresh_builds_nothing_and_sends_nothing(demo_build: Path, tmp_path: Path):
    """The build is that of the session; last.json says that a refresh made it."""
    served = _as_if_refreshed(demo_build, tmp_path)
    first, second = core(served, "refresh"), core(served, "refresh")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "nothing had changed" in first.stdout
    assert "alerts: 0 new" in second.stdout
    with sqlite3.connect(served / "desk" / "desk.sqlite") as desk:
        sent = desk.execute("SELECT count(*), count(DISTINCT alert_key) FROM desk_alerts").fetchall()[0]
    assert sent[0] == sent[1] > 50


@pytest.mark.slow
def test_a_service_that_does_not_answer_is_exit_code_4_and_the_alerts_are_sent(
    demo_build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BEACON_FINLIFE_KEY", "0" * 32)
    monkeypatch.setenv("BEACON_FINLIFE_URL", "http://127.0.0.1:9")  # no server listens there
    monkeypatch.setenv("BEACON_FETCH_PAUSE", "0")
    process = core(_as_if_refreshed(demo_build, tmp_path), "refresh")
    assert process.returncode == UNANSWERED, process.stderr
    assert "not fetched: finlife" in process.stderr
    assert " new, " in process.stdout


def _as_if_refreshed(demo_build: Path, home: Path) -> Path:
    """A data folder with links to the files and to the build of the session, as a refresh leaves it."""
    served = home / "data"
    served.mkdir()
    for name in ("raw", "builds", "models"):
        (served / name).symlink_to(demo_build / name)
    if (demo_build / "external").exists():
        shutil.copytree(demo_build / "external", served / "external")
    (served / refresh.FOLDER).mkdir()
    # A first fetch makes files that are part of the fingerprint.
    core(served, "fetch", "products")
    _write_last(served)
    return served


def _write_last(served: Path) -> None:
    settings = Settings(served)
    build_id = (served / "builds" / "CURRENT").read_text(encoding="utf-8").strip()
    content = {"fingerprint": refresh.fingerprint(settings), "build_id": build_id}
    (served / refresh.FOLDER / refresh.LAST).write_text(json.dumps(content), encoding="utf-8")
