"""Template files to download: the header of a table, and notes on how its cells are written."""

import csv
import io

import openpyxl
from openpyxl.comments import Comment

from core.sources.contract import AVAILABLE, TABLES, Column

# How a cell of each type is written; for a choice its first word.
EXAMPLES = {
    "id": "A0001",
    "text": "",
    "won": "12500000",
    "count": "12",
    "number": "1.5",
    "rate": "0.045",
    "month": "2024-03",
    "day": "2024-03-31",
    "later_day": "2029-03-31",
    "time": "2024-03-31 14:05:00",
    "flag": "0",
    "year": "1975",
    "latitude": "37.5665",
    "longitude": "126.9780",
    "district": "11140",
    "industry": "CS100001",
    "registration": "1234567890",
}
ROWS = 1_000  # rows of a workbook that are formatted as text


def template(table: str, kind: str) -> bytes:
    """A template of a bank's table: `kind` csv (UTF-8 with BOM, which Excel opens rightly) or xlsx.

    >>> template("revenue", "csv").decode("utf-8-sig").splitlines()[0]
    'business_id,month,revenue_krw,sales_count'
    """
    columns = [column for column in TABLES[table].columns if column.name != AVAILABLE]
    return _xlsx(table, columns) if kind == "xlsx" else _csv(columns)


def example(column: Column) -> str:
    """A cell as it should be written."""
    return column.choices[0] if column.choices else EXAMPLES.get(column.type, "")


def _csv(columns: list[Column]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(column.name for column in columns)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(table: str, columns: list[Column]) -> bytes:
    """The header on the first sheet, with a note on each cell; nothing to delete before it is filled."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = table
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        cell = sheet.cell(row=1, column=number, value=column.name)
        needed = "필수 · required" if column.required else "선택 · optional"
        cell.comment = Comment(f"{column.ko}\n{column.en}\n{needed}\n예 · e.g. {example(column)}", "SOHO Beacon")
        sheet.column_dimensions[cell.column_letter].width = max(12, len(column.name) + 2)
        # Text, so that Excel does not turn codes into numbers and months into dates.
        for row in range(2, 2 + ROWS):
            sheet.cell(row=row, column=number).number_format = "@"
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()
