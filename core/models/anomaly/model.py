"""Unusual months of businesses, found by an isolation forest against a frozen reference; method: docs/models.md.

A month is compared with the twelve months of the same business before it, and then with its peers (same category, same
month): the forest sees the differences from the peers. It learns from twelve months that ended a year before the newest
one, and its percentiles refer to the same months. Scores, percentiles and cut of a saved forest do not change when new
months arrive.

A forest finds rows that are unusual as a whole. A month with one unusual feature among eleven is in about the highest
tenth, not at the top.

There are no labels, so accuracy is unknown. model_metrics has what can be measured: agreement with two forests of
other seeds (Jaccard index of the hundred highest scores, rank correlation), the number of alerts, and the share of
alerts that depend on a single feature.

*Reasons* are measured by replacement: how much lower is the anomaly score when one feature has the value of the peers?
This costs one more scoring per feature and depends on no seed. (TreeSHAP on 200 trees takes a hundred times as long;
split counts describe the forest, not the business.)

*Unknown* values are not imputed with a usual value, which would make a business look normal: the depth is averaged over
values that the feature has in the reference. With fewer than MIN_KNOWN known features the state is SHORT.

Reads  revenue, balances, businesses
Writes anomalies, anomaly_reasons (newest month), anomalies_history (six months), rows of model `anomaly` in
       model_metrics; models/anomaly/{forest.txt, model.json, model_report.json}
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from core import db, reference, tables
from core.calendar import month_end
from core.config import policy
from core.errors import DataError
from core.fingerprint import code_version
from core.models.isolation_forest import SAMPLES, TREES, Forest, export, fit

NAME = "anomaly"
REPORT, CARD, TEXT = "model_report.json", "model.json", "forest.txt"
SEED, OTHER_SEEDS = 11, (23, 37)
MIN_PEERS = 10
MIN_KNOWN = 8  # of eleven features: sales may be unknown (three features), the account may not
MIN_REFERENCE = 500  # complete months of businesses; with fewer the highest percentiles depend on chance
REFERENCE_ROWS = 10_000  # sample of the reference months, by hash
REFERENCE_AGE, REFERENCE_MONTHS = 12, 12  # months between the reference and the newest month, months in the reference
QUANTILES = 2_001
PROBES = 9  # values of the reference over which an unknown value is averaged
REASONS_FROM = 0.85  # percentile from which reasons are stored
REASONS = 4
TOP = 100
HISTORY_MONTHS = 6  # twelve would take two seconds more in the build
# Temporary: each month of a business against its own year, medians of the peers, and the differences.
FEATURE_TABLES = ("anomaly_months", "anomaly_peers", "anomaly_features")

Array = np.ndarray


def catalogue() -> tuple[str, ...]:
    """Names of the features, in the order of data/reference/features_anomaly.csv.

    >>> catalogue()[0]
    'sales_jump'
    """
    return reference.column("features_anomaly.csv", "feature")


@dataclass(frozen=True)
class Model:
    """A forest and its frozen reference: quantiles of the anomaly scores, and `probes`, values of each feature."""

    forest: Forest
    features: tuple[str, ...]
    quantiles: Array
    probes: Array
    card: dict[str, Any]

    def raw(self, values: Array) -> Array:
        """Anomaly score of each row, (n,), in (0, 1); unknown features are averaged over the reference."""
        depth = np.empty(len(values))
        unknown = np.isnan(values).any(axis=1)
        depth[~unknown] = self.forest.depth(values[~unknown])
        if unknown.any():
            imputed = np.concatenate([self._imputed(values[unknown], probe) for probe in range(PROBES)])
            depth[unknown] = self.forest.depth(imputed).reshape(PROBES, -1).mean(0)
        return self.forest.score(depth)

    def _imputed(self, values: Array, probe: int) -> Array:
        # A different rank for each feature: with equal ranks all unknown features would be high, or low, together.
        ranks = (probe + 4 * np.arange(len(self.features))) % PROBES
        return np.where(np.isnan(values), self.probes[ranks, np.arange(len(self.features))], values)

    def percentile(self, raw: Array) -> Array:
        """Share of the reference with a lower anomaly score, (n,)."""
        return np.interp(raw, self.quantiles, np.linspace(0, 1, len(self.quantiles)))


def save(model: Model, folder: Path) -> None:
    """Write a model into `folder` as text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TEXT).write_text(model.forest.text, encoding="utf-8")
    content = {
        "features": list(model.features),
        "trees": model.forest.trees,
        "samples": model.forest.samples,
        "quantiles": model.quantiles.tolist(),
        "probes": model.probes.tolist(),
        "card": model.card,
    }
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Model:
    """The model saved in `folder`; reading never runs code.

    Raises
    ------
    DataError : the folder holds no complete model
    """
    try:
        content = json.loads((folder / CARD).read_text(encoding="utf-8"))
        text = (folder / TEXT).read_text(encoding="utf-8")
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise DataError(f"{folder} holds no complete model ({error}); run a build") from error
    forest = Forest.from_text(text, content["trees"], content["samples"])
    quantiles, probes = np.array(content["quantiles"]), np.array(content["probes"])
    return Model(forest, tuple(content["features"]), quantiles, probes, content["card"])


