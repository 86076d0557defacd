"""Tables of the desk. Every record has its business, its manager, its time, its author and its version.

manager_id is the manager of the business: the rights to see and change a record depend on it. `by` is the author: the
scope chosen in the app, until there is a sign-in. `is_demo` separates records of made-up businesses from real ones,
which may have the same ids. `version` counts the changes; a change names the version that it was made on.

A new kind of record is one more call of record_table; its name also stands in the history of its records. A new column
is nullable or has a server_default: existing desks get it when they are opened (core.desk.upgrade). Any other change
needs a higher VERSION and a step there.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

VERSION = 1
ID = sa.String(64)

# Records made before the column existed count as real, so that none is hidden from a bank.
NOT_DEMO = sa.false()

metadata = sa.MetaData()
RECORD_TABLES: list[sa.Table] = []  # their records follow a business into another book


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A time with a zone, stored in UTC by both databases; SQLite itself would lose the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert to UTC; for SQLite without the zone."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def record_table(name: str, *columns: Any) -> sa.Table:
    """A table of records: the columns that every record has, and these."""
    table = sa.Table(
        name,
        metadata,
        sa.Column("id", ID, primary_key=True),
        sa.Column("business_id", ID, nullable=False, index=True),
        sa.Column("manager_id", ID, nullable=False, index=True),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=NOT_DEMO),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", UtcDateTime),
        sa.Column("changed_by", ID),
        *columns,
    )
    RECORD_TABLES.append(table)
    return table


def one_open_record(name: str, key: sa.Column, ended: sa.Column) -> sa.Index:
    """A unique index: at most one record for each `key` whose column `ended` is empty, made-up and real ones apart."""
    is_open = ended.is_(None)
    is_demo = key.table.c.is_demo
    return sa.Index(name, key, is_demo, unique=True, sqlite_where=is_open, postgresql_where=is_open)


versions = sa.Table("desk_versions", metadata, sa.Column("version", sa.Integer, primary_key=True))

# Every version of every record. Its rows are never changed, except for manager_id when a business changes its book.
history = sa.Table(
    "desk_history",
    metadata,
    sa.Column("record_table", ID, primary_key=True),
    sa.Column("record_id", ID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", ID, nullable=False),
    sa.Column("manager_id", ID, nullable=False),
    sa.Column("business_id", ID, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)

# A business that came into another book, and the build that said so.
moves = sa.Table(
    "desk_moves",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("business_id", ID, nullable=False),
    sa.Column("is_demo", sa.Boolean, nullable=False, server_default=NOT_DEMO),
    sa.Column("from_manager_id", ID, nullable=False),
    sa.Column("to_manager_id", ID, nullable=False),
    sa.Column("build_id", ID, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

notes = record_table("desk_notes", sa.Column("text", sa.Text, nullable=False))

watch = record_table(
    "desk_watch",
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule", sa.String(32), nullable=False),
    sa.Column("threshold", sa.Float),
    sa.Column("until_on", sa.Date),
    # The business when it was put on the list; what was unknown then is NULL.
    sa.Column("build_id", ID, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("start_state", sa.String(32), nullable=False),
    sa.Column("start_tier", sa.Integer),
    sa.Column("start_score", sa.Float),
    sa.Column("start_pd", sa.Float),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", ID),
    sa.Column("closing", sa.Text),
)
one_open_record("desk_watch_once", watch.c.business_id, watch.c.closed_at)

follow_ups = record_table(
    "desk_follow_ups",
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False, index=True),
    sa.Column("done_at", UtcDateTime),
    sa.Column("done_by", ID),
    sa.Column("outcome", sa.Text),
)

decisions = record_table(
    "desk_decisions",
    # The recommendation in the build that showed it, which may be deleted by now.
    sa.Column("build_id", ID, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("product_id", ID, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("instead_product_id", ID),
)

# Alerts that builds sent (core.watch), and what people did with them.
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
    # The day of the build that no longer had the cause; until then the same alert is not sent again.
    sa.Column("ended_on", sa.Date),
)
one_open_record("desk_alerts_once", alerts.c.alert_key, alerts.c.ended_on)
