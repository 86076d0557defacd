"""One trainer for every yes-or-no question: fit, judge out of time, serve.

Two models come out of one recipe. The *trial* model stops before the test begins, early enough that none of its labels
reaches into it, and is judged on the test once; its figures are the ones to quote. The *served* model is the same
recipe refitted through the newest rows; it scores the book, and cannot have out-of-time figures yet.

Reads  the rows of the problem's source
Writes model_metrics, model_calibration, model_exclusions, model_test (scored test rows), the tables of diagnostics.py,
       <folder>/{seed_<n>.txt, model.json, model_report.json, reference.csv}
"""

import json
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.errors import DataError
from core.fingerprint import code_version
from core.models.classifier import candidates, diagnostics, metrics, model_files, training_sample
from core.models.classifier.model import Fit, Model, data_hash, fit
from core.models.classifier.problem import LABEL, Parts, Problem, Source
from core.progress import Progress, silent

log = logging.getLogger("beacon.risk")

REPORT = "model_report.json"
WORDS = ("category", "region")  # kept with the training sample where the rows have them
METRICS = ["model", "slice", "metric", "value", "low", "high", "n", "positives"]
BINS = ["model", "bin", "n", "mean_p", "observed", "low", "high"]
TABLES = ("model_exclusions", "model_metrics", "model_calibration", "model_test")


@dataclass
class Training:
    """One training run: the problem, where it writes, and the figures so far."""

    problem: Problem
    con: db.Connection
    folder: Path
    report: dict[str, Any]
    metrics: list[pd.DataFrame] = field(default_factory=list)
    calibration: list[pd.DataFrame] = field(default_factory=list)
    reseeded_pair: tuple[Model, Model] | None = None  # the trial's champion and the same with other seeds

    def add_figures(self, name: str, scored: pd.DataFrame, *, is_test: bool) -> None:
        """Keep every figure of scored rows (p, label) under a model's name."""
        slices = list(self.problem.slices) if is_test else []
        parts = [metrics.table(scored, slices, self.problem.entity)]
        parts += self.problem.extra_metrics(self.con, scored, is_test=is_test)
        if is_test:
            self.report |= self.problem.verdict(pd.concat(parts, ignore_index=True))
        self.metrics += [part.assign(model=name) for part in parts]
        bins = metrics.calibration_table(scored["p"].to_numpy(), scored[LABEL].to_numpy())
        self.calibration.append(bins.assign(model=name))


def train(problem: Problem, con: db.Connection, folder: Path, progress: Progress | None = None) -> Model | None:
    """Train, judge and save the model; None when the data cannot carry one (the report says why).

    Writes model_metrics, model_calibration, model_exclusions and model_report.json in every case.
    """
    tick = progress or silent
    run = Training(problem, con, folder, {"model": problem.name})
    folder.mkdir(parents=True, exist_ok=True)
    _clear(con, problem)
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


def _clear(con: db.Connection, problem: Problem) -> None:
    """Remove what an earlier run left of this model."""
    for table in TABLES:
        tables.ensure(con, table)
        names = {"names": [problem.name, problem.served_name]}
        con.execute(f"DELETE FROM {table} WHERE list_contains($names, model)", names)


def _train(run: Training, tick: Progress) -> Model:
    source = run.problem.source(run.con, run.report, lambda note, part: tick(note, 0.6 * part))
    try:
        tick("trial", 0.6)
        tested = _judge(run, source)
        tick("served model", 0.9)
        return _serve(run, source, tested)
    finally:
        source.close()


def _judge(run: Training, source: Source) -> Model | None:
    """Fit on the rows before the test, read the test once, keep every figure; the model, None without a test."""
    problem, parts = run.problem, source.trial()
    if parts is None or parts.test is None:
        return None
    test = parts.test.open("trial")
    trial = candidates.run(problem.recipe, parts.fit, parts.calibration, test, problem)
    run.reseeded_pair = trial.reseeded_pair
    scored = problem.test_rows(trial.scored, parts.fit)
    run.report |= {"evaluation": "out_of_time", "test_read": parts.test.log}
    if trial.figures:
        run.report["candidates"] = trial.figures
        run.metrics.append(_compared(problem, trial.figures, scored))
    run.report["trial"] = _card(run, trial.champion, parts)
    tables.keep_of_model(run.con, "model_test", problem.name, problem.outcomes(scored))
    run.add_figures(problem.name, scored, is_test=True)
    return replace(trial.champion, card=run.report["trial"])


