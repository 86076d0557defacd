"""Comparison of algorithms on a table, from the table to report.json and predictions.parquet.

Writes <out>/report.json, <out>/predictions.parquet
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.compare import card, comparison, explanation, figures
from core.compare.comparison import Results
from core.compare.comparison_data import ComparisonData, prepare
from core.compare.table import Notice, Options, Progress, Table
from core.fingerprint import code_version
from core.models.classifier.model import data_hash

Array = np.ndarray

LIBRARIES = ("lightgbm", "scikit-learn", "imbalanced-learn", "shap", "pandas", "numpy")


def no_progress(note: str, fraction: float) -> None:
    """Show no progress."""


def train(
    table: Table, out: Path, options: Options | None = None, progress: Progress = no_progress, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Compare all candidates on a table, write everything to `out`, and return the report.

    Raises
    ------
    DataError : the table cannot be learned from; the message says which column and why
    """
    began = time.monotonic()
    progress("reading the columns", 0.02)
    data = prepare(table, options or Options())
    data.notices.extend(Notice("", "note", note) for note in notes)
    results = comparison.compare(data, progress)
    progress("figures", 0.82)
    report = _report(data, results)
    report |= explanation.explanation(data, results, report["champion"], progress)
    progress("writing", 0.98)
    out.mkdir(parents=True, exist_ok=True)
    report["card"] = card.model_card(report, table, data.options)
    _predictions(data, results, report["champion"]).to_parquet(out / "predictions.parquet", index=False)
    report["seconds"] = round(time.monotonic() - began, 1)
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False, default=_plain)
    (out / "report.json").write_text(text, encoding="utf-8")
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        number = value.item()
        return number if not isinstance(number, float) or np.isfinite(number) else None
    raise TypeError(f"{type(value).__name__} has no place in a report")


def _report(data: ComparisonData, results: Results) -> dict[str, Any]:
    table, options = data.table, data.options
    tested = data.labels[results.rows]
    models = {key: _figures(key, data, results) for key in results.p}
    champion = min(models, key=lambda key: models[key]["log_loss"])
    return {
        "table": {
            "name": table.name,
            "rows": len(data.labels),
            "positives": int(data.labels.sum()),
            "features": list(data.features.names),
            "categorical": list(data.features.levels),
            "label": table.label,
            "entity": table.entity,
            "time": table.time,
            "fold": table.fold,
            "dropped": data.dropped,
            "warnings": [notice.row for notice in data.notices + results.notices],
        },
        "validation": data.split.validation(data.times),
        "champion": champion,
        "why": reason_for_champion(models, champion, data, results),
        "threshold": {"cost_fp": options.cost_fp, "cost_fn": options.cost_fn, "value": options.threshold},
        "models": models,
        "curves": {key: figures.curves(p, tested) for key, p in results.p.items()},
        "data_hash": data_hash(data.rows),
        "code_version": code_version(__name__),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": {name: version(name) for name in LIBRARIES},
        "options": {"seconds": options.seconds, "seed": options.seed, "smote": options.smote},
    }


def _figures(key: str, data: ComparisonData, results: Results) -> dict[str, Any]:
    labels, entities = data.labels[results.rows], data.entities[results.rows]
    models = results.candidates[key]
    platt = "none: probabilities as SMOTE leaves them" if key.endswith("_smote") else "Platt, cross-fitted"
    return figures.all_metrics(results.p[key], labels, entities, data.options.threshold) | {
        "seconds": round(results.seconds[key], 2),
        "params": models[-1].settings,
        "search": [model.search for model in models if model.search],
        "calibration": platt if data.options.calibrate else "none",
    }


def reason_for_champion(
    models: dict[str, Any], champion: str, data: ComparisonData, results: Results
) -> dict[str, Any]:
    """Why the champion is the champion: a code, a sentence, and the margin to the next with its interval."""
    others = sorted((key for key in models if key != champion), key=lambda key: models[key]["log_loss"])
    where = "out of time" if data.split.scheme in ("out_of_time", "time_folds") else "out of fold"
    best = models[champion]["log_loss"]
    if not others:
        sentence = f"{champion} is the only model that ran; its log loss {where} is {best:.4f}"
        return {"code": "only_one", "sentence": sentence, "margin": None, "next": None, "interval": None}
    following = others[0]
    margin = models[following]["log_loss"] - best
    labels, entities = data.labels[results.rows], data.entities[results.rows]
    low, high = figures.paired_interval(results.p[champion], results.p[following], labels, entities)
    clear = low is not None and low > 0
    sentence = f"{champion} has the lowest log loss {where}: {best:.4f}, {margin:.4f} below {following}"
    return {
        "code": "lowest_log_loss" if clear else "lowest_log_loss_within_chance",
        "sentence": sentence + ("" if clear else "; the difference is within chance"),
        "margin": margin,
        "next": following,
        "interval": [low, high],
    }


def _predictions(data: ComparisonData, results: Results, champion: str) -> pd.DataFrame:
    rows = results.rows
    entities: Any = data.rows[data.table.entity].to_numpy() if data.table.entity else data.places
    predictions = pd.DataFrame(
        {
            "entity": np.asarray(entities)[rows],
            "fold": results.fold_names,
            "p": results.p[champion],
            "label": data.labels[rows].astype(int),
            "row": data.places[rows],
        }
    )
    if data.times is not None:
        predictions["time"] = data.times.to_numpy()[rows]
    return predictions.sort_values(["row", "fold"], kind="stable", ignore_index=True)
