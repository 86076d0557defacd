"""Probability of default within twelve months: train, judge out of time, serve, explain.

Two models come out of one recipe. The *trial* model stops 13 months before the last six matured cohorts and is judged
on them once; its figures are the ones to quote. The *served* model is the same recipe refitted through the newest
matured cohort; it scores the book, and cannot have out-of-time figures yet.

Reads  the tables named in cohorts.py; opportunity_history(business_id, as_of, tier) when it exists
Writes pd_scores, drivers, model_metrics, model_calibration, model_exclusions, pd_test (scored test rows),
       models/default/{seed_<n>.txt, model.json, model_report.json}
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core.config import CORE, policy
from core.errors import DataError
from core.features.catalogue import catalogue
from core.models import cohorts, evaluate, outputs, registry, trial
from core.models.classify import Model, Recipe, data_hash, fit
from core.models.scoring import Scorer
from core.models.windows import (
    Sealed,
    Split,
    assert_purged,
    assert_unique,
    matured,
    newest,
    out_of_time,
)

log = logging.getLogger("beacon.default")

NAME = "default"
SERVED = "default_served"
REPORT = "model_report.json"
MIN_BADS = 50  # fewer cannot carry a model: no PD is better than that one
ROW_CAP = 150_000  # fitting rows of a large book; more rows moved the log loss by less than its interval
BATCH = 20_000
THREADS = 2
SLICES = ["category", "region", "tenure", "learned"]
NEW_CUSTOMER_MONTHS = 24

Progress = Callable[[str, float], None]


@dataclass
class Training:
    """One training run: where it writes, what the bank decided, what has been found so far."""

    con: db.Connection
    folder: Path
    decisions: dict[str, Any]
    report: dict[str, Any]
    metrics: list[pd.DataFrame]
    calibration: list[pd.DataFrame]

    @property
    def recipe(self) -> Recipe:
        """The champion's recipe: features and signs of the catalogue, seeds of the policy."""
        known = catalogue()
        return Recipe(
            tuple(feature.feature for feature in known),
            tuple(feature.sign for feature in known),
            tuple(feature.reason for feature in known),
            tuple(self.decisions["seeds"]),
            threads=THREADS,
        )


def train(con: db.Connection, folder: Path, progress: Progress | None = None) -> Model | None:
    """Train, judge and save the model; None when the book cannot carry one (the report says why).

    Writes model_metrics, model_calibration, model_exclusions and model_report.json in every case.
    """
    tick = progress or _silent
    run = Training(con, folder, policy()["default"], {"model": NAME}, [], [])
    folder.mkdir(parents=True, exist_ok=True)
    outputs.clear(con, "model_exclusions")
    try:
        model = _train(run, tick)
        run.report["state"] = "trained"
        registry.save(model, folder)
    except DataError as refusal:
        # Too little or suspicious data must not stop the bank's build: the book is served without a PD.
        model = None
        run.report |= {"state": "refused", "reason": str(refusal)}
    _write(run)
    tick("done", 1.0)
    return model


def _train(run: Training, tick: Progress) -> Model:
    test_split, served_split = _splits(run)
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
    horizon, gap = run.decisions["horizon_months"], run.decisions["reporting_gap_months"]
    span = cohorts.span(run.con)
    if span is None:
        raise DataError("no sales or no repayments in the book; a PD needs both, send revenue and repayments")
    months = matured(*span, horizon)
    if not months:
        raise DataError(
            f"sales allow cohorts from {span[0]}, repayments end {span[1]}: no outcome of {horizon} months is complete"
        )
    return out_of_time(months, horizon, gap, run.decisions["oot_cohorts"]), newest(months)


def _build_panel(run: Training, as_ofs: set[date], fit_cohorts: int, tick: Progress) -> None:
    last_slice = cohorts.sample(run.con, fit_cohorts, ROW_CAP)
    run.report["sampled"] = last_slice != cohorts.EVERYBODY
    cohorts.panel(run.con, as_ofs, run.decisions, last_slice, lambda note, part: tick(note, 0.6 * part))


