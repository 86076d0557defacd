"""Import of files of a bank or of the city into data/raw: recognition, check together with the files there, copy.

The check is the load itself, in a database in memory, over the new files and those they touch: what is reported is
what the build will do. Nothing is copied before everything is checked.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core import db, files
from core.errors import DataError
from core.progress import Progress, silent
from core.sources import checks, file_probe
from core.sources.contract import TABLES
from core.sources.errors import FileRefusedError
from core.sources.loader import DEMO, RawFile, files_below, load_files
from core.sources.table_of_file import recognise

SHOWN = 12  # kinds of problems of a file that the report names; the rest is counted


@dataclass(frozen=True)
class FileReport:
    """The result for one file: `rows` read, `quarantined` kept out, `problems` in sentences.

    `codes`: problem -> stable id of the fault, so that a page can say it in another language.
    """

    file: str
    table: str | None
    rows: int
    quarantined: int
    problems: list[str]
    accepted: bool
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """One entry a file; `notes`: other effects of the import (demo files are removed)."""

    files: list[FileReport]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    """A file that may be imported: where it is, the table it seems to be, its name in data/raw."""

    path: Path
    table: str | None
    name: str
    is_demo: bool

    def target(self, raw: Path) -> Path | None:
        """Its path in data/raw; None without a table."""
        return raw / TABLES[self.table].kind / self.name if self.table else None


def check_files(path: Path, raw: Path, progress: Progress = silent) -> Report:
    """What `import_files` would do; nothing is changed."""
    return _report(_candidates(path, raw), raw, progress)


def import_files(path: Path, raw: Path, progress: Progress = silent) -> Report:
    """Check a file or folder and copy what can be used to raw/bank or raw/seoul; a file of the same name is replaced.

    Raises
    ------
    DataError : there is no file that could be a table
    """
    candidates = _candidates(path, raw)
    report = _report(candidates, raw, progress)
    targets = {
        target: candidate
        for candidate, file in zip(candidates, report.files, strict=True)
        if file.accepted and (target := candidate.target(raw))
    }
    for folder in {target.parent for target in targets}:
        _prepare_folder(folder, [candidate for target, candidate in targets.items() if target.parent == folder])
    for target, candidate in targets.items():
        files.copy(candidate.path, target)
    return report


def _candidates(path: Path, raw: Path) -> list[_Candidate]:
    paths = [path]
    if path.is_dir():
        paths = sorted(
            item for item in path.rglob("*") if item.is_file() and item.suffix.lower() in file_probe.SUFFIXES
        )
    if not paths:
        raise DataError(f"{path} holds no CSV, Parquet or XLSX file; name the folder that holds the files")
    if any(raw.resolve() in item.resolve().parents for item in paths):
        raise DataError(f"{path} lies in {raw}, where imported files go; name the folder the files come from")
    present = {file.path: _table(file.path) for file in files_below(raw)}
    candidates: list[_Candidate] = []
    for item in paths:
        candidate = _Candidate(item, _table(item), item.name, (item.parent / DEMO).exists())
        candidates.append(replace(candidate, name=_free_name(candidate, candidates, raw, present)))
    return candidates


def _table(path: Path) -> str | None:
    """The table a file seems to be."""
    with tempfile.TemporaryDirectory(prefix="beacon-probe-") as scratch:
        try:
            return recognise(path.name, file_probe.probe_file(path, Path(scratch)).header).table.name
        except FileRefusedError:
            return None


def _free_name(candidate: _Candidate, others: Sequence[_Candidate], raw: Path, present: dict[Path, str | None]) -> str:
    """The file's own name, unless another file or another table has it: sales.csv of 2021 beside sales.csv of 2020."""
    used = {other.name for other in others}
    own = candidate.name
    names = [own, f"{candidate.path.parent.name}-{own}", f"{candidate.table}-{own}"]
    names += [f"{number}-{own}" for number in range(2, len(others) + 3)]
    for name in names:
        target = replace(candidate, name=name).target(raw)
        if name not in used and (target is None or present.get(target, candidate.table) == candidate.table):
            return name
    return f"{len(others) + 3}-{own}"


