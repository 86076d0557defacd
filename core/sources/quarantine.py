"""Records of the quarantine: each fault with its file, line, column and value, and a sentence that says what to do.

Reads  scratch.faults, scratch.line_segments, core/sources/faults.toml
Writes quarantine, source_files
"""

import tomllib
from functools import cache
from pathlib import Path

from core import db, files
from core.sources.errors import FileRefusedError
from core.sources.staging import StagedFile

SENTENCES = Path(__file__).with_name("faults.toml")
UNRECOGNISED = "unrecognised"
# The first of these columns that a table has gives the period that a file covers.
PERIOD_COLUMNS = ("month", "quarter", "at", "opened_on")
LONGEST_LIST = 200  # characters of a list of columns


@cache
def fault_sentences() -> dict[str, str]:
    """Stable id of a fault -> sentence: the fault and its remedy."""
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def create_fault_sentences(con: db.Connection) -> None:
    """The sentences as a table, to be joined to the faults."""
    con.execute(
        "CREATE TABLE scratch.fault_sentences AS SELECT unnest($codes) AS code, unnest($reasons) AS reason",
        {"codes": list(fault_sentences()), "reasons": list(fault_sentences().values())},
    )


def record_rows(con: db.Connection, table: str) -> None:
    """Record the faults of the staged rows."""
    db.insert(con, "quarantine", "core/sources/sql/quarantine", {"table": table})


def record_file(con: db.Connection, table: str, staged: StagedFile) -> None:
    """Record one file: its bad lines, columns that are not used, how many rows were read and loaded, their period."""
    source, prepared = staged.source, staged.prepared
    for bad in prepared.bad_lines:
        _add_fault(con, table, source.name, bad.code, line=bad.line, value=bad.text)
    if source.columns.extra and source.columns.table.kind == "bank":
        extra = ", ".join(source.columns.extra)[:LONGEST_LIST]
        _add_fault(con, table, source.name, "extra_columns", "note", line=1, value=extra)
    columns = {column.name for column in source.columns.table.columns}
    period = next((name for name in PERIOD_COLUMNS if name in columns), None)
    params = {"period": period or "row_no", "first": staged.first_row, "last": staged.last_row}
    loaded, first, last = con.execute(db.sql("core/sources/sql/file_totals"), params).fetchall()[0]
    rows = (prepared.rows + len(prepared.bad_lines), loaded)
    periods = (first, last) if period else (None, None)
    _add_source_file(con, table, source.probe.path, source.is_demo, source.probe.encoding, rows, periods)


def record_refusal(con: db.Connection, path: Path, is_demo: bool, error: FileRefusedError) -> None:
    """Record a file that was not read."""
    table = error.table or UNRECOGNISED
    action = "note" if error.code == "file_unused" else "row"
    _add_fault(con, table, path.name, error.code, action, line=error.line, reason=str(error))
    _add_source_file(con, table, path, is_demo)


def record_note(con: db.Connection, table: str, file: str, code: str) -> None:
    """Record something to know about a file that costs no row."""
    _add_fault(con, table, file, code, "note")


def _add_fault(
    con: db.Connection,
    table: str,
    file: str,
    code: str,
    action: str = "row",
    *,
    line: int | None = None,
    value: str | None = None,
    reason: str | None = None,
) -> None:
    con.execute(
        "INSERT INTO quarantine VALUES ($1, $2, $3, NULL, $4, $5, $6, $7)",
        [table, file, line, value, reason or fault_sentences()[code], action, code],
    )


def _add_source_file(
    con: db.Connection,
    table: str,
    path: Path,
    is_demo: bool,
    encoding: str | None = None,
    rows: tuple[int, int] = (0, 0),
    periods: tuple[str | None, str | None] = (None, None),
) -> None:
    """`rows`: read and loaded; `periods`: first and last."""
    read, loaded = rows
    counts = (read, loaded, read - loaded)
    row = [table, path.name, encoding, *counts, *periods, path.stat().st_size, files.sha256(path), is_demo]
    con.execute("INSERT INTO source_files VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", row)
