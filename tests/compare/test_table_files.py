"""Files as users have them: encodings, separators, repeated and missing headers."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.compare import table_files
from core.errors import DataError


def test_a_korean_file_with_semicolons_is_read(tmp_path: Path) -> None:
    path = tmp_path / "은행.csv"
    path.write_bytes("매출;지역\n1;강남\n2;마포\n".encode("cp949"))
    rows, _ = table_files.read(path)
    assert rows["지역"].tolist() == ["강남", "마포"]


def test_repeated_names_in_parquet_become_different_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    rows, notes = table_files.read(path)
    assert rows.columns.tolist() == ["a", "a (2)"]
    assert "repeats the name a" in notes[0]


def test_a_first_row_of_values_is_not_taken_for_a_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("33,1,1\n37,1,0\n", encoding="utf-8")
    rows, notes = table_files.read(path)
    assert rows["column_1"].tolist() == [33, 37]
    assert "no header" in notes[0]


def test_blanks_and_question_marks_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,x\n?,y\n ,z\n", encoding="utf-8")
    assert table_files.read(path)[0]["a"].isna().tolist() == [False, True, True]


def test_text_that_is_no_parquet_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(DataError, match=r"t\.parquet is not a Parquet file"):
        table_files.read(path)


def test_a_decimal_column_is_a_number(tmp_path: Path) -> None:
    from decimal import Decimal

    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": pa.array([Decimal("1.50"), None])}), path)
    assert pd.api.types.is_float_dtype(table_files.read(path)[0]["a"])
