"""Segments of the bank's businesses: K-means over the open businesses, in three views. The step of the build.

`main` is the segment of the product; silhouette and bootstrap stability propose its k. `three` has three segments by
income, spending and risk, as the product's specification asks; risk is 100 - score, so these may repeat the tiers.
`three_plain` leaves risk out. Cramér's V and the adjusted Rand index measure how far each view repeats the tiers.
Closed businesses and businesses without a feature of the view have no segment.

Stability: the same rows give the same centres. A new fit starts from the centres in use as well and keeps them while
they fit as well; k changes only for a clear gain; segments that keep their members keep code and place. A version that
a person holds in the registry assigns all later builds unchanged.

Reads  segment_inputs and what features.py reads
Writes segments(business_id, as_of, view, segment, x, y, state), segment_known(feature, businesses) and the tables of
       tables.py; models/segments/{model.json, model_report.json}
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.config import policy
from core.errors import DataError
from core.fingerprint import code_version
from core.models.segments import clustering
from core.models.segments.clustering import Clustering
from core.models.segments.features import (
    FEATURES,
    businesses,
    complete_values,
    create_inputs,
    open_businesses,
    past_inputs,
)
from core.models.segments.k_choice import MAX_K, MIN_K, best_k, evaluate
from core.models.segments.kmeans import STARTS
from core.models.segments.model_files import load, save
from core.models.segments.tables import all_tables
from core.models.segments.transforms import CLIP, Scale
from core.progress import Progress

__all__ = ["FEATURES", "MAIN", "NAME", "create_inputs", "load", "past", "recluster", "score", "train", "usable"]

NAME, MAIN = "segments", "main"
THREE = 3
REPORT = "model_report.json"
TABLES = (
    *("segments", "segment_profiles", "segment_figures", "segment_views"),
    *("segment_tiers", "segment_districts", "segment_cloud", "segment_known"),
)


def train(con: db.Connection, folder: Path, before: Path | None = None, progress: Progress | None = None) -> bool:
    """Cluster segment_inputs in every view and save the result; False when all views have too few businesses.

    `before` is the folder of the version in use; its codes, centres and k stay where they still fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, previous = open_businesses(con), _previous(before)
    views: dict[str, Clustering] = {}
    refused: dict[str, str] = {}
    for view, features in policy()["segments"]["views"].items():
        try:
            ks = range(MIN_K, MAX_K + 1) if view == MAIN else (THREE,)
            views[view] = _fit(complete_values(rows, features), features, ks, previous.get(view), progress)
        except DataError as error:
            # A bank without accounts still has segments by sales.
            refused[view] = str(error)
    report = {"model": NAME, "state": "trained" if views else "refused", "refused": refused}
    if views:
        save(views, _card(views), folder)
    (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return bool(views)


def _previous(folder: Path | None) -> dict[str, Clustering]:
    if folder is None or not folder.exists():
        return {}
    try:
        return load(folder)
    except DataError:
        # A version that this code cannot read: all codes are new.
        return {}


def _fit(
    values: np.ndarray,
    features: Sequence[str],
    ks: Sequence[int],
    before: Clustering | None,
    progress: Progress | None,
) -> Clustering:
    """One view: evaluate every k of `ks`, take the best one and fit it."""
    rules = policy()["segments"]
    metrics = evaluate(Scale.fit(values)(values), ks, progress)
    k = best_k(metrics, rules["min_ari"], before.k if before is not None else None, rules["k_margin"])
    return replace(clustering.fit(values, features, k, before, progress), metrics=metrics)


def _card(views: Mapping[str, Clustering]) -> dict[str, Any]:
    main = views.get(MAIN) or next(iter(views.values()))
    return {
        "algorithm": f"K-means, {STARTS} starts, features robustly scaled and cut at {CLIP:g} interquartile ranges",
        "label": "none: there is no truth to learn from",
        "features": list(main.features),
        "params": {name: {"k": view.k, "features": list(view.features)} for name, view in views.items()},
        "code_version": code_version(__name__),
    }


def usable(folder: Path) -> str:
    """Why the version in a folder cannot assign segments with this code; "" when it can."""
    unknown = sorted({feature for view in load(folder).values() for feature in view.features} - {*FEATURES})
    return f"its features are unknown to this code: {unknown}" if unknown else ""


def score(con: db.Connection, folder: Path | None, as_of: date) -> int:
    """Write every table of segments at `as_of`; the number of businesses with a segment in the main view."""
    views = load(folder) if folder is not None else {}
    rows = businesses(con)
    is_open = rows["state"] == "OPEN"
    for table in TABLES:
        tables.clear(con, table)
    counts = rows.loc[is_open, list(FEATURES)].notna().sum()
    tables.append(con, "segment_known", pd.DataFrame({"feature": counts.index, "businesses": counts.to_numpy()}))
    for view, fitted in views.items():
        tables.append(con, "segments", _segments(view, fitted, rows).assign(as_of=as_of))
    for table, frame in all_tables(views, rows[is_open], policy()["segments"]["min_ari"]).items():
        tables.append(con, table, frame)
    return int(con.execute(db.sql("core/models/segments/sql/segment_count"), {"view": MAIN}).fetchall()[0][0])


def past(con: db.Connection, folder: Path, as_of: date) -> pd.DataFrame:
    """The main segment of every business on a past day: business_id, segment (NaN where it has none).

    The centres are those of the saved version, the features what was known on that day. The centres may be learned
    later than that day, but from features alone, and they are the same for all businesses.
    """
    rows, views = past_inputs(con, as_of), load(folder)
    if MAIN not in views:
        return pd.DataFrame(columns=["business_id", "segment"])
    return _segments(MAIN, views[MAIN], rows)[["business_id", "segment"]]


def _segments(view: str, fitted: Clustering, rows: pd.DataFrame) -> pd.DataFrame:
    """Segment and position of every business, or the state that says why it has none."""
    features = list(fitted.features)
    complete = ((rows["state"] == "OPEN") & rows[features].notna().all(axis=1)).to_numpy()
    values = rows.loc[complete, features].to_numpy(float)
    state = np.where(complete, "OK", np.where(rows["state"] == "CLOSED", "CLOSED", "SHORT"))
    segments = pd.DataFrame({"business_id": rows["business_id"], "view": view, "state": state})
    segments.loc[complete, "segment"] = np.array(fitted.codes, dtype=object)[fitted.labels(values)]
    segments.loc[complete, ["x", "y"]] = fitted.positions(values)
    return segments


def recluster(
    con: db.Connection, features: Sequence[str], k: int | None, before: Clustering | None, progress: Progress
) -> tuple[Clustering, dict[str, pd.DataFrame]]:
    """Another division of the open businesses of a build, and its tables as the view `custom`; stores nothing.

    Without `k` the best k is taken. Segments that `before` has as well keep their codes.

    Raises
    ------
    DataError : fewer than two features, an unknown feature, or too few businesses that have them all
    """
    if len(features) < 2 or not {*features} <= {*FEATURES}:
        raise DataError(f"{list(features)} are no features to cluster on; choose two or more of {list(FEATURES)}")
    rows, min_ari = open_businesses(con), policy()["segments"]["min_ari"]
    values = complete_values(rows, features)
    metrics = evaluate(Scale.fit(values)(values), range(MIN_K, MAX_K + 1), progress)
    fitted = clustering.fit(values, features, k or best_k(metrics, min_ari), before, progress)
    fitted = replace(fitted, metrics=metrics)
    progress("tell", 0.0)
    return fitted, all_tables({"custom": fitted}, rows, min_ari)
