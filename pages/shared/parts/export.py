"""Tables as files: CSV for Excel (utf-8 with BOM) and XLSX, without formulas in text cells.

A file is written on the click, outside the session: everything it needs must be taken beforehand.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st
from openpyxl import Workbook

from pages.shared import state
from pages.shared.read import is_demo
from pages.shared.sidebar import scope_name
from pages.shared.text import day, t, unknown

# A text cell that starts so is run as a formula by Excel and its like (OWASP, CSV injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Own choice: what Excel still opens fast, and what openpyxl writes within about ten seconds.
MAX_CSV_ROWS = 100_000
MAX_XLSX_ROWS = 20_000

Rows = Callable[[int], pd.DataFrame]
Fact = tuple[str, str]


@dataclass(frozen=True)
class Note:
    """Names of the two sheets of a file, and (word, value) pairs about it such as as-of and scope."""

    title: str
    about: str
    facts: tuple[Fact, ...]


def scope_facts(as_of: date | str | None) -> list[Fact]:
    """As-of and the managers whose book the file is of."""
    scope = state.selection().scope
    return [(t("export.as_of"), day(as_of)), (t("export.scope"), scope_name(scope) if scope else "")]


def file_note(title: str, facts: Iterable[Fact]) -> Note:
    """The note of a file with these facts; that the data are invented, where they are."""
    origin = [(t("export.origin"), t("frame.demo"))] if is_demo() else []
    return Note(title, t("export.about"), (*facts, *origin))


def buttons(rows: Rows, note: Note, total: int, name: str) -> None:
    """Two download buttons. `rows(most)` gives at most that many rows under worded headings; `name` is the file's."""
    with st.container(horizontal=True):
        _button("csv", rows, note, min(total, MAX_CSV_ROWS), total, name)
        _button("xlsx", rows, note, min(total, MAX_XLSX_ROWS), total, name)


def _button(kind: str, rows: Rows, note: Note, most: int, total: int, name: str) -> None:
    write = {"csv": to_csv, "xlsx": to_xlsx}[kind]
    st.download_button(
        t(f"export.{kind}"),
        data=lambda: write(rows(most), note),
        file_name=f"{name}.{kind}",
        key=f"export_{name}_{kind}",
        icon=":material/download:",
        help=t("export.capped", most=f"{most:,}", total=f"{total:,}") if most < total else None,
        on_click="ignore",
        disabled=total == 0,
    )


def to_csv(table: pd.DataFrame, note: Note) -> bytes:
    """The table with the facts as last columns, so that each row has its as-of when files are concatenated."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    facts = [formula_safe(value) for _, value in note.facts]
    writer.writerow([*map(formula_safe, table.columns), *(formula_safe(word) for word, _ in note.facts)])
    for row in _rows(table):
        writer.writerow([*row, *facts])
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(table: pd.DataFrame, note: Note) -> bytes:
    """The table on the first sheet, the facts on the second; numbers and dates as such."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(note.title[:31])
    sheet.append([formula_safe(column) for column in table.columns])
    for row in _rows(table):
        sheet.append(row)
    facts = book.create_sheet(note.about[:31])
    for fact in note.facts:
        facts.append([formula_safe(part) for part in fact])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(table: pd.DataFrame) -> list[list[object]]:
    return [[_cell(value) for value in row] for row in table.itertuples(index=False, name=None)]


def _cell(value: object) -> object:
    if value is None or value is pd.NaT or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return formula_safe(value) if isinstance(value, str) else value


def formula_safe(text: object) -> str:
    """Text that no spreadsheet runs: a leading apostrophe where it would.

    >>> formula_safe("=HYPERLINK(1)"), formula_safe("행복식당")
    ("'=HYPERLINK(1)", '행복식당')
    """
    return f"'{text}" if str(text).startswith(DANGEROUS) else str(text)


def masked_registration(digits: object) -> str | None:
    """A business registration number without its last five digits, as personal data leave the bank; none without one.

    >>> masked_registration("1234567890")
    '123-45-*****'
    """
    return None if unknown(digits) else f"{str(digits)[:3]}-{str(digits)[3:5]}-*****"
