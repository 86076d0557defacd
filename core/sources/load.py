"""From the files in data/raw to checked tables, and to the quarantine what breaks the contract.

Reads  raw/bank, raw/seoul (any names; recognised by their columns); districts, categories, industries
Writes every table of the contract (with no rows where no file is), quarantine, source_files, absent_tables

Each table: its files are staged as text, every cell is tested, rows are left out, the rest is typed and kept.
The SQL is in core/sources/sql; nothing runs row by row in Python.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core import db
from core.config import REFERENCE
from core.errors import DataError
from core.sources import files
from core.sources.contract import REQUIRED_TABLES, TABLES, Table
from core.sources.places import place
from core.sources.recognise import Shape, recognise

Progress = Callable[[str, float], None]
DEMO = "DEMO.json"
SQL = "sources/sql"


@dataclass(frozen=True)
class Source:
    """A file that is known to be a table."""

    raw: files.Raw
    shape: Shape
    is_demo: bool


def load(con: db.Connection, raw: Path, progress: Progress | None = None) -> None:
    """Fill every checked table from the files below `raw`."""
    tell = progress or (lambda note, fraction: None)
    with _bench(con) as scratch:
        found = _open_all(raw, scratch)
        for number, table in enumerate(TABLES.values()):
            tell(table.name, number / len(TABLES))
            sources = [source for source in found if source.shape.table is table]
            if sources:
                _load_table(con, table, sources)
            else:
                con.execute("INSERT INTO absent_tables VALUES ($table)", {"table": table.name})


@contextmanager
def _bench(con: db.Connection) -> Iterator[Path]:
    """A scratch database for text that is being checked, and a folder for rewritten files."""
    with tempfile.TemporaryDirectory(prefix="beacon-load-") as folder:
        con.execute(f"ATTACH '{folder}/scratch.duckdb' AS scratch")
        try:
            con.execute("SET VARIABLE today = $today", {"today": date.today()})
            con.execute(db.sql(f"{SQL}/macros"))
            con.execute(db.sql(f"{SQL}/tables"))
            _load_reference(con)
            yield Path(folder)
        finally:
            con.execute("DETACH scratch")


def _load_reference(con: db.Connection) -> None:
    for name in ("districts", "categories", "industries"):
        if not db.has_table(con, name):
            con.read_csv(str(REFERENCE / f"{name}.csv"), all_varchar=True).create(name)
    con.execute("CREATE TABLE scratch.ksic (ksic VARCHAR, industry_code VARCHAR)")


def _open_all(raw: Path, scratch: Path) -> list[Source]:
    found = []
    for folder in ("bank", "seoul"):
        is_demo = (raw / folder / DEMO).exists()
        for path in sorted((raw / folder).rglob("*")):
            if path.suffix.lower() not in files.SUFFIXES:
                continue
            try:
                opened = files.open_raw(path, scratch)
                found.append(Source(opened, recognise(path.name, opened.header), is_demo))
            except DataError:
                continue
    return found


def _load_table(con: db.Connection, table: Table, sources: list[Source]) -> None:
    con.execute("SET VARIABLE lag_days = $days", {"days": table.lag_days})
    columns = ", ".join(f'"{column.name}" VARCHAR' for column in table.columns)
    con.execute(f"CREATE OR REPLACE TABLE scratch.stage ({columns})")
    con.execute("CREATE OR REPLACE TABLE scratch.left_out (row_no BIGINT)")
    read: dict[Path, int] = {}
    for source in sources:
        read[source.raw.path] = -db.count(con, "scratch.stage")
        con.execute(
            f"INSERT INTO scratch.stage BY NAME {db.sql(f'{SQL}/stage_csv')}",
            {
                "path": str(source.raw.text),
                "keep": list(source.shape.kept),
                "columns": dict.fromkeys(source.shape.names, "VARCHAR"),
                "delimiter": source.raw.delimiter,
            },
        )
        read[source.raw.path] += db.count(con, "scratch.stage")
    names = [column.name for column in table.columns]
    if "industry_code" in names:
        db.create_table(con, "scratch.industry_of", f"{SQL}/industry_of")
    if table.name == "businesses":
        place(con)
        db.create_table(con, "scratch.district_of", f"{SQL}/district_of")
    con.execute(f"CREATE OR REPLACE TEMP VIEW typed AS {db.sql(f'{SQL}/typed/{table.name}')}")
    db.insert(con, table.name, f"{SQL}/keep")
    for source in sources:
        con.execute(
            "INSERT INTO source_files (source_table, file, encoding, rows_read, rows_loaded, rows_quarantined, bytes, "
            "sha256, is_demo) VALUES ($table, $file, $encoding, $read, $read, 0, $bytes, $sha256, $is_demo)",
            {"table": table.name, "file": source.raw.path.name, "encoding": source.raw.encoding, "read": read[source.raw.path],
             "bytes": source.raw.size, "sha256": source.raw.sha256, "is_demo": source.is_demo},
        )
