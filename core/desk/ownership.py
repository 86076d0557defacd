"""Records follow their business into another book: its new manager sees what was written before.

Reads and writes every table of records; writes desk_moves.
"""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from core.desk import records, schema
from core.desk.engine import Desk, reading, writing


def update_managers(desk: Desk, owners: Mapping[str, str], build_id: str, is_demo: bool = False) -> int:
    """Put the records of each business into the book of its manager; the number of books that businesses left.

    Parameters
    ----------
    owners : business_id -> manager_id in the served build; records of other businesses stay where they are
    """
    moves = [
        (business_id, manager_id)
        for business_id, manager_id in _books(desk, is_demo)
        if owners.get(business_id, manager_id) != manager_id
    ]
    for business_id, manager_id in moves:
        _move(desk, business_id, manager_id, owners[business_id], build_id, is_demo)
    return len(moves)


def _books(desk: Desk, is_demo: bool) -> list[tuple[str, str]]:
    """business_id and manager_id of all records, each pair once."""
    pairs = (
        sa.select(table.c.business_id, table.c.manager_id).where(table.c.is_demo.is_(is_demo))
        for table in schema.RECORD_TABLES
    )
    with reading(desk) as con:
        return [(row.business_id, row.manager_id) for row in con.execute(sa.union(*pairs))]


def _move(desk: Desk, business_id: str, before: str, after: str, build_id: str, is_demo: bool) -> None:
    history = schema.history
    with writing(desk) as con:
        for table in schema.RECORD_TABLES:
            records_before = (
                table.c.business_id == business_id,
                table.c.manager_id == before,
                table.c.is_demo.is_(is_demo),
            )
            ids = sa.select(table.c.id).where(*records_before)
            versions = history.c.record_id.in_(ids), history.c.record_table == table.name
            con.execute(sa.update(history).where(*versions).values(manager_id=after))
            con.execute(sa.update(table).where(*records_before).values(manager_id=after))
        con.execute(
            sa.insert(schema.moves).values(
                id=uuid.uuid4().hex,
                business_id=business_id,
                is_demo=is_demo,
                from_manager_id=before,
                to_manager_id=after,
                build_id=build_id,
                at=records.now(),
            )
        )
