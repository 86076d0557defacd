"""The desk on both databases: SQLite in a folder, and a real PostgreSQL server from Debian's packages."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from core.desk.engine import Desk, open_desk
from core.desk.records import Business, Scope

KIM = Scope(("M001",), "M001")
LEE = Scope(("M002",), "M002")
BRANCH = Scope(("M001", "M002"), "branch-M001")
SHOP = Business("B001", "M001")
BAKERY = Business("B002", "M002")
# Small and without fsync, as it holds test data only. A socket in a folder of its own instead of a TCP port.
OPTIONS = "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c dynamic_shared_memory_type=mmap"


def date_of(days: int) -> date:
    """A day so many days after 10 January 2025."""
    return date(2025, 1, 10) + timedelta(days)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Folder with the socket of a running server."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not programs:
        pytest.skip("PostgreSQL's server is not here: `make postgres` installs it from Debian's packages")
    # Not pytest's folder: the user postgres may not enter it.
    home = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    home.chmod(0o755)
    if os.getuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data = str(home / "data")
    try:
        _run(programs[-1] / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        start = ("-D", data, "-l", str(home / "log"), "-o", f"-k {home} {OPTIONS}", "-t", "120", "-w", "start")
        _run(programs[-1] / "pg_ctl", *start)
        yield home
        _run(programs[-1] / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    """PostgreSQL refuses to run as root, so root runs it as the user of Debian's packages."""
    as_user = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
    result = subprocess.run(
        [*as_user, str(program), *arguments], capture_output=True, text=True, cwd="/", timeout=180, check=False
    )
    assert result.returncode == 0, f"{program.name}: {result.stdout}{result.stderr}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk' / 'desk.sqlite'}"
    home, name = request.getfixturevalue("postgres"), f"desk_{uuid.uuid4().hex}"
    with psycopg.connect(f"host={home} user=postgres dbname=postgres", autocommit=True) as con:
        con.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://postgres@/{name}?host={home}"


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    """An empty desk."""
    empty_desk = open_desk(url)
    yield empty_desk
    empty_desk.dispose()
