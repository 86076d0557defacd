"""The city's real files, as they are published: import, build, look. Skipped where the files are not."""

import shutil
from pathlib import Path

import pytest

from core import db
from tests.conftest import core

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real_build(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("real")
    for folder in ("panel", "other"):
        done = core(data_dir, "import", str(shared_data / "seoul" / folder))
        assert done.returncode == 0, done.stderr + done.stdout
    done = core(data_dir, "build")
    assert done.returncode == 0, done.stderr
    yield data_dir
    shutil.rmtree(data_dir)


def _rows(data_dir: Path, sql: str) -> list[tuple]:
    builds = data_dir / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        return con.execute(sql).fetchall()


def test_districts_and_areas_come_from_the_real_files(real_build: Path):
    assert _rows(real_build, "SELECT count(*), count(DISTINCT district_code) FROM market_areas") == [(1650, 25)]
    quarters = _rows(real_build, "SELECT min(quarter), max(quarter), count(DISTINCT quarter) FROM market_sales")
    assert quarters == [(20201, 20224, 12)]
    (districts,) = _rows(
        real_build, "SELECT count(DISTINCT district_code) FROM market_districts WHERE quarter = 20224"
    )[0]
    assert districts == 25


def test_absent_rows_stay_unknown(real_build: Path):
    areas, cells = _rows(real_build, "SELECT count(DISTINCT area_code), count(*) FROM market_sales")[0]
    # Four of the panel's 991 areas have no row at all; 2 % of the rows are absent (data/README). Had they become
    # zeros, every area would have 12 quarters.
    assert areas == 987
    assert 0.015 < 1 - cells / (991 * 12) < 0.03
    assert _rows(real_build, "SELECT count(*) FROM market_sales WHERE sales_krw = 0") == [(0,)]


def test_the_areas_are_scored_from_0_to_100_at_the_last_quarter(real_build: Path):
    low, high, scored = _rows(
        real_build, "SELECT min(score), max(score), count(score) FROM market_scores WHERE quarter = 20224"
    )[0]
    assert 0 <= low < high <= 100
    assert scored > 900


def test_a_build_without_a_book_says_what_is_missing(real_build: Path):
    absent = {row[0] for row in _rows(real_build, "SELECT source_table FROM absent_tables")}
    assert {"businesses", "revenue"} <= absent
    done = core(real_build, "status")
    assert "market part only" in done.stdout
    assert "DEMO" not in done.stdout
