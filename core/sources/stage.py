"""Bring the rows of one table's files into scratch.stage, as text under the contract's names.

Writes scratch.stage (one VARCHAR per column of the table), scratch.parts (rows of each file), scratch.segments (lines)
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core import db
from core.sources.contract import Table
from core.sources.errors import RefusedError
from core.sources.file_probe import Looked, Prepared, prepare
from core.sources.table_of_file import Shape


@dataclass(frozen=True)
class Source:
    """A file that is known to be a table."""

    looked: Looked
    shape: Shape
    is_demo: bool

    @property
    def file(self) -> str:
        """Its name, as people know it."""
        return self.looked.path.name


@dataclass(frozen=True)
class Part:
    """A staged file: rows [first, end) of the stage."""

    source: Source
    prepared: Prepared
    first: int
    end: int


def begin(con: db.Connection, table: Table) -> None:
    """An empty stage for a table."""
    columns = ", ".join(f'"{column.name}" VARCHAR' for column in table.columns)
    con.execute(f"CREATE OR REPLACE TABLE scratch.stage ({columns})")
    con.execute(db.sql("core/sources/sql/part_tables"))


def stage(con: db.Connection, source: Source, scratch: Path) -> Part:
    """Append a file's rows to the stage.

    Raises
    ------
    RefusedError : the file cannot be read to its end
    """
    prepared = prepare(source.looked, scratch)
    first, before = _next_row(con), db.count(con, "scratch.stage")
    con.execute("BEGIN")
    try:
        _insert(con, source, prepared)
        if db.count(con, "scratch.stage") != before + prepared.rows:
            # The reader and our own count of the lines must agree, or line numbers would be wrong.
            raise RefusedError(
                "unreadable", f"{source.file}: its rows cannot be told apart; export it again with quoted cells"
            )
    except duckdb.Error as error:
        con.execute("ROLLBACK")
        reason = str(error).splitlines()[0]
        raise RefusedError("unreadable", f"{source.file} cannot be read ({reason}); export it again") from error
    except RefusedError:
        con.execute("ROLLBACK")
        raise
    part = Part(source, prepared, first, first + prepared.rows)
    _note_lines(con, part)
    con.execute("COMMIT")
    if prepared.text != source.looked.path:
        prepared.text.unlink()
    return part


def _next_row(con: db.Connection) -> int:
    return int(con.execute("SELECT coalesce(max(rowid) + 1, 0) FROM scratch.stage").fetchall()[0][0])


def _insert(con: db.Connection, source: Source, prepared: Prepared) -> None:
    keep = list(source.shape.kept)
    if source.looked.kind == "parquet":
        con.register("parquet_rows", _parquet_rows(source))
        db.insert(con, "scratch.stage", "core/sources/sql/stage_parquet", {"keep": keep})
        con.unregister("parquet_rows")
        return
    columns = dict.fromkeys(source.shape.names, "VARCHAR")
    parameters = {"path": str(prepared.text), "keep": keep, "columns": columns, "delimiter": source.looked.delimiter}
    db.insert(con, "scratch.stage", "core/sources/sql/stage_csv", parameters)


def _parquet_rows(source: Source) -> pa.RecordBatchReader:
    """The file's rows under the contract's names, batch by batch."""
    file = pq.ParquetFile(source.looked.path)
    schema = pa.schema([item.with_name(name) for item, name in zip(file.schema_arrow, source.shape.names, strict=True)])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in file.iter_batches(1 << 17))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _note_lines(con: db.Connection, part: Part) -> None:
    con.execute(
        "INSERT INTO scratch.parts VALUES ($file, $first, $end)",
        {"file": part.source.file, "first": part.first, "end": part.end},
    )
    rows, lines = zip(*part.prepared.segments, strict=True)
    con.execute(
        "INSERT INTO scratch.segments SELECT $file, $first + unnest($rows), unnest($lines)",
        {"file": part.source.file, "first": part.first, "rows": list(rows), "lines": list(lines)},
    )
