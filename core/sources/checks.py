"""What breaks the contract in the staged rows of one table? Cell by cell, then row against row and table against table.

Reads  scratch.stage (text, every column of the table), the checked tables it refers to, districts
Writes scratch.faults (row_no, column_name, value, code, action, detail), scratch.typed (values), scratch.left_out
"""

from collections.abc import Collection

from core import db
from core.sources.contract import Column, Table
from core.sources.places import place

# Types whose cells hold any text; whether a code is known is a question to another table (sql/checks).
TEXTS = ("id", "text", "district", "industry")
CITY_ROWS = ("industry_unknown", "industry_by_family")
CHECKS: dict[str, tuple[str, ...]] = {
    "market_areas": ("district_unknown", "areas_mixed"),
    "market_sales": (*CITY_ROWS, "area_generation_mixed"),
    "market_dong_sales": CITY_ROWS,
    "market_stores": (*CITY_ROWS, "area_generation_mixed", "month_superseded"),
    "market_footfall": ("area_generation_mixed",),
    "market_change": ("area_generation_mixed",),
    "businesses": (
        "district_unknown",
        "trade_area_unknown",
        "coordinate_outside",
        "coordinate_half",
        "location_missing",
        "industry_unknown",
        "industry_by_family",
        "registration_checksum",
        "manager_unknown",
    ),
    "revenue": ("business_unknown",),
    "balances": ("business_unknown",),
    "loans": ("business_unknown", "closed_before_opened"),
    "repayments": ("loan_unknown",),
    "holdings": ("business_unknown", "closed_before_opened"),
    "contacts": ("business_unknown",),
    "interactions": ("business_unknown",),
    "suitability": ("business_unknown", "expired_before_recorded"),
    "payments": ("business_unknown",),
}


def check(con: db.Connection, table: Table, present: Collection[str]) -> None:
    """Test every staged row of a table; columns that are not `present` in any file have nothing to test."""
    con.execute(db.sql("core/sources/sql/fault_tables"))
    _resolve(con, table)
    db.create_table(con, "scratch.typed", f"core/sources/sql/typed/{table.name}")
    for column in table.columns:
        if column.name in present or column.name == "quarter":
            _check_cells(con, column)
    for name in CHECKS.get(table.name, ()):
        db.insert(con, "scratch.faults", f"core/sources/sql/checks/{name}")
    db.create_table(con, "scratch.left_out", "core/sources/sql/left_out")
    _check_keys(con, table)


def _resolve(con: db.Connection, table: Table) -> None:
    """Look up what the typed rows need: quarters, industries, districts."""
    names = {column.name for column in table.columns}
    if "year_month" in names:
        con.execute(db.sql("core/sources/sql/quarter_from_parts"))
    if table.name == "market_stores":
        con.execute(db.sql("core/sources/sql/industry_from_name"))
    if "industry_code" in names:
        db.create_table(con, "scratch.industry_of", "core/sources/sql/industry_of")
    if table.name == "businesses":
        place(con)
        db.create_table(con, "scratch.district_of", "core/sources/sql/district_of")


def _check_cells(con: db.Connection, column: Column) -> None:
    kind = "text" if column.type in TEXTS else column.type
    if kind == "text" and not column.required:
        return
    if column.words:
        con.execute("SET VARIABLE words = $words", {"words": list(column.words)})
    con.execute(db.sql(f"core/sources/sql/cells/{kind}"))
    # Older files name the quarter in other columns, so it may be absent as a column but never as a value.
    where = {"column": column.name, "required": column.required or column.name == "quarter"}
    db.insert(con, "scratch.faults", "core/sources/sql/cell_faults", where)


def _check_keys(con: db.Connection, table: Table) -> None:
    """Rows of the same key, within a file and between files."""
    key = list(table.key)
    if db.create_table(con, "scratch.twice", "core/sources/sql/twice", {"key": key}):
        db.insert(con, "scratch.faults", "core/sources/sql/duplicates", {"key": key, "column": ", ".join(key)})
        db.create_table(con, "scratch.left_out", "core/sources/sql/left_out")


def parents(table: Table) -> tuple[str, ...]:
    """Tables without whose rows no row of this table can be right.

    >>> from core.sources.contract import TABLES
    >>> parents(TABLES["repayments"])
    ('loans',)
    """
    needed = {"business_unknown": "businesses", "loan_unknown": "loans"}
    found = (needed[check] for check in CHECKS.get(table.name, ()) if check in needed)
    # A payment need not name a business of the book.
    return () if table.name == "payments" else tuple(found)
