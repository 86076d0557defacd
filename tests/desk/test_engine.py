"""The database opens for several at once, keeps everything of two writers, and refuses a newer version's tables."""

import subprocess
import sys

import pytest
import sqlalchemy as sa

from core.desk import notes, records, schema
from core.desk.engine import open_desk, writing
from core.errors import ConfigError, DeskError
from tests.conftest import ROOT
from tests.desk.conftest import KIM, SHOP

ADDED, EDITED = 40, 20
# A process that adds notes, and adds one to a counter in a shared note until so many of its additions are saved.
WRITER = f"""
import sys
from core.desk import notes
from core.desk.engine import open_desk
from core.errors import RefusedError
from tests.desk.conftest import KIM, SHOP

url, name, shared = sys.argv[1:]
desk = open_desk(url)
for i in range({ADDED}):
    notes.write(desk, KIM, SHOP, f"{{name}} {{i}}")
saved = 0
while saved < {EDITED}:
    rows = notes.of_business(desk, KIM, SHOP.business_id)
    note = rows[rows["id"] == shared].iloc[0]
    try:
        notes.edit(desk, KIM, shared, note["version"], str(int(note["text"]) + 1))
        saved += 1
    except RefusedError as error:
        assert error.code == "stale"
"""


@pytest.mark.slow
def test_two_people_writing_at_once_lose_nothing(url):
    desk = open_desk(url)
    shared = notes.write(desk, KIM, SHOP, "0")
    _assert_all_succeed([_python(WRITER, url, name, shared) for name in ("a", "b")])
    texts = notes.of_business(desk, KIM, "B001")["text"]
    assert set(texts) == {f"{name} {i}" for name in "ab" for i in range(ADDED)} | {str(2 * EDITED)}
    assert len(records.history(desk, schema.notes, KIM, shared)) == 2 * EDITED + 1
    desk.dispose()


@pytest.mark.slow
def test_several_programs_may_open_an_empty_desk_at_once(url):
    opening = "import sys; from core.desk.engine import open_desk; open_desk(sys.argv[1])"
    _assert_all_succeed([_python(opening, url) for _ in range(3)])
    desk = open_desk(url)
    with desk.begin() as con:
        assert con.execute(sa.select(schema.versions.c.version)).scalars().all() == [schema.VERSION]
    desk.dispose()


def _python(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def _assert_all_succeed(running: list[subprocess.Popen]) -> None:
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * len(running), errors


def test_what_was_written_is_there_when_opened_again(url):
    for text in ("one", "two"):
        desk = open_desk(url)
        notes.write(desk, KIM, SHOP, text)
        desk.dispose()
    assert list(notes.of_business(desk, KIM, "B001")["text"]) == ["two", "one"]


def test_a_change_that_breaks_off_leaves_nothing(desk):
    def broken() -> None:
        with writing(desk) as con:
            con.execute(sa.insert(schema.versions).values(version=7))
            raise KeyError("power cut")

    with pytest.raises(KeyError):
        broken()
    with desk.begin() as con:
        assert con.execute(sa.select(schema.versions.c.version)).scalars().all() == [schema.VERSION]


def test_tables_of_a_newer_version_are_refused(url):
    desk = open_desk(url)
    with desk.begin() as con:
        con.execute(sa.insert(schema.versions).values(version=schema.VERSION + 1))
    with pytest.raises(DeskError, match="newer program"):
        open_desk(url)


def test_sqlite_reads_beside_a_writer(tmp_path):
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with writing(desk):
        assert notes.of_business(desk, KIM, "B001").empty
    with desk.begin() as con:
        assert con.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("not a url", ConfigError),
        ("oracle9://x", ConfigError),
        ("sqlite:////proc/1/nowhere.sqlite", DeskError),
        ("postgresql+psycopg://rm:secret@127.0.0.1:1/desk", DeskError),
    ],
)
def test_a_desk_that_cannot_be_used_says_so_without_its_password(url, error):
    with pytest.raises(error, match="BEACON_DESK_URL") as caught:
        open_desk(url)
    assert "secret" not in str(caught.value)
