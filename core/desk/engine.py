"""Opens the desk's database: SQLite beside the data by default, PostgreSQL by URL.

Reads and writes the database of Settings.desk_url; builds never replace it. SQLite's write-ahead log needs a local
disk: on a network drive, or for several servers, use PostgreSQL.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from core.desk import schema, upgrade
from core.errors import ConfigError, DeskError

Desk = sa.Engine

WAIT_SECONDS = 15  # for the transaction of another process to end
# Numbers of PostgreSQL's advisory locks, own choice: for making the tables, and for sending a build's alerts.
OPEN_LOCK, SEND_LOCK = 0x50480, 0x50481


def open_desk(url: str) -> Desk:
    """The desk at this URL, its tables made or brought up to date.

    Raises
    ------
    ConfigError : the URL is not one of a database
    DeskError : the database cannot be used, or a newer version of this program made it
    """
    try:
        address = sa.make_url(url)
        desk = sa.create_engine(address, **_options(address))
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise ConfigError(f"BEACON_DESK_URL is no URL of a database: {error}; leave it out for SQLite") from error
    if desk.dialect.name == "sqlite":
        _prepare_sqlite(desk)
    with writing(desk) as con:
        _make_tables(con)
    return desk


@contextmanager
def reading(desk: Desk) -> Iterator[sa.Connection]:
    """A connection that sees one state of the desk."""
    with _desk_errors(desk), desk.begin() as con:
        yield con


@contextmanager
def writing(desk: Desk) -> Iterator[sa.Connection]:
    """A transaction: when it ends all of its changes hold, or none."""
    with _desk_errors(desk), desk.execution_options(writes=True).begin() as con:
        yield con


def take_lock(con: sa.Connection, number: int) -> None:
    """Hold an advisory lock until the transaction ends; SQLite needs none, as it has one writer at a time."""
    if con.dialect.name == "postgresql":
        con.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


@contextmanager
def _desk_errors(desk: Desk) -> Iterator[None]:
    """Errors of the database as DeskError, without the password."""
    try:
        yield
    except exc.IntegrityError:  # the record exists already: the caller decides what that means
        raise
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.DatabaseError, OSError) as error:
        address, reason = desk.url.render_as_string(hide_password=True), getattr(error, "orig", error)
        raise DeskError(f"the desk's database {address} cannot be used: {reason}; check BEACON_DESK_URL") from error


def _options(address: sa.URL) -> dict[str, Any]:
    if address.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": WAIT_SECONDS}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": WAIT_SECONDS}}


def _prepare_sqlite(desk: Desk) -> None:
    event.listen(desk, "connect", _set_up_connection)
    event.listen(desk, "begin", _begin)
    if desk.url.database and desk.url.database != ":memory:":
        with _desk_errors(desk):
            Path(desk.url.database).parent.mkdir(parents=True, exist_ok=True)
            _use_write_ahead_log(desk.url.database)


def _set_up_connection(connection: Any, _record: object) -> None:
    # Python's driver begins a transaction with the first change, which is after the reads that the change rests on.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")


def _begin(con: sa.Connection) -> None:
    # A writer must begin as one: SQLite refuses a reader that becomes a writer, instead of letting it wait.
    con.exec_driver_sql("BEGIN IMMEDIATE" if con.get_execution_options().get("writes") else "BEGIN")


def _use_write_ahead_log(file: str) -> None:
    """Let readers work beside a writer. The switch needs the file for itself and does not wait, so it is repeated."""
    deadline = time.monotonic() + WAIT_SECONDS
    with closing(sqlite3.connect(file, isolation_level=None)) as con:
        while con.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                con.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _make_tables(con: sa.Connection) -> None:
    """Make what is missing; of two programs that start at once, one waits for the other.

    Raises
    ------
    DeskError : the tables were made by a newer version
    """
    take_lock(con, OPEN_LOCK)
    upgrade.add_missing(con)
    version = con.execute(sa.select(sa.func.max(schema.versions.c.version))).scalar()
    if version is None:
        con.execute(sa.insert(schema.versions).values(version=schema.VERSION))
    elif version > schema.VERSION:
        raise DeskError(
            f"the desk's tables are of version {version}, this program knows {schema.VERSION};"
            " install the newer program"
        )
