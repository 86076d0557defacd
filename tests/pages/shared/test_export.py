"""Files that leave the app: no cell runs as a formula, numbers stay numbers, Excel reads the Korean."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from pages.shared.parts.export import Note, formula_safe, to_csv, to_xlsx

NOTE = Note("업체 목록", "안내", (("기준일", "2024-12-31"), ("조회 범위", "=1+1")))
HOSTILE = ["=HYPERLINK(1)", "+82-2-123", "-1+1", "@SUM(A1)", "\tx", "\rx"]


def _table() -> pd.DataFrame:
    return pd.DataFrame({"업체명": [*HOSTILE, None], "점수": [1, 2, 3, 4, 5, 6, None], "비율": [-0.5] * 7})


def _csv_rows() -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(_table(), NOTE).decode("utf-8-sig"), newline="")))


@given(st.text())
def test_no_text_can_start_a_formula(text):
    assert not formula_safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_hostile_names_are_defused_in_csv():
    assert [row[0] for row in _csv_rows()[1:]] == [f"'{name}" for name in HOSTILE] + [""]


def test_numbers_stay_numbers_in_csv():
    assert _csv_rows()[1][1:3] == ["1.0", "-0.5"]


def test_csv_opens_in_excel_as_korean():
    assert to_csv(_table(), NOTE).startswith(b"\xef\xbb\xbf")


def test_every_row_carries_the_as_of():
    assert {row[3] for row in _csv_rows()[1:]} == {"2024-12-31"}


def test_scope_in_a_file_is_defused_too():
    assert {row[4] for row in _csv_rows()[1:]} == {"'=1+1"}


@pytest.mark.parametrize(("column", "kind"), [(0, str), (1, (int, float)), (2, float)])
def test_xlsx_cells_keep_their_kind(column, kind):
    sheet = load_workbook(io.BytesIO(to_xlsx(_table(), NOTE))).worksheets[0]
    assert isinstance(next(sheet.iter_rows(min_row=2, values_only=True))[column], kind)


def test_no_cell_of_the_workbook_is_a_formula():
    book = load_workbook(io.BytesIO(to_xlsx(_table(), NOTE)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
