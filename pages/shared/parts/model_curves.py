"""ROC, precision-recall and calibration curves of one model and of the algorithms it is compared with.

The model's own curves come from its out-of-time rows in the build (table model_test); the others' from the report of
`core train`, which is absent until that has run.
"""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.charts.models import Curve
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import percent, t
from pages.shared.text.features import SMOTE, full_name


def show(model: str, report: dict[str, Any]) -> None:
    """The three figures side by side, and the choice of algorithms to compare with."""
    if notices.lacks("model_test", "model_calibration"):
        return
    points = read("shared/model_curve", model=model)
    if points.empty:
        st.caption(t("models.curves_none"))
        return
    others = _chosen(model, report)
    left, middle, right = st.columns(3, gap="medium")
    with left:
        _show_roc(model, points, [_curve(report, key, "roc") for key in others])
    with middle:
        _show_pr(model, points, [_curve(report, key, "pr") for key in others])
    with right:
        _show_calibration(model, [_calibration(report, key) for key in others])
    st.caption(t("models.curves_note"))


def _chosen(model: str, report: dict[str, Any]) -> list[str]:
    """Algorithms chosen by the user; at first logistic regression and the best one with SMOTE."""
    curves = list(report.get("curves", {}))
    if not curves:
        return []
    losses = {key: report["models"][key]["log_loss"] for key in curves}
    twins = [key for key in curves if key.endswith(SMOTE)]
    default = [min(twins, key=lambda key: losses[key])] if twins else []
    default += [key for key in ("logistic",) if key in curves]
    keys: list[str] = st.multiselect(
        t("models.compare_with"),
        curves,
        default=default,
        format_func=full_name,
        key=f"curves_{model}",
        placeholder=t("models.compare_none"),
    )
    return keys


def _curve(report: dict[str, Any], key: str, kind: str) -> Curve:
    points = report["curves"][key].get(kind) or []
    return Curve(full_name(key), [x for x, _ in points], [y for _, y in points])


def _calibration(report: dict[str, Any], key: str) -> Curve:
    bins = [row for row in report["curves"][key].get("calibration") or [] if row["observed"] > 0]
    return Curve(full_name(key), [row["mean_p"] for row in bins], [row["observed"] for row in bins])


def _show_roc(model: str, points: pd.DataFrame, others: list[Curve]) -> None:
    st.markdown(f"**{t('models.roc')}**")
    rates = [0.0, *points["fp"] / points["negatives"]], [0.0, *points["tp"] / points["positives"]]
    own = Curve(t("models.own_curve"), *rates)
    words = (t("models.fpr"), t("models.tpr"), t("models.chance"))
    st.plotly_chart(models.roc([own, *others], words), key=f"roc_{model}", config=CONFIG, alt=t("models.roc"))


def _show_pr(model: str, points: pd.DataFrame, others: list[Curve]) -> None:
    st.markdown(f"**{t('models.pr')}**")
    rates = points["tp"] / points["positives"], points["tp"] / (points["tp"] + points["fp"])
    own = Curve(t("models.own_curve"), *rates)
    cases = points.iloc[0]
    base = float(cases["positives"] / (cases["positives"] + cases["negatives"]))
    words = (t("metric.recall"), t("metric.precision"), t("models.base_rate", share=percent(base)))
    figure = models.precision_recall([own, *others], base, words)
    st.plotly_chart(figure, key=f"pr_{model}", config=CONFIG, alt=t("models.pr"))


def _show_calibration(model: str, others: list[Curve]) -> None:
    st.markdown(f"**{t('models.calibration')}**")
    bins = read("shared/model_calibration", model=model)
    if bins.empty:
        st.caption(t("models.calibration_none"))
        return
    words = (t("models.expected_p"), t("models.observed"), t("models.perfect"))
    figure = models.calibration(bins, t("models.own_curve"), others, words, percent)
    st.plotly_chart(figure, key=f"calibration_{model}", config=CONFIG, alt=t("models.calibration"))
