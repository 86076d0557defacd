"""What a warning costs: the confusion matrix at the threshold that two costs give, and the best threshold here.

t* = cost of a false alarm / (cost of a false alarm + cost of a missed default), on calibrated probabilities.
Source: Elkan (2001), The foundations of cost-sensitive learning, IJCAI.
"""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards, notices
from pages.shared.read import read
from pages.shared.text import day, number, percent, t, unknown

MODEL = "default"
RATIO, MAX_RATIO = 10, 50  # false alarms that a missed default costs: at first, at most; own choice (docs/models.md)
RIGHT, WRONG = "background-color: rgba(43,102,176,0.16)", "background-color: rgba(192,52,43,0.16)"


def cost_threshold(ratio: float) -> float:
    """The threshold at which a warning pays, when a missed default costs `ratio` false alarms.

    >>> round(cost_threshold(10), 3)
    0.091
    """
    return 1 / (1 + ratio)


@st.fragment
def show() -> None:
    """Slider, confusion matrix, what it means, and the cost over all thresholds."""
    if notices.lacks("model_test"):
        return
    ratio: int = st.slider(
        t("lending.ratio"), 1, MAX_RATIO, RATIO, format="%d : 1", key="cost_ratio", help=t("lending.ratio_help")
    )
    threshold = cost_threshold(ratio)
    counts = read("shared/model_confusion", model=MODEL, threshold=threshold).iloc[0]
    if not counts[["tp", "fp", "fn", "tn"]].sum():
        notices.info("lending.no_model")
        return
    st.markdown(t("lending.threshold_is", ratio=ratio, threshold=percent(threshold)))
    matrix, figures = st.columns([5, 6], gap="medium")
    with matrix:
        st.table(_matrix(counts), alt=t("lending.confusion"))
        st.caption(t("lending.confusion_note", from_=day(counts["first_as_of"]), to=day(counts["last_as_of"])))
    with figures:
        _show_figures(counts, ratio)
    _show_best(counts, ratio, threshold)


def _matrix(counts: pd.Series) -> Styler:
    cells = [
        [t("lending.tp", n=number(counts["tp"])), t("lending.fn", n=number(counts["fn"]))],
        [t("lending.fp", n=number(counts["fp"])), t("lending.tn", n=number(counts["tn"]))],
    ]
    rows = [t("lending.actual_bad", n=number(counts["tp"] + counts["fn"]))]
    rows.append(t("lending.actual_good", n=number(counts["fp"] + counts["tn"])))
    table = pd.DataFrame(cells, rows, [t("lending.warned"), t("lending.passed")])
    colours = pd.DataFrame([[RIGHT, WRONG], [WRONG, RIGHT]], table.index, table.columns)
    return table.style.apply(lambda _: colours, axis=None)


def rates(counts: pd.Series, ratio: float) -> dict[str, float | None]:
    """Precision, recall, share warned and cost per 100 cases (in false alarms).

    >>> shares = rates(pd.Series({"tp": 2, "fp": 3, "fn": 1, "tn": 4}), 10)
    >>> shares["precision"], shares["cost"], shares["warned"]
    (0.4, 130.0, 0.5)
    """
    tp, fp, fn, tn = (float(counts[name]) for name in ("tp", "fp", "fn", "tn"))
    total = tp + fp + fn + tn
    return {
        "precision": tp / (tp + fp) if tp + fp else None,
        "recall": tp / (tp + fn) if tp + fn else None,
        "warned": (tp + fp) / total,
        "cost": 100 * (fp + ratio * fn) / total,
        "nobody": 100 * ratio * (tp + fn) / total,
    }


def _show_figures(counts: pd.Series, ratio: float) -> None:
    shares = rates(counts, ratio)
    saved = t("lending.cost_nobody", cost=number(shares["nobody"], 1))
    with cards.row(2):
        cards.show(t("metric.recall"), percent(shares["recall"]), t("lending.recall_note"))
        cards.show(t("metric.precision"), percent(shares["precision"]), t("lending.precision_note"))
        cards.show(t("lending.warned_share"), percent(shares["warned"]), t("lending.warned_note"))
        cards.show(t("lending.cost"), number(shares["cost"], 1), saved, t("lending.cost_help"))


def _show_best(counts: pd.Series, ratio: float, threshold: float) -> None:
    total = float(counts[["tp", "fp", "fn", "tn"]].sum())
    best = read("shared/model_best_threshold", model=MODEL, cost_fn=float(ratio), cost_fp=1.0).iloc[0]
    lowest, own = 100 * best["cost"] / total, rates(counts, ratio)["cost"]
    if unknown(best["threshold"]):
        st.markdown(t("lending.best_none", cost=number(lowest, 1)))
    else:
        words = {"threshold": percent(best["threshold"]), "cost": number(lowest, 1), "own": number(own, 1)}
        st.markdown(t("lending.best", **words))
    points = read("shared/model_curve", model=MODEL)
    costs = 100 * (points["fp"] + ratio * (points["positives"] - points["tp"])) / total
    marks = {t("lending.mark_own"): (threshold, float(own or 0))}
    if not unknown(best["threshold"]):
        marks[t("lending.mark_best")] = (float(best["threshold"]), float(lowest))
    figure = models.cost_curve(points["threshold"].tolist(), costs.tolist(), marks)
    st.plotly_chart(figure, key="cost", config=CONFIG, alt=t("lending.cost_chart"))
    st.caption(t("lending.cost_chart_note"))
