"""The whole build, top to bottom: files in data/raw become one new folder with every table the pages read.

Read STEPS first: one function a step, in the order in which they run. A step says in its module what it reads and
writes; core/tables.py lists every table with its columns.

Reads  data/raw/bank, data/raw/seoul
Writes data/builds/<id>/{bank.duckdb, models/, build.json}, and data/builds/CURRENT last of all: a build that dies
on the way leaves the served one untouched, and its remains are swept away by the next.
"""

import json
import logging
import resource
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from core import db, files, sources
from core.advice import recommendations, retention
from core.calendar import month_end, month_ends
from core.config import Settings, policy
from core.errors import CoreError, DataError
from core.marts.build_step import bank_marts, checks, write_info
from core.models import registry
from core.models.anomaly import model as anomaly
from core.models.churn.flows import flows
from core.models.churn.problem import CHURN
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.score import score
from core.models.classifier.train import REPORT, train
from core.models.default.problem import DEFAULT
from core.models.forecast.bank import run as bank
from core.models.forecast.city import run as city
from core.models.registry import cards
from core.models.segments import model as segments
from core.payments import build_step, features
from core.payments.success import SUCCESS, count_tested
from core.progress import Progress, silent
from core.score import ledger, market, opportunity, season
from core.sources import products
from core.sources.reference_tables import load_reference
from core.watch import run as watching

log = logging.getLogger("beacon.build")

KEPT_BUILDS = 3
MEMORY_LIMIT = "3GB"


@dataclass
class Run:
    """One build while it runs: its folder, its database, and the decisions and times so far."""

    settings: Settings
    folder: Path
    con: db.Connection
    progress: Progress
    as_of: date | None = None
    steps: list[dict] = field(default_factory=list)
    decisions: list[registry.Decision] = field(default_factory=list)

    def progress_within(self, note: str, fraction: float) -> None:
        """Tell how far the current step has come (0 to 1)."""
        self.progress(note, fraction)


def build(settings: Settings, progress: Progress | None = None) -> dict:
    """Build everything from data/raw and publish it; the content of build.json.

    Raises
    ------
    BusyError : another build holds the lock of this data folder
    DataError : there is nothing to build from
    """
    with files.locked(settings.builds, f"another build is running in {settings.builds}; wait until it has ended"):
        _sweep(settings.builds)
        build_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder = settings.builds / build_id
        (folder / "models").mkdir(parents=True)
        summary, decisions = _fill(settings, folder, progress or silent)
        db.publish(settings.builds, build_id)
        for decision in decisions:
            registry.confirm(settings.models, decision)
        _prune(settings.builds, build_id)
    return summary


