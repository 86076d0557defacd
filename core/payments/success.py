"""Will a payment succeed? Features strictly before the event, a model judged on the last block of time.

The past of a payment is what the bank knew of its customer at an earlier instant. The rules a stream must repeat:

- *Order* is (at, payment_id). Payments of one instant are outside each other's past, whatever their ids; a stream folds
  an instant into its state when the first later payment arrives, so the order of arrival within it does not matter.
- *Memory* ends after `forget_days` without a payment: the state has expired, the customer starts anew. Until then
  counters of seven days, running sums (count, mean and variance of ln won, 24 hours, failures of 30 days), a list of 90
  days of amounts and the sets of merchants and methods are all that is kept.
- *Duplicates*: a payment_id counts once. The loader quarantines the second row, a stream drops it by its id.
- *Out of order*: here a payment takes its place by its own time. A stream cannot: it puts one that lies before its
  customer's newest aside, with the reason (core/stream/worker.py).
- *Unknown* amount or outcome is no event: it has no features and is in nobody's past.

An outcome is known at once, so no gap lies between fitting, calibration and test; each begins after the last instant of
the one before. Two models come of one recipe: the trial one is judged on the last sixth of the payments, the served one
is calibrated on that sixth.

Reads  payments, source_files
Writes rows of model `payments` (test) and `payments_served` in model_metrics, model_calibration, model_test;
       models/payments/{seed_<n>.txt, model.json, model_report.json}
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd

from core import db, reference, tables
from core.config import policy
from core.errors import ConfigError, DataError
from core.fingerprint import code_version
from core.models.classifier import diagnostics, model_files, training_sample
from core.models.classifier import metrics as evaluate
from core.models.classifier.model import Model, Recipe, data_hash, grown, matrix, platt

log = logging.getLogger("beacon.payments")

NAME, SERVED = "payments", "payments_served"
REPORT = "model_report.json"
LABEL, ENTITY = "succeeded", "customer_id"
# Known only after the event, or the outcome under another name.
DENIED = ("response", "result", "settle", "chargeback", "fraud", "refund", "cancel", "succeeded", "after", "status")
MIN_FAILURES = 200  # a test block then holds some thirty, the fewest that carry an AUC
ROW_CAP = 300_000  # rows of a large book: whole customers are drawn, so that histories stay complete
SLICES = 4096  # of the hash that draws them
EVERYBODY = "g"  # hashes are hexadecimal: every one begins below this
FIT_ROWS = 60_000  # newest payments before the calibration block; all 97,000 of the demo moved the AUC by 0.001
BLOCKS = 6  # of equal size, by time: four to fit, one to calibrate, one to test
MEASURES = (
    *("accuracy", "precision", "recall", "balanced_accuracy", "mcc", "failure_recall", "failure_precision"),
    *("tp", "fp", "fn", "tn"),
)

METRICS = ["slice", "metric", "value", "low", "high", "n", "positives"]

Array = np.ndarray
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Feature:
    """One feature of a payment; `sign` +1: may only raise the chance of success, -1: only lower it, 0: either."""

    feature: str
    reason: str
    sign: int
    unit: str
    window: str
    meaning: str


@cache
def catalogue() -> tuple[Feature, ...]:
    """The features of the payments model, in the order of data/reference/features_payments.csv.

    >>> "failed_1h" in {feature.feature for feature in catalogue()}
    True
    """
    found = tuple(_feature(row) for row in reference.rows("features_payments.csv"))
    refuse_denied([feature.feature for feature in found])
    return found


def _feature(row: dict[str, str]) -> Feature:
    return Feature(row["feature"], row["reason"], int(row["sign"]), row["unit"], row["window"], row["meaning"])


def refuse_denied(features: Sequence[str]) -> None:
    """Raise when a feature is known only after the payment.

    >>> refuse_denied(["failed_1h"])
    >>> refuse_denied(["response_code"])
    Traceback (most recent call last):
    core.errors.ConfigError: ['response_code'] must never be a feature: it is known only after the payment
    """
    denied = [name for name in features if any(word in name for word in DENIED)]
    if denied:
        raise ConfigError(f"{denied} must never be a feature: it is known only after the payment")


def features(
    con: db.Connection, before: datetime | None = None, last_slice: str = EVERYBODY, *, keep_events: bool = False
) -> int:
    """Make payment_features (temporary): each payment before `before` with its past; the number of rows.

    With `keep_events` payment_events stays as well.
    """
    span = con.execute(db.sql("core/payments/sql/payment_span")).df().iloc[0]
    limit = before or datetime(9999, 1, 1)
    _holidays(con, span["first_at"], span["last_at"])
    asked = {"before": limit, "last_slice": last_slice, "forget_days": policy()["payments"]["forget_days"]}
    db.create_table(con, "payment_events", "core/payments/sql/payment_events", asked, temporary=True)
    db.create_table(con, "payment_usual", "core/payments/sql/payment_usual", temporary=True)
    rows = db.create_table(con, "payment_features", "core/payments/sql/payment_features", temporary=True)
    con.execute("DROP TABLE payment_usual; DROP TABLE payment_holidays")
    if not keep_events:
        con.execute("DROP TABLE payment_events")
    return rows


def rows(con: db.Connection) -> pd.DataFrame:
    """The rows of payment_features in order of (at, payment_id)."""
    return con.execute('FROM payment_features ORDER BY "at", payment_id').df()


def _holidays(con: db.Connection, first: Any, last: Any) -> None:
    years = [] if pd.isna(first) else range(first.year, last.year + 1)
    days = pd.DataFrame({"day": pd.to_datetime(sorted(holidays.country_holidays("KR", years=years)))})
    con.register("found_days", days)
    con.execute("CREATE OR REPLACE TEMP TABLE payment_holidays AS SELECT CAST(day AS DATE) AS day FROM found_days")
    con.unregister("found_days")


@dataclass
class Training:
    """One training run: where it writes, what the bank decided, what has been found so far."""

    con: db.Connection
    folder: Path
    decisions: dict[str, Any]
    report: dict[str, Any]
    keep_features: bool = False
    metrics: dict[str, list[pd.DataFrame]] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        """The champion's recipe: features and signs of the catalogue, seeds of the policy."""
        known = catalogue()
        return Recipe(
            tuple(feature.feature for feature in known),
            tuple(feature.sign for feature in known),
            tuple(feature.reason for feature in known),
            tuple(self.decisions["seeds"]),
        )

    @property
    def cut(self) -> float:
        """Chance of success from which a payment is expected to succeed: where both kinds of error cost the same."""
        alarm, missed = self.decisions["cost_alarm"], self.decisions["cost_missed"]
        return 1 - alarm / (alarm + missed)