def usable(folder: Path) -> str:
    """Why the model in a folder cannot score with this code; "" when it can."""
    differences = sorted({*load(folder).features} ^ {*catalogue()})
    return f"its features differ from this code's: {differences}" if differences else ""


def create_features(con: db.Connection, as_of: date) -> int:
    """Create the temporary tables of FEATURE_TABLES up to `as_of`; number of months of businesses."""
    months = REFERENCE_AGE + REFERENCE_MONTHS
    days = {
        "as_of": as_of,
        "from_month": month_end(as_of, months - 1).replace(day=1),
        "history_month": month_end(as_of, months + 11).replace(day=1),
    }
    for table, params in zip(FEATURE_TABLES, (days, {"min_peers": MIN_PEERS}, None), strict=True):
        db.create_table(con, table, f"core/models/anomaly/sql/{table}", params, temporary=True)
    return db.count(con, "anomaly_months")


def drop_features(con: db.Connection) -> None:
    """Drop the tables of `create_features`."""
    for table in FEATURE_TABLES:
        con.execute(f"DROP TABLE IF EXISTS {table}")


def train(con: db.Connection, as_of: date, folder: Path) -> Model | None:
    """Fit the forest on the reference months and save it; None where there are too few of them."""
    folder.mkdir(parents=True, exist_ok=True)
    tables.ensure(con, "model_metrics")
    report: dict[str, Any] = {"model": NAME}
    try:
        reference_values, window = _reference(con, as_of)
        model = _fit(reference_values, window)
        metrics = stability(model, reference_values, _newest_features(con, as_of))
        tables.keep_of_model(con, "model_metrics", NAME, metrics)
        save(model, folder)
        report |= {"state": "trained", "reference": window}
    except DataError as refusal:
        # A bank without balances or with a short history has no such list; the build goes on.
        model = None
        report |= {"state": "refused", "reason": str(refusal)}
    (folder / REPORT).write_text(json.dumps(report, indent=1, default=str), encoding="utf-8")
    return model


def _reference(con: db.Connection, as_of: date) -> tuple[Array, dict[str, Any]]:
    """Complete rows for the forest, and where they are from: a year ago, or all but the newest in a short history."""
    for age in (REFERENCE_AGE, 1):
        until = month_end(as_of, age)
        rows = con.execute(
            "FROM anomaly_features WHERE month <= $until ORDER BY hash(business_id, month), business_id, month",
            {"until": until},
        ).df()
        complete = rows[rows[list(catalogue())].notna().all(axis=1)]
        if len(complete) >= MIN_REFERENCE:
            window = {"from": str(complete["month"].min().date()), "to": str(until), "rows": len(complete)}
            return complete[list(catalogue())].to_numpy(float)[:REFERENCE_ROWS], window
    raise DataError(
        f"{len(complete)} complete months of businesses before {as_of}, a reference needs {MIN_REFERENCE}; send them"
    )


def _fit(values: Array, window: dict[str, Any]) -> Model:
    samples = min(SAMPLES, len(values))
    forest = fit(values, SEED, TREES, samples)
    raw = -forest.score_samples(values.astype(np.float32))
    probes = np.quantile(values, np.linspace(0, 1, PROBES + 2)[1:-1], axis=0)
    card = {
        "algorithm": f"Isolation forest, {TREES} trees of {samples} rows",
        "label": "none: there is no truth to learn from",
        "reference": window,
        "seed": SEED,
        "code_version": code_version(__name__),
    }
    quantiles = np.quantile(raw, np.linspace(0, 1, QUANTILES))
    return Model(export(forest, catalogue()), catalogue(), quantiles, probes, card)


def stability(model: Model, learned: Array, now: pd.DataFrame, seeds: Sequence[int] = OTHER_SEEDS) -> pd.DataFrame:
    """Rows of model_metrics: agreement of this forest with forests of other seeds on the complete rows of `now`.

    `learned` are the reference rows that the model has learned from.
    """
    values = now[list(model.features)].to_numpy(float)
    values = values[~np.isnan(values).any(axis=1)]
    scores = [model.raw(values)]
    for seed in seeds:
        other = fit(learned, seed, model.forest.trees, model.forest.samples)
        scores.append(-other.score_samples(values.astype(np.float32)))
    pairs = list(combinations(scores, 2))
    agreement = {
        f"jaccard_top_{TOP}": np.mean([jaccard(_top(left), _top(right)) for left, right in pairs]),
        "spearman": np.mean([spearmanr(left, right).statistic for left, right in pairs]),
    }
    return _metric_rows(agreement, "stability", len(values), 0)


def _metric_rows(metrics: dict[str, Any], part: str, n: int, positives: int) -> pd.DataFrame:
    table = pd.DataFrame([(name, float(value)) for name, value in metrics.items()], columns=["metric", "value"])
    return table.assign(slice=part, low=np.nan, high=np.nan, n=n, positives=positives)


