"""The monitoring step of a build: drift of the populations, performance of the models, alerts on businesses and models.

Reads  the tables of populations.py, performance.py and alerts.py
Writes watch_drift, watch_performance, watch_migration, watch_rules, watch_alerts, watch_model_alerts
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from core import db, tables
from core.calendar import month_end
from core.config import policy
from core.models.churn import spells
from core.models.churn.problem import CHURN
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.metrics import jeffreys
from core.models.classifier.train import REPORT
from core.models.default.problem import DEFAULT
from core.payments.success import SUCCESS
from core.watch import alerts, performance
from core.watch.drift import drift
from core.watch.populations import SCORE, Population, populations
from core.watch.tier_impact import tier_changes

MAX_COUNTED = 8  # columns of a comparison whose drift is counted in customers: each costs a scoring of the book
EARLY_SIGN = "early_30dpd_3m"


def watch(con: db.Connection, as_of: date, models: Path) -> int:
    """Write every table of the step at `as_of`; the number of alerts on businesses.

    Parameters
    ----------
    models : folder of the build's models
    """
    _write_drift(con, as_of, models)
    _write_performance(con, as_of, models)
    alerts.write_model_alerts(con, as_of)
    alerts.make_temp_tables(con)
    alerts.write_migration(con)
    count = alerts.write_alerts(con, as_of)
    alerts.drop_temp_tables(con)
    spells.drop_temp_tables(con)
    con.execute("DROP TABLE IF EXISTS payment_recent")
    return count


def _write_drift(con: db.Connection, as_of: date, models: Path) -> None:
    parts = [population_drift(population) for population in populations(con, as_of, models)]
    tables.keep(con, "watch_drift", pd.concat(parts) if parts else pd.DataFrame(columns=["model"]))


def population_drift(population: Population) -> pd.DataFrame:
    """Drift of each column; for the score and the columns with the largest drift also the customers in another tier."""
    columns = list(population.columns)
    table = drift(population.before[columns], population.now[columns])
    alarms = table[(table["level"] != "stable") & (table["kind"] == "number")]
    changes = {name: tier_changes(population, name) for name in {SCORE, *alarms["feature"].head(MAX_COUNTED)}}
    for part in ("compared", "up", "down"):
        counts = {name: getattr(change, part) for name, change in changes.items() if change is not None}
        table[part] = table["feature"].map(counts).where(table["kind"] == "number").astype("Int64")
    return table.assign(
        model=population.name, against=population.against, from_on=population.from_on, to_on=population.to_on
    )


def _write_performance(con: db.Connection, as_of: date, models: Path) -> None:
    parts = [
        *(_problem_performance(con, problem, as_of) for problem in (DEFAULT, CHURN)),
        _payment_performance(con, models / SUCCESS.name),
        _early_signs(con, as_of),
    ]
    # pandas warns about empty frames in a concat, as they have no types.
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled) if filled else pd.DataFrame(columns=list(performance.COLUMNS))
    types = dict.fromkeys(("value", "low", "high", "gate"), "float64")
    types |= {"n": "Int64", "positives": "Int64", "missed": "boolean"}
    tables.keep(con, "watch_performance", table.astype(types))


def _problem_performance(con: db.Connection, problem: CohortProblem, as_of: date) -> pd.DataFrame:
    rows = _test_rows(con, problem.name)
    if rows.empty:
        return rows
    min_auc = policy()["registry"]["min_roc_auc"]
    return performance.of_months(rows, problem.name, as_of, problem.known_after_months, min_auc)


def _payment_performance(con: db.Connection, folder: Path) -> pd.DataFrame:
    rows = _test_rows(con, SUCCESS.name)
    return rows if rows.empty else performance.of_payments(rows, success_cut(folder), policy()["payments"])


def success_cut(folder: Path) -> float:
    """Chance of success from which the model in this folder predicts success."""
    report: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return float(report["cut"])


def _test_rows(con: db.Connection, model: str) -> pd.DataFrame:
    if not db.has_table(con, "model_test"):
        return pd.DataFrame()
    query = "SELECT entity_id, as_of, p, label FROM model_test WHERE model = $model ORDER BY as_of, entity_id, p"
    return con.execute(query, {"model": model}).df()


def _early_signs(con: db.Connection, as_of: date) -> pd.DataFrame:
    """Share of borrowers 30 days late within three months, for the month ends of the last two years."""
    params = {"as_of": as_of, "first_on": month_end(as_of, 23), "late_dpd": policy()["watch"]["late_dpd"]}
    rows = []
    for day, n, late in con.execute(db.sql("core/watch/sql/early_signs"), params).fetchall():
        low, high = jeffreys(late, n)
        month = {"model": DEFAULT.name, "unit": "month", "from_on": day, "to_on": day, "state": "early"}
        figures = {"n": n, "positives": late, "metric": EARLY_SIGN, "value": late / n, "low": low, "high": high}
        rows.append(month | figures | {"known_on": month_end(day, -3), "missed": False})
    return pd.DataFrame(rows, columns=list(performance.COLUMNS))