def train(
    con: db.Connection, folder: Path, progress: Progress | None = None, *, keep_features: bool = False
) -> Model | None:
    """Train, judge and save the model; None when there are too few payments (the report says so).

    With `keep_features` the temporary tables payment_features and payment_events stay for the next step.
    """
    said = {"model": NAME, "label": LABEL, "labels": provenance(con)}
    run = Training(con, folder, policy()["payments"], said, keep_features)
    folder.mkdir(parents=True, exist_ok=True)
    tables.ensure(con, "model_metrics", "model_calibration", "model_test")
    try:
        model = _train(run, progress or _silent)
        model_files.save(model, folder)
        run.report["state"] = "trained"
    except DataError as refusal:
        # A bank without payments, or with too few failures, is served without this model.
        model = None
        run.report |= {"state": "refused", "reason": str(refusal)}
    if not keep_features:
        con.execute("DROP TABLE IF EXISTS payment_features")
    (folder / REPORT).write_text(json.dumps(run.report, indent=1, default=str), encoding="utf-8")
    return model


def provenance(con: db.Connection) -> str:
    """SYNTHETIC when the payments are the demo's, REAL otherwise."""
    asked = "SELECT coalesce(bool_or(is_demo), false) FROM source_files WHERE source_table = 'payments'"
    known = db.has_table(con, "source_files")
    return "SYNTHETIC" if known and con.execute(asked).fetchall()[0][0] else "REAL"


def sample(con: db.Connection, cap: int = ROW_CAP) -> str:
    """First hash that is left out, so that about `cap` payments remain.

    Raises
    ------
    DataError : too few failures to learn from
    """
    span = con.execute(db.sql("core/payments/sql/payment_span")).df().iloc[0]
    if span["failures"] < MIN_FAILURES:
        raise DataError(
            f"{span['failures']} failures in {span['payments']} payments; a model of success needs {MIN_FAILURES}"
        )
    if span["payments"] <= cap:
        return EVERYBODY
    return f"{max(SLICES * cap // int(span['payments']), 1):03x}"


