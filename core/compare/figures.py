"""Metrics, intervals and curves of scored rows, as report.json holds them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, confusion_matrix_at_thresholds, precision_recall_fscore_support

from core.models.classifier import metrics

Array = np.ndarray

POINTS = 200  # of a curve, enough for a chart
DRAWS = 200
INTERVALS = ("roc_auc", "pr_auc", "brier", "log_loss", "calibration_slope", "calibration_intercept", "ks")


def all_metrics(p: Array, labels: Array, entities: Array, threshold: float) -> dict[str, Any]:
    """Every metric, with 95 % intervals over resampled entities for the main ones."""
    ranked = metrics.Ranked.of(p, labels, entities)
    table = metrics.with_intervals(ranked, draws=DRAWS).set_index("metric")
    names = [*INTERVALS, "ece", "gini", "base_rate", "expected_to_observed"]
    values = {name: number(table.at[name, "value"]) for name in names}
    intervals = {name: [number(table.at[name, "low"]), number(table.at[name, "high"])] for name in INTERVALS}
    return values | decisions(p, labels, threshold) | {"lift": lift(p, labels), "intervals": intervals}


def number(value: float) -> float | None:
    """A number JSON can hold."""
    return float(value) if np.isfinite(value) else None


def decisions(p: Array, labels: Array, threshold: float) -> dict[str, float]:
    """Accuracy, precision, recall and F1 when everything at or above the threshold is called an event.

    >>> decisions(np.array([0.9, 0.2]), np.array([1, 1]), 0.5)["recall"]
    0.5
    """
    events = p >= threshold
    precision, recall, f1, _ = precision_recall_fscore_support(labels, events, average="binary", zero_division=0)
    values = {"accuracy": accuracy_score(labels == 1, events), "precision": precision, "recall": recall, "f1": f1}
    return {name: float(value) for name, value in values.items()}


def lift(p: Array, labels: Array, share: float = 0.1) -> float | None:
    """How many times more events the top tenth holds than an average tenth; ties shared out evenly."""
    top = max(1, round(share * len(p)))
    edge = np.sort(p)[-top]
    above, level = p > edge, p == edge
    inside = labels[above].sum() + (top - above.sum()) * labels[level].mean()
    return float(inside / top / labels.mean()) if labels.any() else None


def curves(p: Array, labels: Array) -> dict[str, Any]:
    """ROC, precision-recall, calibration and the confusion counts at movable thresholds."""
    tn, fp, fn, tp, edges = confusion_matrix_at_thresholds(labels, p)
    at = np.unique(np.linspace(0, len(edges) - 1, min(POINTS - 1, len(edges))).astype(int))
    roc = [[0.0, 0.0], *np.column_stack([fp / (fp + tn), tp / (tp + fn)])[at].round(5).tolist()]
    pr = np.column_stack([tp / (tp + fn), tp / (tp + fp)])[at].round(5).tolist()
    # Thresholds spaced like the scores themselves, plus 0 and 1.
    movable = np.unique(np.concatenate([[0.0, 1.0], np.quantile(edges, np.linspace(0, 1, POINTS - 2)).round(6)]))
    above = np.searchsorted(-edges, -movable, side="right")
    hits, alarms = np.append(0.0, tp)[above], np.append(0.0, fp)[above]
    counts = np.column_stack([movable, hits, alarms, labels.sum() - hits, (1 - labels).sum() - alarms])
    calibration = metrics.calibration_table(p, labels).to_dict("records")
    return {"roc": roc, "pr": pr, "calibration": calibration, "thresholds": counts.tolist()}


def paired_interval(p: Array, other: Array, labels: Array, entities: Array) -> list[float | None]:
    """95 % interval of the mean difference in log loss (other less p) over resampled entities."""
    difference = _losses(other, labels) - _losses(p, labels)
    groups = pd.factorize(entities)[0]
    sums, counts = np.bincount(groups, difference), np.bincount(groups)
    if len(sums) > 20_000:  # resampling so many takes long, and the normal interval is as good
        mean, error = difference.mean(), sums.std() * len(sums) ** 0.5 / len(difference)
        return [number(mean - 1.96 * error), number(mean + 1.96 * error)]
    drawn = np.random.default_rng(0).integers(0, len(sums), (500, len(sums)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [0.025, 0.975])
    return [number(low), number(high)]


def _losses(p: Array, labels: Array) -> Array:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.where(labels == 1, np.log(p), np.log1p(-p))
