"""Features of payments strictly before the event, for all customers.

The past of a payment is what the bank knew of its customer at an earlier instant. The rules a stream must repeat:

- *Order* is (at, payment_id). Payments of one instant are outside each other's past, whatever their ids; a stream folds
  an instant into its state when the first later payment arrives, so the order of arrival within it does not matter.
- *Memory* ends after `forget_days` without a payment: the state has expired, the customer starts anew. Until then
  counters of seven days, running sums (count, mean and variance of ln won, 24 hours, failures of 30 days), a list of 90
  days of amounts and the sets of merchants and methods are all that is kept.
- *Duplicates*: a payment_id counts once. The loader quarantines the second row, a stream drops it by its id.
- *Out of order*: here a payment takes its place by its own time. A stream cannot: it puts one that lies before its
  customer's newest aside, with the reason (core/stream/worker.py).
- *Unknown* amount or outcome is no event: it has no features and is in nobody's past.

Models learn from the payments of a sample of whole customers where a bank has very many; everything that is served is
made of all of them.

Reads  payments, source_files
Writes payment_events, payment_features, payment_recent (temporary)
"""

from datetime import datetime
from typing import Any

import holidays
import pandas as pd

from core import db
from core.config import policy
from core.errors import DataError
from core.models.classifier.time_blocks import BLOCKS

TEMP_TABLES = ("payment_events", "payment_features", "payment_recent")
MIN_FAILURES = 200  # a test block then holds some thirty, the fewest that carry an AUC
ROW_CAP = 300_000  # rows of a large book that are learned from: whole customers are drawn, so histories stay complete
SLICES = 4096  # of the hash that draws them
EVERYBODY = "g"  # hashes are hexadecimal: every one begins below this
ALWAYS = datetime(1, 1, 1)


def make_temp_tables(con: db.Connection, before: datetime | None = None) -> int:
    """Make payment_events and payment_features: each payment before `before` with its past; the number of rows."""
    span = con.execute(db.sql("core/payments/sql/payment_span")).df().iloc[0]
    _holidays(con, span["first_at"], span["last_at"])
    params = {"before": before or datetime(9999, 1, 1), "forget_days": policy()["payments"]["forget_days"]}
    db.create_table(con, "payment_events", "core/payments/sql/payment_events", params, temporary=True)
    db.create_table(con, "payment_usual", "core/payments/sql/payment_usual", temporary=True)
    rows = db.create_table(con, "payment_features", "core/payments/sql/payment_features", temporary=True)
    db.create_table(con, "payment_recent", "core/payments/sql/payment_recent", temporary=True)
    con.execute("DROP TABLE payment_usual; DROP TABLE payment_holidays")
    return rows


def ensure_temp_tables(con: db.Connection) -> None:
    """Make the tables where an earlier step has not."""
    if not db.has_table(con, "payment_features"):
        make_temp_tables(con)


def drop_temp_tables(con: db.Connection) -> None:
    """Remove events and features; payment_recent stays for the watch."""
    con.execute("DROP TABLE IF EXISTS payment_features; DROP TABLE IF EXISTS payment_events")


def rows(con: db.Connection, last_slice: str = EVERYBODY) -> pd.DataFrame:
    """Payments with their features in order of (at, payment_id), of the customers below the hash `last_slice`."""
    query = 'FROM payment_features WHERE substr(md5(customer_id), 1, 3) < $last_slice ORDER BY "at", payment_id'
    return con.execute(query, {"last_slice": last_slice}).df()


def sample(con: db.Connection, cap: int | None = None) -> str:
    """First hash that is left out, so that about `cap` payments remain (ROW_CAP when none is given).

    Raises
    ------
    DataError : too few failures to learn from
    """
    span = con.execute(db.sql("core/payments/sql/payment_span")).df().iloc[0]
    if span["failures"] < MIN_FAILURES:
        raise DataError(
            f"{span['failures']} failures in {span['payments']} payments; a model of success needs {MIN_FAILURES}"
        )
    return slice_for(int(span["payments"]), cap)


def slice_for(payments: int, cap: int | None = None) -> str:
    """First hash that is left out, so that about `cap` of so many payments remain.

    >>> slice_for(1_000), slice_for(1_200_000)
    ('g', '400')
    """
    most = cap or ROW_CAP
    return EVERYBODY if payments <= most else f"{max(SLICES * most // payments, 1):03x}"


def block_starts(con: db.Connection) -> list[datetime]:
    """Instants at which the second to the last block of time begin, over all payments; none without payments."""
    return [at for (at,) in con.execute(db.sql("core/payments/sql/block_starts"), {"blocks": BLOCKS}).fetchall()]


def provenance(con: db.Connection) -> str:
    """SYNTHETIC when the payments are the demo's, REAL otherwise."""
    query = "SELECT coalesce(bool_or(is_demo), false) FROM source_files WHERE source_table = 'payments'"
    is_known = db.has_table(con, "source_files")
    return "SYNTHETIC" if is_known and con.execute(query).fetchall()[0][0] else "REAL"


def month_end(at: pd.Series) -> pd.Series:
    """Last day of the month of each instant."""
    return at.dt.to_period("M").dt.end_time.dt.normalize()


def _holidays(con: db.Connection, first: Any, last: Any) -> None:
    years = [] if pd.isna(first) else range(first.year, last.year + 1)
    days = pd.DataFrame({"day": pd.to_datetime(sorted(holidays.country_holidays("KR", years=years)))})
    con.register("holiday_rows", days)
    con.execute("CREATE OR REPLACE TEMP TABLE payment_holidays AS SELECT CAST(day AS DATE) AS day FROM holiday_rows")
    con.unregister("holiday_rows")