def _train(run: Training, tick: Progress) -> Model:
    last_slice = sample(run.con)
    features(run.con, last_slice=last_slice, keep_events=run.keep_features)
    payments = rows(run.con)
    run.report |= {"rows": len(payments), "sampled": last_slice != EVERYBODY, "cut": run.cut}
    blocks = time_blocks(payments)
    tick("trial", 0.4)
    past, calibration, test = pd.concat(blocks[:-2])[-FIT_ROWS:], blocks[-2], blocks[-1]
    _judge(run, fitted(run.recipe, past, calibration), past, calibration, test)
    tick("served model", 0.8)
    past = pd.concat(blocks[:-1])[-FIT_ROWS:]
    model = fitted(run.recipe, past, test)
    run.report["served"] = _card(run, model, past, test)
    training_sample.keep(run.folder, past, model.features, time="at")
    run.con.execute(db.sql("core/payments/sql/payment_recent"))
    _keep(run, SERVED, test.assign(p=model.probability(matrix(test, model.features), 2)), served=True)
    drawn = diagnostics.portrait(run.con, NAME, model, test, LABEL)
    run.metrics[NAME].append(drawn.metrics)
    for name, found in run.metrics.items():
        tables.keep_of_model(run.con, "model_metrics", name, pd.concat(found, ignore_index=True)[METRICS])
    run.report["served"] |= {"stability": drawn.card}
    return replace(model, card=run.report["served"] | {"trial": run.report["trial"]})


