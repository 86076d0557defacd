"""Brings an older desk up to date: adds the tables, columns and indexes that its program did not know.

No record is changed. In a new column old records have the column's server_default, or NULL.
"""

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from core.desk import schema
from core.errors import DeskError


def add_missing(con: sa.Connection) -> None:
    """Add what the desk lacks; a desk that lacks nothing is not touched.

    Raises
    ------
    DeskError : a table lacks a column that would need a value in old records
    """
    schema.metadata.create_all(con)
    inspector = sa.inspect(con)
    for table in schema.metadata.sorted_tables:
        _add_columns(con, table, {column["name"] for column in inspector.get_columns(table.name)})
        indexes = {str(index["name"]): index["column_names"] for index in inspector.get_indexes(table.name)}
        _renew_indexes(con, table, indexes)


def _add_columns(con: sa.Connection, table: sa.Table, existing: set[str]) -> None:
    missing = [column for column in table.columns if column.name not in existing]
    no_value = [column.name for column in missing if not column.nullable and column.server_default is None]
    if no_value:
        raise DeskError(
            f"the desk's table {table.name} lacks {', '.join(no_value)}: another program made it, or it is damaged; "
            "restore a backup, or name another database in BEACON_DESK_URL"
        )
    for column in missing:
        definition = CreateColumn(column).compile(dialect=con.dialect)
        name = con.dialect.identifier_preparer.format_table(table)
        con.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")


def _renew_indexes(con: sa.Connection, table: sa.Table, existing: dict[str, list[str | None]]) -> None:
    """Make the indexes that are missing; one with other columns than it should have is made anew."""
    for index in table.indexes:
        columns = existing.get(str(index.name))
        if columns == [column.name for column in index.columns]:
            continue
        if columns is not None:
            index.drop(con)
        index.create(con)
