"""Loader of the files in data/raw into checked tables; rows that break the contract go to the quarantine.

Reads  raw/bank, raw/seoul (any names; recognised by their columns); districts, categories, industries
Writes every table of the contract (with no rows where no file is), quarantine, source_files, absent_tables

One table after the other: its files are staged as text, every cell is tested, rows with a fault are rejected, the
others are inserted. Everything is set-based SQL (core/sources/sql); nothing runs row by row in Python.
"""

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core import calendar, db
from core.progress import Progress, silent
from core.sources import checks, file_probe, quarantine, reference_tables
from core.sources.contract import TABLES, Table
from core.sources.errors import FileRefusedError
from core.sources.staging import SourceFile, StagedFile, create_staging_tables, stage_file
from core.sources.table_of_file import recognise

FOLDERS = ("bank", "seoul")
DEMO = "DEMO.json"
# Below this many bytes the staged text stays in memory: compressing it to disk takes more time than checking it.
IN_MEMORY = 256 << 20
COMPRESSION = 10  # bytes of text in a byte of Parquet or XLSX, about


@dataclass(frozen=True)
class RawFile:
    """A file in data/raw, or one that may go there."""

    path: Path
    is_demo: bool = False


def load(con: db.Connection, raw: Path, progress: Progress = silent) -> None:
    """Fill every checked table from the files below `raw`."""
    load_files(con, files_below(raw), progress)


def files_below(raw: Path) -> list[RawFile]:
    """The table files in raw/bank and raw/seoul, in a fixed order."""
    return [
        RawFile(path, (raw / folder / DEMO).exists())
        for folder in FOLDERS
        for path in sorted((raw / folder).rglob("*"))
        if path.is_file() and path.suffix.lower() in file_probe.SUFFIXES
    ]


def load_files(
    con: db.Connection,
    raw_files: Sequence[RawFile],
    progress: Progress = silent,
    only: Collection[str] = tuple(TABLES),
) -> None:
    """Fill the checked tables, or `only` these, from files."""
    with scratch_database(con, sum(_text_size(file.path) for file in raw_files)) as scratch:
        progress("reading headers", 0.0)
        sources = list(_source_files(con, raw_files, scratch))
        done, total = 0, sum(_size(source) for source in sources) or 1
        for table in TABLES.values():
            if table.name in only:
                progress(table.name, done / total)
                sources_of_table = [source for source in sources if source.columns.table is table]
                _load_table(con, table, sources_of_table, scratch)
                done += sum(_size(source) for source in sources_of_table)


@contextmanager
def scratch_database(con: db.Connection, size: int = 0) -> Iterator[Path]:
    """A database `scratch` for text that is being checked, and a folder for rewritten files; `size` bytes of text."""
    spill = _spill_folder(con)
    with tempfile.TemporaryDirectory(prefix="beacon-load-", dir=spill) as folder:
        place = ":memory:" if size < IN_MEMORY else f"{folder}/scratch.duckdb".replace("'", "''")
        con.execute(f"ATTACH '{place}' AS scratch")
        try:
            con.execute("SET VARIABLE today = $today", {"today": calendar.today()})
            con.execute(db.sql("core/sources/sql/macros"))
            con.execute(db.sql("core/sources/sql/checked_tables"))
            reference_tables.create_missing(con)
            quarantine.create_fault_sentences(con)
            yield Path(folder)
        finally:
            con.execute("DETACH scratch")
    if spill:
        with suppress(OSError):  # not empty: in use
            spill.rmdir()


def _spill_folder(con: db.Connection) -> Path | None:
    """The folder into which a build's database spills; the next build deletes what a killed build left there."""
    folder, file = con.execute(db.sql("core/sources/sql/spill_folder")).fetchall()[0]
    if not file:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def _source_files(con: db.Connection, raw_files: Sequence[RawFile], scratch: Path) -> Iterator[SourceFile]:
    for file in raw_files:
        try:
            probe = file_probe.probe_file(file.path, scratch)
            yield SourceFile(probe, recognise(file.path.name, probe.header), file.is_demo)
        except FileRefusedError as error:
            quarantine.record_refusal(con, file.path, file.is_demo, error)


def _load_table(con: db.Connection, table: Table, sources: Sequence[SourceFile], scratch: Path) -> None:
    create_staging_tables(con, table)
    staged_files = list(_stage_files(con, table, sources, scratch))
    if not staged_files:
        con.execute("INSERT INTO absent_tables VALUES ($table)", {"table": table.name})
        return
    con.execute("SET VARIABLE lag_days = $days", {"days": table.lag_days})
    checks.check_table(con, table, {name for file in staged_files for name in file.source.columns.contract_columns})
    db.insert(con, table.name, "core/sources/sql/accepted_rows")
    quarantine.record_rows(con, table.name)
    for file in staged_files:
        quarantine.record_file(con, table.name, file)
    if table.name == "businesses" and not db.count(con, "managers"):
        db.insert(con, "managers", "core/sources/sql/managers_of_businesses")
        quarantine.record_note(con, "managers", staged_files[0].source.name, "managers_derived")


def _stage_files(
    con: db.Connection, table: Table, sources: Sequence[SourceFile], scratch: Path
) -> Iterator[StagedFile]:
    for source in sources:
        try:
            _refuse_orphans(con, table, source)
            yield stage_file(con, source, scratch)
        except FileRefusedError as error:
            refusal = FileRefusedError(error.code, str(error), table.name, error.line)
            quarantine.record_refusal(con, source.probe.path, source.is_demo, refusal)


def _refuse_orphans(con: db.Connection, table: Table, source: SourceFile) -> None:
    """Refuse a file whose parent table is empty: all of its rows would go to the quarantine."""
    for parent in checks.parents(table.name):
        if not db.count(con, parent):
            raise FileRefusedError(
                "parent_missing", f"{source.name} ({table.name}) needs {parent}; add that file and import again"
            )


def _size(source: SourceFile) -> int:
    return source.probe.path.stat().st_size


def _text_size(path: Path) -> int:
    """About how many bytes a file's rows take as text."""
    return path.stat().st_size * (1 if path.suffix.lower() in file_probe.TEXT_SUFFIXES else COMPRESSION)
