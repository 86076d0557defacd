"""Problems on businesses, asked of monthly cohorts: who was there at an as_of, what was known, what became of them.

Reads  the checked tables that the problem's SQL names
Writes cohort_snapshot, cohort_labels (one as_of), cohort_panel (labelled rows of many as_ofs), model_exclusions
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from core import db, tables
from core.calendar import month_end
from core.config import policy
from core.errors import DataError
from core.models.classifier.problem import LABEL, Parts, Problem
from core.models.classifier.time_splits import (
    Sealed,
    Split,
    assert_purged,
    assert_unique,
    matured,
    newest,
    out_of_time,
)
from core.progress import Progress

SNAPSHOT, LABELS, PANEL = "cohort_snapshot", "cohort_labels", "cohort_panel"
EVERYBODY = "g"  # hashes are hexadecimal: every one begins below this
SLICES = 4096  # of the hash that samples a large book
ROW_CAP = 150_000  # fitting rows of a large book; more rows moved the log loss by less than its interval
MIN_EVENTS = 50  # fewer cannot carry a model: no probability is better than that one
MIN_MONTHS = 3
FIRST_MONTHS = 15  # the yearly change needs fifteen months of sales before the first cohort
NEW_CUSTOMER_MONTHS = 24


def no_temp_tables(_: db.Connection) -> None:
    """A problem whose SQL reads the checked tables alone."""


def no_metrics(_: db.Connection, __: pd.DataFrame) -> list[pd.DataFrame]:
    """No further figures of the test rows."""
    return []


@dataclass(frozen=True, kw_only=True)
class CohortProblem(Problem):
    """A problem on the businesses known at a month end, and the folder of its SQL.

    `families` (SQL files of features) are made in this order at each as_of. In <folder>/sql, `cohort_snapshot` joins
    them to one row a business with a `state`, `OK` where the model may speak; `cohort_labels` gives an `outcome` to
    those rows, `cohort_panel` turns it into `label` (0 or 1); `model_exclusions` counts who was left out and why;
    `span` finds the first and the last month, `members` the number of businesses; the file named as `score_table`
    writes the scores.

    needs : what the book lacks when there is no span
    probability : its column in the score table
    bands, band_names : key of the ends of bands in the policy's section, and what the SQL of the scores calls them
    indeterminate : outcomes that are neither yes nor no: tested on, not learned from
    policy_from : (section, key) of decisions that its SQL needs from other sections of the policy
    negative_sampling : of the rows without the event, one in so many is fitted on
    make_temp_tables : makes what the SQL reads beside the checked tables
    test_metrics : further figures of the scored test rows
    """

    folder: str
    families: tuple[str, ...]
    score_table: str
    needs: str
    probability: str
    bands: str
    band_names: tuple[str, ...]
    indeterminate: tuple[str, ...] = ()
    policy_from: tuple[tuple[str, str], ...] = ()
    negative_sampling: int = 1
    slices: tuple[str, ...] = ("category", "region", "tenure", "learned")
    make_temp_tables: Callable[[db.Connection], None] = no_temp_tables
    test_metrics: Callable[[db.Connection, pd.DataFrame], list[pd.DataFrame]] = no_metrics

    def query(self, name: str) -> str:
        """A SQL file of this problem's folder."""
        return f"{self.folder}/sql/{name}"

    @property
    def decisions(self) -> dict[str, Any]:
        """The bank's decisions on this problem, and those that its SQL needs from other sections."""
        return super().decisions | {key: policy()[section][key] for section, key in self.policy_from}

    @property
    def window_months(self) -> tuple[int, int]:
        """Months after the as_of in which the window of the outcome begins and ends."""
        lead = self.decisions.get("lead_months", 0)
        return lead, lead + self.decisions["horizon_months"]

    @property
    def known_after_months(self) -> int:
        """Months after the as_of when every outcome is certain."""
        return self.window_months[1] + int(self.decisions.get("confirm_months", 0))

    @property
    def gap_months(self) -> int:
        """Months until an outcome has been reported."""
        return int(self.decisions["reporting_gap_months"])

    @property
    def cuts(self) -> list[float]:
        """Upper ends of the bands of the probability."""
        return list(self.decisions[self.bands])

    def source(self, con: db.Connection, report: dict[str, Any], tick: Progress) -> "CohortSource":
        """Build the panel of every cohort that the two models need."""
        trial, served = splits(con, self)
        report["windows"] = {
            "outcome_months_after_as_of": list(self.window_months),
            "known_after_months": self.known_after_months,
        }
        self.make_temp_tables(con)
        last_slice = sample(con, self, len(served.fit), ROW_CAP * self.negative_sampling)
        report["sampled"] = last_slice != EVERYBODY
        panel(con, self, trial.cohorts | served.cohorts, last_slice, tick)
        return CohortSource(con, self, report, trial, served)

    def test_rows(self, scored: pd.DataFrame, learned: pd.DataFrame) -> pd.DataFrame:
        """Test rows with new or old customer, and whether the model has learned from the business in other months."""
        is_new = scored["tenure_months"] < NEW_CUSTOMER_MONTHS
        is_learned = scored["business_id"].isin(set(learned["business_id"]))
        return scored.assign(
            tenure=is_new.map({True: "new", False: "old"}), learned=is_learned.map({True: "yes", False: "no"})
        )

    def extra_metrics(self, con: db.Connection, scored: pd.DataFrame, *, is_test: bool) -> list[pd.DataFrame]:
        """The problem's own figures, of the test alone."""
        return self.test_metrics(con, scored) if is_test else []

    def facts(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """How many of the rows without the event were fitted on."""
        del report
        return {"fit_one_in_of_the_others": self.negative_sampling}


@dataclass
class CohortSource:
    """Rows of a problem from its panel."""

    con: db.Connection
    problem: CohortProblem
    report: dict[str, Any]
    trial_split: Split
    served_split: Split
    panel_tables: tuple[str, ...] = field(default=(PANEL,))

    def trial(self) -> Parts | None:
        """Rows up to the purge, and the test cohorts."""
        problem, split = self.problem, self.trial_split
        if not split.fit:
            self.report["evaluation"] = "none: the history is too short for an out-of-time test"
            return None
        assert_purged({*split.fit, *split.calibration}, split.test, problem.known_after_months, problem.gap_months)
        parts = self._parts(split)
        events = int(parts.fit[LABEL].sum())
        if events < MIN_EVENTS:
            self.report["evaluation"] = f"none: {events} {problem.event} before the test, needs {MIN_EVENTS}"
            return None
        return parts

    def served(self) -> Parts:
        """Rows through the newest matured cohort."""
        parts = self._parts(self.served_split)
        events = int(parts.fit[LABEL].sum())
        if events < MIN_EVENTS:
            raise DataError(
                f"{events} {self.problem.event} in {len(parts.fit)} matured rows; a model needs {MIN_EVENTS}"
            )
        return parts

    def _parts(self, split: Split) -> Parts:
        fit_rows = thinned(clear_outcomes(rows(self.con, split.fit), self.problem), self.problem.negative_sampling)
        calibration = rows(self.con, split.calibration)
        assert_unique(fit_rows)
        assert_unique(calibration)
        test = Sealed(lambda: rows(self.con, split.test)) if split.test else None
        # The calibration months are whole months of the book; the fit may have left out most rows without the event.
        return Parts(fit_rows, calibration, test, calibration, _windows(split))

    def close(self) -> None:
        """Remove the panel: features of many as_ofs, of no use to a page."""
        for table in self.panel_tables:
            self.con.execute(f"DROP TABLE IF EXISTS {table}")


def _windows(split: Split) -> dict[str, Any]:
    return {
        "fit": {"from": str(split.fit[0]), "to": str(split.fit[-1]), "cohorts": len(split.fit)},
        "calibration_window": {"from": str(split.calibration[0]), "to": str(split.calibration[-1])},
        "test": {"from": str(split.test[0]), "to": str(split.test[-1])} if split.test else None,
    }


@dataclass(frozen=True)
class Span:
    """First cohort with enough history, and the last month whose outcomes are in the book."""

    first: date
    covered: date


def splits(con: db.Connection, problem: CohortProblem) -> tuple[Split, Split]:
    """Cohorts of the trial and of the served model.

    Raises
    ------
    DataError : the book lacks what the problem needs, or no outcome is complete yet
    """
    months_known = problem.known_after_months
    book = span(con, problem)
    if book is None:
        raise DataError(problem.needs)
    months = matured(book.first, book.covered, months_known)
    if not months:
        raise DataError(
            f"cohorts can begin {book.first}, outcomes end {book.covered}: "
            f"no outcome of {months_known} months is complete"
        )
    trial = out_of_time(months, months_known, problem.gap_months, problem.decisions["oot_cohorts"])
    return trial, newest(months)


def span(con: db.Connection, problem: CohortProblem) -> Span | None:
    """Where cohorts can begin and outcomes end; None without data."""
    first, covered = con.execute(db.sql(problem.query("span"))).fetchall()[0]
    return Span(month_end(first, -(FIRST_MONTHS - 1)), month_end(covered)) if first and covered else None


def snapshot(con: db.Connection, problem: CohortProblem, as_of: date, last_slice: str = EVERYBODY) -> int:
    """Make cohort_snapshot: every known business and its features at `as_of`; the number of rows.

    The parts are temporary tables, so a build keeps none of them.
    """
    for query in problem.families:
        _make(con, query, problem, as_of, last_slice)
    return db.create_table(con, SNAPSHOT, problem.query(SNAPSHOT), {"as_of": as_of})


def _make(con: db.Connection, query: str, problem: CohortProblem, as_of: date, last_slice: str) -> None:
    values = _values(problem, as_of, last_slice)
    # DuckDB refuses a parameter that the SELECT does not name.
    names = set(re.findall(r"\$(\w+)", re.sub(r"--[^\n]*", "", db.sql(query))))
    params = {name: value for name, value in values.items() if name in names}
    db.create_table(con, db.table_of(query), query, params, temporary=True)


def _values(problem: CohortProblem, as_of: date, last_slice: str) -> dict[str, object]:
    lead, end = problem.window_months
    return {
        **problem.decisions,
        "as_of": as_of,
        "last_slice": last_slice,
        "min_months": MIN_MONTHS,
        "gap_end": month_end(as_of, -lead),
        "window_end": month_end(as_of, -end),
    }


def labels(con: db.Connection, problem: CohortProblem, as_of: date) -> None:
    """Make cohort_labels: what became of the rows of the as_of's snapshot."""
    _make(con, problem.query(LABELS), problem, as_of, EVERYBODY)


def drop_snapshot(con: db.Connection, problem: CohortProblem) -> None:
    """Remove what `snapshot` made."""
    for table in (SNAPSHOT, *map(db.table_of, problem.families)):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def sample(con: db.Connection, problem: CohortProblem, cohorts: int, cap: int) -> str:
    """Upper end of the hash slices that keep about `cap` rows over `cohorts` as_ofs."""
    members = int(con.execute(db.sql(problem.query("members"))).fetchall()[0][0])
    share = cap / max(1, members * cohorts)
    return EVERYBODY if share >= 1 else format(max(1, int(share * SLICES)), "03x")


def panel(con: db.Connection, problem: CohortProblem, as_ofs: Iterable[date], last_slice: str, tick: Progress) -> None:
    """Make cohort_panel: labelled rows of every as_of; and count who was left out, in model_exclusions."""
    con.execute(f"DROP TABLE IF EXISTS {PANEL}")
    tables.ensure(con, "model_exclusions")
    months = sorted(as_ofs)
    for number, as_of in enumerate(months):
        tick(as_of.isoformat(), number / len(months))
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
    """Labelled rows of cohort_panel for these cohorts (an indeterminate outcome has the label 0)."""
    params = {"as_ofs": sorted(as_ofs)}
    return con.execute(f"FROM {PANEL} WHERE list_contains($as_ofs, as_of) ORDER BY as_of, business_id", params).df()


def thinned(panel_rows: pd.DataFrame, one_in: int) -> pd.DataFrame:
    """All rows with the event and one in `one_in` of the others, each business in another cohort.

    A model of such rows is off by a constant in log-odds; Platt sets the level on whole cohorts (case-control).
    """
    if one_in == 1:
        return panel_rows
    business = pd.util.hash_array(panel_rows["business_id"].to_numpy(dtype=object)) % one_in
    cohort = pd.factorize(panel_rows["as_of"], sort=True)[0] % one_in
    return panel_rows[(panel_rows[LABEL] == 1) | (business == cohort)]


def clear_outcomes(panel_rows: pd.DataFrame, problem: CohortProblem) -> pd.DataFrame:
    """Rows a model may learn from: those whose outcome is a plain yes or no."""
    return panel_rows[~panel_rows["outcome"].isin(problem.indeterminate)]
