"""The features of the model of default: their correlation, and their distribution by outcome."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from pages.shared.charts import models
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls, notices
from pages.shared.read import read
from pages.shared.text import features, number, t

MODEL = "default"
SHOWN_BOXES = 6
CLOSE = 0.6  # own choice: the absolute correlation from which a pair is named in words


def show() -> None:
    """A heat map of the correlation and box plots by outcome, both folded."""
    for key, draw, table in (("correlation", _correlation, "feature_correlation"), ("boxes", _boxes, "feature_boxes")):
        controls.fold(t(f"lending.{key}"), f"fold_{key}", ":material/grid_on:", partial(_draw, draw, table))


def _draw(draw: Callable[[], None], table: str) -> None:
    if not notices.lacks(table, "model_importance"):
        draw()


def _correlation() -> None:
    pairs = read("lending/feature_correlation", model=MODEL)
    if pairs.empty:
        st.caption(t("lending.no_model"))
        return
    matrix = square(pairs)
    labels = [features.feature(code) for code in matrix.index]
    st.markdown(_close_pairs(pairs))
    st.plotly_chart(models.correlation(matrix, labels), key="correlation", config=CONFIG, alt=t("lending.correlation"))
    st.caption(t("lending.correlation_note"))


def square(pairs: pd.DataFrame) -> pd.DataFrame:
    """All pairs as a matrix, features in the order of first appearance; a pair given once is filled both ways.

    >>> pairs = pd.DataFrame([("a", "b", 0.5)], columns=["feature_a", "feature_b", "correlation"])
    >>> square(pairs).to_numpy().tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    order = list(dict.fromkeys([*pairs["feature_a"], *pairs["feature_b"]]))
    half = pairs.pivot_table(index="feature_a", columns="feature_b", values="correlation").reindex(order, columns=order)
    whole = half.combine_first(half.T).reindex(order, columns=order)
    for code in order:
        whole.loc[code, code] = 1.0
    return whole


def _close_pairs(pairs: pd.DataFrame) -> str:
    close = pairs[(pairs["feature_a"] < pairs["feature_b"]) & (pairs["correlation"].abs() >= CLOSE)]
    close = close.reindex(close["correlation"].abs().sort_values(ascending=False).index)
    if close.empty:
        return t("lending.correlation_none", limit=CLOSE)
    words = [
        t("lending.pair", a=features.feature(a), b=features.feature(b), value=number(value, 2))
        for a, b, value in close[["feature_a", "feature_b", "correlation"]].head(3).itertuples(index=False)
    ]
    return t("lending.correlation_close", count=number(len(close)), limit=CLOSE, pairs=", ".join(words))


def _boxes() -> None:
    rows = read("lending/feature_boxes", model=MODEL, most=SHOWN_BOXES)
    if rows.empty:
        st.caption(t("lending.no_model"))
        return
    sizes = rows.groupby("outcome")["n"].max()
    st.caption(t("lending.boxes_note", good=number(sizes.get(0)), bad=number(sizes.get(1))))
    names = {0: t("lending.good"), 1: t("lending.bad")}
    with st.grid(2, min_column_width=320, gap="medium"):
        for code, own in rows.groupby("feature", sort=False):
            with st.container():
                st.markdown(f"**{features.feature(str(code))}**")
                figure = models.boxes(own, names)
                st.plotly_chart(figure, key=f"box_{code}", config=CONFIG, alt=features.feature(str(code)))
