"""The model of payment success: its gates, its confusion matrix, and the baseline that every payment succeeds."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.parts.threshold import RIGHT, WRONG
from pages.shared.read import build_json
from pages.shared.text import features, number, percent, t, unknown

MODEL = "payments"
TRIVIAL = "always_succeeds"
GATED = ("accuracy", "precision", "recall", "mcc", "pr_auc_failure", "failure_recall", "balanced_accuracy")
PLAIN = ("mcc",)  # every other figure is a share


def show(own: pd.DataFrame) -> None:
    """Gates with the figures of the trivial baseline, and the confusion matrix at the threshold that the costs give."""
    ours, trivial = (_figures(own, part) for part in ("all", TRIVIAL))
    report = build_json("models", MODEL, "model_report.json")
    left, right = st.columns([7, 5], gap="large")
    with left:
        st.markdown(f"**{t('payments.gates')}**")
        st.dataframe(_gates(ours, trivial, report.get("gates") or {}), hide_index=True, key="gates", height="content")
        st.caption(t("payments.gates_note", share=percent(ours.get("base_rate"))))
    with right:
        st.markdown(f"**{t('lending.confusion')}**")
        if {"tp", "fp", "fn", "tn"} <= ours.keys():
            st.table(_matrix(ours), alt=t("lending.confusion"))
            st.caption(t("payments.cut", cut=percent(report.get("cut"))))
    synthetic = own[own["metric"] == "synthetic_labels"]["value"]
    if len(synthetic) and synthetic.iloc[0]:
        st.caption(t("payments.synthetic"))


def _figures(own: pd.DataFrame, part: str) -> dict[str, float]:
    rows = own[own["slice"] == part]
    return dict(zip(rows["metric"], rows["value"], strict=True))


def _gates(ours: dict[str, float], trivial: dict[str, float], gates: dict[str, dict]) -> pd.DataFrame:
    shown = [metric for metric in GATED if metric in ours]
    return pd.DataFrame(
        {
            t("models.metric"): [features.metric(metric) for metric in shown],
            t("payments.ours"): [_form(metric, ours[metric]) for metric in shown],
            t("payments.trivial"): [_form(metric, trivial.get(metric)) for metric in shown],
            t("payments.gate"): [_form(metric, gates.get(metric, {}).get("gate")) for metric in shown],
            t("payments.passed"): [_passed(gates.get(metric)) for metric in shown],
        }
    )


def _form(metric: str, value: float | None) -> str:
    if value is None or unknown(value):
        return "–"
    return number(value, 3) if metric in PLAIN else percent(value)


def _passed(gate: dict | None) -> str:
    if gate is None:
        return "–"
    return t("data.passed" if gate.get("passed") else "data.failed")


def _matrix(counts: dict[str, float]) -> Styler:
    cells = [[number(counts["tp"]), number(counts["fn"])], [number(counts["fp"]), number(counts["tn"])]]
    rows = [t("payments.succeeded"), t("payments.failed")]
    table = pd.DataFrame(cells, rows, [t("payments.expected_success"), t("payments.expected_failure")])
    colours = pd.DataFrame([[RIGHT, WRONG], [WRONG, RIGHT]], table.index, table.columns)
    return table.style.apply(lambda _: colours, axis=None)
