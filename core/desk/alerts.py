"""Alerts on the desk: each is sent once, then has an owner, a state, a snooze that ends by itself, and an outcome.

States are open, acknowledged, snoozed and closed. An alert stays the same record as long as builds find its cause; one
that a person closed stays closed. When the cause is gone the record ends. If the cause returns later, it is a new
alert.

Reads and writes desk_alerts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from core.desk import records, schema
from core.desk.engine import SEND_LOCK, Desk, take_lock, writing
from core.desk.records import Scope

TABLE = schema.alerts
OUTCOMES = ("acted", "no_action", "false_alarm", "over")
PROGRAM = "watch"  # signs changes that no person made
MODELS = "(models)"  # the book of alerts on models, which belong to no manager
OVER = "over"
REOPENED: dict[str, object] = {"state": "open", "snooze_until": None}


@dataclass(frozen=True)
class Alert:
    """An alert of a build: its key, rule, severity, manager, business ("" for a model), and since when it holds.

    `is_within_budget` is False of an alert beyond the budget: it is not put on the desk, and not ended if it is there.
    """

    alert_key: str
    rule: str
    severity: str
    manager_id: str
    business_id: str
    first_on: date
    as_of: date
    is_within_budget: bool = True

    def columns(self) -> dict[str, object]:
        """The values that the table has a column for."""
        return {name: value for name, value in vars(self).items() if name != "is_within_budget"}


@dataclass(frozen=True)
class AlertCounts:
    """Number of a build's alerts that are new, were there already, ended, and whose snooze ended."""

    new: int
    held: int
    ended: int
    woken: int


def send(
    desk: Desk, alerts: Iterable[Alert], managers: Iterable[str], today: date, is_demo: bool = False
) -> AlertCounts:
    """Put a build's alerts on the desk; the same alerts again change nothing.

    Parameters
    ----------
    alerts : all that hold now, within the budget or not; one of these managers that is missing is over
    managers : the managers of the build; alerts of others are not touched
    is_demo : whether the build's businesses are made up
    """
    by_key = {alert.alert_key: alert for alert in alerts}
    scope, at = Scope((*managers, MODELS), PROGRAM, is_demo), records.now()
    with writing(desk) as con:
        take_lock(con, SEND_LOCK)
        # The rows are locked: a person's change to one of them happens before this or after it.
        on_desk = con.execute(_not_ended(scope).with_for_update()).all()
        new = by_key.keys() - {row.alert_key for row in on_desk}
        added = [alert for key, alert in by_key.items() if key in new and alert.is_within_budget]
        over = [row for row in on_desk if row.alert_key not in by_key]
        held = [row for row in on_desk if row.alert_key in by_key]
        woken = [row for row in held if row.state == "snoozed" and row.snooze_until <= today]
        for alert in added:
            records.insert(con, TABLE, scope, at, alert.columns() | {"state": "open"})
        for row, values in (*((row, _end(row, today)) for row in over), *((row, REOPENED) for row in woken)):
            records.update(con, TABLE, scope, at, row.id, row.version, values)
        for row in held:
            # The version stays: these two are no edit, and a person who reads the page may still change the record.
            alert = by_key[row.alert_key]
            con.execute(sa.update(TABLE).where(TABLE.c.id == row.id).values(as_of=alert.as_of, severity=alert.severity))
    return AlertCounts(len(added), len(held), len(over), len(woken))


def _not_ended(scope: Scope) -> sa.Select:
    return sa.select(TABLE).where(TABLE.c.ended_on.is_(None), *scope.conditions(TABLE))


def _end(row: sa.Row, today: date) -> dict[str, object]:
    """An alert that nobody closed is closed when it ends; the outcome that a person gave stays."""
    if row.state == "closed":
        return {"ended_on": today}
    return {"ended_on": today, "state": "closed", "outcome": OVER, "snooze_until": None}


def current(desk: Desk, scope: Scope, today: date) -> pd.DataFrame:
    """Alerts of the scope that have not ended; one whose snooze ends today or ended before is open."""
    rows = records.rows(desk, TABLE, scope, TABLE.c.ended_on.is_(None))
    is_awake = (rows["state"] == "snoozed") & rows["snooze_until"].map(lambda day: day is not None and day <= today)
    return rows.assign(state=rows["state"].mask(is_awake.astype(bool), "open"))


def all_alerts(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Every alert ever sent to the scope, ended ones too."""
    return records.rows(desk, TABLE, scope)


def acknowledge(desk: Desk, scope: Scope, record_id: str, version: int, owner: str) -> None:
    """Give the alert an owner."""
    _set_state(desk, scope, record_id, version, "acknowledged", owner=records.clean_text(owner))


def snooze(desk: Desk, scope: Scope, record_id: str, version: int, until: date) -> None:
    """Put the alert aside until a day."""
    _set_state(desk, scope, record_id, version, "snoozed", snooze_until=until)


def close(desk: Desk, scope: Scope, record_id: str, version: int, outcome: str, text: str = "") -> None:
    """Close the alert with an outcome.

    Raises
    ------
    ValueError : an outcome that is not in core.desk.alerts.OUTCOMES
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"{outcome!r} is no outcome; see core.desk.alerts.OUTCOMES")
    comment = records.clean_text(text) if text.strip() else None
    _set_state(desk, scope, record_id, version, "closed", outcome=outcome, text=comment)


def reopen(desk: Desk, scope: Scope, record_id: str, version: int) -> None:
    """Open the alert again, without owner and outcome; its history keeps them."""
    _set_state(desk, scope, record_id, version, "open", owner=None, outcome=None, text=None)


def _set_state(desk: Desk, scope: Scope, record_id: str, version: int, state: str, **values: object) -> None:
    records.change(desk, TABLE, scope, record_id, version, {"state": state, "snooze_until": None} | values)
