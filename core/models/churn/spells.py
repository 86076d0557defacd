"""Spells of absence: from when to when a customer was away, and why.

Leaving is what customers do, not a closed account (docs/models.md): silence, a drained deposit, sales sent elsewhere,
or the last product given up. The four are read from the account month by month (churn_signs.sql) and joined to spells
with a beginning and maybe a return (churn_spells.sql); labels and monthly flows count the same spells.

Reads  balances, holdings, loans, revenue, businesses
Writes churn_months, churn_endings, churn_signs, churn_spells (temporary, of one connection)
"""

from core import db
from core.config import policy

TEMP_TABLES = ("churn_months", "churn_endings", "churn_signs", "churn_spells")
DECISIONS = ("left_share", "back_share", "floor_krw")


def make_temp_tables(con: db.Connection) -> None:
    """Make the spells that population, labels and flows read, once a connection."""
    if db.has_table(con, "churn_spells"):
        return
    covered = con.execute(db.sql("core/models/churn/sql/span")).fetchall()[0][1]
    signs = {key: policy()["churn"][key] for key in DECISIONS}
    params: tuple[dict[str, object], ...] = ({"covered": covered}, {}, signs, {})
    for table, values in zip(TEMP_TABLES, params, strict=True):
        db.create_table(con, table, f"core/models/churn/sql/{table}", values, temporary=True)


def drop_temp_tables(con: db.Connection) -> None:
    """Remove what `make_temp_tables` made, for instance because the accounts have changed."""
    for table in TEMP_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}")
