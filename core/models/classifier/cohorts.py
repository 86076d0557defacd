"""Rows of a problem: who was there at an as_of, what was known, what became of them.

Reads  the checked tables that the problem's SQL names
Writes cohort_snapshot, cohort_labels (one as_of), cohort_panel (labelled rows of many as_ofs), model_exclusions
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

import pandas as pd

from core import db, tables
from core.calendar import month_end
from core.models.classifier.problem import Problem, Span

SNAPSHOT, LABELS, PANEL = "cohort_snapshot", "cohort_labels", "cohort_panel"
EVERYBODY = "g"  # hashes are hexadecimal: every one begins below this
MIN_MONTHS = 3
SLICES = 4096  # of the hash that samples a large book
FIRST_MONTHS = 15  # the yearly change needs fifteen months of sales before the first cohort

Progress = Callable[[str, float], None]


def snapshot(con: db.Connection, problem: Problem, as_of: date, last_slice: str = EVERYBODY) -> int:
    """Make cohort_snapshot: every known business and its features at `as_of`; the number of rows.

    The parts are temporary tables, so a build keeps none of them.
    """
    for query in problem.families:
        _make(con, query, problem, as_of, last_slice)
    return db.create_table(con, SNAPSHOT, problem.query(SNAPSHOT), {"as_of": as_of})


def _make(con: db.Connection, query: str, problem: Problem, as_of: date, last_slice: str) -> None:
    values = _values(problem, as_of, last_slice)
    # DuckDB refuses a parameter that the SELECT does not name.
    named = set(re.findall(r"\$(\w+)", re.sub(r"--[^\n]*", "", db.sql(query))))
    wanted = {name: value for name, value in values.items() if name in named}
    db.create_table(con, db.table_of(query), query, wanted, temporary=True)


def _values(problem: Problem, as_of: date, last_slice: str) -> dict[str, object]:
    lead, end = problem.window_months
    return {
        **problem.decisions,
        "as_of": as_of,
        "last_slice": last_slice,
        "min_months": MIN_MONTHS,
        "gap_end": month_end(as_of, -lead),
        "window_end": month_end(as_of, -end),
    }


def labels(con: db.Connection, problem: Problem, as_of: date) -> None:
    """Make cohort_labels: what became of the rows of the as_of's snapshot."""
    _make(con, problem.query(LABELS), problem, as_of, EVERYBODY)


def drop_snapshot(con: db.Connection, problem: Problem) -> None:
    """Remove what `snapshot` made."""
    for table in (SNAPSHOT, *map(db.table_of, problem.families)):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def span(con: db.Connection, problem: Problem) -> Span | None:
    """Where cohorts can begin and outcomes end; None without data."""
    first, covered = con.execute(db.sql(problem.query("span"))).fetchall()[0]
    return Span(month_end(first, -(FIRST_MONTHS - 1)), month_end(covered)) if first and covered else None


def sample(con: db.Connection, problem: Problem, cohorts: int, cap: int) -> str:
    """Upper end of the hash slices that keep about `cap` rows over `cohorts` as_ofs."""
    members = int(con.execute(db.sql(problem.query("members"))).fetchall()[0][0])
    share = cap / max(1, members * cohorts)
    return EVERYBODY if share >= 1 else format(max(1, int(share * SLICES)), "03x")


def panel(con: db.Connection, problem: Problem, as_ofs: Iterable[date], last_slice: str, tick: Progress) -> None:
    """Make cohort_panel: labelled rows of every as_of; and count who was left out, in model_exclusions."""
    con.execute(f"DROP TABLE IF EXISTS {PANEL}")
    tables.ensure(con, "model_exclusions")
    wanted = sorted(as_ofs)
    for number, as_of in enumerate(wanted):
        tick(as_of.isoformat(), number / len(wanted))
        snapshot(con, problem, as_of, last_slice)
        labels(con, problem, as_of)
        if db.has_table(con, PANEL):
            db.insert(con, PANEL, problem.query(PANEL))
        else:
            db.create_table(con, PANEL, problem.query(PANEL))
        db.insert(con, "model_exclusions", problem.query("model_exclusions"))
    con.execute(f"DROP TABLE IF EXISTS {LABELS}")
    drop_snapshot(con, problem)


def rows(con: db.Connection, as_ofs: Iterable[date]) -> pd.DataFrame:
    """Labelled rows of cohort_panel for these cohorts, with `bad` (an unclear outcome is not bad)."""
    wanted = {"as_ofs": sorted(as_ofs)}
    return con.execute(f"FROM {PANEL} WHERE list_contains($as_ofs, as_of) ORDER BY as_of, business_id", wanted).df()


def thinned(panel_rows: pd.DataFrame, one_in: int) -> pd.DataFrame:
    """All rows with the event and one in `one_in` of the others, each business in another cohort.

    A model of such rows is off by a constant in log-odds; Platt sets the level on whole cohorts (case-control).
    """
    if one_in == 1:
        return panel_rows
    business = pd.util.hash_array(panel_rows["business_id"].to_numpy(dtype=object)) % one_in
    cohort = pd.factorize(panel_rows["as_of"], sort=True)[0] % one_in
    return panel_rows[(panel_rows["bad"] == 1) | (business == cohort)]


def clear_outcomes(panel_rows: pd.DataFrame, problem: Problem) -> pd.DataFrame:
    """Rows a model may learn from: those whose outcome is a plain yes or no."""
    return panel_rows[~panel_rows["outcome"].isin(problem.unclear)]


def drop_panel(con: db.Connection) -> None:
    """Remove cohort_panel: features of many as_ofs, of no use to a page."""
    con.execute(f"DROP TABLE IF EXISTS {PANEL}")
