"""Performance of the models by week and month, with gates, on outcomes that are certain.

An outcome that may still come is not a "no": a month whose window has not ended has no figure, only the day when it
will have one. Until then an early sign is shown: who is 30 days late within three months.

A gate is missed when chance is ruled out: the whole 95 % interval lies below it, so thirty payments raise no alarm.
The figures are those of the trial model, the same recipe trained on the rows before these: the served model has been
trained on them.

Reads  model_test, pd_scores, repayments, loans
Writes watch_performance
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from core.calendar import month_end, month_ends
from core.models.classifier import metrics
from core.payments.metrics import confusion

COLUMNS = (
    *("model", "unit", "from_on", "to_on", "state", "known_on", "n", "positives"),
    *("metric", "value", "low", "high", "gate", "missed"),
)
DRAWS = 100
MIN_EVENTS = metrics.MIN_EVENTS  # with fewer the interval of a ranking metric is too wide to mean anything
ROLLING_DAYS = 7
SHARES = ("accuracy", "precision", "recall", "failure_recall")
MONTH_METRICS = ("roc_auc", "pr_auc", "base_rate", "brier_skill", "expected_to_observed")
EXPECTED_TO_OBSERVED = (0.8, 1.25)  # own choice: a fifth off in either direction (docs/models.md)

Row = dict[str, Any]


def payment_metrics(payments: pd.DataFrame, cut: float, gates: dict[str, float], pr_auc_gate: float) -> list[Row]:
    """Metrics of these payments with their 95 % intervals and gates, one row a metric.

    Parameters
    ----------
    payments : entity_id, p, label (1 succeeded)
    cut : chance of success from which success is predicted
    pr_auc_gate : PR-AUC of the failures must reach this many times their base rate
    """
    failures = int((payments["label"] == 0).sum())
    return [
        *_share_rows(payments, cut, gates),
        *(_resampled_rows(payments, cut, gates, pr_auc_gate) if failures >= MIN_EVENTS else ()),
        _share_row("base_rate_failure", failures, len(payments), None),
    ]


def _share_rows(payments: pd.DataFrame, cut: float, gates: dict[str, float]) -> list[Row]:
    """accuracy, precision, recall and failure_recall at the cut."""
    predicted, actual = payments["p"].to_numpy() >= cut, payments["label"].to_numpy() > 0
    tp, fp = int((predicted & actual).sum()), int((predicted & ~actual).sum())
    fn, tn = int((~predicted & actual).sum()), int((~predicted & ~actual).sum())
    counts = ((tp + tn, len(actual)), (tp, tp + fp), (tp, tp + fn), (tn, tn + fp))
    return [_share_row(name, *count, gates.get(name)) for name, count in zip(SHARES, counts, strict=True)]


def _share_row(metric: str, part: int, whole: int, gate: float | None) -> Row:
    """A share with Wilson's interval (1927); unknown without rows."""
    value = low = high = np.nan
    if whole:
        value = part / whole
        low, high = map(float, binomtest(part, whole).proportion_ci(method="wilson"))
    interval = {"metric": metric, "value": value, "low": low, "high": high}
    return interval | {"gate": gate, "missed": is_missed(high, gate)}


def _resampled_rows(payments: pd.DataFrame, cut: float, gates: dict[str, float], pr_auc_gate: float) -> list[Row]:
    """Balanced accuracy, MCC and PR-AUC of the failures, with intervals over resampled customers."""
    ranked = _ranked(payments)
    failing = metrics.Ranked.of(-ranked.p, 1 - ranked.label, ranked.cluster)
    order = np.argsort(-ranked.p, kind="stable")

    def measure(rows: metrics.Ranked, weights: np.ndarray | None) -> dict[str, float]:
        weight = np.ones(len(rows.p)) if weights is None else weights
        return _at_cut(rows, weight, cut) | {"pr_auc_failure": metrics.ranking(failing, weight[order])["pr_auc"]}

    base_rate = float((payments["label"] == 0).mean())
    own_gates = gates | {"pr_auc_failure": pr_auc_gate * base_rate}
    rows = metrics.with_intervals(ranked, measure, DRAWS).to_dict("records")
    gated = [row | {"gate": own_gates.get(row["metric"])} for row in rows]
    return [row | {"missed": is_missed(row["high"], row["gate"])} for row in gated]


def _ranked(rows: pd.DataFrame) -> metrics.Ranked:
    return metrics.Ranked.of(rows["p"].to_numpy(), rows["label"].to_numpy(float), rows["entity_id"].to_numpy())


def _at_cut(rows: metrics.Ranked, weight: np.ndarray, cut: float) -> dict[str, float]:
    predicted, actual = rows.p >= cut, rows.label > 0
    cells = (predicted & actual, predicted & ~actual, ~predicted & actual, ~predicted & ~actual)
    values = confusion(*(float(weight[cell].sum()) for cell in cells))
    return {name: values[name] for name in ("balanced_accuracy", "mcc")}