def _compared(problem: Problem, figures: dict[str, Any], scored: pd.DataFrame) -> pd.DataFrame:
    """Figures of every candidate as metrics, and a line for whoever watches the build."""
    for name, values in figures.items():
        log.info(
            "model=%s candidate=%s log_loss=%.4f roc_auc=%.3f band_changes_on_reseed=%.1f%%",
            problem.name,
            name,
            values["log_loss"],
            values["roc_auc"],
            100 * values["band_changes_on_reseed"],
        )
    names = ("log_loss", "roc_auc", "band_changes_on_reseed")
    rows = [(f"candidate:{name}", metric, values[metric]) for name, values in figures.items() for metric in names]
    table = pd.DataFrame(rows, columns=["slice", "metric", "value"])
    sizes = {"n": len(scored), "positives": int(scored[LABEL].sum())}
    return table.assign(low=np.nan, high=np.nan, model=problem.name, **sizes)


def _serve(run: Training, source: Source, tested: Model | None) -> Model:
    """The model that serves: the recipe through the newest rows, or the one that was tested.

    Figures of the first are not out of time, and named so.
    """
    problem, parts = run.problem, source.served()
    if parts is None and tested is not None:
        return tested
    parts = parts or source.trial()
    if parts is None:
        raise DataError(f"{problem.name} has too few rows")
    fitted = fit(problem.recipe, parts.fit, parts.calibration, LABEL, problem.entity)
    run.add_figures(problem.served_name, parts.calibration.assign(p=fitted.held_out_probability()), is_test=False)
    card = _card(run, fitted.model, parts)
    if problem.with_diagnostics:
        card |= {"stability": _diagnose(run, fitted, parts)}
    run.report["served"] = card
    words = [name for name in WORDS if name in parts.sample]
    training_sample.keep(run.folder, parts.sample, problem.feature_names, time=problem.time, words=words)
    whole = card | {"trial": run.report.get("trial"), "candidates": run.report.get("candidates")}
    return replace(fitted.model, card=whole)


def _diagnose(run: Training, fitted: Fit, parts: Parts) -> dict[str, Any]:
    """Write importance, interactions and the like; how steady the reasons are, for the card."""
    problem = run.problem
    drawn = diagnostics.write(run.con, problem.name, fitted.model, parts.calibration, LABEL, run.reseeded_pair)
    # Without a trial there is nothing out of time under the problem's own name; the figure is the served model's.
    has_test = "trial" in run.report
    run.metrics.append(drawn.metrics.assign(model=problem.name if has_test else problem.served_name))
    return drawn.card


def _card(run: Training, model: Model, parts: Parts) -> dict[str, Any]:
    problem, rows, calibration = run.problem, parts.fit, parts.calibration
    return {
        "algorithm": f"LightGBM, mean of {len(model.seeds)} seeds, Platt",
        "label": problem.meaning,
        **parts.windows,
        "fit_rows": len(rows),
        "fit_bads": int(rows[LABEL].sum()),
        "calibration_rows": len(calibration),
        "calibration_bads": int(calibration[LABEL].sum()),
        "slope": model.slope,
        "intercept": model.intercept,
        "data_hash": data_hash(rows[[*model.features, LABEL]]),
        "code_version": code_version(problem.module),
        "params": {key: value for key, value in model.boosters[0].params.items() if key != "monotone_constraints"},
        **problem.facts(run.report),
    }


def _write(run: Training) -> None:
    figures = pd.concat(run.metrics, ignore_index=True)[METRICS] if run.metrics else pd.DataFrame(columns=METRICS)
    bins = pd.concat(run.calibration, ignore_index=True)[BINS] if run.calibration else pd.DataFrame(columns=BINS)
    for name in (run.problem.name, run.problem.served_name):
        tables.keep_of_model(run.con, "model_metrics", name, figures[figures["model"] == name])
        tables.keep_of_model(run.con, "model_calibration", name, bins[bins["model"] == name])
    run.report["metrics"] = json.loads(figures.loc[figures["slice"] == "all"].to_json(orient="records"))
    (run.folder / REPORT).write_text(json.dumps(run.report, indent=1, default=str), encoding="utf-8")
