"""The served build: read-only, one cursor a query, and honest when another version made it."""

from pathlib import Path

import duckdb
import pytest

from core import db
from core.errors import NoBuildError, StaleBuildError


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    (tmp_path / "b1").mkdir()
    with db.connect(tmp_path / "b1" / db.DATABASE) as con:
        con.execute("CREATE TABLE build_info AS SELECT 'as_of' AS key, '2024-12-31' AS value")
    db.publish(tmp_path, "b1")
    return tmp_path


def test_a_build_made_by_another_version_says_so(builds: Path):
    con = db.open_build(builds, "b1")
    with pytest.raises(StaleBuildError, match="python -m core build"):
        db.served_query(con, "pages/shared/sql/managers", {})


def test_a_served_build_cannot_be_written(builds: Path):
    with pytest.raises(duckdb.InvalidInputException):
        db.open_build(builds, "b1").execute("CREATE TABLE mine (x INTEGER)")


def test_a_pointer_to_a_missing_build_is_no_build(builds: Path):
    db.publish(builds, "gone")
    with pytest.raises(NoBuildError, match="python -m core build"):
        db.open_build(builds, db.current_build(builds))


def test_a_python_variable_is_never_a_table(builds: Path):
    secret = [1, 2, 3]
    with pytest.raises(duckdb.CatalogException):
        db.open_build(builds, "b1").execute("FROM secret")
    assert secret
