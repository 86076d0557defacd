"""Small tables of data/reference in the database, for the checks and the pages to join to.

Writes districts, regions, categories, industries, district_shapes; scratch.ksic, scratch.industries_2018
"""

from core import db, reference
from core.sources.districts import district_shapes

TABLES = ("districts", "regions", "categories", "industries")
# Codes of other classifications; only the checks read them.
SCRATCH_TABLES = ("ksic", "industries_2018")


def load_reference(con: db.Connection) -> None:
    """Write the reference tables and the shapes of the districts."""
    for table in TABLES:
        _create(con, table, table)
    db.create_from_rows(con, "district_shapes", district_shapes())


def create_missing(con: db.Connection) -> None:
    """Write the tables that the checks need: in a database without load_reference, and in the scratch database."""
    for table in TABLES:
        if not db.has_table(con, table):
            _create(con, table, table)
    for table in SCRATCH_TABLES:
        _create(con, f"scratch.{table}", table)


def _create(con: db.Connection, table: str, name: str) -> None:
    """A table of a CSV file, text in every column."""
    con.execute(
        f"CREATE TABLE {table} AS FROM read_csv($path, header = true, all_varchar = true)",
        {"path": str(reference.file(f"{name}.csv"))},
    )
