"""The golden dump sees every change that matters, and none that does not."""

import duckdb
import pytest

from tests import golden


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE scores AS SELECT * FROM (VALUES ('B1', 5e-1, 1), ('B2', NULL, 2)) AS t(id, score, n)")
        yield con


def test_the_order_of_rows_and_the_last_bits_do_not_count(con):
    before = golden.dump(con)
    turned = "SELECT id, score * (1 + 1e-14) AS score, n FROM scores ORDER BY n DESC"
    con.execute(f"CREATE OR REPLACE TABLE scores AS {turned}")
    assert golden.differences(before, golden.dump(con)) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("UPDATE scores SET score = 0.500000001 WHERE id = 'B1'", "scores: other values in score, *"),
        ("UPDATE scores SET score = 0 WHERE id = 'B2'", "scores: other values in score, *"),
        # The values of each column are the same, the rows are not.
        ("UPDATE scores SET n = 3 - n", "scores: other values in *"),
        ("INSERT INTO scores VALUES ('B3', 1, 3)", "scores: 2 rows before, 3 after"),
        ("ALTER TABLE scores ADD COLUMN tier INTEGER", "scores: columns differ: tier INTEGER"),
        ("DROP TABLE scores", "scores: gone"),
    ],
)
def test_a_change_of_a_table_is_one_line(con, change, line):
    before = golden.dump(con)
    con.execute(change)
    assert golden.differences(before, golden.dump(con)) == [line]


def test_a_new_table_is_named(con):
    before = golden.dump(con)
    con.execute("CREATE TABLE more(x INTEGER)")
    assert golden.differences(before, golden.dump(con)) == ["more: new"]
