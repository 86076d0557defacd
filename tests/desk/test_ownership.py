"""Records follow their business into another manager's book."""

import sqlalchemy as sa

from core.desk import follow_ups, notes, ownership, records, schema
from core.desk.engine import reading
from tests.desk.conftest import KIM, LEE, SHOP, date_of


def test_the_new_manager_sees_what_was_written_and_the_old_one_no_more(desk):
    note_id = notes.write(desk, KIM, SHOP, "pays late in spring")
    follow_ups.plan(desk, KIM, SHOP, "call", date_of(3))
    assert ownership.update_managers(desk, {"B001": "M002", "B777": "M003"}, "b2") == 1
    (note,) = notes.of_business(desk, LEE, "B001").itertuples()
    assert (note.text, note.by, note.version) == ("pays late in spring", "M001", 1)
    assert len(follow_ups.of_business(desk, LEE, "B001")) == len(records.history(desk, schema.notes, LEE, note_id)) == 1
    assert notes.of_business(desk, KIM, "B001").empty
    with reading(desk) as con:
        move = con.execute(sa.select(schema.moves)).one()
    assert (move.from_manager_id, move.to_manager_id, move.build_id) == ("M001", "M002", "b2")


def test_a_business_that_left_the_book_keeps_its_records(desk):
    notes.write(desk, KIM, SHOP, "here")
    assert ownership.update_managers(desk, {}, "b2") == 0
    assert ownership.update_managers(desk, {"B001": "M001"}, "b3") == 0
    assert len(notes.of_business(desk, KIM, "B001")) == 1
