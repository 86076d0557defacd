"""An older desk brought up to date: it gets the tables, columns and indexes that its program did not know yet.

Nothing that was written is changed. In a new column old records have the column's server_default, or nothing.
"""

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from core.desk import schema
from core.errors import DeskError


def bring_up(con: sa.Connection) -> None:
    """Make what is missing; a desk that lacks nothing is left alone.

    Raises
    ------
    DeskError : a table lacks a column that old records would have to fill
    """
    schema.metadata.create_all(con)
    seen = sa.inspect(con)
    for table in schema.metadata.sorted_tables:
        _add_columns(con, table, {column["name"] for column in seen.get_columns(table.name)})
        indexes = {str(index["name"]): index["column_names"] for index in seen.get_indexes(table.name)}
        _renew_indexes(con, table, indexes)


def _add_columns(con: sa.Connection, table: sa.Table, known: set[str]) -> None:
    missing = [column for column in table.columns if column.name not in known]
    unknowable = [column.name for column in missing if not column.nullable and column.server_default is None]
    if unknowable:
        raise DeskError(
            f"the desk's table {table.name} lacks {', '.join(unknowable)}: another program made it, or it is damaged; "
            "restore a backup, or name another database in BEACON_DESK_URL"
        )
    for column in missing:
        told = CreateColumn(column).compile(dialect=con.dialect)
        name = con.dialect.identifier_preparer.format_table(table)
        con.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {told}")


def _renew_indexes(con: sa.Connection, table: sa.Table, known: dict[str, list[str | None]]) -> None:
    """Indexes by name; one over other columns than it should be is made anew."""
    for index in table.indexes:
        columns = known.get(str(index.name))
        if columns == [column.name for column in index.columns]:
            continue
        if columns is not None:
            index.drop(con)
        index.create(con)
