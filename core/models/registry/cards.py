"""The card of a version: what it is for, what it learned from, how well it does, where it ends. After SR 26-2.

Reads  the model's JSON files; model_metrics, model_exclusions, source_files; data/reference/model_cards.toml,
       data/reference/features*.csv
"""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from core import db, reference
from core.config import policy
from core.models.registry.entries import read_json
from core.models.registry.gates import failures

STRUCTURE = "structured after SR 26-2 (supersedes SR 11-7)"
# The files of a model that speak of it, in the order read; others hold its numbers (city/line.json has slopes, too).
FACT_FILES = ("card.json", "model_report.json", "model.json")
# Facts a model's own files may state, at their top or under "card".
FACTS = (
    "data_hash",
    "code_version",
    "params",
    "features",
    "algorithm",
    "label",
    "fit",
    "calibration_window",
    "test",
    "slope",
    "intercept",
    "trial",
    "candidates",
    "stability",
    "fit_rows",
    "fit_bads",
    "calibration_rows",
    "calibration_bads",
    "evaluation",
)


def entry(con: db.Connection, name: str, folder: Path) -> dict[str, Any]:
    """What the registry keeps of the model that was trained into `folder`: the fields of entry.json."""
    facts = _facts(folder)
    metrics = _rows(con, "core/models/registry/sql/metrics", name) if db.has_table(con, "model_metrics") else []
    return {
        "data_hash": facts.get("data_hash") or _sources_hash(con),
        "code_version": facts.get("code_version"),
        "params": facts.get("params") or {},
        "features": _features(name, facts),
        "metrics": metrics,
        "gates": failures([row for row in metrics if row["model"] == name], policy()["registry"]),
        "card": _card(con, name, facts, metrics),
    }


def _facts(folder: Path) -> dict[str, Any]:
    """Facts from the files that speak of the model; the model's own file, read last, has the last word."""
    facts: dict[str, Any] = {}
    for path in (folder / name for name in FACT_FILES if (folder / name).exists()):
        content = read_json(path)
        parts = (content.get("served"), content.get("card"), content)
        for part in (part for part in parts if isinstance(part, dict)):
            facts |= {key: part[key] for key in (*FACTS, "signs", "reasons") if part.get(key) is not None}
    return facts


def _features(name: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name, reason, sign, and where it comes from and how late, of each feature."""
    listed = facts.get("features") or []
    rows = [item if isinstance(item, dict) else {"feature": item} for item in listed]
    for key, facts_key in (("sign", "signs"), ("reason", "reasons")):
        values = facts.get(facts_key)
        if isinstance(values, list) and len(values) == len(rows):
            rows = [{**row, key: value} for row, value in zip(rows, values, strict=True)]
    return [{**_known_features(name).get(str(row.get("feature")), {}), **row} for row in rows]


@cache
def _known_features(name: str) -> dict[str, dict[str, Any]]:
    """Unit, lag and meaning of every feature of a model in its reference table; empty without one."""
    table = "features.csv" if name == "default" else f"features_{name}.csv"
    if not reference.file(table).exists():
        return {}
    columns = ("unit", "lag_days", "meaning")
    return {row["feature"]: {key: row[key] for key in columns if row.get(key)} for row in reference.rows(table)}


def _card(con: db.Connection, name: str, facts: Mapping[str, Any], metrics: list[dict[str, Any]]) -> dict[str, Any]:
    sides = ("fit", "calibration_window", "test")
    sizes = ("fit_rows", "fit_bads", "calibration_rows", "calibration_bads")
    return {
        **_words(name),
        "structure": STRUCTURE,
        "provenance": _provenance(con),
        "label": facts.get("label"),
        "windows": {key: facts[key] for key in sides if key in facts},
        "rows": {key: facts[key] for key in sizes if key in facts},
        "exclusions": _rows(con, "core/models/registry/sql/exclusions", name)
        if db.has_table(con, "model_exclusions")
        else [],
        "algorithm": facts.get("algorithm"),
        "calibration": {key: facts[key] for key in ("slope", "intercept") if key in facts},
        "out_of_time": [row for row in metrics if row["model"] == name and row["slice"] == "all"],
        "slices": [row for row in metrics if row["model"] == name and row["slice"] != "all"],
        "trial": facts.get("trial"),
        "candidates": facts.get("candidates"),
        "stability": facts.get("stability"),
    }


def _words(name: str) -> dict[str, Any]:
    """Purpose, what it is not for, owner, limits, drift plan and fallback, each in both languages."""
    words: dict[str, Any] = reference.toml("model_cards.toml").get(name, {})
    return words


def _provenance(con: db.Connection) -> str:
    """SYNTHETIC when a single source of the build was made up, REAL otherwise."""
    if not db.has_table(con, "source_files"):
        return "UNKNOWN"
    return "SYNTHETIC" if con.execute(db.sql("core/models/registry/sql/is_demo")).fetchall()[0][0] else "REAL"


def _sources_hash(con: db.Connection) -> str | None:
    """Data hash of a model that keeps none of its own: that of the files it was built from."""
    if not db.has_table(con, "source_files"):
        return None
    return con.execute(db.sql("core/models/registry/sql/sources_hash")).fetchall()[0][0]


def _rows(con: db.Connection, query: str, name: str) -> list[dict[str, Any]]:
    rows: duckdb.DuckDBPyConnection = con.execute(db.sql(query), {"model": name})
    columns = [column[0] for column in rows.description or []]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows.fetchall()]


def _plain(value: Any) -> Any:
    """NaN is no JSON."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
