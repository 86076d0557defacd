"""The first sheet of an XLSX workbook as a CSV, row by row: dates as dates, numbers as plain digits."""

import csv
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from core.sources.errors import FileRefusedError

if TYPE_CHECKING:
    from _csv import Writer

DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, InvalidFileException, ParseError, EOFError, ValueError, OSError)


def write_csv(path: Path, target: Path) -> list[tuple[int, int]]:
    """Write the first sheet as UTF-8 CSV; segments (first row, line in the sheet) of its rows, blank lines left out.

    Raises
    ------
    FileRefusedError : the workbook is damaged or holds nothing
    """
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # some exporters write a wrong size, and reading stops there
        with target.open("w", encoding="utf-8", newline="") as file:
            segments = _write_rows(sheet.iter_rows(values_only=True), csv.writer(file, lineterminator="\n"))
        workbook.close()
    except DAMAGED as error:
        raise FileRefusedError(
            "truncated_file", f"{path.name} is no complete Excel workbook; save it again as .xlsx"
        ) from error
    if segments is None:
        raise FileRefusedError(
            "empty_file", f"{path.name}: the first sheet is empty; the table must be on the first sheet"
        )
    return segments


def _write_rows(rows: Iterable[tuple], writer: "Writer") -> list[tuple[int, int]] | None:
    """Write the rows; their segments, None if there is no row at all."""
    segments: list[tuple[int, int]] = []
    width, number = 0, -1
    for line, row in enumerate(rows, start=1):
        if all(cell is None for cell in row):
            continue
        cells = [_text(cell) for cell in row]
        if not width:
            width = _width(cells)
        elif not segments or line - segments[-1][1] != number - segments[-1][0]:
            segments.append((number, line))
        # Cells beyond the header make the line ragged; missing ones at its end are empty.
        end = max(width, _width(cells))
        writer.writerow((cells + [""] * width)[:end])
        number += 1
    return segments if width else None


def _width(cells: list[str]) -> int:
    """Number of cells up to the last that is filled."""
    return max((position for position, cell in enumerate(cells, start=1) if cell), default=0)


def _text(cell: object) -> str:
    """A cell as a CSV would hold it.

    >>> _text(12345.0), _text(datetime(2024, 3, 1)), _text(None), _text(0.045), _text(True)
    ('12345', '2024-03-01', '', '0.045', '1')
    """
    match cell:
        case None:
            return ""
        case bool():
            return str(int(cell))
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
    return str(cell).replace("\n", " ").replace("\r", "")
