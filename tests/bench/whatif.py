"""Milliseconds of a what-if and of a counterfactual, on the models and inputs of a served build."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from core import db
from core.models.classifier import model_files
from core.models.classifier.model import Model, matrix
from core.models.what_if import counterfactual, lever_values, levers, what_if

BUSINESSES = 100
WANTED = (0.8, 0.5, 0.2)  # targets as a share of today's probability: easy, hard, mostly out of reach
NAMES = ("default", "churn")


def measure(data_dir: Path) -> dict[str, dict[str, dict[str, float]]]:
    """For each model with levers: median and 95th percentile of both answers."""
    builds = data_dir / "builds"
    build_id = db.current_build(builds)
    times = {}
    with db.open_build(builds, build_id) as con:
        for name in NAMES:
            rows = con.execute(f"FROM model_inputs_{name}").df()
            times[name] = _timed(model_files.load(builds / build_id / "models" / name), name, rows)
    return times


def _timed(model: Model, name: str, rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    scores = rows.assign(p=model.probability(matrix(rows, model.features), 2)).sort_values("p", ascending=False)
    usable, answers, searches = levers(name), [], []
    for row in scores.iloc[:: max(1, len(scores) // BUSINESSES)].to_dict("records"):
        answers.append(_milliseconds(what_if, model, row, lever_values(usable[0], usable[0].amounts[0], row)))
        for share in WANTED:
            searches.append(_milliseconds(counterfactual, model, row, usable, float(row["p"]) * share))
    return {"what-if": _summary(answers), "counterfactual": _summary(searches)}


def _milliseconds(call: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    call(*arguments)
    return 1000 * (time.perf_counter() - started)


def _summary(times: list[float]) -> dict[str, float]:
    return {"median_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[-1], "runs": len(times)}
