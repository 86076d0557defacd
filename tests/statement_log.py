"""Run a command of `core` and write down every statement of its build: `python -m tests.statement_log LOG build`.

LOG gets one JSON object a line, in the order of execution: the step of core/build.py, the module that ran the
statement, the statement, and the columns of the tables that it created:
`{"step": "score", "module": "core/score/season.py", "sql": "CREATE …", "columns": {"season_index": {"n": "BIGINT"}}}`.
A frame that Python registers is written down as `REGISTER name`.
"""

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from core import __main__ as commands
from core import db
from core.config import ROOT

PASSING_ON = ("core/db.py", "core/tables.py")
CREATED = re.compile(r"CREATE (?:OR REPLACE )?(?:TEMP )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?([\w.]+)")


class RecordedConnection:
    """A DuckDB connection that remembers what was executed on it; everything else is the connection's own."""

    def __init__(self, con: db.Connection, log: "StatementLog"):
        self._con = con
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def execute(self, sql: str, *params: Any) -> Any:
        """Execute a statement, then note it with the columns of the tables it created."""
        result = self._con.execute(sql, *params)
        self._log.add(sql, {table: self._columns(table) for table in CREATED.findall(sql)})
        return result

    def sql(self, sql: str, **options: Any) -> Any:
        """A relation of a query, then note the query."""
        relation = self._con.sql(sql, **options)
        self._log.add(sql, {})
        return relation

    def register(self, name: str, frame: object) -> Any:
        """Make a frame readable as a table, then note it with its columns."""
        result = self._con.register(name, frame)
        if Path(sys._getframe(1).f_code.co_filename).relative_to(ROOT).as_posix() in PASSING_ON:
            return result  # on its way into a table, which is noted
        columns = {} if isinstance(frame, pa.RecordBatchReader) else self._columns(name)
        self._log.add(f"REGISTER {name}", {name: columns})
        return result

    def cursor(self) -> "RecordedConnection":
        """Another connection to the same database, recorded as well."""
        return RecordedConnection(self._con.cursor(), self._log)

    def _columns(self, table: str) -> dict[str, str]:
        rows = self._con.execute(f"DESCRIBE {table}").fetchall()
        return {str(row[0]): str(row[1]).strip(chr(34)) for row in rows}


class StatementLog(logging.Handler):
    """Statements of a build, each with the step in which it ran: `core.build` logs the end of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def add(self, sql: str, columns: dict[str, dict[str, str]]) -> None:
        self.rows.append({"step": None, "module": _calling_module(), "sql": sql, "columns": columns})

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("step="):
            step = str(record.args[0]) if isinstance(record.args, tuple) else ""
            self.rows = [row | {"step": row["step"] or step} for row in self.rows]

    def write(self, path: Path) -> None:
        last = next((row["step"] for row in reversed(self.rows) if row["step"]), "")
        rows = [row | {"step": row["step"] or last} for row in self.rows]  # build_info is written after the last step
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8")


def _calling_module() -> str:
    """File of ours that ran the statement: the nearest one that does more than passing SQL on."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "core") and file.relative_to(ROOT).as_posix() not in PASSING_ON:
            return file.relative_to(ROOT).as_posix()
        frame = frame.f_back
    return ""


def main(path: Path) -> int:
    """Run the command that stands in sys.argv and write its log; the command's exit code."""
    log = StatementLog()
    build = logging.getLogger("beacon.build")
    build.setLevel(logging.INFO)
    build.addHandler(log)
    connect = db.connect
    db.connect = lambda *args: RecordedConnection(connect(*args), log)  # type: ignore[assignment,return-value]
    try:
        return commands.main()
    finally:
        log.write(path)


if __name__ == "__main__":
    target = Path(sys.argv.pop(1))
    raise SystemExit(main(target))