def jaccard(left: set[int], right: set[int]) -> float:
    """Size of the intersection over size of the union; 1 for two empty sets.

    >>> jaccard({1, 2, 3}, {2, 3, 4})
    0.5
    """
    return len(left & right) / len(left | right) if left | right else 1.0


def _top(scores: Array) -> set[int]:
    """Places of the TOP highest scores."""
    return set(np.argsort(-scores, kind="stable")[:TOP].tolist())


def score(con: db.Connection, model: Model | None, as_of: date) -> int:
    """Write anomalies and anomaly_reasons of the month of `as_of`; number of businesses with a percentile."""
    tables.ensure(con, "model_metrics")
    for table in ("anomalies", "anomaly_reasons", "anomalies_history"):
        tables.clear(con, table)
    scores = _no_scores() if model is None else _scores(model, _newest_features(con, as_of))
    con.register("anomaly_scores", scores[["business_id", "anomaly_pct", "raw", "unknown"]])
    db.insert(con, "anomalies", "core/models/anomaly/sql/anomalies", {"as_of": as_of, "has_model": model is not None})
    con.unregister("anomaly_scores")
    if model is not None:
        ranked = reasons(model, scores[scores["anomaly_pct"] >= REASONS_FROM])
        con.register("anomaly_ranks", ranked[ranked["rank"] <= REASONS])
        db.insert(con, "anomaly_reasons", "core/models/anomaly/sql/anomaly_reasons", {"as_of": as_of})
        con.unregister("anomaly_ranks")
        _write_metrics(con, scores, ranked)
        _write_history(con, model, as_of)
    return len(scores)


def _newest_features(con: db.Connection, as_of: date) -> pd.DataFrame:
    return con.execute("FROM anomaly_features WHERE month = date_trunc('month', $as_of)", {"as_of": as_of}).df()


def _write_history(con: db.Connection, model: Model, as_of: date) -> None:
    """Percentiles of the last months, all on the same reference."""
    query = "FROM anomaly_features WHERE month > $before ORDER BY month, business_id"
    scores = _scores(model, con.execute(query, {"before": month_end(as_of, HISTORY_MONTHS)}).df())
    ends = scores["month"] + pd.offsets.MonthEnd(0)
    tables.keep(con, "anomalies_history", scores.assign(as_of=ends.dt.date)[["business_id", "as_of", "anomaly_pct"]])


def _scores(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with enough known features, with the columns unknown (number), raw and anomaly_pct."""
    unknown = rows[list(model.features)].isna().sum(axis=1)
    usable_rows = rows.assign(unknown=unknown)[len(model.features) - unknown >= MIN_KNOWN].reset_index(drop=True)
    raw = model.raw(usable_rows[list(model.features)].to_numpy(float))
    return usable_rows.assign(raw=raw, anomaly_pct=model.percentile(raw))


def reasons(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Features that make each row unusual: business_id, feature, fall, without, rank, share, pct_without.

    fall : how much lower the anomaly score is when the feature has the median of the peers, which is 0 here
    without, pct_without : anomaly score and percentile with that replacement
    share : fall over the sum of all falls of the row

    Features that do not raise the score, or are unknown, are no reasons.
    """
    values = rows[list(model.features)].to_numpy(float)
    parts = []
    for column, feature in enumerate(model.features):
        replaced = values.copy()
        replaced[:, column] = np.where(np.isnan(values[:, column]), np.nan, 0.0)
        without = model.raw(replaced)
        fall = rows["raw"].to_numpy() - without
        parts.append(
            pd.DataFrame({"business_id": rows["business_id"], "feature": feature, "fall": fall, "without": without})
        )
    long = pd.concat(parts, ignore_index=True)
    long = long[long["fall"] > 0].sort_values(["business_id", "fall", "feature"], ascending=[True, False, True])
    groups = long.groupby("business_id")
    return long.assign(
        rank=groups.cumcount() + 1,
        share=long["fall"] / groups["fall"].transform("sum"),
        pct_without=model.percentile(long["without"].to_numpy()),
    ).reset_index(drop=True)


def _write_metrics(con: db.Connection, scores: pd.DataFrame, ranked: pd.DataFrame) -> None:
    """Number of alerts at the cut, and share of them that one feature explains, beside the stability."""
    cut = policy()["anomaly"]["cut"]
    alerts = scores.loc[scores["anomaly_pct"] >= cut, "business_id"]
    first = ranked[(ranked["rank"] == 1) & ranked["business_id"].isin(alerts)]
    metrics = {
        "cut": cut,
        "alerts": len(alerts),
        "alert_share": len(alerts) / len(scores) if len(scores) else np.nan,
        "alerts_of_one_feature": (first["pct_without"] < cut).mean() if len(first) else np.nan,
    }
    query = "FROM model_metrics WHERE model = $model AND slice = 'stability'"
    stability_rows = con.execute(query, {"model": NAME}).df()
    table = pd.concat([_metric_rows(metrics, "all", len(scores), len(alerts)), stability_rows], ignore_index=True)
    tables.keep_of_model(con, "model_metrics", NAME, table)


def _no_scores() -> pd.DataFrame:
    return pd.DataFrame({"business_id": pd.Series(dtype=str), "anomaly_pct": [], "raw": [], "unknown": []})
