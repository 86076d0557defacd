"""Tables of the desk. Every record says of which business, in whose book, when, by whom, and which version it is.

manager_id is the manager in whose book the business is: rights hang on it. `by` is who wrote: the scope chosen in
the frame until there is a sign-in. `is_demo` keeps what was written on made-up businesses from the real ones, which
may have the same ids. `version` counts the changes; a change names the version it was made on.

A table for another part (alerts) is one more call of record_table; its name stands in its records' history too.
A new column is nullable or has a server_default: desks made before get it when they are opened (core.desk.upgrade).
What else changes needs a higher VERSION and a step there.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

VERSION = 1
ID = sa.String(64)

# Desks older than the column do not say whose their records are: taken for real, none is hidden from a bank.
REAL = sa.false()

metadata = sa.MetaData()
RECORDS: list[sa.Table] = []  # what goes along when a business comes into another book


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment, in UTC on both databases; SQLite would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To UTC; without its zone for SQLite."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """With its zone."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def record_table(name: str, *columns: Any) -> sa.Table:
    """A table of records: what every record has, and these columns."""
    table = sa.Table(
        name,
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("business_id", ID, nullable=False, index=True),
        sa.Column("manager_id", ID, nullable=False, index=True),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=REAL),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Moment),
        sa.Column("changed_by", ID),
        *columns,
    )
    RECORDS.append(table)
    return table


versions = sa.Table("desk_versions", metadata, sa.Column("version", sa.Integer, primary_key=True))

# Every version of every record, never changed: what stood there before, and who changed it.
history = sa.Table(
    "desk_history",
    metadata,
    sa.Column("record_table", ID, primary_key=True),
    sa.Column("record_id", ID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", ID, nullable=False),
    sa.Column("manager_id", ID, nullable=False),
    sa.Column("business_id", ID, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)

# A business that came into another book, and with which build the desk learned of it.
moves = sa.Table(
    "desk_moves",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("business_id", ID, nullable=False),
    sa.Column("is_demo", sa.Boolean, nullable=False, server_default=REAL),
    sa.Column("from_manager_id", ID, nullable=False),
    sa.Column("to_manager_id", ID, nullable=False),
    sa.Column("build_id", ID, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

notes = record_table("desk_notes", sa.Column("text", sa.Text, nullable=False))

watch = record_table(
    "desk_watch",
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule", sa.String(32), nullable=False),
    sa.Column("threshold", sa.Float),
    sa.Column("until_on", sa.Date),
    # How the business stood when it was put on the list; what was unknown then is NULL.
    sa.Column("build_id", ID, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("start_state", sa.String(32), nullable=False),
    sa.Column("start_tier", sa.Integer),
    sa.Column("start_score", sa.Float),
    sa.Column("start_pd", sa.Float),
    sa.Column("closed_at", Moment),
    sa.Column("closed_by", ID),
    sa.Column("closing", sa.Text),
)
# One open entry a business: whoever comes second is told, and reads the first one's.
sa.Index(
    "desk_watch_once",
    watch.c.business_id,
    watch.c.is_demo,
    unique=True,
    sqlite_where=watch.c.closed_at.is_(None),
    postgresql_where=watch.c.closed_at.is_(None),
)

follow_ups = record_table(
    "desk_follow_ups",
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False, index=True),
    sa.Column("done_at", Moment),
    sa.Column("done_by", ID),
    sa.Column("outcome", sa.Text),
)

decisions = record_table(
    "desk_decisions",
    # The recommendation as it stood in the build that showed it: ids of a build that may be long gone.
    sa.Column("build_id", ID, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("product_id", ID, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("instead_product_id", ID),
)

# Alerts that builds sent (core.watch), and what people made of them.
alerts = record_table(
    "desk_alerts",
    sa.Column("alert_key", sa.String(160), nullable=False),
    sa.Column("rule", sa.String(32), nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("owner", ID),
    sa.Column("snooze_until", sa.Date),
    sa.Column("outcome", sa.String(32)),
    sa.Column("text", sa.Text),
    # When what it warned of was over, as a build saw it; until then the same alert is not sent again.
    sa.Column("ended_on", sa.Date),
)
sa.Index(
    "desk_alerts_once",
    alerts.c.alert_key,
    alerts.c.is_demo,
    unique=True,
    sqlite_where=alerts.c.ended_on.is_(None),
    postgresql_where=alerts.c.ended_on.is_(None),
)
