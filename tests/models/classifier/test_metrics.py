"""Metrics against scikit-learn, and intervals that know that businesses repeat."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

from core.models.classifier import metrics
from core.models.classifier.candidates import band_changes
from core.models.classifier.model import sigmoid


def scored(n=2000, seed=1, repeats=1):
    random = np.random.default_rng(seed)
    log_odds = random.normal(-2.5, 1, n)
    bad = (random.random(n) < sigmoid(log_odds)).astype(int)
    rows = pd.DataFrame({"business_id": np.arange(n).astype(str), "p": sigmoid(log_odds).round(3), "label": bad})
    rows["category"] = np.where(np.arange(n) < n - 60, "large", "small")
    months = pd.date_range("2023-07-31", periods=repeats, freq="ME")
    return pd.concat([rows.assign(as_of=month) for month in months], ignore_index=True)


def ranked(rows):
    return metrics.Ranked.of(rows["p"].to_numpy(), rows["label"].to_numpy(float), rows["business_id"].to_numpy())


def test_metrics_equal_scikit_learn_ties_included():
    rows = scored()
    found, y, p = metrics.metrics(ranked(rows)), rows["label"], rows["p"]
    false, true, _ = roc_curve(y, p, drop_intermediate=False)
    assert rows["p"].duplicated().any()
    assert found["roc_auc"] == pytest.approx(roc_auc_score(y, p))
    assert found["gini"] == pytest.approx(2 * roc_auc_score(y, p) - 1)
    assert found["ks"] == pytest.approx((true - false).max())
    assert found["pr_auc"] == pytest.approx(average_precision_score(y, p))
    assert found["brier"] == pytest.approx(brier_score_loss(y, p))
    assert found["log_loss"] == pytest.approx(log_loss(y, p))
    assert found["base_rate"] == pytest.approx(y.mean())
    assert found["expected_to_observed"] == pytest.approx(p.mean() / y.mean())


def test_true_probabilities_have_slope_one_and_little_calibration_error():
    found = metrics.metrics(ranked(scored(60_000)))
    assert found["calibration_slope"] == pytest.approx(1, abs=0.05)
    assert found["calibration_intercept"] == pytest.approx(0, abs=0.1)
    assert found["ece"] < 0.005


def test_a_weight_of_two_is_the_row_twice():
    rows = scored(600)
    twice = pd.concat([rows, rows.iloc[::3]])
    weights = np.where(np.isin(np.arange(600), np.arange(0, 600, 3)), 2.0, 1.0)
    order = np.argsort(rows["p"].to_numpy(), kind="stable")
    left, right = metrics.metrics(ranked(rows), weights[order]), metrics.metrics(ranked(twice))
    assert {k: v for k, v in left.items() if k != "ece"} == pytest.approx(
        {k: v for k, v in right.items() if k != "ece"}
    )


def test_repeating_every_business_narrows_no_interval():
    once, six = (metrics.with_intervals(ranked(scored(800, repeats=repeats))).set_index("metric") for repeats in (1, 6))
    width = lambda table: table.loc["roc_auc", "high"] - table.loc["roc_auc", "low"]  # noqa: E731
    assert width(six) == pytest.approx(width(once), rel=0.01)
    assert (once["low"] <= once["value"]).drop("ece").all()
    assert (once["high"] >= once["value"]).drop("ece").all()


def test_a_slice_of_few_bads_keeps_its_count_and_has_no_value():
    found = metrics.table(scored(repeats=2), ["category"])
    small = found[(found["slice"] == "category:small")].iloc[0]
    assert small["positives"] < metrics.MIN_EVENTS
    assert small["n"] == 120
    assert np.isnan(small["value"])
    assert found.loc[found["slice"] == "category:large", "value"].notna().all()


def test_each_cohort_has_its_expected_and_observed_rate():
    rows = scored(repeats=2)
    found = metrics.table(rows, []).set_index(["slice", "metric"])["value"]
    assert found["as_of:2023-08-31", "observed"] == pytest.approx(rows["label"].mean())
    assert found["as_of:2023-08-31", "mean_p"] == pytest.approx(rows["p"].mean())


def test_calibration_bins_hold_equal_numbers_and_all_rows():
    rows = scored(1003)
    bins = metrics.calibration_table(rows["p"].to_numpy(), rows["label"].to_numpy())
    assert bins["n"].sum() == 1003
    assert bins["n"].max() - bins["n"].min() <= 1
    assert (np.diff(bins["mean_p"]) >= 0).all()
    assert ((bins["low"] <= bins["observed"]) & (bins["observed"] <= bins["high"])).all()


def test_bands_that_stay_count_as_no_change():
    assert band_changes(np.array([0.001, 0.02]), np.array([0.004, 0.03]), [0.005, 0.04]) == 0.0
