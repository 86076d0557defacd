"""What follows when a payment with a high enough chance is expected to succeed: confusion, gates, and the trivial rule.

precision and recall are of successes (the words of the gates), failure_* of the class that hurts; pr_auc_failure has
its base rate beside it.
"""

from typing import Any

import numpy as np
import pandas as pd

from core.models.classifier import metrics
from core.models.classifier.problem import LABEL

Array = np.ndarray

ENTITY = "customer_id"
MEASURES = (
    *("accuracy", "precision", "recall", "balanced_accuracy", "mcc", "failure_recall", "failure_precision"),
    *("tp", "fp", "fn", "tn"),
)


def cut(decisions: dict[str, Any]) -> float:
    """Chance of success from which a payment is expected to succeed: where both kinds of error cost the same.

    >>> round(cut({"cost_alarm": 1, "cost_missed": 10}), 4)
    0.9091
    """
    alarm, missed = decisions["cost_alarm"], decisions["cost_missed"]
    return 1 - alarm / (alarm + missed)


def of_decisions(scored: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Figures of expecting success where p >= `threshold`: slice all, with intervals over resampled customers."""
    ranked = metrics.Ranked.of(scored["p"].to_numpy(), scored[LABEL].to_numpy(float), scored[ENTITY].to_numpy())
    failing = metrics.Ranked.of(-ranked.p, 1 - ranked.label, ranked.cluster)
    at_cut = metrics.with_intervals(ranked, lambda rows, weights: _at_cut(rows, weights, threshold))
    ranking = metrics.with_intervals(failing, _failures)
    return pd.concat([at_cut, ranking], ignore_index=True).assign(slice="all", **_sizes(scored))


def _at_cut(rows: metrics.Ranked, weights: Array | None, threshold: float) -> dict[str, float]:
    weight = np.ones(len(rows.p)) if weights is None else weights
    expected, came = rows.p >= threshold, rows.label > 0
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


def _failures(rows: metrics.Ranked, weights: Array | None) -> dict[str, float]:
    figures = metrics.ranking(rows, np.ones(len(rows.p)) if weights is None else weights)
    return {"pr_auc_failure": figures["pr_auc"], "base_rate_failure": figures["base_rate"]}


def of_trivial_rule(scored: pd.DataFrame) -> pd.DataFrame:
    """The same figures for whoever says that every payment succeeds: slice always_succeeds."""
    came = float(scored[LABEL].sum())
    figures = confusion(came, len(scored) - came, 0.0, 0.0) | {"pr_auc_failure": 1 - came / len(scored)}
    table = pd.DataFrame(figures.items(), columns=["metric", "value"])
    return table.assign(slice="always_succeeds", low=np.nan, high=np.nan, **_sizes(scored))


def of_provenance(is_synthetic: bool) -> pd.DataFrame:
    """Whether the labels were made up: slice provenance."""
    row = {"slice": "provenance", "metric": "synthetic_labels", "value": float(is_synthetic)}
    return pd.DataFrame([row | dict.fromkeys(("low", "high", "n", "positives"), np.nan)])


def _sizes(scored: pd.DataFrame) -> dict[str, int]:
    return {"n": len(scored), "positives": int(scored[LABEL].sum())}


def gates(figures: pd.DataFrame, decisions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each gate of the policy with the value seen and whether it passed (above; accuracy and the like: at least)."""
    seen = figures[figures["slice"] == "all"].set_index("metric")["value"]
    needed = decisions["gates"] | {"pr_auc_failure": decisions["gate_pr_auc"] * seen["base_rate_failure"]}
    return {
        name: {"value": float(seen[name]), "gate": float(gate), "passed": bool(seen[name] >= gate and seen[name] > 0)}
        for name, gate in needed.items()
    }
