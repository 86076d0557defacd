"""Bring files of a bank's book or of the city into data/raw: recognise, check against what is there, copy.

The check is the load itself, in a database in memory, over the new files and those they touch: what is reported is
what the build will do. Nothing is copied before everything is checked.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core import db, files
from core.errors import DataError
from core.sources import file_probe
from core.sources.contract import TABLES
from core.sources.errors import RefusedError
from core.sources.load import DEMO, Found, files_below, load_files
from core.sources.table_of_file import recognise

Progress = Callable[[str, float], None]
SHOWN = 12
# Tables that the checks of a table look into.
LOOKED_INTO = {
    "businesses": ("market_areas", "managers"),
    "repayments": ("loans",),
} | dict.fromkeys(
    ("revenue", "balances", "loans", "holdings", "contacts", "interactions", "suitability", "payments"), ("businesses",)
)


@dataclass(frozen=True)
class FileReport:
    """What became of one file: `rows` read, `quarantined` left out, `problems` in words.

    `codes`: problem -> stable id of the fault, for who words it in another language.
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
    """One entry a file; `notes`: what else happened (demo data removed)."""

    files: list[FileReport]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Offer:
    """A file that wants to come in: where it is, the table it seems to be, its name in data/raw."""

    path: Path
    table: str | None
    name: str
    is_demo: bool

    def target(self, raw: Path) -> Path | None:
        return raw / TABLES[self.table].kind / self.name if self.table else None


def check(path: Path, raw: Path, progress: Progress | None = None) -> Report:
    """What `bring` would do; nothing is changed."""
    return _checked(_offers(path, raw), raw, progress)


def bring(path: Path, raw: Path, progress: Progress | None = None) -> Report:
    """Check a file or folder and copy what can be used to raw/bank or raw/seoul; a file of the same name is replaced.

    Raises
    ------
    DataError : there is no file that could be a table
    """
    offers = _offers(path, raw)
    report = _checked(offers, raw, progress)
    taken = [offer for offer, file in zip(offers, report.files, strict=True) if file.accepted]
    for folder in {target.parent for offer in taken if (target := offer.target(raw))}:
        _make_room(folder, [offer for offer in taken if offer.target(raw) == folder / offer.name])
    for offer in taken:
        if target := offer.target(raw):
            files.copy(offer.path, target)
    return report


def _offers(path: Path, raw: Path) -> list[_Offer]:
    found = [path]
    if path.is_dir():
        found = sorted(
            item for item in path.rglob("*") if item.is_file() and item.suffix.lower() in file_probe.SUFFIXES
        )
    if not found:
        raise DataError(f"{path} holds no CSV, Parquet or XLSX file; name the folder that holds the files")
    if any(raw.resolve() in item.resolve().parents for item in found):
        raise DataError(f"{path} lies in {raw}, where imported files go; name the folder the files come from")
    there = {found.path: _table(found.path) for found in files_below(raw)}
    offers: list[_Offer] = []
    for item in found:
        table = _table(item)
        offer = _Offer(item, table, item.name, (item.parent / DEMO).exists())
        offers.append(replace(offer, name=_free_name(offer, offers, raw, there)))
    return offers


def _table(path: Path) -> str | None:
    """The table a file seems to be."""
    with tempfile.TemporaryDirectory(prefix="beacon-look-") as scratch:
        try:
            return recognise(path.name, file_probe.look(path, Path(scratch)).header).table.name
        except RefusedError:
            return None


def _free_name(offer: _Offer, others: Sequence[_Offer], raw: Path, there: dict[Path, str | None]) -> str:
    """The file's own name, unless another file or another table has it: sales.csv of 2021 beside sales.csv of 2020."""
    taken = {other.name for other in others}
    names = [offer.name, f"{offer.path.parent.name}-{offer.name}", f"{offer.table}-{offer.name}"]
    names += [f"{number}-{offer.name}" for number in range(2, len(others) + 3)]
    for name in names:
        target = replace(offer, name=name).target(raw)
        if name not in taken and (target is None or there.get(target, offer.table) == offer.table):
            return name
    return f"{len(others) + 3}-{offer.name}"


