"""Which kinds of businesses does the bank have? K-means over the open businesses, three ways of looking.

`main` is the segment of the product: its k is proposed by silhouette and bootstrap stability. `three` divides by
income, spending and risk into three, after the brief; risk is 100 - score, so that such groups may repeat the tiers.
`three_plain` leaves risk out. How far each repeats the tiers is measured (Cramér's V, adjusted Rand index).

Income and spending are means of twelve months under a logarithm. Who lacks a feature belongs to no segment of a view
(state SHORT): a filled-in value would say something of the filling. Closed businesses are left out.

*Stable*: same rows, same centres. A retrain starts from the centres in use as well and stays with them when they fit as
well; k changes only for a clear gain; segments that keep their members keep name and place (naming, clustering). Names
come from the centres. A version that a person holds in the registry assigns all later builds unchanged.

Reads  businesses, revenue, balances, loans, holdings, opportunity_now, pd_scores, churn_scores
Writes segment_inputs(business_id, state, features …), segments(business_id, as_of, view, segment, x, y, state),
       segment_profiles, segment_figures, segment_views, segment_tiers, segment_districts, segment_cloud (tables.py),
       segment_known(feature, businesses);
       models/segments/{model.json, model_report.json}
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core import tables as outputs
from core.config import policy
from core.errors import DataError
from core.fingerprint import code_version
from core.models.segments import tables
from core.models.segments.clustering import Clustering, clustered, load, save
from core.models.segments.clusters import CLIP, FEWEST, MOST, STARTS, Scale, Tell, judged, proposed

__all__ = ["FEATURES", "MAIN", "NAME", "Clustering", "inputs", "load", "past", "rerun", "score", "train", "usable"]

NAME, MAIN = "segments", "main"
THREE = 3
REPORT = "model_report.json"
MONTHS = 6  # known months of twelve that make a mean
FEATURES = tables.FEATURES
TABLES = (
    "segments",
    "segment_profiles",
    "segment_figures",
    "segment_views",
    "segment_tiers",
    "segment_districts",
    "segment_cloud",
    "segment_known",
)

Array = np.ndarray


def inputs(con: db.Connection, as_of: date) -> int:
    """Write segment_inputs, kept for trying other features and k; its number of rows."""
    outputs.ensure(con, "pd_scores", "churn_scores")
    con.execute("CREATE OR REPLACE TEMP TABLE segment_scores AS FROM opportunity_now")
    return _inputs(con, as_of, "segment_inputs")


def _inputs(con: db.Connection, as_of: date, table: str) -> int:
    asked = {
        "as_of": as_of,
        "months": MONTHS,
        "floor_krw": policy()["churn"]["floor_krw"],
        "has_loans": db.count(con, "loans") > 0,
        "has_holdings": db.count(con, "holdings") > 0,
    }
    return db.create_table(con, table, "core/models/segments/sql/segment_inputs", asked)


def past(con: db.Connection, folder: Path, as_of: date) -> pd.DataFrame:
    """The main segment of every business on a past day: business_id, segment (NaN where it has none).

    By the centres of the saved version and what was known on that day: nobody is placed by what came later. The centres
    themselves may be younger than the day; they were learned from features alone, and are the same for everybody.
    """
    then = {"as_of": as_of}
    con.execute("CREATE OR REPLACE TEMP TABLE segment_scores AS FROM opportunity_history WHERE as_of = $as_of", then)
    _inputs(con, as_of, "segment_inputs_then")
    rows = con.execute("FROM segment_inputs_then ORDER BY business_id").df()
    con.execute("DROP TABLE segment_inputs_then")
    views = load(folder)
    if MAIN not in views:
        return pd.DataFrame(columns=["business_id", "segment"])
    return _assigned(MAIN, views[MAIN], rows)[["business_id", "segment"]]


def train(con: db.Connection, folder: Path, before: Path | None = None, tell: Tell | None = None) -> bool:
    """Cluster segment_inputs in every view and save it; False when the book is too small for all of them.

    `before` is the folder of the version in use, whose names, centres and k stay where they still fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, old = _open(con), _before(before)
    views: dict[str, Clustering] = {}
    refused: dict[str, str] = {}
    for view, features in policy()["segments"]["views"].items():
        try:
            ks = range(FEWEST, MOST + 1) if view == MAIN else (THREE,)
            views[view] = _trained(_complete(rows, features), features, ks, old.get(view), tell)
        except DataError as refusal:
            # A bank without accounts still has segments by sales.
            refused[view] = str(refusal)
    report = {"model": NAME, "state": "trained" if views else "refused", "refused": refused}
    if views:
        save(views, _card(views), folder)
    (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return bool(views)


def _before(folder: Path | None) -> dict[str, Clustering]:
    if folder is None or not folder.exists():
        return {}
    try:
        return load(folder)
    except DataError:
        # The version before is of other code: names start anew.
        return {}


def _trained(
    values: Array, features: Sequence[str], ks: Sequence[int], before: Clustering | None, tell: Tell | None
) -> Clustering:
    """One view: judge every k in `ks`, take the proposed one, name what comes out."""
    decided = policy()["segments"]
    figures = judged(Scale.of(values)(values), ks, tell)
    used = before.k if before is not None else None
    k = proposed(figures, decided["min_ari"], used, decided["k_margin"])
    return replace(clustered(values, features, k, before, tell), figures=tuple(figures))


def _card(views: Mapping[str, Clustering]) -> dict[str, Any]:
    main = views.get(MAIN) or next(iter(views.values()))
    return {
        "algorithm": f"K-means, {STARTS} starts, features robustly scaled and cut at {CLIP:g} interquartile ranges",
        "label": "none: there is no truth to learn from",
        "features": list(main.features),
        "params": {view: {"k": one.k, "features": list(one.features)} for view, one in views.items()},
        "code_version": code_version(__name__),
    }


def usable(folder: Path) -> str:
    """Why the version in a folder cannot assign segments with this code; "" when it can."""
    views = load(folder)
    strange = sorted({feature for view in views.values() for feature in view.features} - {*FEATURES})
    return f"its features are unknown to this code: {strange}" if strange else ""


def score(con: db.Connection, folder: Path | None, as_of: date) -> int:
    """Write every table of segments at `as_of`; the number of businesses with a segment in the main view."""
    views = load(folder) if folder is not None else {}
    everyone = _rows(con)
    for table in TABLES:
        outputs.clear(con, table)
    outputs.append(con, "segment_known", _known(everyone[everyone["state"] == "OPEN"]))
    for view, clustering in views.items():
        outputs.append(con, "segments", _assigned(view, clustering, everyone).assign(as_of=as_of))
    if views:
        rows = everyone[everyone["state"] == "OPEN"]
        for table, frame in tables.of(views, rows, policy()["segments"]["min_ari"]).items():
            outputs.append(con, table, frame)
    return int(con.execute(db.sql("core/models/segments/sql/counted"), {"view": MAIN}).fetchall()[0][0])


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    """How many open businesses have each feature: feature, businesses."""
    counted = rows[list(FEATURES)].notna().sum()
    return pd.DataFrame({"feature": counted.index, "businesses": counted.to_numpy()})


def _assigned(view: str, clustering: Clustering, rows: pd.DataFrame) -> pd.DataFrame:
    """Every business known: its segment and place in the picture, or the state that says why it has none."""
    features = list(clustering.features)
    known = ((rows["state"] == "OPEN") & rows[features].notna().all(axis=1)).to_numpy()
    values = rows.loc[known, features].to_numpy(float)
    state = np.where(known, "OK", np.where(rows["state"] == "CLOSED", "CLOSED", "SHORT"))
    found = pd.DataFrame({"business_id": rows["business_id"], "view": view, "state": state})
    found.loc[known, "segment"] = np.array(clustering.codes, dtype=object)[clustering.assigned(values)]
    found.loc[known, ["x", "y"]] = clustering.drawn(values)
    return found


def rerun(
    con: db.Connection, features: Sequence[str], k: int | None, before: Clustering | None, tell: Callable[..., None]
) -> tuple[Clustering, dict[str, pd.DataFrame]]:
    """The open businesses of a build divided anew, and its tables under the view `custom`; nothing is stored.

    k None takes the proposed one. `before` gives its names to segments that are the same.

    Raises
    ------
    DataError : fewer than two features, an unknown one, or too few businesses that have them all
    """
    if len(features) < 2 or not {*features} <= {*FEATURES}:
        raise DataError(f"{list(features)} are no features to cluster on; choose two or more of {list(FEATURES)}")
    rows = _open(con)
    values = _complete(rows, features)
    figures = tuple(judged(Scale.of(values)(values), range(FEWEST, MOST + 1), tell))
    chosen = k or proposed(figures, policy()["segments"]["min_ari"])
    found = replace(clustered(values, features, chosen, before, tell), figures=figures)
    tell("tell", 0.0)
    return found, tables.of({"custom": found}, rows, policy()["segments"]["min_ari"])


def _complete(rows: pd.DataFrame, features: Sequence[str]) -> Array:
    """Rows that have all these features, (n, n_features), in the order of the ids."""
    values = rows[list(features)].to_numpy(float)
    known = values[~np.isnan(values).any(axis=1)]
    fewest = policy()["segments"]["min_businesses"]
    if len(known) < fewest:
        raise DataError(
            f"{len(known)} businesses have all of {list(features)}; segments need {fewest}; send the tables"
        )
    return known


def _open(con: db.Connection) -> pd.DataFrame:
    rows = _rows(con)
    return rows[rows["state"] == "OPEN"]


def _rows(con: db.Connection) -> pd.DataFrame:
    """segment_inputs with what is told beside the features, in the order of the ids."""
    return db.query(con, "core/models/segments/sql/rows")
