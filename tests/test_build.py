"""The build: published in one step, killed at any moment without harm."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import db
from core.build import build, status
from core.config import Settings
from core.errors import BusyError, DataError, NoBuildError
from tests.conftest import ROOT, core

KILLS = 10


def test_an_empty_folder_has_no_build_and_says_what_to_do(tmp_path: Path):
    with pytest.raises(NoBuildError, match="python -m core build"):
        status(Settings(tmp_path))


def test_a_build_of_nothing_is_refused_and_publishes_nothing(tmp_path: Path):
    with pytest.raises(DataError, match="python -m core demo"):
        build(Settings(tmp_path))
    assert not (tmp_path / "builds" / db.CURRENT).exists()


@pytest.mark.slow
def test_a_build_writes_every_table_the_pages_rely_on(demo_build: Path):
    settings = Settings(demo_build)
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        counted = "SELECT count(*), count(score), count(pd_12m), count(DISTINCT tier) FROM business_scores"
        scores = con.execute(f"{counted} WHERE state <> 'CLOSED'")
        businesses, scored, with_pd, tiers = scores.fetchall()[0]
        checks = con.execute("SELECT count(*), count(*) FILTER (WHERE ok) FROM checks").fetchall()[0]
    assert businesses > 1_500
    assert scored > 0.9 * businesses
    assert with_pd > 0.9 * businesses
    assert tiers == 5
    assert checks[0] == checks[1] > 4


@pytest.mark.slow
def test_the_alerts_of_a_build_are_on_the_desk(demo_build: Path):
    settings = Settings(demo_build)
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        due = {row[0] for row in con.execute("SELECT alert_id FROM watch_alerts WHERE within_budget").fetchall()}
    with sqlite3.connect(demo_build / "desk" / "desk.sqlite") as desk:
        known = {row[0] for row in desk.execute("SELECT alert_key FROM desk_alerts").fetchall()}
    assert due
    assert due <= known


@pytest.mark.slow
def test_columns_promised_to_outside_tools_are_there(demo_build: Path):
    promised = {
        "business_scores": "business_id manager_id district_code industry_code category as_of score tier state "
        "points_change points_volatility points_trend points_season points_industry pd_12m churn_3m anomaly_pct "
        "segment",
        "drivers": "business_id model reason contribution value rank",
        "quarantine": "source_table file line column_name value reason",
        "market_scores": "area_code district_code industry_code quarter sales_krw score tier",
    }
    promised["business_scores_history"] = promised["business_scores"]
    settings = Settings(demo_build)
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        for table, columns in promised.items():
            found = {row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()}
            assert set(columns.split()) <= found, table


@pytest.mark.slow
def test_the_build_reports_that_averaging_seeds_steadies_the_bands(demo_build: Path):
    found = status(Settings(demo_build))["pd"]["candidates"]
    assert found["average"]["band_changes_on_reseed"] < 0.5 * found["plain"]["band_changes_on_reseed"]
    assert found["average"]["log_loss"] <= found["plain"]["log_loss"]


@pytest.mark.slow
def test_the_worklist_orders_each_book_by_what_a_visit_is_worth(demo_build: Path):
    settings = Settings(demo_build)
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        rows = con.execute("SELECT manager_id, value_krw, place FROM worklist WHERE skip IS NULL ORDER BY 1, 3").df()
        late = con.execute(
            "SELECT max(days_past_due) FROM worklist JOIN business_scores USING (business_id) WHERE skip IS NULL"
        ).fetchall()[0][0]
    assert rows["manager_id"].nunique() == 20
    for _, book in rows.groupby("manager_id"):
        assert book["place"].tolist() == list(range(1, len(book) + 1))
        assert book["value_krw"].is_monotonic_decreasing
    assert late < 120


def _start(data_dir: Path) -> subprocess.Popen:
    environment = os.environ | {"BEACON_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "core", "build"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _businesses(data_dir: Path) -> int:
    builds = data_dir / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        return db.count(con, "business_scores")


@pytest.mark.slow
def test_killed_at_ten_random_points_the_old_build_serves_and_the_next_succeeds(tmp_path: Path):
    assert core(tmp_path, "demo", "--businesses", "400").returncode == 0
    started = time.monotonic()
    assert core(tmp_path, "build").returncode == 0
    seconds = time.monotonic() - started
    businesses, chance = _businesses(tmp_path), random.Random(7)
    killed = 0
    for moment in (chance.uniform(0.05, 0.98) * seconds for _ in range(KILLS)):
        process = _start(tmp_path)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert _businesses(tmp_path) == businesses
        assert json.loads((tmp_path / "builds" / _current(tmp_path) / "build.json").read_text())["build_id"]
    assert killed >= KILLS - 2, "the kills came after the end: the test did not test"
    assert core(tmp_path, "build").returncode == 0
    assert _businesses(tmp_path) == businesses
    folders = [path for path in (tmp_path / "builds").iterdir() if path.is_dir()]
    assert all((folder / "build.json").exists() for folder in folders), "remains of killed builds were not swept"


def _current(data_dir: Path) -> str:
    return db.current_build(data_dir / "builds")


@pytest.mark.slow
def test_two_builds_never_run_at_once(demo_raw: Path):
    import fcntl

    (demo_raw / "builds").mkdir(exist_ok=True)
    with (demo_raw / "builds" / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another build is running"):
            build(Settings(demo_raw))
