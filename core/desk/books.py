"""Records follow their business into another book: who looks after it now sees what was written before.

Reads and writes every table of records; writes desk_moves.
"""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from core.desk import records, schema
from core.desk.engine import Desk, reading, writing


def businesses(desk: Desk) -> list[str]:
    """Every business that has a record."""
    every = sa.union(*(sa.select(table.c.business_id) for table in schema.RECORDS))
    with reading(desk) as con:
        return sorted(con.execute(every).scalars())


def follow(desk: Desk, owners: Mapping[str, str], build_id: str) -> int:
    """Put the records of each business into the book of its owner; the number of businesses that moved.

    Parameters
    ----------
    owners : business_id -> manager_id in the served build; who is not in it stays where it was
    """
    every = sa.union(*(sa.select(table.c.business_id, table.c.manager_id) for table in schema.RECORDS))
    with reading(desk) as con:
        found = con.execute(every).all()
    moved = [(business, then) for business, then in found if owners.get(business, then) != then]
    for business, then in moved:
        _move(desk, business, then, owners[business], build_id)
    return len(moved)


def _move(desk: Desk, business_id: str, then: str, now: str, build_id: str) -> None:
    with writing(desk) as con:
        for table in (*schema.RECORDS, schema.history):
            mine = (table.c.business_id == business_id, table.c.manager_id == then)
            con.execute(sa.update(table).where(*mine).values(manager_id=now))
        con.execute(
            sa.insert(schema.moves).values(
                id=uuid.uuid4().hex,
                business_id=business_id,
                from_manager_id=then,
                to_manager_id=now,
                build_id=build_id,
                at=records.now(),
            )
        )