def _judge(run: Training, split: Split) -> None:
    """Fit on the purged cohorts, read the test cohorts once, keep every figure."""
    horizon, gap = run.decisions["horizon_months"], run.decisions["reporting_gap_months"]
    assert_purged({*split.fit, *split.calibration}, split.test, horizon, gap)
    rows, calibration = _training_rows(run, split)
    sealed = Sealed(lambda: cohorts.rows(run.con, split.test))
    if rows["bad"].sum() < MIN_BADS:
        run.report["evaluation"] = f"none: {int(rows['bad'].sum())} bads before the test, needs {MIN_BADS}"
        return
    found = trial.run(run.recipe, rows, calibration, sealed.open("trial"), run.decisions["pd_bands"])
    scored = _sliced(found.scored, set(rows["business_id"]))
    run.report |= {"evaluation": "out_of_time", "test_read": sealed.log, "candidates": found.figures}
    run.report["trial"] = _card(found.champion, split, rows, calibration)
    run.metrics.append(evaluate.table(scored, SLICES).assign(model=NAME))
    run.metrics.append(_compared(found.figures, scored))
    run.calibration.append(
        evaluate.calibration_table(scored["p"].to_numpy(), scored["bad"].to_numpy()).assign(model=NAME)
    )
    outputs.keep(run.con, "pd_test", scored[["business_id", "as_of", "p", "bad", "outcome"]])
    _by_tier(run)


def _sliced(scored: pd.DataFrame, learned: set[str]) -> pd.DataFrame:
    """Test rows with the slices that the report asks for."""
    return scored.assign(
        tenure=(scored["tenure_months"] < NEW_CUSTOMER_MONTHS).map({True: "new", False: "old"}),
        learned=scored["business_id"].isin(learned).map({True: "yes", False: "no"}),
    )


def _compared(figures: dict[str, Any], scored: pd.DataFrame) -> pd.DataFrame:
    """Figures of every candidate as metrics, and a line for whoever watches the build."""
    for name, found in figures.items():
        log.info(
            "candidate=%s log_loss=%.4f roc_auc=%.3f band_changes_on_reseed=%.1f%%",
            name,
            found["log_loss"],
            found["roc_auc"],
            100 * found["band_changes_on_reseed"],
        )
    compared = ("log_loss", "roc_auc", "band_changes_on_reseed")
    rows = [(f"candidate:{name}", metric, found[metric]) for name, found in figures.items() for metric in compared]
    table = pd.DataFrame(rows, columns=["slice", "metric", "value"])
    return table.assign(low=np.nan, high=np.nan, n=len(scored), positives=int(scored["bad"].sum()), model=NAME)


def _by_tier(run: Training) -> None:
    """Default rates by tier of the opportunity score on the same test rows: does the score order risk?"""
    if db.has_table(run.con, "opportunity_history"):
        tiers = db.query(run.con, "features/pd_by_tier")
        if len(tiers):
            run.metrics.append(evaluate.rates(tiers, "tier").assign(model=NAME))


def _serve(run: Training, split: Split) -> Model:
    """The recipe through the newest matured cohort; its figures are cross-fitted, not out of time, and named so."""
    rows, calibration = _training_rows(run, split)
    if rows["bad"].sum() < MIN_BADS:
        raise DataError(f"{int(rows['bad'].sum())} bads in {len(rows)} matured rows; a PD needs {MIN_BADS}")
    fitted = fit(run.recipe, rows, calibration)
    model = fitted.model
    scored = calibration.assign(p=fitted.held_out_probability())
    run.metrics.append(evaluate.table(scored, []).assign(model=SERVED))
    run.calibration.append(
        evaluate.calibration_table(scored["p"].to_numpy(), scored["bad"].to_numpy()).assign(model=SERVED)
    )
    card = _card(model, split, rows, calibration) | {
        "figures": "calibration months, each business scored by models fitted without it"
    }
    run.report["served"] = card
    return replace(model, card=card | {"trial": run.report.get("trial"), "candidates": run.report.get("candidates")})


def _training_rows(run: Training, split: Split) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = cohorts.clear_outcomes(cohorts.rows(run.con, split.fit))
    calibration = cohorts.rows(run.con, split.calibration)
    assert_unique(rows)
    assert_unique(calibration)
    return rows, calibration


