"""Performance counts what is certain, and misses a gate only beyond chance."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.watch import performance

GATES = {"accuracy": 0.85, "precision": 0.80, "recall": 0.80, "balanced_accuracy": 0.70, "mcc": 0.0}
CUT = 0.9


def _payments(n: int, wrong: float, seed: int = 1) -> pd.DataFrame:
    """n payments, a tenth of which fail; a share `wrong` of them is predicted wrongly."""
    random = np.random.default_rng(seed)
    label = (random.random(n) > 0.1).astype(int)
    predicted = np.where(random.random(n) < wrong, 1 - label, label)
    p = np.where(predicted == 1, 0.95, 0.5) + random.uniform(-0.01, 0.01, n)
    return pd.DataFrame({"entity_id": [f"C{i % 50}" for i in range(n)], "p": p, "label": label})


def _metrics(rows: pd.DataFrame) -> dict[str, dict]:
    return {row["metric"]: row for row in performance.payment_metrics(rows, CUT, GATES, 2.0)}


def test_thirty_payments_never_miss_a_gate_by_chance():
    """Six of thirty wrong: accuracy .80, Wilson's interval .63 to .90 still holds .85."""
    rows = pd.DataFrame({"entity_id": "C1", "p": [0.95] * 30, "label": [1] * 24 + [0] * 6})
    accuracy = _metrics(rows)["accuracy"]
    assert accuracy["value"] == pytest.approx(0.8)
    assert not accuracy["missed"]


def test_the_same_share_of_three_thousand_payments_misses_it():
    rows = pd.DataFrame({"entity_id": "C1", "p": [0.95] * 3000, "label": [1] * 2400 + [0] * 600})
    assert _metrics(rows)["accuracy"]["missed"]


def test_a_good_model_holds_every_gate():
    metrics = _metrics(_payments(2_000, 0.03))
    assert not any(row["missed"] for row in metrics.values())
    assert metrics["pr_auc_failure"]["gate"] == pytest.approx(2 * metrics["base_rate_failure"]["value"])


def test_a_model_that_guesses_misses_balanced_accuracy_and_recall():
    metrics = _metrics(_payments(4_000, 0.5))
    assert {name for name, row in metrics.items() if row["missed"]} >= {"accuracy", "recall", "balanced_accuracy"}


def test_few_failures_have_no_ranking_figure():
    metrics = _metrics(_payments(100, 0.02))
    assert "pr_auc_failure" not in metrics
    assert "base_rate_failure" in metrics


def test_rolling_windows_begin_on_the_seventh_day():
    days = pd.date_range("2024-01-01", periods=10)
    scored = pd.DataFrame({"day": days, "p": 0.95, "label": 1, "entity_id": "C1"})
    windows = performance.rolling_windows(scored)
    assert windows[0][0] == date(2024, 1, 7)
    assert [len(rows) for _, rows in windows] == [7, 7, 7, 7]


def _cohorts(dates: list[str], n: int = 600) -> pd.DataFrame:
    random = np.random.default_rng(2)
    parts = []
    for day in dates:
        p = random.uniform(0.01, 0.3, n)
        label = (random.random(n) < p).astype(int)
        ids = [f"B{number}" for number in range(n)]
        parts.append(pd.DataFrame({"entity_id": ids, "as_of": pd.Timestamp(day), "p": p, "label": label}))
    return pd.concat(parts)


def test_a_month_whose_outcomes_may_still_come_has_a_day_and_no_figure():
    months = performance.of_months(_cohorts(["2023-11-30", "2023-12-31"]), "default", date(2024, 12, 31), 12, 0.6)
    immature = months[months["state"] == "immature"]
    assert immature["to_on"].tolist()[0] == date(2024, 1, 31)
    assert immature["known_on"].tolist()[0] == date(2025, 1, 31)
    assert immature["value"].isna().all()
    assert set(months[months["state"] == "matured"]["to_on"]) == {date(2023, 11, 30), date(2023, 12, 31)}


def test_a_label_that_is_there_too_early_is_not_counted():
    months = performance.of_months(_cohorts(["2024-06-30"]), "default", date(2024, 12, 31), 12, 0.6)
    assert set(months["state"]) == {"immature"}


def test_a_month_with_few_events_says_so():
    rows = _cohorts(["2023-12-31"], 60)
    months = performance.of_months(rows, "default", date(2023, 12, 31), 0, 0.6)
    assert months["state"].tolist() == ["few"]
