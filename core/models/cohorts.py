"""Rows of the default model: who was there at an as_of, what was known, what became of them.

Reads  businesses, revenue, balances, loans, repayments, holdings, contacts, market_sales, market_stores
Writes pd_snapshot (one as_of), pd_panel (labelled rows of many as_ofs), model_exclusions
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pandas as pd

from core import db
from core.months import month_end

FAMILIES = ("pd_revenue", "pd_balances", "pd_loans", "pd_relationship", "pd_peers", "pd_market")
EVERYBODY = "g"  # hashes are hexadecimal: every one begins below this
MIN_MONTHS = 3
SLICES = 4096  # of the hash that samples a large book
FIRST_MONTHS = 15  # the yearly change needs fifteen months of sales before the first cohort

Progress = Callable[[str, float], None]


def snapshot(con: db.Connection, as_of: date, bad_dpd: int, last_slice: str = EVERYBODY) -> int:
    """Make pd_snapshot: every known business and its features at `as_of`; the number of rows.

    The parts are temporary tables, so a build keeps none of them.
    """
    at = {"as_of": as_of}
    db.create_table(con, "pd_open_loans", "features/pd_open_loans", at, temporary=True)
    db.create_table(
        con,
        "pd_population",
        "features/pd_population",
        at | {"bad_dpd": bad_dpd, "min_months": MIN_MONTHS, "last_slice": last_slice},
        temporary=True,
    )
    for family in FAMILIES:
        db.create_table(con, family, f"features/{family}", at, temporary=True)
    return db.create_table(con, "pd_snapshot", "features/pd_features", at)


def drop_snapshot(con: db.Connection) -> None:
    """Remove what `snapshot` made."""
    for table in ("pd_snapshot", "pd_open_loans", "pd_population", *FAMILIES):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def span(con: db.Connection) -> tuple[date, date] | None:
    """First cohort that has enough history, and the last month whose repayments are known; None without data."""
    first, covered = con.execute(db.sql("features/pd_span")).fetchall()[0]
    return (month_end(first, -(FIRST_MONTHS - 1)), month_end(covered)) if first and covered else None


def sample(con: db.Connection, cohorts: int, cap: int) -> str:
    """Upper end of the hash slices that keep about `cap` rows over `cohorts` as_ofs."""
    borrowers = int(con.execute(db.sql("features/pd_borrowers")).fetchall()[0][0])
    share = cap / max(1, borrowers * cohorts)
    return EVERYBODY if share >= 1 else format(max(1, int(share * SLICES)), "03x")


def panel(
    con: db.Connection, as_ofs: Iterable[date], decisions: dict[str, Any], last_slice: str, tick: Progress
) -> None:
    """Make pd_panel: labelled borrowers of every as_of; and count who was left out, in model_exclusions."""
    con.execute("DROP TABLE IF EXISTS pd_panel")
    wanted = sorted(as_ofs)
    for number, as_of in enumerate(wanted):
        tick(as_of.isoformat(), number / len(wanted))
        snapshot(con, as_of, decisions["bad_dpd"], last_slice)
        db.create_table(con, "pd_labels", "features/labels_default", _window(as_of, decisions), temporary=True)
        if db.has_table(con, "pd_panel"):
            db.insert(con, "pd_panel", "features/pd_labelled")
        else:
            db.create_table(con, "pd_panel", "features/pd_labelled")
        db.insert(con, "model_exclusions", "features/pd_exclusions")
    con.execute("DROP TABLE IF EXISTS pd_labels")
    drop_snapshot(con)


def _window(as_of: date, decisions: dict[str, Any]) -> dict[str, object]:
    return {
        "as_of": as_of,
        "window_end": month_end(as_of, -decisions["horizon_months"]),
        "bad_dpd": decisions["bad_dpd"],
        "indeterminate_dpd": decisions["indeterminate_dpd"],
    }


def rows(con: db.Connection, as_ofs: Iterable[date]) -> pd.DataFrame:
    """Labelled rows of pd_panel for these cohorts, with `bad` (an indeterminate one is not bad)."""
    wanted = {"as_ofs": sorted(as_ofs)}
    return con.execute("FROM pd_panel WHERE list_contains($as_ofs, as_of) ORDER BY as_of, business_id", wanted).df()


def clear_outcomes(panel_rows: pd.DataFrame) -> pd.DataFrame:
    """Rows a model may learn from: 30 to 89 days late at worst is neither good nor bad."""
    return panel_rows[panel_rows["outcome"] != "indeterminate"]


def drop_panel(con: db.Connection) -> None:
    """Remove pd_panel: features of many as_ofs, of no use to a page."""
    con.execute("DROP TABLE IF EXISTS pd_panel")
