"""What was left out, made unknown or refused, in words: which file, line, column, value; what to do.

Reads  scratch.faults, scratch.segments, core/sources/faults.toml
Writes quarantine, source_files
"""

import tomllib
from functools import cache
from pathlib import Path

from core import db
from core.sources.errors import RefusedError
from core.sources.file_probe import digest
from core.sources.stage import Part

WORDS = Path(__file__).with_name("faults.toml")
UNRECOGNISED = "unrecognised"
# The column whose span is the period of a table.
PERIODS = ("month", "quarter", "at", "opened_on")


@cache
def words() -> dict[str, str]:
    """Stable id of a fault -> the sentence that says what is wrong and what to do."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def prepare_words(con: db.Connection) -> None:
    """The sentences as a table, to be joined to the faults."""
    con.execute(
        "CREATE TABLE scratch.words AS SELECT unnest($codes) AS code, unnest($reasons) AS reason",
        {"codes": list(words()), "reasons": list(words().values())},
    )


def record_rows(con: db.Connection, table: str) -> None:
    """The faults of the staged rows."""
    db.insert(con, "quarantine", "core/sources/sql/quarantine", {"table": table})


def record_part(con: db.Connection, table: str, part: Part, columns: set[str]) -> None:
    """One file: its bad lines, columns that were kept out, and how many rows went where."""
    for bad in part.prepared.bad:
        _put(con, table, part.source.file, bad.line, None, bad.text, words()[bad.code], "row", bad.code)
    extra = part.source.shape.extra
    if extra and part.source.shape.table.kind == "bank":
        named = ", ".join(extra)[:200]
        _put(con, table, part.source.file, 1, None, named, words()["extra_columns"], "note", "extra_columns")
    period = next((name for name in PERIODS if name in columns), "row_no")
    where = {"period": period, "first": part.first, "end": part.end}
    loaded, first, last = con.execute(db.sql("core/sources/sql/part_rows"), where).fetchall()[0]
    read = part.prepared.rows + len(part.prepared.bad)
    is_timed = period != "row_no"
    _put_file(
        con,
        table,
        part.source.looked.path,
        part.source.is_demo,
        encoding=part.source.looked.encoding,
        rows=(read, loaded),
        periods=(first, last) if is_timed else (None, None),
    )


def record_refusal(con: db.Connection, path: Path, is_demo: bool, error: RefusedError) -> None:
    """A file that was not read."""
    table = error.table or UNRECOGNISED
    action = "note" if error.code == "file_unused" else "row"
    _put(con, table, path.name, error.line, None, None, str(error), action, error.code)
    _put_file(con, table, path, is_demo, encoding=None, rows=(0, 0), periods=(None, None))


def record_note(con: db.Connection, table: str, file: str, code: str) -> None:
    """Something to know about a file that costs no row."""
    _put(con, table, file, None, None, None, words()[code], "note", code)


def _put(con: db.Connection, *row: object) -> None:
    con.execute("INSERT INTO quarantine VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", list(row))


def _put_file(
    con: db.Connection,
    table: str,
    path: Path,
    is_demo: bool,
    *,
    encoding: str | None,
    rows: tuple[int, int],
    periods: tuple[str | None, str | None],
) -> None:
    read, loaded = rows
    facts = [
        table,
        path.name,
        encoding,
        read,
        loaded,
        read - loaded,
        *periods,
        path.stat().st_size,
        digest(path),
        is_demo,
    ]
    con.execute("INSERT INTO source_files VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", facts)
