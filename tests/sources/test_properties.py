"""Whatever a file holds: good rows load, bad rows are quarantined with their line, no row is lost, sums agree."""

import csv
import io
import re
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from core import db
from core.sources.csv_layout import layout
from core.sources.loader import scratch_database
from tests.sources.small_bank import LoadedBank, load_core_tables

BAD_AMOUNTS = ["-1", "1,5", "x", "", "1.5", "١٢", "1e3", "１２", "99999999999999999", "--", "0x1", "null", "1 000"]
BAD_MONTHS = ["2024-13", "45123", "2024", "", "2190-01", "0000-00", "2024-1", "x", "2024-02-30", "12/2024"]
MONTHS = [f"{year}-{month:02}" for year in (2022, 2023) for month in range(1, 13)]

good = st.tuples(st.just(True), st.integers(0, 10**12))
bad = st.tuples(
    st.just(False),
    st.sampled_from([("amount", text) for text in BAD_AMOUNTS] + [("month", text) for text in BAD_MONTHS]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.one_of(good, bad), min_size=1, max_size=24),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp949"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_good_rows_load_and_bad_rows_are_reported(rows: list, encoding: str, newline: str):
    lines, expected = [["business_id", "month", "revenue_krw"]], []
    for month, (is_good, what) in zip(MONTHS, rows, strict=False):
        amount = str(what) if is_good else what[1] if what[0] == "amount" else "1"
        lines.append(["B1", what[1] if not is_good and what[0] == "month" else month, amount])
        if is_good:
            expected.append(what)
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows(lines)
    data = text.getvalue().encode(encoding, errors="replace")
    with tempfile.TemporaryDirectory() as folder:
        bank = load_core_tables(Path(folder), revenue=data)
    _compare(bank, expected, [number for number, (is_good, _) in enumerate(rows, start=2) if not is_good])


def _compare(bank: LoadedBank, amounts: list[int], bad_lines: list[int]) -> None:
    assert bank.rows("SELECT count(*), coalesce(sum(revenue_krw), 0) FROM revenue") == [(len(amounts), sum(amounts))]
    assert sorted({line for line, _ in bank.codes("revenue")}) == bad_lines


cells = st.text(alphabet='ab,"\n x', max_size=5)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12), newline=st.sampled_from(["\n", "\r\n"]))
def test_the_layout_of_a_proper_csv_has_every_row_on_its_line(rows: list[tuple[str, str, str]], newline: str):
    text = io.StringIO()
    csv.writer(text, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])
    data = text.getvalue().encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(data)
        lines = layout(path, ",", 3, data.index(b"\n") + 1)
    assert (lines.rows, lines.bad) == (len(rows), [])
    line, expected = 2, []
    for row in rows:
        expected.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert [_line(number, lines.segments) for number in range(len(rows))] == expected


def _line(row: int, segments: list[tuple[int, int]]) -> int:
    first, line = [segment for segment in segments if segment[0] <= row][-1]
    return line + row - first


@settings(max_examples=150, deadline=None)
@given(data=st.text(alphabet='1,"\n\r', max_size=40))
# As many CR as LF, and yet two kinds of line breaks.
@example(data='",\r\r"\n1,""\r\n11\r,1,,"')
def test_every_line_of_any_text_is_a_row_or_odd_or_part_of_one(data: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(b"a,b\n" + data.encode() + b"\n")
        lines = layout(path, ",", 2, 4)
        content = _without(path.read_bytes(), lines.cuts)
        clean = Path(folder) / "clean.csv"
        clean.write_bytes(content.replace(b"\r", b"") if lines.is_mixed else content)
        params = {
            "path": str(clean),
            "keep": ["a", "b"],
            "columns": {"a": "VARCHAR", "b": "VARCHAR"},
            "delimiter": ",",
        }
        with db.connect() as con:
            sql = f"SELECT count(*) FROM ({db.sql('core/sources/sql/csv_rows')})"
            rows = con.execute(sql, params).fetchall()[0][0]
    assert rows == lines.rows


def _without(data: bytes, cuts: list[tuple[int, int]]) -> bytes:
    for start, end in reversed(cuts):
        data = data[:start] + data[end:]
    return data


MOST = {"won": 10**15, "count": 2 * 10**9}


# No shrinking: a list of hundreds of texts takes minutes to shrink, and the failing text is named anyway.
@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(texts=st.lists(st.text(alphabet="0123456789.,-+eE _x\t", max_size=12), min_size=100, max_size=200))
def test_a_cell_has_a_value_exactly_if_it_is_a_whole_number(texts: list[str]):
    with db.connect() as con, scratch_database(con):
        for kind, most in MOST.items():
            sql = f"SELECT t, to_{kind}(t) FROM (SELECT unnest($texts) AS t)"
            for text, value in con.execute(sql, {"texts": texts}).fetchall():
                whole = re.fullmatch(r" *(\d+)(\.0*)? *", text)
                assert value == (int(whole[1]) if whole and int(whole[1]) <= most else None), (kind, text)


@settings(max_examples=5, deadline=None)
@given(days=st.lists(st.dates(date(1990, 1, 1), date(2026, 6, 30)), min_size=30, max_size=90))
def test_every_real_day_is_read_in_each_spelling(days: list[date]):
    with db.connect() as con, scratch_database(con):
        for spelling in ("%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y/%m/%d", "%Y-%m-%d 00:00:00"):
            texts = [day.strftime(spelling) for day in days]
            sql = "SELECT to_day(t), to_month(left(t, 7)) FROM (SELECT unnest($texts) AS t)"
            assert [row[0] for row in con.execute(sql, {"texts": texts}).fetchall()] == days
