"""Accuracy of the churn model on months that it has not learned from, and the definition of churn."""

import pandas as pd
import streamlit as st

from pages.shared.read import build_json, read
from pages.shared.text import day, number, percent, t

# Key of the words -> metric, digits; a percentage where there are no digits.
FIGURES = {
    "auc": ("roc_auc", 3),
    "slope": ("calibration_slope", 2),
    "ratio": ("expected_to_observed", 2),
    "top": ("recall_top_decile", None),
}


def show() -> None:
    """One sentence per figure with its interval, after the months and rows they are measured on."""
    metrics = read("shared/model_metrics")
    metrics = metrics[(metrics["model"] == "churn") & (metrics["slice"] == "all")].set_index("metric")
    if "roc_auc" not in metrics.index:
        st.caption(t("churn.no_quality"))
        return
    rows = {key: (metrics.loc[metric], digits) for key, (metric, digits) in FIGURES.items() if metric in metrics.index}
    st.caption(" ".join([_test_set(metrics.loc["roc_auc"]), *(_figure(key, *row) for key, row in rows.items())]))
    st.caption(t("churn.definition"))


def _test_set(auc: pd.Series) -> str:
    report = build_json("models", "churn", "model_report.json")
    test = (report.get("trial") or {}).get("test") or {}
    span = {"first": day(test.get("from")), "last": day(test.get("to"))}
    return t("churn.quality", **span, n=number(auc["n"]), left=number(auc["positives"]))


def _figure(key: str, row: pd.Series, digits: int | None) -> str:
    ends = ("value", "low", "high")
    words = {end: percent(row[end], 0) if digits is None else number(row[end], digits) for end in ends}
    return t(f"churn.quality_{key}", **words)