def _fill(settings: Settings, folder: Path, progress: Progress) -> tuple[dict, list[registry.Decision]]:
    started = time.monotonic()
    con = db.connect(folder / db.DATABASE, MEMORY_LIMIT)
    con.execute("SET temp_directory = $path", {"path": str(folder / "spill")})
    run = Run(settings, folder, con, progress)
    try:
        for name, step in STEPS:
            _timed(run, name, step)
        summary = _summary(run, time.monotonic() - started)
        versions = {f"model.{decision.name}": decision.scored_by for decision in run.decisions}
        write_info(con, summary | {"model.score": opportunity.version()} | versions)
    finally:
        con.close()
    shutil.rmtree(folder / "spill", ignore_errors=True)
    (folder / "build.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    return summary, run.decisions


def _timed(run: Run, name: str, step: Callable[[Run], int]) -> None:
    run.progress(name, 0.0)
    started = time.monotonic()
    rows = step(run)
    seconds = round(time.monotonic() - started, 2)
    run.steps.append({"step": name, "rows": rows, "seconds": seconds})
    log.info("step=%s rows=%d seconds=%.2f", name, rows, seconds)
    run.progress(name, 1.0)


def load_files(run: Run) -> int:
    """Raw files into checked tables; what breaks the contract into the quarantine."""
    load_reference(run.con)
    products.load(run.con, run.settings.external)
    sources.load(run.con, run.settings.raw, run.progress_within)
    rows = db.count(run.con, "source_files")
    if not rows:
        raise DataError(
            f"{run.settings.raw} is empty; run `python -m core demo` or `python -m core import FOLDER` first"
        )
    run.as_of = _newest_month_end(run.con)
    return int(run.con.execute("SELECT sum(rows_loaded) FROM source_files").fetchall()[0][0] or 0)


def score_market(run: Run) -> int:
    """Trade areas and districts from the city's files."""
    market.score(run.con)
    return db.count(run.con, "market_scores")


def forecast_city(run: Run) -> int:
    """What every trade area will sell next quarter, and how good such forecasts were."""
    return city.train(run.con, run.folder / "models" / city.NAME, run.progress_within)


def score_businesses(run: Run) -> int:
    """Opportunity score of every business, newest month and history."""
    if run.as_of is None:
        return 0
    season.create_index(run.con, run.as_of)
    season.save(run.con, run.folder / "models" / "season.jsonl")
    dates = month_ends(run.as_of, policy()["score"]["history_months"])
    opportunity.history(run.con, dates, "opportunity_history", run.progress_within)
    run.con.execute(
        "CREATE OR REPLACE TABLE opportunity_now AS FROM opportunity_history WHERE as_of = $as_of", {"as_of": run.as_of}
    )
    ledger.write(run.con, run.as_of, run.settings.builds)
    return db.count(run.con, "opportunity_history")


def forecast_revenue(run: Run) -> int:
    """Sales of each business one to three months ahead: 79 models, judged out of time; rows of the forecast."""
    if run.as_of is None:
        return 0
    folder = run.folder / "models" / bank.NAME
    return bank.train(run.con, folder, run.as_of, run.progress_within)


def model_default(run: Run) -> int:
    """Probability of default within twelve months: train, evaluate out of time, score, explain."""
    if run.as_of is None:
        return 0
    return _train_and_score(run, DEFAULT, run.as_of)


def model_churn(run: Run) -> int:
    """Chance of leaving within three months: train, evaluate out of time, score, explain; who came and went."""
    if run.as_of is None:
        return 0
    rows = _train_and_score(run, CHURN, run.as_of)
    flows(run.con)
    return rows


def _train_and_score(run: Run, problem: CohortProblem, as_of: date) -> int:
    """Train on a problem, settle which version serves, score the newest two months; rows of its scores."""
    folder = run.folder / "models" / problem.name
    train(problem, run.con, folder, run.progress_within)
    home = run.settings.models
    model, decision = registry.served(run.con, home, folder, problem.name, problem.feature_names)
    run.decisions.append(decision)
    for month in month_ends(as_of, 2):
        score(problem, run.con, model, month)
    return db.count(run.con, problem.score_table)


def model_payments(run: Run) -> int:
    """Features of all payments; chance that a payment succeeds: train, test on the last block; payments of the test."""
    features.make_temp_tables(run.con)
    train(SUCCESS, run.con, run.folder / "models" / SUCCESS.name, run.progress_within)
    return count_tested(run.con)


def score_payments(run: Run) -> int:
    """Risk of the newest payments: chance of fraud, pattern, amount, hour; payments with a risk."""
    return build_step.build(run.con, run.folder)


def model_anomaly(run: Run) -> int:
    """Strange months: grow the forest, score with it or with the one that is held; businesses with a percentile."""
    if run.as_of is None:
        return 0
    folder = run.folder / "models" / anomaly.NAME
    anomaly.create_features(run.con, run.as_of)
    model = anomaly.train(run.con, run.as_of, folder)
    if model is not None:
        facts = cards.entry(run.con, anomaly.NAME, folder)
        decision = registry.settle(run.settings.models, anomaly.NAME, folder, facts, anomaly.usable)
        run.decisions.append(decision)
        # A held forest keeps its reference: percentiles of two builds are then on one scale.
        model = anomaly.load(decision.folder) if decision.folder else None
    rows = anomaly.score(run.con, model, run.as_of)
    anomaly.drop_features(run.con)
    return rows


def divide_businesses(run: Run) -> int:
    """Segments: cluster, keep the names of the version in use, assign with it when it is held; who has a segment."""
    if run.as_of is None:
        return 0
    home, folder = run.settings.models, run.folder / "models" / segments.NAME
    used = registry.champion(home, segments.NAME)
    segments.create_inputs(run.con, run.as_of)
    scored_by: Path | None = None
    before = home / segments.NAME / used if used else None
    if segments.train(run.con, folder, before, run.progress_within):
        facts = cards.entry(run.con, segments.NAME, folder)
        decision = registry.settle(home, segments.NAME, folder, facts, segments.usable)
        run.decisions.append(decision)
        scored_by = decision.folder
    return segments.score(run.con, scored_by, run.as_of)


def advise_businesses(run: Run) -> int:
    """What may be offered to whom, what is recommended, and how to keep who may leave; recommendations."""
    if run.as_of is None:
        return 0
    rows = recommendations.advise(run.con, run.as_of, _segments_then(run, run.as_of))
    retention.write_offers(run.con)
    return rows


def _segments_then(run: Run, as_of: date) -> pd.DataFrame | None:
    """Who was in which segment when the months began on which the recommenders are judged; None without segments."""
    used = next((decision for decision in run.decisions if decision.name == segments.NAME), None)
    if used is None or used.folder is None:
        return None
    return segments.past(run.con, used.folder, month_end(as_of, policy()["advice"]["test_months"]))


def register_models(run: Run) -> int:
    """Every other model that this build trained: kept and listed; its newest version always scores."""
    settled = {decision.name for decision in run.decisions}
    for folder in sorted(path for path in (run.folder / "models").iterdir() if path.is_dir()):
        if folder.name not in settled:
            decision = registry.registered(run.con, run.settings.models, folder, folder.name)
            run.decisions += [decision] if decision else []
    return len(run.decisions)


def write_marts(run: Run) -> int:
    """The tables that pages read."""
    return bank_marts(run.con, run.as_of) if run.as_of else 0


def watch_models(run: Run) -> int:
    """Have populations moved, do the models hold, whom do the rules name? Open alerts on businesses."""
    return watching.watch(run.con, run.as_of, run.folder / "models") if run.as_of else 0


def check(run: Run) -> int:
    """What must hold in every build; a build that breaks one is not published."""
    return checks(run.con) if run.as_of else 0


STEPS: tuple[tuple[str, Callable[[Run], int]], ...] = (
    ("load", load_files),
    ("market", score_market),
    ("city", forecast_city),
    ("score", score_businesses),
    ("forecast", forecast_revenue),
    ("default", model_default),
    ("churn", model_churn),
    ("payments", model_payments),
    ("payment_risk", score_payments),
    ("anomaly", model_anomaly),
    ("segments", divide_businesses),
    ("advice", advise_businesses),
    ("registry", register_models),
    ("marts", write_marts),
    ("watch", watch_models),
    ("checks", check),
)


def _newest_month_end(con: db.Connection) -> date | None:
    months = con.execute(db.sql("core/sql/newest_month")).fetchall()
    return months[0][0] if months else None


def _summary(run: Run, seconds: float) -> dict:
    return {
        "build_id": run.folder.name,
        "as_of": run.as_of.isoformat() if run.as_of else None,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "is_demo": _is_demo(run.con),
        "seconds": round(seconds, 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pd": _report(run.folder, DEFAULT.name),
        "churn": _report(run.folder, CHURN.name),
        "models": {decision.name: decision.told for decision in run.decisions},
        "steps": run.steps,
    }


def _report(folder: Path, name: str) -> dict:
    """What a model says of itself: trained or refused and why, and the candidates beside the champion."""
    path = folder / "models" / name / REPORT
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {key: report[key] for key in ("state", "reason", "candidates") if key in report}


def _is_demo(con: db.Connection) -> bool:
    return bool(con.execute("SELECT coalesce(bool_or(is_demo), false) FROM source_files").fetchall()[0][0])


def _sweep(builds: Path) -> None:
    """Remove what killed builds left: folders without build.json. Only called under the lock."""
    for folder in _folders(builds):
        if not (folder / "build.json").exists():
            shutil.rmtree(folder)


def _prune(builds: Path, current: str) -> None:
    """Keep the newest builds; the one before the current may still be read by an open page."""
    for folder in sorted(_folders(builds))[:-KEPT_BUILDS]:
        if folder.name != current:
            shutil.rmtree(folder)


def _folders(builds: Path) -> list[Path]:
    return [path for path in builds.iterdir() if path.is_dir()]


def status(settings: Settings) -> dict:
    """The content of build.json of the served build.

    Raises
    ------
    NoBuildError : nothing has been published
    """
    folder = settings.builds / db.current_build(settings.builds)
    try:
        return json.loads((folder / "build.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CoreError(f"{folder} is not complete; run `python -m core build`") from error
