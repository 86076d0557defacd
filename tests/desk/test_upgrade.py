"""A desk that an older program made is brought up to date when it is opened, and keeps what was written; on both."""

from datetime import date

import pytest
import sqlalchemy as sa

from core.desk import alerts, notes, records, schema, watch_list
from core.desk.alerts import Alert
from core.desk.engine import open_desk
from core.desk.watch_list import Rule
from core.errors import DeskError
from tests.desk.conftest import KIM, SHOP

DAY = date(2025, 1, 10)
STATUS = {"build_id": "b1", "as_of": DAY, "state": "OK", "tier": 2, "score": 30, "pd_12m": 0.05}
# The first desks had no column is_demo and no tables of alerts and moves.
FIRST = [
    "DROP TABLE desk_alerts",
    "DROP TABLE desk_moves",
    "DROP INDEX desk_watch_once",
    *(f"ALTER TABLE {name} DROP COLUMN is_demo" for name in ("desk_notes", "desk_watch", "desk_follow_ups")),
    "ALTER TABLE desk_decisions DROP COLUMN is_demo",
    "CREATE UNIQUE INDEX desk_watch_once ON desk_watch (business_id) WHERE closed_at IS NULL",
]


def _older_desk(url: str, *statements: str) -> None:
    """Make a desk with a note, then change its schema by these statements."""
    desk = open_desk(url)
    notes.write(desk, KIM, SHOP, "of an older program")
    with desk.begin() as con:
        for statement in statements:
            con.exec_driver_sql(statement)
    desk.dispose()


def test_an_older_desk_gets_what_it_lacks_and_keeps_what_was_written(url):
    _older_desk(url, *FIRST)
    desk = open_desk(url)
    assert list(notes.of_business(desk, KIM, "B001")["text"]) == ["of an older program"]
    demo_scope = records.Scope(KIM.manager_ids, KIM.by, is_demo=True)
    assert notes.of_business(desk, demo_scope, "B001").empty
    for scope in (KIM, demo_scope):  # one open entry for the real business, one for the made-up one of the same id
        watch_list.put(desk, scope, SHOP, "sales fall", Rule("tier_at_least", 3), STATUS)
    assert alerts.send(desk, [Alert("a:B001:1", "a", "watch", "M001", "B001", DAY, DAY)], ("M001",), DAY).new == 1
    desk.dispose()


def test_an_upgraded_desk_is_as_a_new_one_and_is_left_alone_the_next_time(url):
    _older_desk(url, *FIRST)
    open_desk(url).dispose()
    desk = open_desk(url)
    inspector = sa.inspect(desk)
    for table in schema.metadata.sorted_tables:
        assert {column["name"] for column in inspector.get_columns(table.name)} == {
            column.name for column in table.columns
        }
        indexes = {index["name"]: index["column_names"] for index in inspector.get_indexes(table.name)}
        assert indexes == {index.name: [column.name for column in index.columns] for index in table.indexes}
    desk.dispose()


def test_a_desk_that_cannot_be_brought_up_to_date_is_refused_in_a_sentence(url):
    _older_desk(url, "ALTER TABLE desk_notes DROP COLUMN text")
    with pytest.raises(DeskError, match=r"desk_notes lacks text.*restore a backup"):
        open_desk(url)


def test_a_table_that_went_missing_while_the_desk_was_open_is_an_error_of_the_desk(desk):
    with desk.begin() as con:
        con.exec_driver_sql("DROP TABLE desk_notes")
    with pytest.raises(DeskError, match="desk_notes"):
        notes.of_business(desk, KIM, "B001")


def test_a_file_that_is_no_database_is_an_error_of_the_desk(tmp_path):
    (tmp_path / "desk.sqlite").write_text("this is a letter, and rather a long one" * 40)
    with pytest.raises(DeskError, match="not a database"):
        open_desk(f"sqlite:///{tmp_path / 'desk.sqlite'}")
