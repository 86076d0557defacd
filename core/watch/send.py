"""What a build changes on the desk: records follow their business into another book, alerts are put there.

It runs after a build is published and again with every `refresh`; no page writes for it.

Reads  watch_alerts, watch_model_alerts, managers; the desk
Writes desk_alerts; manager_id of every record, desk_moves
"""

from datetime import date

from core import db
from core.desk import alerts, ownership
from core.desk.alerts import MODELS, Alert, AlertCounts
from core.desk.engine import Desk


def send(con: db.Connection, desk: Desk, build_id: str, today: date) -> AlertCounts:
    """Move records to the managers of this build, then put its alerts on the desk; a second time changes nothing."""
    facts = dict(con.table("build_info").select("key", "value").fetchall())
    is_demo = db.is_demo(facts)
    # A business that came into another book takes its alerts along before the new ones are compared with them.
    ownership.update_managers(desk, _owners(con), build_id, is_demo)
    return alerts.send(desk, [*_of_businesses(con), *_of_models(con)], _managers(con), today, is_demo)


def _owners(con: db.Connection) -> dict[str, str]:
    if not db.has_table(con, "business_scores"):
        return {}
    return dict(con.table("business_scores").select("business_id", "manager_id").fetchall())


def _of_businesses(con: db.Connection) -> list[Alert]:
    if not db.has_table(con, "watch_alerts"):
        return []
    rows = con.table("watch_alerts").fetchdf().itertuples()
    return [
        Alert(
            row.alert_id,
            row.rule,
            row.severity,
            row.manager_id,
            row.business_id,
            row.first_on.date(),
            row.as_of.date(),
            bool(row.within_budget),
        )
        for row in rows
    ]


def _of_models(con: db.Connection) -> list[Alert]:
    if not db.has_table(con, "watch_model_alerts"):
        return []
    rows = con.table("watch_model_alerts").fetchdf().itertuples()
    return [Alert(row.alert_id, row.rule, row.severity, MODELS, "", row.as_of.date(), row.as_of.date()) for row in rows]


def _managers(con: db.Connection) -> list[str]:
    if not db.has_table(con, "managers"):
        return []
    return [row[0] for row in con.table("managers").select("manager_id").fetchall()]
