"""The rows of one table's files as text, under the contract's names, before anything is checked.

Writes scratch.staged_rows (one VARCHAR per column of the table), scratch.staged_files (rows of each file),
       scratch.line_segments (the line of each row)
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core import db
from core.sources.contract import Table
from core.sources.errors import FileRefusedError
from core.sources.file_probe import FileProbe, PreparedFile, prepare_file
from core.sources.table_of_file import ColumnMapping

BATCH_ROWS = 1 << 17


@dataclass(frozen=True)
class SourceFile:
    """A file whose table is known."""

    probe: FileProbe
    columns: ColumnMapping
    is_demo: bool

    @property
    def name(self) -> str:
        """Its file name, as people know it."""
        return self.probe.path.name


@dataclass(frozen=True)
class StagedFile:
    """A file whose rows are `first_row` to `last_row` of the staged rows."""

    source: SourceFile
    prepared: PreparedFile
    first_row: int
    last_row: int


def create_staging_tables(con: db.Connection, table: Table) -> None:
    """Empty staging tables for the files of a table."""
    columns = ", ".join(f'"{column.name}" VARCHAR' for column in table.columns)
    con.execute(f"CREATE OR REPLACE TABLE scratch.staged_rows ({columns})")
    con.execute(db.sql("core/sources/sql/staging_tables"))


def stage_file(con: db.Connection, source: SourceFile, scratch: Path) -> StagedFile:
    """Append a file's rows to the staged rows.

    Raises
    ------
    FileRefusedError : the file cannot be read to its end; nothing of it is staged
    """
    prepared = prepare_file(source.probe, scratch)
    first_row = _next_row(con)
    con.execute("BEGIN")
    try:
        _insert_rows(con, source, prepared)
    except duckdb.Error as error:
        con.execute("ROLLBACK")
        reason = str(error).splitlines()[0]
        raise FileRefusedError("unreadable", f"{source.name} cannot be read ({reason}); export it again") from error
    except FileRefusedError:
        con.execute("ROLLBACK")
        raise
    staged = StagedFile(source, prepared, first_row, first_row + prepared.rows - 1)
    _insert_lines(con, staged)
    con.execute("COMMIT")
    if prepared.text != source.probe.path:
        prepared.text.unlink()
    return staged


def _next_row(con: db.Connection) -> int:
    return int(con.execute("SELECT coalesce(max(rowid) + 1, 0) FROM scratch.staged_rows").fetchall()[0][0])


def _insert_rows(con: db.Connection, source: SourceFile, prepared: PreparedFile) -> None:
    before = db.count(con, "scratch.staged_rows")
    keep = list(source.columns.contract_columns)
    if source.probe.kind == "parquet":
        con.register("parquet_batches", _parquet_batches(source))
        db.insert(con, "scratch.staged_rows", "core/sources/sql/parquet_rows", {"keep": keep})
        con.unregister("parquet_batches")
    else:
        columns = dict.fromkeys(source.columns.names, "VARCHAR")
        params = {"path": str(prepared.text), "keep": keep, "columns": columns, "delimiter": source.probe.delimiter}
        db.insert(con, "scratch.staged_rows", "core/sources/sql/csv_rows", params)
    if db.count(con, "scratch.staged_rows") != before + prepared.rows:
        # The reader and our own count of the lines must agree, or line numbers would be wrong.
        raise FileRefusedError(
            "unreadable", f"{source.name}: its rows cannot be told apart; export it again with quoted cells"
        )


def _parquet_batches(source: SourceFile) -> pa.RecordBatchReader:
    """The file's rows under the contract's names, batch by batch."""
    file = pq.ParquetFile(source.probe.path)
    names = source.columns.names
    schema = pa.schema([field.with_name(name) for field, name in zip(file.schema_arrow, names, strict=True)])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in file.iter_batches(BATCH_ROWS))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _insert_lines(con: db.Connection, staged: StagedFile) -> None:
    con.execute(
        "INSERT INTO scratch.staged_files VALUES ($1, $2, $3)",
        [staged.source.name, staged.first_row, staged.last_row],
    )
    rows, lines = zip(*staged.prepared.segments, strict=True)
    con.execute(
        "INSERT INTO scratch.line_segments SELECT $file, $first_row + unnest($rows), unnest($lines)",
        {"file": staged.source.name, "first_row": staged.first_row, "rows": list(rows), "lines": list(lines)},
    )
