"""The contract, the checked tables, the SQL of the checks and the templates agree."""

import io
import re

import openpyxl
import pytest

from core import db
from core.config import CORE
from core.sources import load
from core.sources.checks import CHECKS
from core.sources.contract import AVAILABLE, TABLES
from core.sources.quarantine import fault_sentences
from core.sources.table_of_file import recognise
from core.sources.templates import template

BANK = [name for name, table in TABLES.items() if table.kind == "bank"]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> db.Connection:
    con = db.connect()
    load(con, tmp_path_factory.mktemp("nothing"))
    return con


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_there_with_no_file_at_all(empty: db.Connection, table: str):
    assert db.count(empty, table) == 0
    assert empty.execute("SELECT count(*) FROM absent_tables WHERE source_table = $1", [table]).fetchall() == [(1,)]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_contract_reaches_its_checked_table(empty: db.Connection, table: str):
    checked = {row[0] for row in empty.execute(f"DESCRIBE {table}").fetchall()}
    helper_columns = {AVAILABLE, "year", "quarter_of_year", "year_month", "industry_name"}
    assert {column.name for column in TABLES[table].columns} - helper_columns <= checked


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_column_has_words_in_both_languages(table: str):
    assert TABLES[table].ko
    assert TABLES[table].en
    if TABLES[table].kind == "bank":
        assert all(column.ko and column.en for column in TABLES[table].columns)


@pytest.mark.parametrize("table", BANK)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_is_recognised_as_its_table(table: str, kind: str):
    data = template(table, kind)
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")  # without it Excel reads Korean as nonsense
        header = data.decode("utf-8-sig").strip().split(",")
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        header = [cell.value for cell in sheet[1]]
    columns = recognise("template", header)
    assert columns.table.name == table
    assert columns.extra == ()


def test_every_check_has_its_sql_and_every_sql_its_check():
    files = {path.stem for path in (CORE / "sources" / "sql" / "checks").glob("*.sql")}
    assert files == {name for names in CHECKS.values() for name in names}


def test_every_code_has_its_sentence_and_every_sentence_its_code():
    text = "".join(path.read_text(encoding="utf-8") for path in (CORE / "sources" / "sql").rglob("*.sql"))
    matches = re.findall(r"(?:THEN|ELSE|AS) '([a-z_]+)'|'([a-z_]+)' AS code", text)
    other_words = {"", "row", "value", "note", "food", "services", "retail", "lat", "lon"}
    codes = {code for pair in matches for code in pair} - other_words
    counts = {code.replace("amount", "count") for code in codes if code.startswith("amount")}
    # These are found before SQL sees the row, or belong to the file.
    codes_of_python = {"managers_derived", "ragged_line", "unbalanced_quote", "truncated_last_line", "extra_columns"}
    assert codes | counts | codes_of_python == set(fault_sentences())
