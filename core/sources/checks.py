"""Checks of the staged rows of one table against the contract: cells, rows against rows, tables against tables.

Reads  scratch.staged_rows (text, every column of the table), the checked tables it refers to, districts
Writes scratch.faults (row_no, column_name, value, code, action, detail), scratch.typed_rows, scratch.rejected_rows
"""

from collections.abc import Collection

from core import db
from core.sources.contract import Column, Table
from core.sources.districts import districts_of

# Types whose cells hold any text; whether a code exists is checked against another table (sql/checks).
TEXT_TYPES = ("id", "text", "district", "industry")
CITY_CHECKS = ("industry_unknown", "industry_by_family")
CHECKS: dict[str, tuple[str, ...]] = {
    "market_areas": ("district_unknown", "area_file_generation_mixed"),
    "market_sales": (*CITY_CHECKS, "area_generation_mixed"),
    "market_dong_sales": CITY_CHECKS,
    "market_stores": (*CITY_CHECKS, "area_generation_mixed", "month_superseded"),
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


# Checks that look into another table. Without any row of a parent, no row of a table can be right.
PARENTS = {"business_unknown": "businesses", "loan_unknown": "loans"}
LOOKUPS = PARENTS | {"manager_unknown": "managers", "trade_area_unknown": "market_areas"}


def check_table(con: db.Connection, table: Table, present: Collection[str]) -> None:
    """Test every staged row of a table; columns that are not `present` in any file have nothing to test."""
    con.execute(db.sql("core/sources/sql/fault_tables"))
    _create_lookups(con, table)
    db.create_table(con, "scratch.typed_rows", f"core/sources/sql/typed_rows/{table.name}")
    for column in table.columns:
        if column.name in present or column.name == "quarter":
            _check_cells(con, column)
    for name in CHECKS.get(table.name, ()):
        db.insert(con, "scratch.faults", f"core/sources/sql/checks/{name}")
    db.create_table(con, "scratch.rejected_rows", "core/sources/sql/rejected_rows")
    _check_keys(con, table)


def _create_lookups(con: db.Connection, table: Table) -> None:
    """Tables that the typed rows are joined to: quarters, industries, locations."""
    names = {column.name for column in table.columns}
    if "year_month" in names:
        con.execute(db.sql("core/sources/sql/quarter_from_parts"))
    if table.name == "market_stores":
        con.execute(db.sql("core/sources/sql/industry_code_from_name"))
    if "industry_code" in names:
        db.create_table(con, "scratch.industry_codes", "core/sources/sql/industry_codes")
    if table.name == "businesses":
        coordinates = db.query(con, "core/sources/sql/staged_coordinates")
        coordinates["district_code"] = districts_of(coordinates["lat"], coordinates["lon"])
        db.create_from_rows(con, "scratch.coordinates", coordinates)
        db.create_table(con, "scratch.business_locations", "core/sources/sql/business_locations")


def _check_cells(con: db.Connection, column: Column) -> None:
    """Add the faults of a column's cells."""
    kind = "text" if column.type in TEXT_TYPES else column.type
    if kind == "text" and not column.required:
        return
    if column.choices:
        con.execute("SET VARIABLE choices = $choices", {"choices": list(column.choices)})
    con.execute(db.sql(f"core/sources/sql/cells/{kind}"))
    # Older files name the quarter in other columns, so it may be absent as a column but never as a value.
    params = {"column": column.name, "required": column.required or column.name == "quarter"}
    db.insert(con, "scratch.faults", "core/sources/sql/cell_faults", params)


def _check_keys(con: db.Connection, table: Table) -> None:
    """Add the faults of rows of the same key, within a file and between files."""
    key = list(table.key)
    if db.create_table(con, "scratch.repeated_keys", "core/sources/sql/repeated_keys", {"key": key}):
        db.insert(con, "scratch.faults", "core/sources/sql/duplicate_faults", {"key": key, "column": ", ".join(key)})
        db.create_table(con, "scratch.rejected_rows", "core/sources/sql/rejected_rows")


def lookups(table: str) -> set[str]:
    """Tables that the checks of a table look into.

    >>> sorted(lookups("businesses"))
    ['managers', 'market_areas']
    """
    return {LOOKUPS[check] for check in CHECKS.get(table, ()) if check in LOOKUPS}


def parents(table: str) -> set[str]:
    """Parents that must have rows, or no row of this table is valid. A payment may name no business of the bank.

    >>> parents("repayments"), parents("payments")
    ({'loans'}, set())
    """
    return lookups(table) & set(PARENTS.values()) if table != "payments" else set()
