"""The bank's own questions as tables for `python -m core train --model NAME`: the rows its models learn from.

Reads  the checked tables of a served build, through a connection that may make tables of its own
Writes nothing that lasts
"""

from collections.abc import Callable
from datetime import date

from core import db, tables
from core.compare.table import Table
from core.errors import DataError
from core.models.churn.problem import CHURN
from core.models.classifier import cohorts
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.problem import LABEL
from core.models.default.problem import DEFAULT
from core.payments import features
from core.payments.success import SUCCESS

ROW_CAP = 60_000  # four kinds of model, plain and with SMOTE, are then compared in about a minute and a half
TABLE_CAP = 60_000  # payments; eight models are then compared in about two minutes
CATEGORICAL = ("category", "region")


def table(con: db.Connection, problem: CohortProblem) -> Table:
    """Rows with a plain outcome, of the fit and test cohorts that the problem's own trainer would use.

    Raises
    ------
    DataError : the book lacks what the problem needs, or no outcome is complete yet
    """
    months = _months(con, problem)
    problem.make_temp_tables(con)
    tables.clear(con, "model_exclusions")
    cohorts.panel(con, problem, months, cohorts.sample(con, problem, len(months), ROW_CAP), lambda _, __: None)
    rows = cohorts.clear_outcomes(cohorts.rows(con, months), problem)
    con.execute(f"DROP TABLE IF EXISTS {cohorts.PANEL}")
    if not rows[LABEL].any():
        raise DataError(f"no {problem.event} in {len(rows)} matured rows; nothing can be compared")
    return Table(
        rows=rows.reset_index(drop=True),
        label=LABEL,
        entity="business_id",
        time="as_of",
        features=(*problem.feature_names, *CATEGORICAL),
        categorical=CATEGORICAL,
        signs={feature.feature: feature.sign for feature in problem.features},
        horizon_months=problem.known_after_months,
        gap_months=problem.gap_months,
        name=problem.name,
    )


def _months(con: db.Connection, problem: CohortProblem) -> list[date]:
    """Every third cohort up to the newest matured one: those between repeat the same customers."""
    trial, served = cohorts.splits(con, problem)
    return sorted({*served.fit, *trial.fit, *trial.test})


def payments_table(con: db.Connection) -> Table:
    """The payments of about TABLE_CAP / all of the customers, as a table for `python -m core train --model payments`.

    With `--scheme time_folds` every kind of model is judged on five blocks of time, each after what it learned from.

    Raises
    ------
    DataError : too few failures to learn from
    """
    last_slice = features.sample(con, TABLE_CAP)
    features.make_temp_tables(con)
    rows = features.rows(con, last_slice)
    features.drop_temp_tables(con)
    return Table(
        rows=rows,
        label="succeeded",
        entity=SUCCESS.entity,
        time=SUCCESS.time,
        features=tuple(SUCCESS.feature_names),
        signs={feature.feature: feature.sign for feature in SUCCESS.features},
        name=SUCCESS.name,
    )


PROBLEMS: dict[str, Callable[[db.Connection], Table]] = {
    DEFAULT.name: lambda con: table(con, DEFAULT),
    CHURN.name: lambda con: table(con, CHURN),
    SUCCESS.name: payments_table,
}
