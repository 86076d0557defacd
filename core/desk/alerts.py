"""Alerts on the desk: sent once, then somebody's: owner, state, a snooze that ends by itself, an outcome.

An alert stays the same record as long as builds see what it warns of; closed by a person it stays closed. When the
trouble is over the record is ended, and a later return of the trouble is a new alert.

Reads and writes desk_alerts.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa

from core.desk import records, schema
from core.desk.engine import SENDING, Desk, alone, writing
from core.desk.records import Scope

TABLE = schema.alerts
STATES = ("open", "acknowledged", "snoozed", "closed")
OUTCOMES = ("acted", "no_action", "false_alarm", "over")
PROGRAM = "watch"  # who signs what no person did
MODELS = "(models)"  # the book of alerts on models: nobody's customers
OVER = "over"


@dataclass(frozen=True)
class Alert:
    """What a build has to say: key, rule, severity, whose book, which business ("" for a model), since when.

    `is_asked` is False of one that holds beyond the budget: not put on the desk, and not over if it is there.
    """

    alert_key: str
    rule: str
    severity: str
    manager_id: str
    business_id: str
    first_on: date
    as_of: date
    is_asked: bool = True

    def columns(self) -> dict[str, object]:
        """What the table keeps of it."""
        return {name: value for name, value in vars(self).items() if name != "is_asked"}


@dataclass(frozen=True)
class AlertCounts:
    """What became of the alerts of one build."""

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
    alerts : everything that holds now, within the budget or not; what is missing of these managers is over
    managers : whose alerts the build knows; those of others are left alone
    is_demo : whether the build's businesses are made up
    """
    found = {alert.alert_key: alert for alert in alerts}
    scope, at = Scope((*managers, MODELS), PROGRAM, is_demo), records.now()
    with writing(desk) as con:
        alone(con, SENDING)
        # Locked: who changes an alert meanwhile is done before, or comes after.
        known = {row.alert_key: row for row in con.execute(_standing(scope).with_for_update())}
        new = [alert for key, alert in found.items() if key not in known and alert.is_asked]
        over = [row for key, row in known.items() if key not in found]
        held = [row for key, row in known.items() if key in found]
        for alert in new:
            _add(con, alert, scope, at)
        for row in over:
            _set(con, row, scope, at, {"ended_on": today} | _closing(row))
        woken = [row for row in held if row.state == "snoozed" and row.snooze_until <= today]
        for row in woken:
            _set(con, row, scope, at, {"state": "open", "snooze_until": None})
        for row in held:
            seen = {"as_of": found[row.alert_key].as_of, "severity": found[row.alert_key].severity}
            # No version: nobody's edit is lost, and who reads the page meanwhile may still change it.
            con.execute(sa.update(TABLE).where(TABLE.c.id == row.id).values(seen))
    return AlertCounts(len(new), len(held), len(over), len(woken))


def _standing(scope: Scope) -> sa.Select:
    return sa.select(TABLE).where(TABLE.c.ended_on.is_(None), *scope.sees(TABLE))


def _closing(row: sa.Row) -> dict[str, object]:
    """An alert nobody closed is closed by its end; a person's outcome stays."""
    return {} if row.state == "closed" else {"state": "closed", "outcome": OVER, "snooze_until": None}


def _add(con: sa.Connection, alert: Alert, scope: Scope, at: datetime) -> None:
    own = {"id": uuid.uuid4().hex, "version": 1, "at": at, "by": scope.by, "is_demo": scope.is_demo, "state": "open"}
    con.execute(sa.insert(TABLE).values(alert.columns() | own))
    records.remember(con, TABLE, str(own["id"]), at, scope)


def _set(con: sa.Connection, row: sa.Row, scope: Scope, at: datetime, values: dict[str, object]) -> None:
    changed = {"version": row.version + 1, "changed_at": at, "changed_by": scope.by}
    con.execute(sa.update(TABLE).where(TABLE.c.id == row.id).values(values | changed))
    records.remember(con, TABLE, row.id, at, scope)


def current(desk: Desk, scope: Scope, today: date) -> pd.DataFrame:
    """Alerts of the scope that are not over; a snooze whose day has come counts as open."""
    found = records.rows(desk, TABLE, scope, TABLE.c.ended_on.is_(None))
    awake = (found["state"] == "snoozed") & found["snooze_until"].map(lambda day: day is not None and day <= today)
    return found.assign(state=found["state"].mask(awake.astype(bool), "open"))


def all_alerts(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Every alert ever sent to the scope, those that are over too."""
    return records.rows(desk, TABLE, scope)


def acknowledge(desk: Desk, scope: Scope, record_id: str, version: int, owner: str) -> None:
    """Somebody has it: who."""
    records.change(desk, TABLE, scope, record_id, version, _state("acknowledged", owner=records.words(owner)))


def snooze(desk: Desk, scope: Scope, record_id: str, version: int, until: date) -> None:
    """Quiet until a day."""
    records.change(desk, TABLE, scope, record_id, version, _state("snoozed", snooze_until=until))


def close(desk: Desk, scope: Scope, record_id: str, version: int, outcome: str, text: str = "") -> None:
    """Done, with what came of it.

    Raises
    ------
    ValueError : an outcome that core.desk.alerts.OUTCOMES does not name
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"{outcome!r} is no outcome; see core.desk.alerts.OUTCOMES")
    said = records.words(text) if text.strip() else None
    records.change(desk, TABLE, scope, record_id, version, _state("closed", outcome=outcome, text=said))


def reopen(desk: Desk, scope: Scope, record_id: str, version: int) -> None:
    """Open again, as if nobody had touched it; the history keeps what was."""
    records.change(desk, TABLE, scope, record_id, version, _state("open", owner=None, outcome=None, text=None))


def _state(state: str, **values: object) -> dict[str, object]:
    return {"state": state, "snooze_until": None} | values
