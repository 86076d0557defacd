"""The watch over a build: have the populations moved, do the models hold, whom do the rules name?

Reads  the tables of populations.py, performance.py and alerts.py
Writes watch_drift, watch_performance, watch_migration, watch_rules, watch_alerts,
       watch_model_alerts
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
from core.watch.tier_impact import moved

MOST_MOVED = 8  # columns a comparison whose shift is counted in customers: each costs a scoring of the book
EARLY = "early_30dpd_3m"


def watch(con: db.Connection, as_of: date, models: Path) -> int:
    """Write every table of the watch at `as_of`; open alerts on businesses.

    Parameters
    ----------
    models : folder of the build's models
    """
    _measure_drift(con, as_of, models)
    _measure_performance(con, as_of, models)
    alerts.raise_model_alerts(con, as_of)
    alerts.make_temp_tables(con)
    alerts.migration(con)
    found = alerts.raise_alerts(con, as_of)
    alerts.drop_temp_tables(con)
    spells.drop_temp_tables(con)
    con.execute("DROP TABLE IF EXISTS payment_recent")
    return found


def _measure_drift(con: db.Connection, as_of: date, models: Path) -> None:
    parts = [drifted(asked) for asked in populations(con, as_of, models)]
    tables.keep(con, "watch_drift", pd.concat(parts) if parts else pd.DataFrame(columns=["model"]))


def drifted(asked: Population) -> pd.DataFrame:
    """The columns of one comparison, and for those that drifted most the customers in another tier because of it."""
    columns = list(asked.columns)
    table = drift(asked.before[columns], asked.now[columns])
    alarmed = table[(table["level"] != "stable") & (table["kind"] == "number")]
    counted = {SCORE, *alarmed["feature"].head(MOST_MOVED)}
    found = {feature: moved(asked, feature) for feature in counted}
    for part in ("compared", "up", "down"):
        values = {feature: getattr(one, part) for feature, one in found.items() if one is not None}
        table[part] = table["feature"].map(values).where(table["kind"] == "number").astype("Int64")
    return table.assign(model=asked.name, against=asked.against, from_on=asked.from_on, to_on=asked.to_on)


def _measure_performance(con: db.Connection, as_of: date, models: Path) -> None:
    parts = [_of_problem(con, problem, as_of) for problem in (DEFAULT, CHURN)]
    parts += [_of_payments(con, models / SUCCESS.name), _early_signs(con, as_of)]
    known = [part for part in parts if len(part)]
    frame = pd.concat(known) if known else pd.DataFrame(columns=list(performance.COLUMNS))
    tables.keep(con, "watch_performance", _typed(frame))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = dict.fromkeys(("value", "low", "high", "gate"), "float64")
    return frame.astype(numbers | {"n": "Int64", "positives": "Int64", "missed": "boolean"})


def _of_problem(con: db.Connection, problem: CohortProblem, as_of: date) -> pd.DataFrame:
    judged = _judged(con, problem.name)
    if judged.empty:
        return judged
    gate = policy()["registry"]["min_roc_auc"]
    return performance.of_months(judged, problem.name, as_of, problem.known_after_months, gate)


def _of_payments(con: db.Connection, folder: Path) -> pd.DataFrame:
    judged = _judged(con, SUCCESS.name)
    if judged.empty:
        return judged
    return performance.of_payments(judged, cut(folder), policy()["payments"])


def cut(folder: Path) -> float:
    """Chance of success from which the model of this folder expects success."""
    report: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return float(report["cut"])


def _judged(con: db.Connection, model: str) -> pd.DataFrame:
    if not db.has_table(con, "model_test"):
        return pd.DataFrame()
    asked = "SELECT entity_id, as_of, p, label FROM model_test WHERE model = $model ORDER BY as_of, entity_id, p"
    return con.execute(asked, {"model": model}).df()


def _early_signs(con: db.Connection, as_of: date) -> pd.DataFrame:
    """Who is 30 days late within three months, of the month ends of the last two years."""
    asked = {"as_of": as_of, "first_on": month_end(as_of, 23), "late_dpd": policy()["watch"]["late_dpd"]}
    rows = []
    for day, n, late in con.execute(db.sql("core/watch/sql/early_signs"), asked).fetchall():
        low, high = jeffreys(late, n)
        place = {"model": DEFAULT.name, "unit": "month", "from_on": day, "to_on": day, "state": "early"}
        known = {"known_on": month_end(day, -3), "n": n, "positives": late, "metric": EARLY, "value": late / n}
        rows.append(place | known | {"low": low, "high": high, "missed": False})
    return pd.DataFrame(rows, columns=list(performance.COLUMNS))
