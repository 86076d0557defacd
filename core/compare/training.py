"""From a table to report.json and predictions.parquet: the whole of a training, step by step.

Writes <out>/report.json, <out>/predictions.parquet, <out>/model/ (the champion learned from all rows, as text)
"""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.compare import card, columns, compare, explain, figures, labels, leaks, save, splits
from core.compare.compare import Ground, Results
from core.compare.table import Notice, Options, Table, Tell
from core.errors import DataError
from core.fingerprint import code_version
from core.models.classifier import model

Array = np.ndarray

LIBRARIES = ("lightgbm", "scikit-learn", "imbalanced-learn", "shap", "pandas", "numpy")


def quiet(note: str, fraction: float) -> None:
    """Tell nobody."""


def train(
    table: Table, out: Path, options: Options | None = None, tell: Tell = quiet, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Compare all candidates on a table, write everything to `out`, and return the report.

    Raises
    ------
    DataError : the table cannot be learned from; the message says which column and why
    """
    began, options = time.monotonic(), options or Options()
    tell("reading the columns", 0.02)
    ground, facts = prepared(table, options)
    facts.notices += [Notice("", "note", note) for note in notes]
    results = compare.compared(ground, tell)
    tell("figures", 0.82)
    report = _report(table, ground, facts, results, options)
    tell("the champion on all rows", 0.86)
    champion = compare.refitted(ground, results, report["champion"])
    report |= explain.explained(ground, results, champion, options, tell)
    tell("writing", 0.98)
    out.mkdir(parents=True, exist_ok=True)
    report["saved"] = save.save(champion, out / "model")
    report["card"] = card.of(report, table, options)
    _predictions(table, ground, facts, results, report["champion"]).to_parquet(out / "predictions.parquet", index=False)
    report["seconds"] = round(time.monotonic() - began, 1)
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False, default=_plain)
    (out / "report.json").write_text(text, encoding="utf-8")
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        found = value.item()
        return found if not isinstance(found, float) or np.isfinite(found) else None
    raise TypeError(f"{type(value).__name__} has no place in a report")


class Facts:
    """What was found out about the table before anything was trained."""

    def __init__(self, rows: pd.DataFrame, places: Array, times: pd.Series | None, meaning: str) -> None:
        self.rows, self.places, self.times, self.meaning = rows, places, times, meaning
        self.dropped: list[dict[str, str]] = []
        self.notices: list[Notice] = []


def prepared(table: Table, options: Options) -> tuple[Ground, Facts]:
    """The table as numbers with its split; columns that say nothing or too much are out, with reasons."""
    _known(table, options)
    values = pd.to_numeric(table.rows[table.label], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    labelled = np.flatnonzero(~np.isnan(values))
    rows = table.rows.iloc[labelled].reset_index(drop=True)
    label = values[labelled]
    labels.enough(table.label, label)
    facts = Facts(rows, labelled, _times(rows, table.time), table.label)
    if len(labelled) < len(values):
        missing = len(values) - len(labelled)
        facts.notices.append(
            Notice(table.label, "label_missing", f"{missing} rows have no label and are left out", missing)
        )
    entities = rows[table.entity].map(str).to_numpy() if table.entity else np.arange(len(rows))
    sheet = _sheet(table, options, rows, label, facts)
    split = splits.split(replace(table, rows=rows), label, entities, facts.times, options)
    facts.notices += split.notices
    return Ground(sheet, label, entities, split, _signs(table, sheet), options), facts


def _known(table: Table, options: Options) -> None:
    roles = [table.label, table.entity, table.time, table.fold, *table.features, *options.drop, *options.keep]
    for name in roles:
        if name is not None and name not in table.rows.columns:
            shown = ", ".join(map(str, list(table.rows.columns)[:12]))
            raise DataError(
                f"there is no column {name}; the table has {shown}{' …' if table.rows.shape[1] > 12 else ''}"
            )


def _times(rows: pd.DataFrame, time_column: str | None) -> pd.Series | None:
    if time_column is None:
        return None
    days = columns.times(rows[time_column])
    if days is None or days.isna().any():
        bad = rows[time_column] if days is None else rows[time_column][days.isna()]
        raise DataError(f"time column {time_column} holds {str(bad.iloc[0])!r}, must be a date in every row")
    return days


def _sheet(table: Table, options: Options, rows: pd.DataFrame, label: Array, facts: Facts) -> columns.Sheet:
    roles = {table.label, table.entity, table.time, table.fold}
    wanted = tuple(name for name in table.features if name not in roles and name not in options.drop)
    sheet, facts.dropped = columns.sheet(rows, wanted, table.categorical, options.keep)
    facts.dropped += [{"column": name, "reason": "left out by --drop"} for name in options.drop]
    found = leaks.notices(sheet, label, facts.times)
    facts.notices += found
    out = {
        notice.column: notice for notice in found if notice.code == "maps_label" and notice.column not in options.keep
    }
    facts.dropped += [{"column": name, "reason": notice.text} for name, notice in out.items()]
    sheet = sheet.without(set(out))
    if not sheet.names:
        reasons = "; ".join(f"{each['column']}: {each['reason']}" for each in facts.dropped[:4])
        raise DataError(f"no feature is left to learn from ({reasons})")
    return sheet


def _signs(table: Table, sheet: columns.Sheet) -> dict[str, int]:
    return {name: sign for name, sign in table.signs.items() if name in sheet.number_names}


def _report(table: Table, ground: Ground, facts: Facts, results: Results, options: Options) -> dict[str, Any]:
    tested = ground.labels[results.rows]
    entities = ground.entities[results.rows]
    models = {key: _figures(key, ground, results, options) for key in results.p}
    champion = min(models, key=lambda key: models[key]["log_loss"])
    notices = facts.notices + results.notices
    return {
        "table": {
            "name": table.name,
            "rows": len(ground.labels),
            "positives": int(ground.labels.sum()),
            "features": list(ground.sheet.names),
            "categorical": list(ground.sheet.code_names),
            "label": table.label,
            "entity": table.entity,
            "time": table.time,
            "fold": table.fold,
            "dropped": facts.dropped,
            "warnings": [notice.row for notice in notices],
        },
        "validation": ground.split.described(facts.times),
        "champion": champion,
        "why": why(models, champion, results, tested, entities, ground.split.scheme),
        "threshold": {"cost_fp": options.cost_fp, "cost_fn": options.cost_fn, "value": options.threshold},
        "models": models,
        "curves": {key: figures.curves(p, tested) for key, p in results.p.items()},
        "data_hash": model.data_hash(facts.rows),
        "code_version": code_version(__name__),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": {name: version(name) for name in LIBRARIES},
        "options": {"seconds": options.seconds, "seed": options.seed, "smote": options.smote},
    }


def _figures(key: str, ground: Ground, results: Results, options: Options) -> dict[str, Any]:
    p, labels_ = results.p[key], ground.labels[results.rows]
    scorers = results.scorers[key]
    found = figures.of(p, labels_, ground.entities[results.rows], options.threshold)
    found["seconds"] = round(results.seconds[key], 2)
    found["params"] = scorers[-1].params
    found["search"] = [scorer.search for scorer in scorers if scorer.search]
    found["calibration"] = (
        "none: probabilities as SMOTE leaves them" if key.endswith("_smote") else "Platt, cross-fitted"
    )
    found["calibration"] = found["calibration"] if options.calibrate else "none"
    return found


def why(
    models: dict[str, Any], champion: str, results: Results, tested: Array, entities: Array, scheme: str
) -> dict[str, Any]:
    """Why the champion is the champion: a code, a sentence, and the margin to the next with its interval."""
    others = sorted((key for key in models if key != champion), key=lambda key: models[key]["log_loss"])
    where = "out of time" if scheme in ("out_of_time", "time_folds") else "out of fold"
    best = models[champion]["log_loss"]
    if not others:
        sentence = f"{champion} is the only model that ran; its log loss {where} is {best:.4f}"
        return {"code": "only_one", "sentence": sentence, "margin": None, "next": None, "interval": None}
    following = others[0]
    margin = models[following]["log_loss"] - best
    low, high = figures.paired(results.p[champion], results.p[following], tested, entities)
    clear = low is not None and low > 0
    sentence = f"{champion} has the lowest log loss {where}: {best:.4f}, {margin:.4f} below {following}"
    doubt = "" if clear else "; the difference is within chance"
    return {
        "code": "lowest_log_loss" if clear else "lowest_log_loss_within_chance",
        "sentence": sentence + doubt,
        "margin": margin,
        "next": following,
        "interval": [low, high],
    }


def _predictions(table: Table, ground: Ground, facts: Facts, results: Results, champion: str) -> pd.DataFrame:
    rows = results.rows
    entities: Any = facts.rows[table.entity].to_numpy() if table.entity else facts.places
    found = pd.DataFrame(
        {
            "entity": np.asarray(entities)[rows],
            "fold": results.fold_names,
            "p": results.p[champion],
            "label": ground.labels[rows].astype(int),
            "row": facts.places[rows],
        }
    )
    if facts.times is not None:
        found["time"] = facts.times.to_numpy()[rows]
    return found.sort_values(["row", "fold"], kind="stable", ignore_index=True)