def _report(candidates: Sequence[_Candidate], raw: Path, progress: Progress) -> Report:
    tables = {candidate.table for candidate in candidates if candidate.table}
    kinds = {TABLES[table].kind for table in tables}
    replaced = {candidate.target(raw) for candidate in candidates}
    are_real = not all(candidate.is_demo for candidate in candidates)
    # Files of the same name are replaced and demo files are removed for real ones: both are left out of the check.
    present = [
        file
        for file in files_below(raw)
        if file.path not in replaced and not (file.is_demo and are_real and file.path.parent.name in kinds)
    ]
    with tempfile.TemporaryDirectory(prefix="beacon-import-") as folder, db.connect() as con:
        links = [_link(candidate, Path(folder)) for candidate in candidates]
        load_files(con, present + links, progress, _with_lookups(tables))
        reports = [_file_report(con, candidate, raw) for candidate in candidates]
    kinds = {TABLES[report.table].kind for report in reports if report.accepted and report.table}
    notes = [note for kind in sorted(kinds) if are_real for note in _demo_note(raw / kind)]
    if notes:
        reports[0] = replace(reports[0], problems=[*notes, *reports[0].problems])
    return Report(reports, notes)


def _link(candidate: _Candidate, folder: Path) -> RawFile:
    """The file under the name it will have."""
    link = folder / candidate.name
    link.symlink_to(candidate.path.resolve())
    return RawFile(link, candidate.is_demo)


def _with_lookups(tables: set[str]) -> set[str]:
    """These tables and all that their checks look into, directly or not."""
    closure = set(tables)
    while more := {name for table in closure for name in checks.lookups(table)} - closure:
        closure |= more
    return closure


def _file_report(con: db.Connection, candidate: _Candidate, raw: Path) -> FileReport:
    params = {"file": candidate.name, "table": candidate.table}
    rows, loaded, quarantined = con.execute(db.sql("core/sources/sql/report_totals"), params).fetchall()[0]
    kinds = con.execute(db.sql("core/sources/sql/report_problems"), params).fetchall()
    codes = {_problem(*kind): str(kind[0]) for kind in kinds[:SHOWN]}
    problems = [_problem(*kind) for kind in kinds[:SHOWN]]
    if len(kinds) > SHOWN:
        problems.append(f"and {len(kinds) - SHOWN} more kinds of problems; build and see the Data page")
    clash = _demo_clash(candidate, raw)
    if clash:
        problems.insert(0, clash)
    accepted = bool(loaded) and not clash
    return FileReport(candidate.name, candidate.table, rows, quarantined, problems, accepted, codes)


def _problem(
    code: str, action: str, column: str | None, rows: int, line: int | None, value: str | None, reason: str
) -> str:
    """One kind of problem as a sentence, with the first place where it occurs."""
    del code
    if line is None:
        return reason
    cell = f", {column} = {value!r}" if column and value is not None else f", {column}" if column else ""
    effect = {"row": "left out", "value": "value made unknown", "note": "note"}[action]
    return f"{rows:,} x {effect}: {reason} (first: line {line:,}{cell})"


def _demo_clash(candidate: _Candidate, raw: Path) -> str | None:
    """Why a demo file may not be imported; None if it may."""
    target = candidate.target(raw)
    if not candidate.is_demo or target is None or (target.parent / DEMO).exists():
        return None
    if any(file.path.parent == target.parent for file in files_below(raw)):
        return "this is demo data and real files are there: the two are never mixed; use another BEACON_DATA_DIR"
    return None


def _demo_note(folder: Path) -> list[str]:
    """That the demo files of this folder are removed, if there are any."""
    if not (folder / DEMO).exists():
        return []
    demo_files = "the demo bank's files" if folder.name == "bank" else "the demo trade-area files"
    return [f"{demo_files} give way to the real ones (demo and real data are never mixed)"]


def _prepare_folder(folder: Path, candidates: Sequence[_Candidate]) -> None:
    """Before real files are copied, demo files are removed; a folder of demo files is marked as one."""
    folder.mkdir(parents=True, exist_ok=True)
    if all(candidate.is_demo for candidate in candidates):
        files.copy(candidates[0].path.parent / DEMO, folder / DEMO)
    elif (folder / DEMO).exists():
        for file in folder.rglob("*"):
            if file.is_file():
                file.unlink()
