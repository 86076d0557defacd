"""From the files in data/raw to checked tables, and to the quarantine what breaks the contract.

Reads  raw/bank, raw/seoul (any names; recognised by their columns); districts, categories, industries
Writes every table of the contract (with no rows where no file is), quarantine, source_files, absent_tables

Each table in turn: its files are staged as text, every cell is tested, bad rows are left out, the rest is typed and
kept. Everything is set-based SQL (core/sources/sql); nothing runs row by row in Python.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core import calendar, db
from core.config import REFERENCE
from core.sources import checks, file_probe, quarantine
from core.sources.contract import TABLES, Table
from core.sources.errors import RefusedError
from core.sources.stage import Part, Source, begin, stage
from core.sources.table_of_file import recognise

Progress = Callable[[str, float], None]
FOLDERS = ("bank", "seoul")
DEMO = "DEMO.json"
# Below this many bytes the staged text stays in memory: compressing it to disk takes more time than checking it.
IN_MEMORY = 256 << 20
REFERENCES = ("districts", "categories", "industries")
LOOKUPS = ("ksic", "industries_2018")


@dataclass(frozen=True)
class Found:
    """A file in data/raw, or one that may go there."""

    path: Path
    is_demo: bool = False


def load(con: db.Connection, raw: Path, progress: Progress | None = None) -> None:
    """Fill every checked table from the files below `raw`."""
    load_files(con, files_below(raw), progress)


def files_below(raw: Path) -> list[Found]:
    """The table files in raw/bank and raw/seoul, in a fixed order."""
    return [
        Found(path, (raw / folder / DEMO).exists())
        for folder in FOLDERS
        for path in sorted((raw / folder).rglob("*"))
        if path.is_file() and path.suffix.lower() in file_probe.SUFFIXES
    ]


def load_files(
    con: db.Connection, found: Sequence[Found], progress: Progress | None = None, only: Collection[str] | None = None
) -> None:
    """Fill the checked tables from these files; `only` these tables, if named."""
    tell = progress or _silent
    with bench(con, sum(_text_size(file.path) for file in found)) as scratch:
        tell("reading headers", 0.0)
        sources = list(_recognised(con, found, scratch))
        done, total = 0, sum(source.looked.path.stat().st_size for source in sources) or 1
        for table in TABLES.values():
            if only is not None and table.name not in only:
                continue
            tell(table.name, done / total)
            mine = [source for source in sources if source.shape.table is table]
            _load_table(con, table, mine, scratch)
            done += sum(source.looked.path.stat().st_size for source in mine)


@contextmanager
def bench(con: db.Connection, size: int = 0) -> Iterator[Path]:
    """A scratch database for text that is being checked, and a folder for rewritten files; `size` bytes are to come."""
    with tempfile.TemporaryDirectory(prefix="beacon-load-", dir=_spill(con)) as folder:
        place = ":memory:" if size < IN_MEMORY else f"{folder}/scratch.duckdb".replace("'", "''")
        con.execute(f"ATTACH '{place}' AS scratch")
        try:
            con.execute("SET VARIABLE today = $today", {"today": calendar.today()})
            con.execute(db.sql("core/sources/sql/macros"))
            con.execute(db.sql("core/sources/sql/tables"))
            _load_reference(con)
            quarantine.prepare_words(con)
            yield Path(folder)
        finally:
            con.execute("DETACH scratch")
    if spill := _spill(con):
        with suppress(OSError):  # not empty: in use
            spill.rmdir()


def _spill(con: db.Connection) -> Path | None:
    """Where a build's database spills to: what a killed build leaves there is swept away with its folder."""
    folder, file = con.execute(db.sql("core/sources/sql/spill_folder")).fetchall()[0]
    if not file:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


def _load_reference(con: db.Connection) -> None:
    for name in REFERENCES:
        if not db.has_table(con, name):
            con.read_csv(str(REFERENCE / f"{name}.csv"), all_varchar=True).create(name)
    for name in LOOKUPS:
        con.read_csv(str(REFERENCE / f"{name}.csv"), all_varchar=True).create(f"scratch.{name}")


def _recognised(con: db.Connection, found: Sequence[Found], scratch: Path) -> Iterator[Source]:
    for file in found:
        try:
            looked = file_probe.look(file.path, scratch)
            yield Source(looked, recognise(file.path.name, looked.header), file.is_demo)
        except RefusedError as error:
            quarantine.record_refusal(con, file.path, file.is_demo, error)


def _load_table(con: db.Connection, table: Table, sources: Sequence[Source], scratch: Path) -> None:
    begin(con, table)
    parts = list(_staged(con, table, sources, scratch))
    if not parts:
        con.execute("INSERT INTO absent_tables VALUES ($table)", {"table": table.name})
        return
    con.execute("SET VARIABLE lag_days = $days", {"days": table.lag_days})
    checks.check(con, table, {name for part in parts for name in part.source.shape.kept})
    db.insert(con, table.name, "core/sources/sql/keep")
    quarantine.record_rows(con, table.name)
    for part in parts:
        quarantine.record_part(con, table.name, part, {column.name for column in table.columns})
    if table.name == "businesses":
        _derive_managers(con, parts[0].source.file)


def _staged(con: db.Connection, table: Table, sources: Sequence[Source], scratch: Path) -> Iterator[Part]:
    for source in sources:
        try:
            _refuse_orphans(con, table, source)
            yield stage(con, source, scratch)
        except RefusedError as error:
            refused = RefusedError(error.code, str(error), table.name, error.line)
            quarantine.record_refusal(con, source.looked.path, source.is_demo, refused)


def _refuse_orphans(con: db.Connection, table: Table, source: Source) -> None:
    """A table whose parent is empty would only fill the quarantine, row by row."""
    for parent in checks.parents(table):
        if not db.count(con, parent):
            raise RefusedError(
                "parent_missing", f"{source.file} ({table.name}) needs {parent}; add that file and import again"
            )


def _derive_managers(con: db.Connection, file: str) -> None:
    if not db.count(con, "managers"):
        db.insert(con, "managers", "core/sources/sql/managers_derived")
        quarantine.record_note(con, "managers", file, "managers_derived")


def _text_size(path: Path) -> int:
    """About how many bytes a file's rows take as text; Parquet and XLSX are compressed."""
    return path.stat().st_size * (1 if path.suffix.lower() in (".csv", ".txt", ".tsv") else 10)


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
    del note, fraction
