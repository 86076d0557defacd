"""Follow-ups: what was promised for a business, and by which day.

Reads and writes desk_follow_ups.
"""

from datetime import date

import pandas as pd

from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope

TABLE = schema.follow_ups


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Follow-ups of a business: the open ones by due day, then the done ones, the newest first."""
    rows = records.of_business(desk, TABLE, scope, business_id)
    is_open = rows["done_at"].isna()
    return pd.concat([rows[is_open].sort_values("due_on", kind="stable"), rows[~is_open]], ignore_index=True)


def due(desk: Desk, scope: Scope, until: date) -> pd.DataFrame:
    """Open follow-ups of the scope due on `until` or before, the longest overdue first."""
    rows = records.rows(desk, TABLE, scope, TABLE.c.done_at.is_(None), TABLE.c.due_on <= until)
    return rows.sort_values("due_on", kind="stable", ignore_index=True)


def plan(desk: Desk, scope: Scope, business: Business, what: str, due_on: date) -> str:
    """Id of a new follow-up."""
    return records.add(desk, TABLE, scope, business, {"what": records.clean_text(what), "due_on": due_on})


def move(desk: Desk, scope: Scope, follow_up_id: str, version: int, due_on: date) -> None:
    """Change the due day."""
    records.change(desk, TABLE, scope, follow_up_id, version, {"due_on": due_on})


def finish(desk: Desk, scope: Scope, follow_up_id: str, version: int, outcome: str = "") -> None:
    """Mark a follow-up as done, with its outcome if one was given."""
    outcome = records.clean_text(outcome) if outcome.strip() else ""
    values = {"done_at": records.now(), "done_by": scope.by, "outcome": outcome}
    records.change(desk, TABLE, scope, follow_up_id, version, values)
