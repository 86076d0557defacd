"""One trainer for every yes-or-no question to the book: train, judge out of time, serve, explain.

Two models come out of one recipe. The *trial* model stops before the last matured cohorts, far enough that none of its
labels reaches into them, and is judged on them once; its figures are the ones to quote. The *served* model is the same
recipe refitted through the newest matured cohort; it scores the book, and cannot have out-of-time figures yet.

Reads  the tables that the problem's SQL names
Writes the problem's scores, drivers, model_inputs_<name>, model_metrics, model_calibration, model_exclusions,
       model_test (scored test rows), the tables of portrait.py, <folder>/{seed_<n>.txt, model.json, model_report.json}
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.errors import DataError
from core.fingerprint import code_version
from core.models.classifier import candidates, cohorts, diagnostics, model_files, training_sample
from core.models.classifier import metrics as evaluate
from core.models.classifier.model import Model, data_hash, fit
from core.models.classifier.problem import THREADS, Problem
from core.models.classifier.scorer import Scorer
from core.models.classifier.time_splits import Sealed, Split, assert_purged, assert_unique, matured, newest, out_of_time

log = logging.getLogger("beacon.risk")

REPORT = "model_report.json"
MIN_EVENTS = 50  # fewer cannot carry a model: no probability is better than that one
ROW_CAP = 150_000  # fitting rows of a large book; more rows moved the log loss by less than its interval
BATCH = 20_000
SLICES = ["category", "region", "tenure", "learned"]
WORDS = ("category", "region")
NEW_CUSTOMER_MONTHS = 24
METRICS = ["model", "slice", "metric", "value", "low", "high", "n", "positives"]
BINS = ["model", "bin", "n", "mean_p", "observed", "low", "high"]

Progress = Callable[[str, float], None]


@dataclass
class Training:
    """One training run: the question, where it writes, what has been found so far."""

    problem: Problem
    con: db.Connection
    folder: Path
    report: dict[str, Any]
    metrics: list[pd.DataFrame] = field(default_factory=list)
    calibration: list[pd.DataFrame] = field(default_factory=list)
    twins: tuple[Model, Model] | None = None  # the trial's champion and the same with other seeds

    def found(self, model: str, scored: pd.DataFrame, slices: list[str]) -> None:
        """Keep every figure of scored rows under the name of `model`."""
        self.metrics.append(evaluate.table(scored, slices).assign(model=model))
        bins = evaluate.calibration_table(scored["p"].to_numpy(), scored["bad"].to_numpy())
        self.calibration.append(bins.assign(model=model))


def train(problem: Problem, con: db.Connection, folder: Path, progress: Progress | None = None) -> Model | None:
    """Train, judge and save the model; None when the book cannot carry one (the report says why).

    Writes model_metrics, model_calibration, model_exclusions and model_report.json in every case.
    """
    tick = progress or _silent
    run = Training(problem, con, folder, {"model": problem.name})
    folder.mkdir(parents=True, exist_ok=True)
    _forget(con, problem)
    try:
        model = _train(run, tick)
        run.report["state"] = "trained"
        model_files.save(model, folder)
    except DataError as refusal:
        # Too little or suspicious data must not stop the bank's build: the book is served without a probability.
        model = None
        run.report |= {"state": "refused", "reason": str(refusal)}
    _write(run)
    tick("done", 1.0)
    return model


def _forget(con: db.Connection, problem: Problem) -> None:
    for table in ("model_exclusions", "model_metrics", "model_calibration", "model_test"):
        tables.ensure(con, table)
        names = {"names": [problem.name, problem.served]}
        con.execute(f"DELETE FROM {table} WHERE list_contains($names, model)", names)


def _train(run: Training, tick: Progress) -> Model:
    test_split, served_split = _splits(run)
    run.problem.lay(run.con)
    _build_panel(run, test_split.cohorts | served_split.cohorts, len(served_split.fit), tick)
    if test_split.fit:
        tick("trial", 0.6)
        _judge(run, test_split)
    else:
        run.report["evaluation"] = "none: the history is too short for an out-of-time test"
    tick("served model", 0.9)
    model = _serve(run, served_split)
    cohorts.drop_panel(run.con)
    return model


def _splits(run: Training) -> tuple[Split, Split]:
    test, served = splits(run.con, run.problem)
    run.report["windows"] = {
        "outcome_months_after_as_of": list(run.problem.window_months),
        "known_after_months": run.problem.known_after_months,
    }
    return test, served


def splits(con: db.Connection, problem: Problem) -> tuple[Split, Split]:
    """Cohorts of the trial and of the served model.

    Raises
    ------
    DataError : the book lacks what the problem needs, or no outcome is complete yet
    """
    gap, known = problem.decisions["reporting_gap_months"], problem.known_after_months
    span = cohorts.span(con, problem)
    if span is None:
        raise DataError(problem.needs)
    months = matured(span.first, span.covered, known)
    if not months:
        raise DataError(
            f"cohorts can begin {span.first}, outcomes end {span.covered}: no outcome of {known} months is complete"
        )
    return out_of_time(months, known, gap, problem.decisions["oot_cohorts"]), newest(months)


def _build_panel(run: Training, as_ofs: set[date], fit_cohorts: int, tick: Progress) -> None:
    last_slice = cohorts.sample(run.con, run.problem, fit_cohorts, ROW_CAP * run.problem.one_in)
    run.report["sampled"] = last_slice != cohorts.EVERYBODY
    cohorts.panel(run.con, run.problem, as_ofs, last_slice, lambda note, part: tick(note, 0.6 * part))


def _judge(run: Training, split: Split) -> None:
    """Fit on the purged cohorts, read the test cohorts once, keep every figure."""
    problem = run.problem
    known, gap = problem.known_after_months, problem.decisions["reporting_gap_months"]
    assert_purged({*split.fit, *split.calibration}, split.test, known, gap)
    rows, calibration = _training_rows(run, split)
    sealed = Sealed(lambda: cohorts.rows(run.con, split.test))
    if rows["bad"].sum() < MIN_EVENTS:
        run.report["evaluation"] = f"none: {int(rows['bad'].sum())} {problem.event} before the test, needs {MIN_EVENTS}"
        return
    test = sealed.open("trial")
    found = candidates.run(problem.recipe, rows, calibration, test, problem.cuts, problem.plain_candidate)
    run.twins = (found.champion, found.reseeded)
    scored = _sliced(found.scored, set(rows["business_id"]))
    run.report |= {"evaluation": "out_of_time", "test_read": sealed.log, "candidates": found.figures}
    run.report["trial"] = _card(run, found.champion, split, rows, calibration)
    run.found(problem.name, scored, SLICES)
    run.metrics.append(_compared(problem, found.figures, scored))
    _keep_test(run, scored)
    run.metrics.extend(more.assign(model=problem.name) for more in problem.further(run.con, scored))


def _keep_test(run: Training, scored: pd.DataFrame) -> None:
    kept = scored[["business_id", "as_of", "p", "bad", "outcome"]]
    kept = kept.rename(columns={"business_id": "entity_id", "bad": "label"})
    tables.keep_of_model(run.con, "model_test", run.problem.name, kept)


def _sliced(scored: pd.DataFrame, learned: set[str]) -> pd.DataFrame:
    """Test rows with the slices that the report asks for."""
    return scored.assign(
        tenure=(scored["tenure_months"] < NEW_CUSTOMER_MONTHS).map({True: "new", False: "old"}),
        learned=scored["business_id"].isin(learned).map({True: "yes", False: "no"}),
    )


def _compared(problem: Problem, figures: dict[str, Any], scored: pd.DataFrame) -> pd.DataFrame:
    """Figures of every candidate as metrics, and a line for whoever watches the build."""
    for name, found in figures.items():
        log.info(
            "model=%s candidate=%s log_loss=%.4f roc_auc=%.3f band_changes_on_reseed=%.1f%%",
            problem.name,
            name,
            found["log_loss"],
            found["roc_auc"],
            100 * found["band_changes_on_reseed"],
        )
    compared = ("log_loss", "roc_auc", "band_changes_on_reseed")
    rows = [(f"candidate:{name}", metric, found[metric]) for name, found in figures.items() for metric in compared]
    table = pd.DataFrame(rows, columns=["slice", "metric", "value"])
    sizes = {"n": len(scored), "positives": int(scored["bad"].sum())}
    return table.assign(low=np.nan, high=np.nan, model=problem.name, **sizes)


def _serve(run: Training, split: Split) -> Model:
    """The recipe through the newest matured cohort; its figures are cross-fitted, not out of time, and named so."""
    rows, calibration = _training_rows(run, split)
    events = int(rows["bad"].sum())
    if events < MIN_EVENTS:
        raise DataError(f"{events} {run.problem.event} in {len(rows)} matured rows; a model needs {MIN_EVENTS}")
    fitted = fit(run.problem.recipe, rows, calibration)
    run.found(run.problem.served, calibration.assign(p=fitted.held_out_probability()), [])
    drawn = diagnostics.portrait(run.con, run.problem.name, fitted.model, calibration, "bad", run.twins)
    # Without a trial there is nothing out of time under the problem's own name; the figure is the served model's.
    run.metrics.append(drawn.metrics.assign(model=run.problem.name if run.twins else run.problem.served))
    card = _card(run, fitted.model, split, rows, calibration) | {
        "figures": "calibration months, each business scored by models fitted without it",
        "stability": drawn.card,
    }
    run.report["served"] = card
    # The calibration months are whole months of the book; the fit may have left out most rows without the event.
    training_sample.keep(run.folder, calibration, run.problem.feature_names, words=WORDS)
    whole = card | {"trial": run.report.get("trial"), "candidates": run.report.get("candidates")}
    return replace(fitted.model, card=whole)


def _training_rows(run: Training, split: Split) -> tuple[pd.DataFrame, pd.DataFrame]:
    clear = cohorts.clear_outcomes(cohorts.rows(run.con, split.fit), run.problem)
    rows = cohorts.thinned(clear, run.problem.one_in)
    calibration = cohorts.rows(run.con, split.calibration)
    assert_unique(rows)
    assert_unique(calibration)
    return rows, calibration


def _card(run: Training, model: Model, split: Split, rows: pd.DataFrame, calibration: pd.DataFrame) -> dict[str, Any]:
    return {
        "algorithm": f"LightGBM, mean of {len(model.seeds)} seeds, Platt",
        "label": run.problem.label,
        "fit": {"from": str(split.fit[0]), "to": str(split.fit[-1]), "cohorts": len(split.fit)},
        "calibration_window": {"from": str(split.calibration[0]), "to": str(split.calibration[-1])},
        "test": {"from": str(split.test[0]), "to": str(split.test[-1])} if split.test else None,
        "fit_rows": len(rows),
        "fit_bads": int(rows["bad"].sum()),
        "fit_one_in_of_the_others": run.problem.one_in,
        "calibration_rows": len(calibration),
        "calibration_bads": int(calibration["bad"].sum()),
        "slope": model.slope,
        "intercept": model.intercept,
        "data_hash": data_hash(rows),
        "code_version": code_version(run.problem.module),
        "params": {key: value for key, value in model.boosters[0].params.items() if key != "monotone_constraints"},
    }


def _write(run: Training) -> None:
    metrics = pd.concat(run.metrics, ignore_index=True)[METRICS] if run.metrics else pd.DataFrame(columns=METRICS)
    bins = pd.concat(run.calibration, ignore_index=True)[BINS] if run.calibration else pd.DataFrame(columns=BINS)
    for name in (run.problem.name, run.problem.served):
        tables.keep_of_model(run.con, "model_metrics", name, metrics[metrics["model"] == name])
        tables.keep_of_model(run.con, "model_calibration", name, bins[bins["model"] == name])
    run.report["metrics"] = json.loads(metrics.loc[metrics["slice"] == "all"].to_json(orient="records"))
    (run.folder / REPORT).write_text(json.dumps(run.report, indent=1, default=str), encoding="utf-8")


def score(problem: Problem, con: db.Connection, model: Model | None, as_of: date, explain: bool | None = None) -> int:
    """Score every business known at `as_of` into the problem's table; the number of rows.

    Replaces the rows of that as_of and keeps the others. With `explain` (by default for the newest month only) the
    problem's `drivers` and model_inputs_<name> are replaced too. Without a model every probability is NULL and the
    state says NO_MODEL.
    """
    problem.lay(con)
    cohorts.snapshot(con, problem, as_of)
    wanted = _is_newest(con, as_of) if explain is None else explain
    table = problem.score_table
    tables.ensure(con, table, "drivers")
    tables.clear(con, "scored_rows")
    if model is not None:
        _scored(con, model, wanted)
    con.execute(f"DELETE FROM {table} WHERE as_of = $as_of", {"as_of": as_of})
    db.insert(con, table, problem.query(table), dict(zip(problem.band_names, problem.cuts, strict=True)))
    if wanted:
        _explained(con, problem, model)
    rows = db.count(con, cohorts.SNAPSHOT)
    cohorts.drop_snapshot(con, problem)
    con.execute("DROP TABLE IF EXISTS scored_rows")
    return rows


def _explained(con: db.Connection, problem: Problem, model: Model | None) -> None:
    """Keep what the model was told (model_inputs_<name>) and, with a model, why it answered so (drivers)."""
    speaks = con.sql(f"FROM {cohorts.SNAPSHOT} WHERE state = 'OK' ORDER BY business_id")
    inputs = f"model_inputs_{problem.name}"
    con.execute(f"DROP TABLE IF EXISTS {inputs}")
    speaks.select("business_id", *problem.feature_names).create(inputs)
    con.execute("DELETE FROM drivers WHERE model = $model", {"model": problem.name})
    if model is not None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW explained_inputs AS FROM {inputs}")
        db.create_table(con, "feature_medians", "core/models/classifier/sql/feature_medians", temporary=True)
        db.insert(con, "drivers", "core/models/classifier/sql/drivers", {"model": problem.name})
        con.execute("DROP TABLE feature_medians; DROP VIEW explained_inputs")


def _is_newest(con: db.Connection, as_of: date) -> bool:
    found = con.execute(db.sql("core/sql/newest_month")).fetchall()
    return bool(found) and found[0][0] == as_of


def _scored(con: db.Connection, model: Model, explain: bool) -> None:
    """Stream cohort_snapshot through the scorer into scored_rows, one batch in memory at a time."""
    scorer = Scorer.of(model, explain, THREADS)
    # A second connection reads while the first one writes; a result half read keeps its connection busy.
    reader = con.cursor().sql(f"FROM {cohorts.SNAPSHOT} WHERE state = 'OK'").to_arrow_reader(BATCH)
    tables.keep_batches(con, "scored_rows", scorer.schema, scorer(reader))


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
