"""The registry of tables, and how frames and Arrow batches get into tables.

core/tables.toml has one entry for every table: which step makes it, its columns, which files write and read it. Steps
of the build talk to each other through these tables alone.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

from core import db


@dataclass(frozen=True)
class Table:
    """Contract of one table.

    step : step of core/build.py that makes it
    dropped : step that drops it, "" for a table of the published build
    writers, readers : files that fill it and that read it
    columns : name -> DuckDB type
    """

    name: str
    step: str
    dropped: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    columns: dict[str, str]


@cache
def registry() -> dict[str, Table]:
    """Every table by name.

    >>> registry()["model_exclusions"].columns["n"]
    'BIGINT'
    """
    # Not named as a string: who reads a table is no part of the version of the code (core/fingerprint.py).
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: _table(name, entry) for name, entry in entries.items()}


def _table(name: str, entry: dict) -> Table:
    columns = dict(column.split(" ", 1) for column in entry["columns"])
    ends = entry.get("dropped", "")
    return Table(name, entry["step"], ends, tuple(entry["writers"]), tuple(entry["readers"]), columns)


def keep(con: db.Connection, table: str, frame: pd.DataFrame) -> None:
    """Store a frame as a table, column types as registered."""
    con.execute(f"CREATE OR REPLACE TABLE {table}({_columns(table)})")
    con.register("kept_rows", pa.Table.from_pandas(frame, preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM kept_rows")
    con.unregister("kept_rows")


def keep_of_model(con: db.Connection, table: str, model: str, frame: pd.DataFrame) -> None:
    """Store a frame as the rows of one model in a table that several share; what it had there before is replaced."""
    ensure(con, table)
    con.execute(f"DELETE FROM {table} WHERE model = $model", {"model": model})
    con.register("kept_rows", pa.Table.from_pandas(frame.assign(model=model), preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM kept_rows")
    con.unregister("kept_rows")


def keep_batches(con: db.Connection, table: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """Store a stream of Arrow batches as a table."""
    con.register("kept_batches", pa.RecordBatchReader.from_batches(schema, batches))
    con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM kept_batches")
    con.unregister("kept_batches")


def append(con: db.Connection, table: str, frame: pd.DataFrame) -> None:
    """Add the rows of a frame to a table, by the columns that the table has; made when missing."""
    ensure(con, table)
    known = [name for name in registry()[table].columns if name in frame]
    con.register("added_rows", pa.Table.from_pandas(frame[known], preserve_index=False))
    con.execute(f"INSERT INTO {table} BY NAME FROM added_rows")
    con.unregister("added_rows")


def ensure(con: db.Connection, *tables: str) -> None:
    """Make these tables, empty, where they are missing."""
    for table in tables:
        con.execute(f"CREATE TABLE IF NOT EXISTS {table}({_columns(table)})")


def clear(con: db.Connection, table: str) -> None:
    """Make this table anew, empty."""
    con.execute(f"CREATE OR REPLACE TABLE {table}({_columns(table)})")


def _columns(table: str) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in registry()[table].columns.items())


def is_reported(con: db.Connection, table: str) -> bool:
    """Did a file fill this table of the contract? An empty file says that there are none, no file says nothing."""
    if not db.has_table(con, "absent_tables"):
        return True
    return table not in {name for (name,) in con.execute("SELECT source_table FROM absent_tables").fetchall()}
