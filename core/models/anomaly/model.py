"""Which businesses have had a strange month? An isolation forest over businesses by month, on a frozen reference.

A month is compared with the business's own twelve months before it and with its peers (same category, same month): the
forest sees the difference between the two. It learns from, and its percentiles refer to, twelve months that ended a
year before the newest; scores, percentiles and cut of a saved forest never move when new months arrive.

A forest finds what is odd as a whole: a month with one odd feature among eleven ranks in the upper tenth or so, not at
the top.

There is no truth to test against. What can be said is said in model_metrics: how far two other forests agree
(Jaccard of the hundred strangest, rank correlation), how many alerts there are, how many rest on one feature.

*Reasons* come from replacing: how much less strange would the month be if this one feature were what peers showed? It
is the question a person asks, costs one more scoring a feature, and depends on no seed. (TreeSHAP on 200 trees costs a
hundred times as much; shares of split counts speak of the forest, not of the business.)

*Unknown* values are not filled with a usual one, which would make a business look normal: the depth is averaged over
the values the reference shows for that feature. With fewer than MIN_KNOWN known features the state is SHORT.

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
MIN_KNOWN = 8  # of eleven: sales may be missing (three features), not sales and the account
MIN_REFERENCE = 500  # complete business months; fewer leave the percentiles' tail to chance
REFERENCE_ROWS = 10_000  # drawn from the reference months by hash
REFERENCE_AGE, REFERENCE_MONTHS = 12, 12  # months it ended ago, months it covers
QUANTILES = 2_001
PROBES = 9  # values of the reference that stand in for an unknown one
STRANGE = 0.85  # percentile from which reasons are kept
REASONS = 4
TOP = 100
HISTORY_MONTHS = 6  # twelve would cost two seconds of the build

Array = np.ndarray


def catalogue() -> tuple[str, ...]:
    """The features, in the order of data/reference/features_anomaly.csv.

    >>> catalogue()[0]
    'sales_jump'
    """
    return reference.column("features_anomaly.csv", "feature")


@dataclass(frozen=True)
class Model:
    """A forest with its frozen reference: quantiles of the scores, and values of each feature."""

    forest: Forest
    features: tuple[str, ...]
    quantiles: Array
    probes: Array
    card: dict[str, Any]

    def raw(self, values: Array) -> Array:
        """Strangeness in (0, 1) of each row, (n,); unknown features are averaged over the reference."""
        found = np.empty(len(values))
        unknown = np.isnan(values).any(axis=1)
        found[~unknown] = self.forest.depth(values[~unknown])
        if unknown.any():
            filled = np.concatenate([self._probed(values[unknown], probe) for probe in range(PROBES)])
            found[unknown] = self.forest.depth(filled).reshape(PROBES, -1).mean(0)
        return self.forest.score(found)

    def _probed(self, values: Array, probe: int) -> Array:
        # Another rank for each feature: equal ranks would ask for rows in which everything is high, or low, at once.
        ranks = (probe + 4 * np.arange(len(self.features))) % PROBES
        return np.where(np.isnan(values), self.probes[ranks, np.arange(len(self.features))], values)

    def percentile(self, raw: Array) -> Array:
        """Share of the reference that is less strange, (n,)."""
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
    strange = sorted({*load(folder).features} ^ {*catalogue()})
    return f"its features differ from this code's: {strange}" if strange else ""


def months(con: db.Connection, as_of: date) -> int:
    """Make anomaly_months and anomaly_peers (temporary): what the newest and the reference months were like."""
    back = REFERENCE_AGE + REFERENCE_MONTHS
    asked = {
        "as_of": as_of,
        "from_month": month_end(as_of, back - 1).replace(day=1),
        "history_month": month_end(as_of, back + 11).replace(day=1),
    }
    rows = db.create_table(con, "anomaly_months", "core/models/anomaly/sql/anomaly_months", asked, temporary=True)
    db.create_table(
        con, "anomaly_peers", "core/models/anomaly/sql/anomaly_peers", {"min_peers": MIN_PEERS}, temporary=True
    )
    db.create_table(con, "anomaly_rows", "core/models/anomaly/sql/anomaly_rows", temporary=True)
    return rows


def drop_months(con: db.Connection) -> None:
    """Remove what `months` made."""
    for table in ("anomaly_months", "anomaly_peers", "anomaly_rows"):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def train(con: db.Connection, as_of: date, folder: Path) -> Model | None:
    """Grow the forest on the reference months of `months` and save it; None when the book is too young."""
    folder.mkdir(parents=True, exist_ok=True)
    tables.ensure(con, "model_metrics")
    report: dict[str, Any] = {"model": NAME}
    try:
        reference, window = _reference(con, as_of)
        model = _grown(reference, window)
        tables.keep_of_model(con, "model_metrics", NAME, stability(model, reference, _newest(con, as_of)))
        save(model, folder)
        report |= {"state": "trained", "reference": window}
    except DataError as refusal:
        # A bank without balances or with a young book is served without this list.
        model = None
        report |= {"state": "refused", "reason": str(refusal)}
    (folder / REPORT).write_text(json.dumps(report, indent=1, default=str), encoding="utf-8")
    return model


def _reference(con: db.Connection, as_of: date) -> tuple[Array, dict[str, Any]]:
    """Complete business months the forest learns from: of a year ago, or, in a young book, all but the newest."""
    for age in (REFERENCE_AGE, 1):
        until = month_end(as_of, age)
        rows = con.execute(
            "FROM anomaly_rows WHERE month <= $until ORDER BY hash(business_id, month), business_id, month",
            {"until": until},
        ).df()
        complete = rows[rows[list(catalogue())].notna().all(axis=1)]
        if len(complete) >= MIN_REFERENCE:
            window = {"from": str(complete["month"].min().date()), "to": str(until), "rows": len(complete)}
            return complete[list(catalogue())].to_numpy(float)[:REFERENCE_ROWS], window
    raise DataError(
        f"{len(complete)} complete months of businesses before {as_of}, a reference needs {MIN_REFERENCE}; send them"
    )


def _grown(reference: Array, window: dict[str, Any]) -> Model:
    samples = min(SAMPLES, len(reference))
    forest = fit(reference, SEED, TREES, samples)
    raw = -forest.score_samples(reference.astype(np.float32))
    probes = np.quantile(reference, np.linspace(0, 1, PROBES + 2)[1:-1], axis=0)
    card = {
        "algorithm": f"Isolation forest, {TREES} trees of {samples} rows",
        "label": "none: there is no truth to learn from",
        "reference": window,
        "seed": SEED,
        "code_version": code_version(__name__),
    }
    quantiles = np.quantile(raw, np.linspace(0, 1, QUANTILES))
    return Model(export(forest, catalogue()), catalogue(), quantiles, probes, card)


def stability(model: Model, reference: Array, now: pd.DataFrame, seeds: Sequence[int] = OTHER_SEEDS) -> pd.DataFrame:
    """How far forests of other seeds agree with this one on the complete rows of `now`: rows of model_metrics."""
    values = now[list(model.features)].to_numpy(float)
    values = values[~np.isnan(values).any(axis=1)]
    scores = [model.raw(values)]
    for seed in seeds:
        other = fit(reference, seed, model.forest.trees, model.forest.samples)
        scores.append(-other.score_samples(values.astype(np.float32)))
    pairs = list(combinations(scores, 2))
    found = {
        f"jaccard_top_{TOP}": np.mean([jaccard(_top(one), _top(two)) for one, two in pairs]),
        "spearman": np.mean([spearmanr(one, two).statistic for one, two in pairs]),
    }
    return _metrics(found, "stability", len(values), 0)


def _metrics(found: dict[str, Any], part: str, n: int, positives: int) -> pd.DataFrame:
    table = pd.DataFrame([(name, float(value)) for name, value in found.items()], columns=["metric", "value"])
    return table.assign(slice=part, low=np.nan, high=np.nan, n=n, positives=positives)


def jaccard(one: set[int], two: set[int]) -> float:
    """Size of the common part over size of the union.

    >>> jaccard({1, 2, 3}, {2, 3, 4})
    0.5
    """
    return len(one & two) / len(one | two) if one | two else 1.0


def _top(scores: Array) -> set[int]:
    return set(np.argsort(-scores, kind="stable")[:TOP].tolist())


def score(con: db.Connection, model: Model | None, as_of: date) -> int:
    """Write anomalies and anomaly_reasons of the month of `as_of`; the number of businesses with a percentile."""
    tables.ensure(con, "model_metrics")
    for table in ("anomalies", "anomaly_reasons", "anomalies_history"):
        tables.clear(con, table)
    scored = _no_scores() if model is None else _scored(model, _newest(con, as_of))
    con.register("anomaly_scored", scored[["business_id", "anomaly_pct", "raw", "unknown"]])
    db.insert(con, "anomalies", "core/models/anomaly/sql/anomalies", {"as_of": as_of, "has_model": model is not None})
    con.unregister("anomaly_scored")
    if model is not None:
        strange = scored[scored["anomaly_pct"] >= STRANGE]
        ablated = reasons(model, strange)
        con.register("anomaly_ablated", ablated[ablated["rank"] <= REASONS])
        db.insert(con, "anomaly_reasons", "core/models/anomaly/sql/anomaly_reasons", {"as_of": as_of})
        con.unregister("anomaly_ablated")
        _keep_figures(con, scored, ablated)
        _history(con, model, as_of)
    return len(scored)


def _newest(con: db.Connection, as_of: date) -> pd.DataFrame:
    return con.execute("FROM anomaly_rows WHERE month = date_trunc('month', $as_of)", {"as_of": as_of}).df()


def _history(con: db.Connection, model: Model, as_of: date) -> None:
    """Percentiles of the last months, all on the same reference."""
    asked = "FROM anomaly_rows WHERE month > $before ORDER BY month, business_id"
    rows = _scored(model, con.execute(asked, {"before": month_end(as_of, HISTORY_MONTHS)}).df())
    ends = rows["month"] + pd.offsets.MonthEnd(0)
    tables.keep(con, "anomalies_history", rows.assign(as_of=ends.dt.date)[["business_id", "as_of", "anomaly_pct"]])


def _scored(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    unknown = rows[list(model.features)].isna().sum(axis=1)
    known = rows.assign(unknown=unknown)[len(model.features) - unknown >= MIN_KNOWN].reset_index(drop=True)
    raw = model.raw(known[list(model.features)].to_numpy(float))
    return known.assign(raw=raw, anomaly_pct=model.percentile(raw))


def reasons(model: Model, strange: pd.DataFrame) -> pd.DataFrame:
    """What makes each row strange: business_id, feature, rank, share, and the percentile without that feature.

    share is the fall in strangeness when the feature is set to the peers' median (0 here), of the sum of all falls.
    Features that do not make the row stranger, or are unknown, are no reasons.
    """
    values = strange[list(model.features)].to_numpy(float)
    parts = []
    for column, feature in enumerate(model.features):
        usual = values.copy()
        usual[:, column] = np.where(np.isnan(values[:, column]), np.nan, 0.0)
        without = model.raw(usual)
        fall = strange["raw"].to_numpy() - without
        parts.append(
            pd.DataFrame({"business_id": strange["business_id"], "feature": feature, "fall": fall, "without": without})
        )
    long = pd.concat(parts, ignore_index=True)
    long = long[long["fall"] > 0].sort_values(["business_id", "fall", "feature"], ascending=[True, False, True])
    groups = long.groupby("business_id")
    return long.assign(
        rank=groups.cumcount() + 1,
        share=long["fall"] / groups["fall"].transform("sum"),
        pct_without=model.percentile(long["without"].to_numpy()),
    ).reset_index(drop=True)


def _keep_figures(con: db.Connection, scored: pd.DataFrame, ablated: pd.DataFrame) -> None:
    """How many alerts the cut makes, and how many of them one feature alone explains, beside the stability."""
    cut = policy()["anomaly"]["cut"]
    alerts = scored.loc[scored["anomaly_pct"] >= cut, "business_id"]
    first = ablated[(ablated["rank"] == 1) & ablated["business_id"].isin(alerts)]
    found = {
        "cut": cut,
        "alerts": len(alerts),
        "alert_share": len(alerts) / len(scored) if len(scored) else np.nan,
        "alerts_of_one_feature": (first["pct_without"] < cut).mean() if len(first) else np.nan,
    }
    asked = "FROM model_metrics WHERE model = $model AND slice = 'stability'"
    known = con.execute(asked, {"model": NAME}).df()
    table = pd.concat([_metrics(found, "all", len(scored), len(alerts)), known], ignore_index=True)
    tables.keep_of_model(con, "model_metrics", NAME, table)


def _no_scores() -> pd.DataFrame:
    return pd.DataFrame({"business_id": pd.Series(dtype=str), "anomaly_pct": [], "raw": [], "unknown": []})