def is_missed(high: float, gate: float | None) -> bool:
    """Is the gate missed beyond chance: does the whole interval, up to `high`, lie below it?

    >>> is_missed(0.84, 0.85), is_missed(0.86, 0.85), is_missed(0.1, None)
    (True, False, False)
    """
    return gate is not None and not np.isnan(high) and high < gate


def of_payments(scored: pd.DataFrame, cut: float, decisions: dict[str, Any]) -> pd.DataFrame:
    """Rows of watch_performance: every week, and for every day the seven days up to it (shares with a gate only).

    Parameters
    ----------
    scored : entity_id, as_of (day), p, label
    decisions : the policy's section [payments]
    """
    days = pd.to_datetime(scored["as_of"])
    gates, rows = decisions["gates"], []
    for monday, week in scored.groupby(days - pd.to_timedelta(days.dt.weekday, unit="D")):
        figures = payment_metrics(week, cut, gates, decisions["gate_pr_auc"])
        rows += _with_days(figures, week, "week", monday.date(), monday.date() + timedelta(6))
    for day, last_days in rolling_windows(scored.assign(day=days)):
        figures = [row for row in _share_rows(last_days, cut, gates) if row["gate"] is not None]
        rows += _with_days(figures, last_days, "rolling", day - timedelta(ROLLING_DAYS - 1), day)
    return pd.DataFrame(rows, columns=COLUMNS)


def rolling_windows(scored: pd.DataFrame) -> list[tuple[date, pd.DataFrame]]:
    """Each day with payments, from the seventh day on, and the payments of the seven days that end with it."""
    days = sorted(scored["day"].unique())
    span = pd.Timedelta(days=ROLLING_DAYS - 1)
    return [(day.date(), scored[scored["day"].between(day - span, day)]) for day in days if day - span >= days[0]]


def _with_days(figures: list[Row], rows: pd.DataFrame, unit: str, first: date, last: date) -> list[Row]:
    window = {"model": "payments", "unit": unit, "from_on": first, "to_on": last, "state": "matured", "known_on": last}
    sizes = {"n": len(rows), "positives": int(rows["label"].sum())}
    return [window | sizes | row for row in figures]


def of_months(scored: pd.DataFrame, model: str, newest: date, known_after: int, min_auc: float) -> pd.DataFrame:
    """Rows of watch_performance, every month end up to `newest`: metrics where all outcomes are certain, else the day
    when they will be.

    Parameters
    ----------
    scored : entity_id, as_of (month end), p, label
    known_after : months after a month end until each of its outcomes is certain
    """
    rows: list[Row] = []
    by_day = {pd.Timestamp(day).date(): part for day, part in scored.groupby("as_of")}
    first = min(by_day, default=newest)
    for day in month_ends(newest, (newest.year - first.year) * 12 + newest.month - first.month + 1):
        known_on = month_end(day, -known_after)
        month = {"model": model, "unit": "month", "from_on": day, "to_on": day, "known_on": known_on}
        if day in by_day and known_on <= newest:
            rows += [month | row for row in _month_rows(by_day[day], min_auc)]
        else:
            state = "immature" if known_on > newest else "unscored"
            rows.append(month | {"state": state, "metric": "roc_auc", "missed": False})
    return pd.DataFrame(rows, columns=COLUMNS)


def _month_rows(rows: pd.DataFrame, min_auc: float) -> list[Row]:
    events = int(rows["label"].sum())
    sizes = {"n": len(rows), "positives": events}
    if events < MIN_EVENTS:
        return [sizes | {"state": "few", "metric": "roc_auc", "missed": False}]
    figures = metrics.with_intervals(_ranked(rows), _month_metrics, DRAWS).to_dict("records")
    return [sizes | {"state": "matured"} | _with_gate(row, min_auc) for row in figures]


def _month_metrics(rows: metrics.Ranked, weights: np.ndarray | None) -> dict[str, float]:
    weight = np.ones(len(rows.p)) if weights is None else weights
    values = metrics.ranking(rows, weight) | metrics.probability_quality(rows, weight)
    return {name: values[name] for name in MONTH_METRICS}


def _with_gate(row: Row, min_auc: float) -> Row:
    if row["metric"] == "roc_auc":
        return row | {"gate": min_auc, "missed": is_missed(row["high"], min_auc)}
    if row["metric"] == "expected_to_observed":
        lowest, highest = EXPECTED_TO_OBSERVED
        return row | {"gate": 1.0, "missed": bool(row["high"] < lowest or row["low"] > highest)}
    return row | {"gate": None, "missed": False}
