"""How records of the desk are read, added and changed: within a scope, by version, with a history of every version.

Reads and writes the tables of core.desk.schema; every query is limited to the managers whose books may be seen.
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

MAX_CHARACTERS = 4_000  # of a text; a note is not a document


@dataclass(frozen=True)
class Scope:
    """Whose books may be seen and changed, who signs a change, and whether the businesses are made up."""

    manager_ids: tuple[str, ...]
    by: str
    is_demo: bool = False

    def conditions(self, table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
        """Conditions that limit a query or a change to this scope."""
        return (table.c.manager_id.in_(self.manager_ids), table.c.is_demo.is_(self.is_demo))


@dataclass(frozen=True)
class Business:
    """A business and its manager in the served build."""

    business_id: str
    manager_id: str


def rows(desk: Desk, table: sa.Table, scope: Scope, *conditions: sa.ColumnElement[bool]) -> pd.DataFrame:
    """Records of the scope that meet the conditions, the newest first; times in UTC."""
    query = sa.select(table).where(*scope.conditions(table), *conditions).order_by(table.c.at.desc(), table.c.id)
    with reading(desk) as con:
        records = con.execute(query).all()
    return pd.DataFrame(records, columns=[column.name for column in table.columns], dtype=object)


def of_business(desk: Desk, table: sa.Table, scope: Scope, business_id: str) -> pd.DataFrame:
    """Records of one business, the newest first."""
    return rows(desk, table, scope, table.c.business_id == business_id)


def add(desk: Desk, table: sa.Table, scope: Scope, business: Business, values: Mapping[str, Any]) -> str:
    """Id of a new record.

    Raises
    ------
    RefusedError : not_yours when the business is in no book of the scope; exists when only one record is allowed
    """
    if business.manager_id not in scope.manager_ids:
        raise RefusedError("not_yours", f"{business.business_id} is in no book of {scope.by}")
    try:
        with writing(desk) as con:
            return insert(con, table, scope, now(), {**vars(business), **values})
    except exc.IntegrityError as error:
        raise RefusedError("exists", f"{table.name} has an open record of {business.business_id} already") from error


def change(desk: Desk, table: sa.Table, scope: Scope, record_id: str, version: int, values: Mapping[str, Any]) -> None:
    """Change a record that still has this version; the history keeps the old one.

    Raises
    ------
    RefusedError : stale when another person changed it meanwhile, not_yours when the scope has no such record
    """
    with writing(desk) as con:
        if update(con, table, scope, now(), record_id, version, values):
            return
        is_record = (table.c.id == record_id, *scope.conditions(table))
        newest = con.execute(sa.select(table.c.version).where(*is_record)).scalar()
    code = "not_yours" if newest is None else "stale"
    raise RefusedError(code, f"{table.name} {record_id} is of version {newest}, the change was made on {version}")


def insert(con: sa.Connection, table: sa.Table, scope: Scope, at: datetime, values: Mapping[str, Any]) -> str:
    """Id of a new record, added in the transaction of `con`."""
    record_id = uuid.uuid4().hex
    head = {"id": record_id, "version": 1, "at": at, "by": scope.by, "is_demo": scope.is_demo}
    con.execute(sa.insert(table).values({**head, **values}))
    save_version(con, table, record_id, at, scope)
    return record_id


def update(
    con: sa.Connection,
    table: sa.Table,
    scope: Scope,
    at: datetime,
    record_id: str,
    version: int,
    values: Mapping[str, Any],
) -> bool:
    """Change a record in the transaction of `con`; False when the scope has no record of this id and version."""
    is_record = (table.c.id == record_id, table.c.version == version, *scope.conditions(table))
    signed = {**values, "version": version + 1, "changed_at": at, "changed_by": scope.by}
    if con.execute(sa.update(table).where(*is_record).values(signed)).rowcount == 0:
        return False
    save_version(con, table, record_id, at, scope)
    return True


def history(desk: Desk, table: sa.Table, scope: Scope, record_id: str) -> pd.DataFrame:
    """Every version of a record, the newest first: version, at, by, content (its columns as JSON)."""
    columns = schema.history.c
    is_version = (columns.record_table == table.name, columns.record_id == record_id)
    query = (
        sa.select(columns.version, columns.at, columns.by, columns.content)
        .where(*is_version, columns.manager_id.in_(scope.manager_ids))
        .order_by(columns.version.desc())
    )
    with reading(desk) as con:
        return pd.DataFrame(con.execute(query).all(), columns=["version", "at", "by", "content"])


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def clean_text(text: str) -> str:
    """A text as the desk stores it: trimmed, with line breaks, without other control characters.

    Raises
    ------
    RefusedError : empty when nothing is left, long when it has more than 4,000 characters

    >>> clean_text("  called,\\x00 wants time ")
    'called, wants time'
    """
    cleaned = "".join(char for char in text.strip() if char.isprintable() or char == "\n")
    if not cleaned:
        raise RefusedError("empty", "a text of the desk is empty")
    if len(cleaned) > MAX_CHARACTERS:
        raise RefusedError(
            "long", f"a text of the desk has {len(cleaned)} characters, at most {MAX_CHARACTERS} are kept"
        )
    return cleaned


def save_version(con: sa.Connection, table: sa.Table, record_id: str, at: datetime, scope: Scope) -> None:
    """Copy a record as it is now into the history, in the transaction of the change itself."""
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
            content=json.loads(json.dumps(record, default=_iso)),
        )
    )


def _iso(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()
