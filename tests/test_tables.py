"""The registry of tables is what the build does: every table, column, writer and reader; and every column has words."""

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from core import build, db, dictionary, tables
from tests import table_contracts
from tests.conftest import STATEMENTS
from tests.sql_tables import DIALECT, table_use
from tests.table_contracts import read_log, source_of, sql_files

STEPS = [name for name, _ in build.STEPS]
# Other databases (catalogue, the build before) and frames that no demo build has: an account at NH, a Parquet file.
OTHER = re.compile(r"^(previous\.|information_schema\.|duckdb_)")
FETCHED = {"moves", "uses", "parquet_batches"}


@pytest.fixture(scope="module")
def log(demo_build: Path) -> list[dict]:
    """Statements of the demo build."""
    return read_log(demo_build / STATEMENTS)


def test_the_registry_says_what_a_build_does(demo_build: Path, log: list[dict]):
    con = db.open_build(demo_build / "builds", db.current_build(demo_build / "builds"))
    text = table_contracts.toml(table_contracts.contracts(log, con))
    stored = Path(tables.__file__).with_suffix(".toml").read_text(encoding="utf-8")
    assert stored.splitlines() == text.splitlines(), "run `python -m tests.table_contracts` as its docstring says"


@pytest.mark.parametrize("file", sql_files())
def test_what_a_query_reads_is_registered(file: str):
    reads = {name for name in table_use(db.sql(file)).reads if not OTHER.match(name)} - FETCHED
    assert reads <= tables.registry().keys()
    assert all(f"{file}.sql" in tables.registry()[name].readers for name in reads)


@pytest.mark.parametrize("file", sql_files())
def test_every_column_of_a_query_is_registered(file: str):
    registry = tables.registry()
    reads = table_use(db.sql(file)).reads
    if reads - registry.keys() or any(not registry[name].columns for name in reads):
        pytest.skip("reads a frame or a table whose columns are those of an input file")
    for statement in sqlglot.parse(db.sql(file), dialect=DIALECT):
        if isinstance(statement, exp.Query) and not statement.find(exp.Pivot):
            _qualify(statement, {name: registry[name].columns for name in reads})


def _qualify(query: exp.Query, columns: dict[str, dict[str, str]]) -> None:
    """Resolve every column of a query, or raise. sqlglot's names have one depth: `scratch.` becomes part of a name."""
    for table in query.find_all(exp.Table):
        if table.db:
            table.replace(exp.table_(f"{table.db}__{table.name}", alias=table.alias or table.name))
    schema = MappingSchema(dialect=DIALECT)
    for name, types in columns.items():
        schema.add_table(name.replace(".", "__"), types | {"rowid": "BIGINT"}, dialect=DIALECT)
    qualify(query, schema=schema, dialect=DIALECT)


def test_an_unknown_column_is_refused():
    query = sqlglot.parse_one("SELECT score, not_there FROM opportunity_now", dialect=DIALECT)
    with pytest.raises(OptimizeError, match="not_there"):
        _qualify(query, {"opportunity_now": tables.registry()["opportunity_now"].columns})


def test_a_step_reads_what_a_step_before_wrote_and_nobody_has_dropped(log: list[dict]):
    registry = tables.registry()
    late = {
        (row["step"], source_of(row), name)
        for row in log
        if not row["sql"].startswith("REGISTER ")
        for name in table_use(row["sql"]).reads & registry.keys()
        if not STEPS.index(registry[name].step)
        <= STEPS.index(row["step"])
        <= STEPS.index(registry[name].dropped or STEPS[-1])
    }
    assert late == set()


@pytest.mark.parametrize(
    "file", [file for file in sql_files() if file.startswith(("pages/", "core/api/", "core/report/"))]
)
def test_pages_and_the_api_read_what_a_published_build_holds(file: str):
    reads = table_use(db.sql(file)).reads & tables.registry().keys()
    assert [name for name in reads if tables.registry()[name].dropped] == []


def test_the_rule_of_the_point_in_time_stands_in_one_place():
    compared = re.compile(r"available_on\s*(<|>|=|BETWEEN)", re.I)
    files = {file for file in sql_files() if compared.search(re.sub(r"--[^\n]*", "", db.sql(file)))}
    assert files == {"core/sql/macros"}


@pytest.mark.parametrize("name", [table.name for table in dictionary.published_tables()])
def test_every_table_and_column_of_a_build_has_words_in_both_languages(name: str):
    entries = [
        dictionary.table_words(name),
        *(dictionary.column_words(name, column) for column in tables.registry()[name].columns),
    ]
    assert all(entry.ko and entry.en for entry in entries)


def test_the_dictionary_has_no_entry_too_many():
    published = {table.name: table for table in dictionary.published_tables()}
    columns = {column for table in published.values() for column in table.columns}
    exceptions = {f"{name}.{column}" for name, table in published.items() for column in table.columns}
    entries = dictionary.entries()
    assert set(entries["columns"]) <= columns | exceptions
    assert set(entries["tables"]) <= published.keys()
