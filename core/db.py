"""Run a named SELECT, create a table from one, open and publish a build.

SQL lives in files, one SELECT a file, named by the path from the repository's root: `core/marts/sql/worklist` is
core/marts/sql/worklist.sql. Parameters are bound by name, and every call on a served
build uses its own cursor: one DuckDB connection must not be shared between threads.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from core import files
from core.config import ROOT
from core.errors import NoBuildError, StaleBuildError

DATABASE = "bank.duckdb"
CURRENT = "CURRENT"
# No network, no Python variables as tables, no extensions loaded unasked (docs/platform.md).
CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}

Connection = duckdb.DuckDBPyConnection


def connect(path: Path | str = ":memory:", memory_limit: str = "2GB") -> Connection:
    """A writable database for a build, with the names Spark has and DuckDB lacks."""
    con = duckdb.connect(str(path), config=CONFIG | {"memory_limit": memory_limit})
    con.execute("SET enable_progress_bar = false")  # DuckDB 2.0 draws one on stdout, even into a file
    con.execute(sql("core/sql/macros"))
    return con


@cache
def sql(name: str) -> str:
    """Text of <name>.sql."""
    return (ROOT / f"{name}.sql").read_text(encoding="utf-8")


def query(con: Connection, name: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Rows of the SELECT in <name>.sql."""
    return con.execute(sql(name), dict(params or {})).df()


def served_query(con: Connection, name: str, params: Mapping[str, object]) -> pd.DataFrame:
    """Rows of the SELECT in <name>.sql on a published build; a missing value is NaN, NaT or None, never pandas' NA.

    Raises
    ------
    StaleBuildError : the build lacks a table or a column, as another version of the code made it
    """
    return without_na(served_execute(con, name, params).df())


def without_na(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with NaN for a missing integer and None for a missing truth value.

    DuckDB hands out a column of integers or truth values with NULL in it as a nullable one of pandas. A condition on
    its NA raises; on NaN, as in a column of doubles, a comparison is false. Integers stay integers: 34, not 34.0.

    >>> without_na(pd.DataFrame({"n": pd.array([34, None]), "ok": pd.array([True, None])})).to_numpy().tolist()
    [[34, True], [nan, None]]
    """
    for column, dtype in rows.dtypes.items():
        if getattr(dtype, "na_value", None) is pd.NA:
            missing = None if pd.api.types.is_bool_dtype(dtype) else float("nan")
            rows[column] = rows[column].astype(object).where(rows[column].notna(), missing)
    return rows


def served_execute(con: Connection, name: str, params: Mapping[str, object]) -> Connection:
    """The SELECT in <name>.sql on a published build, its rows still to be fetched.

    Raises
    ------
    StaleBuildError : the build lacks a table or a column, as another version of the code made it
    """
    try:
        return con.execute(sql(name), dict(params))
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise StaleBuildError(f"the build does not fit {name}.sql ({error}); run `python -m core build`") from error


def create_table(
    con: Connection, table: str, name: str, params: Mapping[str, object] | None = None, *, temporary: bool = False
) -> int:
    """Create or replace `table` from the SELECT in <name>.sql; its number of rows."""
    kind = "TEMP TABLE" if temporary else "TABLE"
    con.execute(f"CREATE OR REPLACE {kind} {table} AS {sql(name)}", dict(params or {}))
    return count(con, table)


def create_from_rows(con: Connection, table: str, rows: pd.DataFrame | pa.Table) -> None:
    """Create or replace `table` from a frame or an Arrow table."""
    con.register("new_rows", rows)
    con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM new_rows")
    con.unregister("new_rows")


def create_view(con: Connection, view: str, name: str) -> None:
    """Create or replace a view of the SELECT in <name>.sql; it takes no parameters."""
    con.execute(f"CREATE OR REPLACE VIEW {view} AS {sql(name)}")


def insert(con: Connection, table: str, name: str, params: Mapping[str, object] | None = None) -> None:
    """Append the rows of the SELECT in <name>.sql to `table`, by column name."""
    con.execute(f"INSERT INTO {table} BY NAME {sql(name)}", dict(params or {}))


def table_of(name: str) -> str:
    """The table that a SELECT makes: files are named as their tables.

    >>> table_of("core/marts/sql/worklist")
    'worklist'
    """
    return name.rsplit("/", 1)[-1]


def count(con: Connection, table: str) -> int:
    """Number of rows of a table."""
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def has_table(con: Connection, table: str) -> bool:
    """Is there a table of this name?"""
    tables = con.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = $1", [table])
    return bool(tables.fetchall()[0][0])


def is_demo(info: Mapping[str, str | None]) -> bool:
    """Does a build with these rows of build_info (key -> value) show invented businesses?

    >>> is_demo({"is_demo": "True"}), is_demo({})
    (True, False)
    """
    return (info.get("is_demo") or "").lower() in ("true", "1")


def current_build(builds: Path) -> str:
    """Id of the published build.

    Raises
    ------
    NoBuildError : nothing has been published in this folder
    """
    try:
        return (builds / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise NoBuildError(f"no build in {builds}; run `python -m core build`") from error


def publish(builds: Path, build_id: str) -> None:
    """Make `build_id` the served build, in one atomic step that survives a power cut."""
    files.write_text(builds / CURRENT, build_id)


def open_build(builds: Path, build_id: str) -> Connection:
    """Read-only connection to a published build; take a cursor of it for each query."""
    path = builds / build_id / DATABASE
    if not path.exists():
        raise NoBuildError(f"{path} is missing; run `python -m core build`")
    return duckdb.connect(str(path), read_only=True, config=CONFIG | {"memory_limit": "1GB"})
