"""Score the businesses of a month, and say why.

Reads  the tables that the problem's SQL names
Writes the problem's score table, drivers, model_inputs_<name>
"""

from datetime import date

from core import db, tables
from core.models.classifier import cohorts
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.model import Model
from core.models.classifier.problem import THREADS
from core.models.classifier.scorer import Scorer

BATCH = 20_000


def score(
    problem: CohortProblem, con: db.Connection, model: Model | None, as_of: date, explain: bool | None = None
) -> int:
    """Score every business known at `as_of` into the problem's table; the number of rows.

    Replaces the rows of that as_of and keeps the others. With `explain` (by default for the newest month only) the
    problem's `drivers` and model_inputs_<name> are replaced too. Without a model every probability is NULL and the
    state says NO_MODEL.
    """
    problem.make_temp_tables(con)
    cohorts.snapshot(con, problem, as_of)
    is_explained = _is_newest(con, as_of) if explain is None else explain
    table = problem.score_table
    tables.ensure(con, table, "drivers")
    tables.clear(con, "scored_rows")
    if model is not None:
        _score_rows(con, model, is_explained)
    con.execute(f"DELETE FROM {table} WHERE as_of = $as_of", {"as_of": as_of})
    db.insert(con, table, problem.query(table), dict(zip(problem.band_names, problem.cuts, strict=True)))
    if is_explained:
        _explain(con, problem, model)
    rows = db.count(con, cohorts.SNAPSHOT)
    cohorts.drop_snapshot(con, problem)
    con.execute("DROP TABLE IF EXISTS scored_rows")
    return rows


def _explain(con: db.Connection, problem: CohortProblem, model: Model | None) -> None:
    """Keep the model's inputs (model_inputs_<name>) and, with a model, the reasons of its answers (drivers)."""
    inputs = f"model_inputs_{problem.name}"
    columns = ", ".join(["business_id", *problem.feature_names])
    scored = f"SELECT {columns} FROM {cohorts.SNAPSHOT} WHERE state = 'OK' ORDER BY business_id"
    con.execute(f"CREATE OR REPLACE TABLE {inputs} AS {scored}")
    con.execute("DELETE FROM drivers WHERE model = $model", {"model": problem.name})
    if model is not None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW explained_inputs AS FROM {inputs}")
        db.create_table(con, "feature_medians", "core/models/classifier/sql/feature_medians", temporary=True)
        db.insert(con, "drivers", "core/models/classifier/sql/drivers", {"model": problem.name})
        con.execute("DROP TABLE feature_medians; DROP VIEW explained_inputs")


def _is_newest(con: db.Connection, as_of: date) -> bool:
    months = con.execute(db.sql("core/sql/newest_month")).fetchall()
    return bool(months) and months[0][0] == as_of


def _score_rows(con: db.Connection, model: Model, explain: bool) -> None:
    """Stream cohort_snapshot through the scorer into scored_rows, one batch in memory at a time."""
    scorer = Scorer.of(model, explain, THREADS)
    # A second connection reads while the first one writes; a result half read keeps its connection busy.
    reader = con.cursor().sql(f"FROM {cohorts.SNAPSHOT} WHERE state = 'OK'").to_arrow_reader(BATCH)
    tables.keep_batches(con, "scored_rows", scorer.schema, scorer(reader))