def time_blocks(payments: pd.DataFrame, blocks: int = BLOCKS) -> list[pd.DataFrame]:
    """Payments, sorted by time, in blocks of about equal size; no instant is in two of them.

    >>> at = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"])
    >>> [len(block) for block in time_blocks(pd.DataFrame({"at": at}), 2)]
    [1, 3]
    """
    at = payments["at"].to_numpy()
    starts = np.searchsorted(at, at[[len(at) * block // blocks for block in range(1, blocks)]])
    return [payments.iloc[low:high] for low, high in zip([0, *starts], [*starts, len(at)], strict=True)]


def fitted(recipe: Recipe, past: pd.DataFrame, calibration: pd.DataFrame) -> Model:
    """The recipe fitted on `past` and calibrated on the block after it; label succeeded.

    Raises
    ------
    DataError : the calibration block begins before the past has ended, or one class only
    """
    if past["at"].max() >= calibration["at"].min():
        raise DataError(f"calibration begins {calibration['at'].min()}, before the past ends {past['at'].max()}")
    refuse_denied(recipe.features)
    boosters = grown(recipe, past, LABEL)
    model = Model(recipe.features, recipe.signs, recipe.reasons, recipe.seeds, boosters, 1.0, 0.0)
    raw = model.raw(matrix(calibration, recipe.features), recipe.threads)
    slope, intercept = platt(raw, calibration[LABEL].to_numpy(float))
    return Model(recipe.features, recipe.signs, recipe.reasons, recipe.seeds, boosters, slope, intercept)


def _judge(run: Training, model: Model, past: pd.DataFrame, calibration: pd.DataFrame, test: pd.DataFrame) -> None:
    scored = test.assign(p=model.probability(matrix(test, model.features), 2))
    run.report["trial"] = _card(run, model, past, calibration) | {"test": _window(test)}
    _keep(run, NAME, scored, served=False)
    kept = pd.DataFrame(
        {
            "entity_id": scored[ENTITY],
            "as_of": scored["at"].dt.date,
            "p": scored["p"],
            "label": scored[LABEL],
            "outcome": scored[LABEL].map({1: "succeeded", 0: "failed"}),
        }
    )
    tables.keep_of_model(run.con, "model_test", NAME, kept)


def _keep(run: Training, name: str, scored: pd.DataFrame, served: bool) -> None:
    """Figures and calibration of scored payments; those of the served model are of its calibration block."""
    found = pd.concat([_figures(scored, served), decisions(scored, run.cut), _baseline(scored)], ignore_index=True)
    known = found.assign(n=found["n"].fillna(len(scored)), positives=found["positives"].fillna(scored[LABEL].sum()))
    labels = pd.DataFrame([("provenance", "synthetic_labels", float(run.report["labels"] == "SYNTHETIC"))])
    known = pd.concat([known, labels.set_axis(["slice", "metric", "value"], axis=1)], ignore_index=True)
    run.metrics[name] = [known]
    bins = evaluate.calibration_table(scored["p"].to_numpy(), scored[LABEL].to_numpy())
    tables.keep_of_model(run.con, "model_calibration", name, bins)
    if not served:
        run.report["gates"] = gates(known, run.decisions)
        run.report["metrics"] = json.loads(
            known[known["slice"].isin(["all", "always_succeeds"])].to_json(orient="records")
        )


def judged(con: db.Connection) -> int:
    """Payments that the model was judged on."""
    asked = "SELECT count(*) FROM model_test WHERE model = $model"
    return int(con.execute(asked, {"model": NAME}).fetchall()[0][0])


def _figures(scored: pd.DataFrame, served: bool) -> pd.DataFrame:
    """Metrics of the whole with intervals over resampled customers, each month's mean, and AUC of first tries alone."""
    first = (scored["failed_1h"] == 0).map({True: "yes", False: "no"})
    month = scored["at"].dt.to_period("M").dt.end_time.dt.normalize()
    marked = scored.assign(bad=scored[LABEL], as_of=month, first_try=first)
    return evaluate.table(marked, [] if served else ["first_try"], ENTITY)


def decisions(scored: pd.DataFrame, cut: float) -> pd.DataFrame:
    """What follows when a payment with p >= `cut` is expected to succeed: slice all, with intervals over customers.

    precision and recall are of successes (the gates' words), failure_* of the class that hurts; pr_auc_failure has its
    base rate beside it.
    """
    ranked = evaluate.Ranked.of(scored["p"].to_numpy(), scored[LABEL].to_numpy(float), scored[ENTITY].to_numpy())
    failing = evaluate.Ranked.of(-ranked.p, 1 - ranked.bad, ranked.cluster)
    at_cut = evaluate.with_intervals(ranked, lambda rows, weights: _at_cut(rows, weights, cut))
    ranking = evaluate.with_intervals(failing, _failures)
    return pd.concat([at_cut, ranking], ignore_index=True).assign(slice="all", n=np.nan, positives=np.nan)


def _at_cut(rows: evaluate.Ranked, weights: Array | None, cut: float) -> dict[str, float]:
    weight = np.ones(len(rows.p)) if weights is None else weights
    expected, came = rows.p >= cut, rows.bad > 0
    cells = (expected & came, expected & ~came, ~expected & came, ~expected & ~came)
    tp, fp, fn, tn = (float(weight[cell].sum()) for cell in cells)
    return confusion(tp, fp, fn, tn)


def confusion(tp: float, fp: float, fn: float, tn: float) -> dict[str, float]:
    """Figures of a two by two table; a figure without a denominator is unknown, MCC then 0.

    >>> figures = confusion(90, 5, 0, 5)
    >>> figures["accuracy"], figures["recall"], figures["failure_recall"], figures["balanced_accuracy"]
    (0.95, 1.0, 0.5, 0.75)
    """
    recall, failure_recall = _share(tp, tp + fn), _share(tn, tn + fp)
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    values = (
        *(_share(tp + tn, tp + fp + fn + tn), _share(tp, tp + fp), recall, (recall + failure_recall) / 2),
        *(float((tp * tn - fp * fn) / spread) if spread else 0.0, failure_recall, _share(tn, tn + fn)),
        *(tp, fp, fn, tn),
    )
    return dict(zip(MEASURES, values, strict=True))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _failures(rows: evaluate.Ranked, weights: Array | None) -> dict[str, float]:
    found = evaluate.ranking(rows, np.ones(len(rows.p)) if weights is None else weights)
    return {"pr_auc_failure": found["pr_auc"], "base_rate_failure": found["base_rate"]}


def _baseline(scored: pd.DataFrame) -> pd.DataFrame:
    """The same figures for whoever says that every payment succeeds."""
    came = float(scored[LABEL].sum())
    found = confusion(came, len(scored) - came, 0.0, 0.0) | {"pr_auc_failure": 1 - came / len(scored)}
    table = pd.DataFrame(found.items(), columns=["metric", "value"])
    return table.assign(slice="always_succeeds", low=np.nan, high=np.nan, n=np.nan, positives=np.nan)


def gates(metrics: pd.DataFrame, decided: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each gate of the policy with the value seen and whether it passed (above; accuracy and the like: at least)."""
    seen = metrics[metrics["slice"] == "all"].set_index("metric")["value"]
    needed = decided["gates"] | {"pr_auc_failure": decided["gate_pr_auc"] * seen["base_rate_failure"]}
    return {
        name: {"value": float(seen[name]), "gate": float(gate), "passed": bool(seen[name] >= gate and seen[name] > 0)}
        for name, gate in needed.items()
    }


def _card(run: Training, model: Model, past: pd.DataFrame, calibration: pd.DataFrame) -> dict[str, Any]:
    return {
        "algorithm": f"LightGBM, mean of {len(model.seeds)} seeds, Platt on the block after the fit",
        "label": "the payment succeeded",
        "labels": run.report["labels"],
        "fit": _window(past),
        "calibration_window": _window(calibration),
        "slope": model.slope,
        "intercept": model.intercept,
        "cut": run.cut,
        "data_hash": data_hash(past[[*model.features, LABEL]]),
        "code_version": code_version(__name__),
        "params": {key: value for key, value in model.boosters[0].params.items() if key != "monotone_constraints"},
    }


def _window(payments: pd.DataFrame) -> dict[str, Any]:
    failures = int((1 - payments[LABEL]).sum())
    return {
        "from": str(payments["at"].min()),
        "to": str(payments["at"].max()),
        "rows": len(payments),
        "failures": failures,
    }


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
