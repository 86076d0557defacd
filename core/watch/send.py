"""What a build changes on the desk: records follow their business into another book, alerts are put there.

It runs after a build is published and again with every `refresh`; no page does this.

Reads  watch_alerts, watch_model_alerts, managers, business_scores, build_info; the desk
Writes desk_alerts; manager_id of every record, desk_moves
"""

from datetime import date
from typing import Any

from core import db
from core.desk import alerts, ownership
from core.desk.alerts import MODELS, Alert, AlertCounts
from core.desk.engine import Desk


def send(con: db.Connection, desk: Desk, build_id: str, today: date) -> AlertCounts:
    """Move records to the managers of this build, then put its alerts on the desk; a second time changes nothing."""
    is_demo = db.is_demo(dict(con.table("build_info").select("key", "value").fetchall()))
    owners = dict(_rows(con, "business_scores", "business_id", "manager_id"))
    # A business that came into another book takes its alerts along before the new ones are compared with them.
    ownership.update_managers(desk, owners, build_id, is_demo)
    managers = [manager_id for (manager_id,) in _rows(con, "managers", "manager_id")]
    return alerts.send(desk, [*_business_alerts(con), *_model_alerts(con)], managers, today, is_demo)


def _business_alerts(con: db.Connection) -> list[Alert]:
    columns = ("alert_id", "rule", "severity", "manager_id", "business_id", "first_on", "as_of", "within_budget")
    return [Alert(*row) for row in _rows(con, "watch_alerts", *columns)]


def _model_alerts(con: db.Connection) -> list[Alert]:
    rows = _rows(con, "watch_model_alerts", "alert_id", "rule", "severity", "as_of")
    return [Alert(alert_id, rule, severity, MODELS, "", as_of, as_of) for alert_id, rule, severity, as_of in rows]


def _rows(con: db.Connection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of a table of the build; no rows when the build does not have it, as without a bank's book."""
    return con.table(table).select(*columns).fetchall() if db.has_table(con, table) else []
