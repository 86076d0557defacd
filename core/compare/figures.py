"""Metrics, intervals and curves of scored rows, as report.json holds them."""

from typing import Any

import numpy as np
import pandas as pd

from core.models.classifier import metrics

Array = np.ndarray

POINTS = 200  # of a curve: more cannot be seen
DRAWS = 200
INTERVALS = ("roc_auc", "pr_auc", "brier", "log_loss", "calibration_slope", "calibration_intercept", "ks")


def of(p: Array, labels: Array, entities: Array, threshold: float) -> dict[str, Any]:
    """Every metric, with 95 % intervals over resampled entities for the main ones."""
    ranked = metrics.Ranked.of(p, labels, entities)
    found = metrics.with_intervals(ranked, draws=DRAWS).set_index("metric")
    wanted = [*INTERVALS, "ece", "gini", "base_rate", "expected_to_observed"]
    values = {name: number(found.at[name, "value"]) for name in wanted}
    intervals = {name: [number(found.at[name, "low"]), number(found.at[name, "high"])] for name in INTERVALS}
    return values | decided(p, labels, threshold) | {"lift": lift(p, labels), "intervals": intervals}


def number(value: float) -> float | None:
    """A number JSON can hold."""
    return float(value) if np.isfinite(value) else None


def decided(p: Array, labels: Array, threshold: float) -> dict[str, float]:
    """Accuracy, precision, recall and F1 when everything at or above the threshold is called an event.

    >>> decided(np.array([0.9, 0.2]), np.array([1, 1]), 0.5)["recall"]
    0.5
    """
    called = p >= threshold
    hits, calls, events = int((called & (labels == 1)).sum()), int(called.sum()), int(labels.sum())
    precision, recall = hits / calls if calls else 0.0, hits / events if events else 0.0
    return {
        "accuracy": float((called == (labels == 1)).mean()),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if hits else 0.0,
    }


def lift(p: Array, labels: Array, share: float = 0.1) -> float | None:
    """How many times more events the top tenth holds than an average tenth; ties shared out evenly."""
    top = max(1, round(share * len(p)))
    edge = np.sort(p)[-top]
    above, level = p > edge, p == edge
    inside = labels[above].sum() + (top - above.sum()) * labels[level].mean()
    return float(inside / top / labels.mean()) if labels.any() else None


def curves(p: Array, labels: Array) -> dict[str, Any]:
    """ROC, precision-recall, calibration and the confusion counts at movable thresholds."""
    order = np.argsort(-p, kind="stable")
    ranked, events = p[order], labels[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(p) - 1)
    tp, fp = np.cumsum(events)[last], np.cumsum(1 - events)[last]
    at = np.unique(np.linspace(0, len(last) - 1, min(POINTS - 1, len(last))).astype(int))
    positives, negatives = labels.sum(), (1 - labels).sum()
    roc = [[0.0, 0.0], *np.column_stack([fp / negatives, tp / positives])[at].round(5).tolist()]
    pr = np.column_stack([tp / positives, tp / (tp + fp)])[at].round(5).tolist()
    table = metrics.calibration_table(p, labels)
    return {
        "roc": roc,
        "pr": pr,
        "calibration": table.to_dict("records"),
        "thresholds": _thresholds(ranked[last], tp, fp, positives, negatives),
    }


def _thresholds(edges: Array, tp: Array, fp: Array, positives: float, negatives: float) -> list[list[float]]:
    """[t, tp, fp, fn, tn] over thresholds spaced like the scores themselves, plus 0 and 1."""
    asked = np.unique(np.concatenate([[0.0, 1.0], np.quantile(edges, np.linspace(0, 1, POINTS - 2)).round(6)]))
    above = np.searchsorted(-edges, -asked, side="right")
    hits = np.where(above > 0, tp[above - 1], 0.0)
    false = np.where(above > 0, fp[above - 1], 0.0)
    columns = np.column_stack([asked, hits, false, positives - hits, negatives - false])
    return columns.tolist()


def paired(p: Array, other: Array, labels: Array, entities: Array) -> list[float | None]:
    """95 % interval of the mean difference in log loss (other less p) over resampled entities."""
    difference = _losses(other, labels) - _losses(p, labels)
    groups = pd.factorize(entities)[0]
    sums, counts = np.bincount(groups, difference), np.bincount(groups)
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(sums), (500, len(sums))) if len(sums) <= 20_000 else None
    if drawn is None:
        mean, error = difference.mean(), sums.std() * len(sums) ** 0.5 / len(difference)
        return [number(mean - 1.96 * error), number(mean + 1.96 * error)]
    means = [sums[rows].sum() / counts[rows].sum() for rows in drawn]
    low, high = np.quantile(means, [0.025, 0.975])
    return [number(low), number(high)]


def _losses(p: Array, labels: Array) -> Array:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.where(labels == 1, np.log(p), np.log1p(-p))