def _card(model: Model, split: Split, rows: pd.DataFrame, calibration: pd.DataFrame) -> dict[str, Any]:
    return {
        "algorithm": f"LightGBM, mean of {len(model.seeds)} seeds, Platt",
        "label": "90 days past due or more within 12 months on a loan open at the as_of",
        "fit": {"from": str(split.fit[0]), "to": str(split.fit[-1]), "cohorts": len(split.fit)},
        "calibration_window": {"from": str(split.calibration[0]), "to": str(split.calibration[-1])},
        "test": {"from": str(split.test[0]), "to": str(split.test[-1])} if split.test else None,
        "fit_rows": len(rows),
        "fit_bads": int(rows["bad"].sum()),
        "calibration_rows": len(calibration),
        "calibration_bads": int(calibration["bad"].sum()),
        "slope": model.slope,
        "intercept": model.intercept,
        "data_hash": data_hash(rows),
        "code_version": code_version(),
        "params": {key: value for key, value in model.boosters[0].params.items() if key != "monotone_constraints"},
    }


def code_version() -> str:
    """Fingerprint of the code and SQL that make this model: twelve hex digits."""
    files = sorted([*(CORE / "models").glob("*.py"), *(CORE / "features").glob("*.sql")])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _write(run: Training) -> None:
    metrics = pd.concat(run.metrics, ignore_index=True) if run.metrics else _no_metrics()
    bins = pd.concat(run.calibration, ignore_index=True) if run.calibration else _no_bins()
    columns = ["model", "slice", "metric", "value", "low", "high", "n", "positives"]
    outputs.keep(run.con, "model_metrics", metrics[columns])
    outputs.keep(run.con, "model_calibration", bins[["model", "bin", "n", "mean_p", "observed", "low", "high"]])
    run.report["metrics"] = json.loads(metrics.loc[metrics["slice"] == "all", columns].to_json(orient="records"))
    (run.folder / REPORT).write_text(json.dumps(run.report, indent=1, default=str), encoding="utf-8")


def score(con: db.Connection, model: Model | None, as_of: date, explain: bool | None = None) -> int:
    """Score every business known at `as_of` into pd_scores; the number of rows.

    Replaces the rows of that as_of and keeps the others. With `explain` (by default for the newest month only)
    `drivers` is replaced too. Without a model every probability is NULL and the state says NO_MODEL.
    """
    decisions = policy()["default"]
    cohorts.snapshot(con, as_of, decisions["bad_dpd"])
    wanted = _is_newest(con, as_of) if explain is None else explain
    outputs.ensure(con, "pd_scores", "drivers")
    outputs.clear(con, "pd_scored")
    if model is not None:
        _scored(con, model, wanted)
    bands = dict(zip("abcd", decisions["pd_bands"], strict=True))
    con.execute("DELETE FROM pd_scores WHERE as_of = $as_of", {"as_of": as_of})
    db.insert(con, "pd_scores", "features/pd_scores", bands)
    if model is not None and wanted:
        db.create_table(con, "pd_medians", "features/pd_peer_medians", temporary=True)
        db.create_table(con, "drivers", "features/pd_drivers")
    rows = db.count(con, "pd_snapshot")
    cohorts.drop_snapshot(con)
    con.execute("DROP TABLE IF EXISTS pd_scored; DROP TABLE IF EXISTS pd_medians")
    return rows


def _is_newest(con: db.Connection, as_of: date) -> bool:
    found = con.execute(db.sql("features/newest_month")).fetchall()
    return bool(found) and found[0][0] == as_of


def _scored(con: db.Connection, model: Model, explain: bool) -> None:
    """Stream pd_snapshot through the scorer into pd_scored, one batch in memory at a time."""
    scorer = Scorer.of(model, explain, THREADS)
    # A second connection reads while the first one writes; a result half read keeps its connection busy.
    reader = con.cursor().sql("FROM pd_snapshot WHERE state = 'OK'").to_arrow_reader(BATCH)
    outputs.keep_batches(con, "pd_scored", scorer.schema, scorer(reader))


def _no_metrics() -> pd.DataFrame:
    return pd.DataFrame(columns=["model", "slice", "metric", "value", "low", "high", "n", "positives"])


def _no_bins() -> pd.DataFrame:
    return pd.DataFrame(columns=["model", "bin", "n", "mean_p", "observed", "low", "high"])


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
