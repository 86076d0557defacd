"""The desk's database: SQLite beside the data by default, PostgreSQL by URL.

Reads and writes the database of Settings.desk_url. Nothing here is rebuilt: a build never opens it.
SQLite's write-ahead log needs a local disk; on a network drive or for several servers take PostgreSQL.
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

WAIT_SECONDS = 15  # for another's change to end before ours is given up
# Numbers of PostgreSQL's locks, own choice: under which the tables are made, and a build's alerts are sent.
OPENING, SENDING = 0x50480, 0x50481


def open_desk(url: str) -> Desk:
    """The desk at this URL, its tables made or brought up to date.

    Raises
    ------
    ConfigError : no URL of a database
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
    with _reached(desk), desk.begin() as con:
        yield con


@contextmanager
def writing(desk: Desk) -> Iterator[sa.Connection]:
    """A transaction: all that is done in it holds when it ends, or nothing."""
    with _reached(desk), desk.execution_options(writes=True).begin() as con:
        yield con


def alone(con: sa.Connection, number: int) -> None:
    """Wait until nobody else writes under this number, until the transaction ends; SQLite has one writer anyway."""
    if con.dialect.name == "postgresql":
        con.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


@contextmanager
def _reached(desk: Desk) -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError:  # a record is there already: whoever writes knows what that means
        raise
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.DatabaseError, OSError) as error:
        where, why = desk.url.render_as_string(hide_password=True), getattr(error, "orig", error)
        raise DeskError(f"the desk's database {where} cannot be used: {why}; check BEACON_DESK_URL") from error


def _options(address: sa.URL) -> dict[str, Any]:
    if address.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": WAIT_SECONDS}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": WAIT_SECONDS}}


def _prepare_sqlite(desk: Desk) -> None:
    event.listen(desk, "connect", _ours)
    event.listen(desk, "begin", _begin)
    if desk.url.database and desk.url.database != ":memory:":
        with _reached(desk):
            Path(desk.url.database).parent.mkdir(parents=True, exist_ok=True)
            _keep_a_log(desk.url.database)


def _ours(connection: Any, _record: object) -> None:
    # Python's driver would begin a transaction with the first change only, after the reading it rests on.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")


def _begin(con: sa.Connection) -> None:
    # Who will write takes its turn at once: a reader that turns writer would be refused, not queued.
    con.exec_driver_sql("BEGIN IMMEDIATE" if con.get_execution_options().get("writes") else "BEGIN")


def _keep_a_log(file: str) -> None:
    """Readers and a writer side by side; the switch itself wants the file alone and does not queue."""
    give_up = time.monotonic() + WAIT_SECONDS
    with closing(sqlite3.connect(file, isolation_level=None)) as con:
        while con.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                con.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)


def _make_tables(con: sa.Connection) -> None:
    """Make what is missing; two programs that start at once take turns.

    Raises
    ------
    DeskError : the tables were made by a newer version
    """
    alone(con, OPENING)
    upgrade.bring_up(con)
    found = con.execute(sa.select(sa.func.max(schema.versions.c.version))).scalar()
    if found is None:
        con.execute(sa.insert(schema.versions).values(version=schema.VERSION))
    elif found > schema.VERSION:
        raise DeskError(
            f"the desk's tables are of version {found}, this program knows {schema.VERSION}; install the newer program"
        )
