"""Who came, left, returned and closed, month by month.

Reads  the spells of spells.py, businesses
Writes churn_flows, churn_causes
"""

from core import db, tables
from core.models.churn import spells


def flows(con: db.Connection) -> int:
    """Write churn_flows (by month and manager) and churn_causes; rows of flows."""
    tables.ensure(con, "churn_flows", "churn_causes")
    covered = con.execute(db.sql("core/models/churn/sql/span")).fetchall()[0][1]
    if covered is None:
        return 0
    spells.make_temp_tables(con)
    for table in ("churn_states", "churn_moves"):
        db.create_table(con, table, f"core/models/churn/sql/{table}", temporary=True)
    for table in ("churn_flows", "churn_causes"):
        db.create_table(con, table, f"core/models/churn/sql/{table}", {"covered": covered})
    con.execute("DROP TABLE churn_states; DROP TABLE churn_moves")
    return db.count(con, "churn_flows")
