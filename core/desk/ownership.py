"""Records follow their business into another book: who looks after it now sees what was written before.

Reads and writes every table of records; writes desk_moves.
"""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from core.desk import records, schema
from core.desk.engine import Desk, reading, writing


def update_managers(desk: Desk, owners: Mapping[str, str], build_id: str, is_demo: bool = False) -> int:
    """Put the records of each business into the book of its owner; the number of businesses that moved.

    Parameters
    ----------
    owners : business_id -> manager_id in the served build; who is not in it stays where it was
    """
    moved = [(business, then) for business, then in _owned(desk, is_demo) if owners.get(business, then) != then]
    for business, then in moved:
        _move(desk, business, then, owners[business], build_id, is_demo)
    return len(moved)


def _owned(desk: Desk, is_demo: bool) -> list[tuple[str, str]]:
    pairs = (
        sa.select(table.c.business_id, table.c.manager_id).where(table.c.is_demo.is_(is_demo))
        for table in schema.RECORDS
    )
    with reading(desk) as con:
        return [(row.business_id, row.manager_id) for row in con.execute(sa.union(*pairs))]


def _move(desk: Desk, business_id: str, then: str, now: str, build_id: str, is_demo: bool) -> None:
    with writing(desk) as con:
        for table in schema.RECORDS:
            mine = (table.c.business_id == business_id, table.c.manager_id == then, table.c.is_demo.is_(is_demo))
            told = schema.history.c
            of_mine = told.record_id.in_(sa.select(table.c.id).where(*mine)), told.record_table == table.name
            con.execute(sa.update(schema.history).where(*of_mine).values(manager_id=now))
            con.execute(sa.update(table).where(*mine).values(manager_id=now))
        con.execute(
            sa.insert(schema.moves).values(
                id=uuid.uuid4().hex,
                business_id=business_id,
                is_demo=is_demo,
                from_manager_id=then,
                to_manager_id=now,
                build_id=build_id,
                at=records.now(),
            )
        )
