"""How records of the desk are read, added and changed: inside a scope, by version, each change remembered.

Reads and writes the tables of core.desk.schema; every question binds the managers whose books may be seen.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import exc

from core.desk import schema
from core.desk.engine import Desk, reading, writing
from core.errors import RefusedError

MAX_CHARACTERS = 4_000  # characters of a text; a note is no document


@dataclass(frozen=True)
class Scope:
    """Whose books may be seen and changed, as whom a change is signed, and whether the businesses are made up."""

    manager_ids: tuple[str, ...]
    by: str
    is_demo: bool = False

    def sees(self, table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        """Conditions of every question and change."""
        return (table.c.manager_id.in_(self.manager_ids), table.c.is_demo.is_(self.is_demo))


@dataclass(frozen=True)
class Business:
    """A business and the manager in whose book it is, as the served build says."""

    business_id: str
    manager_id: str


def rows(desk: Desk, table: sa.Table, scope: Scope, *conditions: sa.ColumnElement[bool]) -> pd.DataFrame:
    """Records of the scope that meet the conditions, the newest first; moments in UTC."""
    seen = sa.select(table).where(*scope.sees(table), *conditions)
    with reading(desk) as con:
        found = con.execute(seen.order_by(table.c.at.desc(), table.c.id)).all()
    return pd.DataFrame(found, columns=[column.name for column in table.columns], dtype=object)


def add(desk: Desk, table: sa.Table, scope: Scope, business: Business, values: Mapping[str, Any]) -> str:
    """Id of a new record.

    Raises
    ------
    RefusedError : not_yours when the business is in no book of the scope; exists when there may be one only
    """
    if business.manager_id not in scope.manager_ids:
        raise RefusedError("not_yours", f"{business.business_id} is in no book of {scope.by}")
    ours = {"id": uuid.uuid4().hex, "version": 1, "at": now(), "by": scope.by, "is_demo": scope.is_demo}
    record = {**ours, **vars(business), **values}
    try:
        with writing(desk) as con:
            con.execute(sa.insert(table).values(record))
            remember(con, table, record["id"], record["at"], scope)
    except exc.IntegrityError as error:
        raise RefusedError("exists", f"{table.name} has an open record of {business.business_id} already") from error
    return str(record["id"])


def change(desk: Desk, table: sa.Table, scope: Scope, record_id: str, version: int, values: Mapping[str, Any]) -> None:
    """Change a record that still is of this version; what it was stays in the history.

    Raises
    ------
    RefusedError : stale when somebody changed it meanwhile, not_yours when no such record is in the scope
    """
    at = now()
    same = (table.c.id == record_id, *scope.sees(table))
    fresh = sa.update(table).where(*same, table.c.version == version)
    with writing(desk) as con:
        done = con.execute(fresh.values(**values, version=version + 1, changed_at=at, changed_by=scope.by))
        if done.rowcount == 0:
            known = con.execute(sa.select(table.c.version).where(*same)).scalar()
            code = "not_yours" if known is None else "stale"
            raise RefusedError(
                code, f"{table.name} {record_id} is of version {known}, the change was made on {version}"
            )
        remember(con, table, record_id, at, scope)


def history(desk: Desk, table: sa.Table, scope: Scope, record_id: str) -> pd.DataFrame:
    """Every version of a record, the newest first: version, at, by, content (its columns as JSON)."""
    told = schema.history.c
    versions = (
        sa.select(told.version, told.at, told.by, told.content)
        .where(told.record_table == table.name, told.record_id == record_id, told.manager_id.in_(scope.manager_ids))
        .order_by(told.version.desc())
    )
    with reading(desk) as con:
        return pd.DataFrame(con.execute(versions).all(), columns=["version", "at", "by", "content"])


def now() -> datetime:
    """The moment, with its zone."""
    return datetime.now(UTC)


def words(text: str) -> str:
    """A text as it is kept: trimmed, lines whole, no other control characters.

    Raises
    ------
    RefusedError : empty when nothing is left, long when it exceeds 4,000 characters

    >>> words("  called,\\x00 wants time ")
    'called, wants time'
    """
    kept = "".join(char for char in text.strip() if char.isprintable() or char == "\n")
    if not kept:
        raise RefusedError("empty", "a text of the desk is empty")
    if len(kept) > MAX_CHARACTERS:
        raise RefusedError("long", f"a text of the desk has {len(kept)} characters, at most {MAX_CHARACTERS} are kept")
    return kept


def remember(con: sa.Connection, table: sa.Table, record_id: str, at: datetime, scope: Scope) -> None:
    """Copy a record as it now is into the history, inside the change's own transaction."""
    record = con.execute(sa.select(table).where(table.c.id == record_id)).one()._asdict()
    con.execute(
        sa.insert(schema.history).values(
            record_table=table.name,
            record_id=record_id,
            version=record["version"],
            at=at,
            by=scope.by,
            manager_id=record["manager_id"],
            business_id=record["business_id"],
            content=json.loads(json.dumps(record, default=_told)),
        )
    )


def _told(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()