def _checked(offers: Sequence[_Offer], raw: Path, progress: Progress | None) -> Report:
    tables = {offer.table for offer in offers if offer.table}
    kinds = {TABLES[table].kind for table in tables}
    replaced = {offer.target(raw) for offer in offers}
    are_real = not all(offer.is_demo for offer in offers)
    # Files of the same name are replaced and demo files give way to real ones: neither is in the way of the check.
    present = [
        found
        for found in files_below(raw)
        if found.path not in replaced and not (found.is_demo and are_real and found.path.parent.name in kinds)
    ]
    with tempfile.TemporaryDirectory(prefix="beacon-offer-") as folder, db.connect() as con:
        load_files(con, present + [_linked(offer, Path(folder)) for offer in offers], progress, _needed(tables))
        reports = [_report(con, offer, raw) for offer in offers]
    taken = {TABLES[report.table].kind for report in reports if report.accepted and report.table}
    notes = [note for kind in sorted(taken) if are_real for note in _demo_note(raw / kind)]
    if notes:
        reports[0] = replace(reports[0], problems=[*notes, *reports[0].problems])
    return Report(reports, notes)


def _linked(offer: _Offer, folder: Path) -> Found:
    """The file under the name it will have."""
    link = folder / offer.name
    link.symlink_to(offer.path.resolve())
    return Found(link, offer.is_demo)


def _needed(tables: set[str]) -> set[str]:
    """These tables and all that their checks look into."""
    found = set(tables)
    while more := {name for table in found for name in LOOKED_INTO.get(table, ())} - found:
        found |= more
    return found


def _report(con: db.Connection, offer: _Offer, raw: Path) -> FileReport:
    where = {"file": offer.name, "table": offer.table}
    rows, loaded, quarantined = con.execute(db.sql("core/sources/sql/report_rows"), where).fetchall()[0]
    kinds = con.execute(db.sql("core/sources/sql/report_problems"), where).fetchall()
    problems = [_problem(*kind) for kind in kinds[:SHOWN]]
    codes = {_problem(*kind): str(kind[0]) for kind in kinds[:SHOWN]}
    if len(kinds) > SHOWN:
        problems.append(f"and {len(kinds) - SHOWN} more kinds of problems; build and see the Data page")
    clash = _demo_clash(offer, raw)
    if clash:
        problems.insert(0, clash)
    return FileReport(offer.name, offer.table, rows, quarantined, problems, bool(loaded) and not clash, codes)


def _problem(
    code: str, action: str, column: str | None, rows: int, line: int | None, value: str | None, reason: str
) -> str:
    """One kind of problem in one sentence, with the first place where it stands."""
    del code
    if line is None:
        return reason
    seen = f", {column} = {value!r}" if column and value is not None else f", {column}" if column else ""
    what = {"row": "left out", "value": "value made unknown", "note": "note"}[action]
    return f"{rows:,} x {what}: {reason} (first: line {line:,}{seen})"


def _demo_clash(offer: _Offer, raw: Path) -> str | None:
    """Why a demo file may not come in."""
    target = offer.target(raw)
    if not offer.is_demo or target is None or (target.parent / DEMO).exists():
        return None
    is_real = any(found.path.parent == target.parent for found in files_below(raw))
    return (
        "this is demo data and real files are there: the two are never mixed; use another BEACON_DATA_DIR"
        if is_real
        else None
    )


def _demo_note(folder: Path) -> list[str]:
    if not (folder / DEMO).exists():
        return []
    what = "the demo bank's files" if folder.name == "bank" else "the demo trade-area files"
    return [f"{what} give way to the real ones (demo and real data are never mixed)"]


def _make_room(folder: Path, taken: Sequence[_Offer]) -> None:
    """Before real files come in, demo files go; a demo folder is marked as one."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = taken[0].path.parent / DEMO
    if all(offer.is_demo for offer in taken):
        files.copy(marker, folder / DEMO)
    elif (folder / DEMO).exists():
        for file in folder.rglob("*"):
            if file.is_file():
                file.unlink()
