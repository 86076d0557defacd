"""A dump of the served build, to hold two builds against each other: rows, columns and a hash of the values per table.

Before a change `python -m tests.golden DATA --out before.json`, after it, on a build of the same files,
`python -m tests.golden DATA --against before.json`: each table and column that differs is a line, exit code 1.
Numbers are rounded to 1e-9 of their size first: a sum over many rows differs in its last bits. Hashes are DuckDB's and
hold for one version of it on one kind of processor, so a dump is never committed.

Both builds must start from a data folder that holds raw files alone: the ledger and the segments go on from the build
before. The dump is of tables, not of the models' files.
"""

import argparse
import json
import sys
from pathlib import Path

from core import db

# They name the build itself or the code that made it.
NOT_COMPARED = {"build_info": ("value",), "scores_shown": ("build_id",)}

ROUNDED = "CASE WHEN abs({0}) < 1e-9 THEN '0' ELSE format('{{:.9e}}', {0}) END"

Dump = dict[str, dict]


def dump(con: db.Connection) -> Dump:
    """Table -> its number of rows, its columns with types, a hash of each column and one of the whole rows."""
    tables = con.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY table_name"
    ).fetchall()
    return {table: _table(con, table) for (table,) in tables}


def _table(con: db.Connection, table: str) -> dict:
    columns = con.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $table ORDER BY column_name",
        {"table": table},
    ).fetchall()
    compared = [(name, kind) for name, kind in columns if name not in NOT_COMPARED.get(table, ())]
    values = [_value(name, kind) for name, kind in compared]
    sums = ", ".join(f"sum(hash({value}))" for value in [*values, f"({', '.join(values)})"])
    rows, *hashes = con.execute(f'SELECT count(*), {sums} FROM "{table}"').fetchall()[0]
    names = [*(name for name, _ in compared), "*"]
    return {
        "rows": rows,
        "columns": dict(columns),
        "hashes": dict(zip(names, (str(total) for total in hashes), strict=True)),
    }


def _value(name: str, kind: str) -> str:
    if kind in ("DOUBLE", "FLOAT"):
        return ROUNDED.format(f'"{name}"')
    if kind in ("DOUBLE[]", "FLOAT[]"):
        return f'list_transform("{name}", lambda x: {ROUNDED.format("x")})'
    return f'"{name}"'


def differences(before: Dump, after: Dump) -> list[str]:
    """One sentence a difference, none when both dumps are of equal tables."""
    gone = [f"{table}: gone" for table in before if table not in after]
    new = [f"{table}: new" for table in after if table not in before]
    both = [table for table in before if table in after]
    return gone + new + [line for table in both for line in _of_table(table, before[table], after[table])]


def _of_table(table: str, before: dict, after: dict) -> list[str]:
    if before["columns"] != after["columns"]:
        changed = sorted(set(before["columns"].items()) ^ set(after["columns"].items()))
        return [f"{table}: columns differ: {', '.join(f'{name} {kind}' for name, kind in changed)}"]
    if before["rows"] != after["rows"]:
        return [f"{table}: {before['rows']} rows before, {after['rows']} after"]
    other = [name for name, value in before["hashes"].items() if after["hashes"][name] != value]
    return [f"{table}: other values in {', '.join(other)}"] if other else []


def main() -> int:
    """Write or compare the dump of the build that a data folder serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="data folder with a published build")
    parser.add_argument("--out", type=Path, help="file to write the dump to")
    parser.add_argument("--against", type=Path, help="dump to compare with")
    arguments = parser.parse_args()
    builds = arguments.data / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        tables = dump(con)
    if arguments.out:
        arguments.out.write_text(json.dumps(tables, indent=1), encoding="utf-8")
    lines = differences(json.loads(arguments.against.read_text(encoding="utf-8")), tables) if arguments.against else []
    print("\n".join(lines or [f"{len(tables)} tables, {sum(table['rows'] for table in tables.values())} rows"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
