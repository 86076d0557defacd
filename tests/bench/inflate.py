"""A large book from a small build: every business repeated under new ids, so that pages meet real row counts.

The copies share their figures; page queries filter, sort, count and join over them as over any other rows.
"""

import shutil
from pathlib import Path

from core import db

# Marts the pages read; the copies keep the manager, so a branch head sees a quarter of the book.
TABLES = (
    "business_scores",
    "business_scores_history",
    "business_revenue",
    "drivers",
    "loans",
    "open_loans",
    "holdings",
    "recent_contracts",
    "contacts",
    "businesses",
    "worklist",
    "score_ledger",
    "business_context",
    "business_street",
    "recommendations",
    "advice_services",
    "advice_facts",
    "advice_conditions",
)
ORDER = {
    "business_scores": "manager_id, business_id",
    "worklist": "manager_id, place NULLS LAST, business_id",
    "recommendations": "manager_id, business_id, rank",
    "advice_services": "manager_id, business_id",
    "business_scores_history": "district_code, business_id, as_of",
}


def inflate(source: Path, target: Path, businesses: int) -> Path:
    """A data folder `target` whose build has at least `businesses` businesses, made from the build in `source`."""
    build_id = db.current_build(source / "builds")
    folder = target / "builds" / build_id
    if not (folder / "build.json").exists():
        shutil.copytree(source / "builds" / build_id, folder, dirs_exist_ok=True)
        with db.connect(folder / db.DATABASE, "8GB") as con:
            copies = -(-businesses // db.count(con, "business_scores"))
            for table in TABLES:
                _repeat(con, table, copies)
    db.publish(target / "builds", build_id)
    return target


def _repeat(con: db.Connection, table: str, copies: int) -> None:
    order = ORDER.get(table, "business_id")
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS "
        f"SELECT * REPLACE (business_id || '-' || lpad(CAST(copy AS VARCHAR), 3, '0') AS business_id) "
        f"FROM {table}, range({int(copies)}) AS copies(copy) ORDER BY {order}"
    )
