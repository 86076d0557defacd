"""Metrics and curves by hand-worked examples."""

import numpy as np

from core.compare import figures

P = np.array([0.9, 0.8, 0.3, 0.2, 0.1])
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 0.0])


def test_decisions_at_a_threshold_are_counted() -> None:
    # at 0.5: one hit, one false alarm, one miss, two rightly left alone
    assert figures.decisions(P, LABELS, 0.5) == {"accuracy": 0.6, "precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_the_top_tenth_of_perfect_scores_holds_only_events() -> None:
    labels = (np.arange(100) < 20).astype(float)
    assert figures.lift(-np.arange(100.0), labels) == 5.0  # all of ten instead of two of ten


def test_ties_at_the_edge_of_the_top_tenth_count_in_part() -> None:
    assert figures.lift(np.full(100, 0.3), (np.arange(100) < 20).astype(float)) == 1.0


def test_curves_start_and_end_where_they_must() -> None:
    curves = figures.curves(P, LABELS)
    assert curves["roc"][0] == [0.0, 0.0]
    assert curves["roc"][-1] == [1.0, 1.0]
    assert curves["pr"][-1] == [1.0, 0.4]


def test_every_threshold_counts_every_row_once() -> None:
    for edge, tp, fp, fn, tn in figures.curves(P, LABELS)["thresholds"]:
        called = edge <= P
        assert (tp, fp) == ((called & (LABELS == 1)).sum(), (called & (LABELS == 0)).sum())
        assert (fn, tn) == ((~called & (LABELS == 1)).sum(), (~called & (LABELS == 0)).sum())


def test_the_paired_interval_of_a_model_with_itself_is_zero() -> None:
    assert figures.paired_interval(P, P, LABELS, np.arange(5)) == [0.0, 0.0]
