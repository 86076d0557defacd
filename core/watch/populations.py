"""Who is compared with whom: the rows of a model now, in the same month last year, and when it learned.

A December is compared with a December: against a whole year it would seem to drift every year.

Reads  model_inputs_default, model_inputs_churn, pd_scores, churn_scores, loan_balances, businesses, payment_recent,
       opportunity_history; <build>/models/<name>/{reference.csv, model.json, seed_*.txt}
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from core import db
from core.calendar import month_end
from core.config import policy
from core.models.churn.problem import CHURN
from core.models.classifier import cohorts, model_files, training_sample
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.model import Model, matrix
from core.models.classifier.problem import THREADS
from core.models.default.problem import DEFAULT
from core.payments.success import SUCCESS

SCORE = "score"  # the column that holds what the model says
WORDS = ("category", "region")
KEY = "business_id"
YEAR = 12
OPPORTUNITY = "opportunity"
POINTS = ("points_change", "points_volatility", "points_trend", "points_season", "points_industry")


@dataclass(frozen=True)
class Population:
    """Rows of one model on both sides, the same columns; `against` is training or last_year.

    `model` and `features` are there where the answer can be asked again with other inputs; `cuts` are the ends of the
    score's tiers.
    """

    name: str
    against: str
    now: pd.DataFrame
    before: pd.DataFrame
    from_on: date
    to_on: date
    columns: tuple[str, ...]
    cuts: tuple[float, ...] = ()
    model: Model | None = None


def populations(con: db.Connection, as_of: date, models: Path) -> list[Population]:
    """Every comparison that this build can make; a model that was refused has none."""
    found = [*_opportunity(con, as_of)]
    for problem in (DEFAULT, CHURN):
        found += _of_problem(con, problem, as_of, models / problem.name)
    return [*found, *_payments(con, models / SUCCESS.name)]


def _of_problem(con: db.Connection, problem: CohortProblem, as_of: date, folder: Path) -> list[Population]:
    inputs = f"model_inputs_{problem.name}"
    if not (folder / model_files.CARD).exists() or not db.has_table(con, inputs):
        return []
    model = model_files.load(folder)
    named = con.table("businesses").select(KEY, *WORDS).df()
    now = con.table(inputs).df().merge(named, on=KEY, how="left")
    if problem is DEFAULT:
        # It learned from borrowers; who has a limit and no loan is scored too, and would look like drift.
        now = now[now[KEY].isin(con.table("loan_balances").select(KEY).df()[KEY])]
    columns = (SCORE, *WORDS, *model.features)
    a_year_ago = month_end(as_of, YEAR)
    sides = {"last_year": _snapshot(con, problem, a_year_ago), "training": training_sample.load(folder)}
    return [
        _asked(problem, model, against, scored(now, model), scored(rows, model), columns, a_year_ago)
        for against, rows in sides.items()
        if len(rows) and len(now)
    ]


def _asked(
    problem: CohortProblem,
    model: Model,
    against: str,
    now: pd.DataFrame,
    before: pd.DataFrame,
    columns: tuple[str, ...],
    day: date,
) -> Population:
    days = (day, day) if against == "last_year" else _span(before[training_sample.TIME])
    shown = tuple(column for column in columns if column in before)
    return Population(problem.name, against, now, before, *days, shown, tuple(problem.cuts), model)


def scored(rows: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The rows with what the model says of them."""
    return rows.assign(**{SCORE: model.probability(matrix(rows, model.features), THREADS)}) if len(rows) else rows


def _snapshot(con: db.Connection, problem: CohortProblem, day: date) -> pd.DataFrame:
    """Rows the model may speak of at an earlier month end, as the bank knew them then."""
    problem.make_temp_tables(con)
    cohorts.snapshot(con, problem, day)
    rows = con.table(cohorts.SNAPSHOT).filter("state = 'OK'").df()
    cohorts.drop_snapshot(con, problem)
    return rows[rows["has_loan"]] if problem is DEFAULT else rows


def _opportunity(con: db.Connection, as_of: date) -> list[Population]:
    """The score and its parts; nobody trained it, so there is a last year only."""
    scores = con.table("opportunity_history").filter("tier IS NOT NULL").select(KEY, "as_of", SCORE, *POINTS).df()
    day = month_end(as_of, YEAR)
    now, before = (scores[scores["as_of"].dt.date == when] for when in (as_of, day))
    if now.empty or before.empty:
        return []
    ends = tuple(float(end) + 0.5 for end in policy()["score"]["tier_ends"])
    return [Population(OPPORTUNITY, "last_year", now, before, day, day, (SCORE, *POINTS), ends)]


def _payments(con: db.Connection, folder: Path) -> list[Population]:
    if not (folder / model_files.CARD).exists() or not db.has_table(con, "payment_recent"):
        return []
    model, recent = model_files.load(folder), con.table("payment_recent").df()
    now, last_year = (scored(recent[recent["is_newest"] == side], model) for side in (True, False))
    columns = (SCORE, *model.features)
    learned = scored(training_sample.load(folder), model)
    return [
        Population(SUCCESS.name, against, now, rows, *_span(rows[column]), columns)
        for against, rows, column in (("last_year", last_year, "at"), ("training", learned, training_sample.TIME))
        if len(rows)
    ]


def _span(days: pd.Series) -> tuple[date, date]:
    return days.min().date(), days.max().date()
