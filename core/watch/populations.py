"""The pairs of populations that drift compares: a model's rows now, in the same month last year, and in its training.

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

SCORE = "score"  # the column of the model's output
WORDS = ("category", "region")
KEY = "business_id"
YEAR = 12
OPPORTUNITY = "opportunity"
POINTS = ("points_change", "points_volatility", "points_trend", "points_season", "points_industry")
LAST_YEAR, TRAINING = "last_year", "training"


@dataclass(frozen=True)
class Population:
    """Rows of one model now and before, with the same columns; `against` is training or last_year.

    `from_on` and `to_on` are the days of the rows before. `cuts` are the upper ends of the score's tiers. `model` is
    set where the rows can be scored again with other inputs.
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
    return [
        *_of_opportunity(con, as_of),
        *_of_problem(con, DEFAULT, as_of, models / DEFAULT.name),
        *_of_problem(con, CHURN, as_of, models / CHURN.name),
        *_of_payments(con, models / SUCCESS.name),
    ]


def _of_opportunity(con: db.Connection, as_of: date) -> list[Population]:
    """The score and its components; it is computed by rules, so there is no training to compare with."""
    scores = con.table("opportunity_history").filter("tier IS NOT NULL").select(KEY, "as_of", SCORE, *POINTS).df()
    day = month_end(as_of, YEAR)
    now, before = (scores[scores["as_of"].dt.date == month] for month in (as_of, day))
    if now.empty or before.empty:
        return []
    cuts = tuple(float(end) + 0.5 for end in policy()["score"]["tier_ends"])
    return [Population(OPPORTUNITY, LAST_YEAR, now, before, day, day, (SCORE, *POINTS), cuts)]


def _of_problem(con: db.Connection, problem: CohortProblem, as_of: date, folder: Path) -> list[Population]:
    inputs = f"model_inputs_{problem.name}"
    if not (folder / model_files.CARD).exists() or not db.has_table(con, inputs):
        return []
    model = model_files.load(folder)
    businesses = con.table("businesses").select(KEY, *WORDS).df()
    now = con.table(inputs).df().merge(businesses, on=KEY, how="left")
    if problem is DEFAULT:
        # It was trained on borrowers. A business with a limit and no loan is scored too, and would look like drift.
        now = now[now[KEY].isin(con.table("loan_balances").select(KEY).df()[KEY])]
    now = with_scores(now, model)
    sides = {
        LAST_YEAR: with_scores(_snapshot(con, problem, month_end(as_of, YEAR)), model),
        TRAINING: with_scores(training_sample.load(folder), model),
    }
    columns = (SCORE, *WORDS, *model.features)
    return [
        Population(
            problem.name,
            against,
            now,
            before,
            *_days(before, training_sample.TIME),
            tuple(name for name in columns if name in before),
            tuple(problem.cuts),
            model,
        )
        for against, before in sides.items()
        if len(before) and len(now)
    ]


def _snapshot(con: db.Connection, problem: CohortProblem, day: date) -> pd.DataFrame:
    """Rows that the model may score at an earlier month end, as the bank knew them then."""
    problem.make_temp_tables(con)
    cohorts.snapshot(con, problem, day)
    rows = con.table(cohorts.SNAPSHOT).filter("state = 'OK'").df()
    cohorts.drop_snapshot(con, problem)
    return rows[rows["has_loan"]] if problem is DEFAULT else rows


def _of_payments(con: db.Connection, folder: Path) -> list[Population]:
    if not (folder / model_files.CARD).exists() or not db.has_table(con, "payment_recent"):
        return []
    model, recent = model_files.load(folder), con.table("payment_recent").df()
    now, last_year = (with_scores(recent[recent["is_newest"] == side], model) for side in (True, False))
    training = with_scores(training_sample.load(folder), model)
    return [
        Population(SUCCESS.name, against, now, before, *_days(before, time), (SCORE, *model.features))
        for against, before, time in ((LAST_YEAR, last_year, "at"), (TRAINING, training, training_sample.TIME))
        if len(before)
    ]


def with_scores(rows: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The rows with the model's probability as SCORE; no rows stay no rows."""
    return rows.assign(**{SCORE: model.probability(matrix(rows, model.features), THREADS)}) if len(rows) else rows


def _days(rows: pd.DataFrame, column: str) -> tuple[date, date]:
    """First and last day of a column of times."""
    return rows[column].min().date(), rows[column].max().date()
