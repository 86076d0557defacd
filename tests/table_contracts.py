"""What the registry of tables (core/tables.toml) must say, worked out from the SQL files and from a recorded build.

    python -m tests.table_contracts LOG.jsonl DATA

writes core/tables.toml anew from the statement log of a build (tests/statement_log.py) and from the build in DATA.
tests/test_tables.py compares both.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core import db
from core.config import ROOT
from tests.sql_tables import table_use

HEADER = """# Every table of a build, also those that one step makes for another and drops. Written by
# tests/table_contracts.py, held by tests/test_tables.py. What tables and columns mean is in core/dictionary.toml.
# step: the step of core/build.py that makes the table; writers: the files that create or fill it; dropped: the step
# that drops it (a table without is in the published build); readers: the files that read it.
"""


@dataclass
class Contract:
    """One table: where it comes from, what it holds, who reads it."""

    step: str = ""
    dropped: str = ""
    writers: set[str] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)
    columns: dict[str, str] = field(default_factory=dict)


def sql_files() -> list[str]:
    """Every SQL file of core and pages, named as in the code: the path without `.sql`."""
    files = [*(ROOT / "core").rglob("*.sql"), *(ROOT / "pages").rglob("*.sql")]
    return sorted(file.relative_to(ROOT).with_suffix("").as_posix() for file in files)


def contracts(log: Iterable[dict], build: db.Connection) -> dict[str, Contract]:
    """Every table of the registry by name.

    Parameters
    ----------
    log : rows of a statement log of one build
    build : that build, published
    """
    tables: dict[str, Contract] = {}
    for row in log:
        _note(tables, row)
    for name, columns in _columns(build).items():
        tables[name].columns = columns
        tables[name].dropped = ""
    for file in sql_files():
        for name in table_use(db.sql(file)).reads & tables.keys():
            tables[name].readers.add(f"{file}.sql")
    return dict(sorted(tables.items()))


def _note(tables: dict[str, Contract], row: dict) -> None:
    """What one statement says of tables."""
    sql = row["sql"]
    if sql.startswith("REGISTER "):
        table = tables.setdefault(sql.removeprefix("REGISTER "), Contract(row["step"]))
        table.writers.add(row["module"])
        table.dropped = row["step"]  # a frame is read in its step only
        table.columns |= next(iter(row["columns"].values()))
        return
    use = table_use(sql)
    source = source_of(row)
    for name in use.creates:
        table = tables.setdefault(name, Contract(row["step"]))
        table.writers.add(source)
        table.columns |= row["columns"].get(name, {})
        # A table that lives on only as long as the build's connection is dropped with it.
        table.dropped = "checks"
    for name in use.fills & tables.keys():
        tables[name].writers.add(source)
    for name in use.drops & tables.keys():
        tables[name].dropped = row["step"]
    if not source.endswith(".sql"):
        for name in use.reads & tables.keys():
            tables[name].readers.add(source)


def source_of(row: dict) -> str:
    """The SQL file that a logged statement comes from, else the module that ran it."""
    text = row["sql"].rstrip()
    return next((f"{file}.sql" for file in _texts() if text.endswith(_texts()[file])), row["module"])


@cache
def _texts() -> dict[str, str]:
    return {file: db.sql(file).rstrip() for file in sql_files()}


def _columns(build: db.Connection) -> dict[str, dict[str, str]]:
    """Tables and views of a build: column -> type."""
    rows = build.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index"
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind
    return columns


def toml(tables: dict[str, Contract]) -> str:
    """Text of core/tables.toml."""
    return HEADER + "".join(_entry(name, table) for name, table in tables.items())


def _entry(name: str, table: Contract) -> str:
    columns = [f"{column} {kind}" for column, kind in table.columns.items()]
    key = name if "." not in name else f'"{name}"'
    lines = [f"\n[{key}]", f'step = "{table.step}"']
    if table.dropped:
        lines.append(f'dropped = "{table.dropped}"')
    lists = {"writers": sorted(table.writers), "readers": sorted(table.readers), "columns": columns}
    return "\n".join([*lines, *(f"{title} = {_array(rows)}" for title, rows in lists.items())]) + "\n"


def _array(rows: list[str]) -> str:
    """A TOML array, wrapped at 120 characters."""
    quoted = [f'"{row}"' for row in rows]
    line = "[" + ", ".join(quoted) + "]"
    if len(line) < 100:
        return line
    lines = [""]
    for text in quoted:
        if len(lines[-1]) + len(text) > 112:
            lines.append("")
        lines[-1] += f"{text}, " if lines[-1] else f"    {text}, "
    return "[\n" + "\n".join(part.rstrip() for part in lines) + "\n]"


def read_log(path: Path) -> list[dict]:
    """Rows of a statement log; a statement that ran more than once in a step stands for all its runs."""
    return [json.loads(line) for line in dict.fromkeys(path.read_text(encoding="utf-8").splitlines())]


if __name__ == "__main__":
    log_file, builds = Path(sys.argv[1]), Path(sys.argv[2]) / "builds"
    published = db.open_build(builds, db.current_build(builds))
    text = toml(contracts(read_log(log_file), published))
    (ROOT / "core" / "tables.toml").write_text(text, encoding="utf-8")
