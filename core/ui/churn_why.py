"""What drives leaving over the book, why customers left before, and how far the model can be trusted."""

import pandas as pd
import streamlit as st

from core.ui import charts_churn, reasons
from core.ui.charts import CONFIG
from core.ui.data import build_json, read
from core.ui.text import day, number, percent, t

FEWEST = 5  # watched customers under which their mean speaks of nobody; then the whole book speaks
MOST = 8  # reasons shown


def show_reasons(rows: pd.DataFrame) -> None:
    """Mean contribution of each reason group among the watched, the heaviest in a sentence first."""
    st.markdown(f"**{t('churn.drivers')}**")
    if rows.empty:
        st.caption(t("churn.no_drivers"))
        return
    few = int(rows["watched_n"].max()) < FEWEST
    column = "everybody" if few else "watched"
    told = rows.sort_values(column, key=lambda values: -values.abs()).head(MOST).sort_values(column, ascending=False)
    values = [float(value) for value in told[column]]
    labels = [reasons.group(code) for code in told["reason"]]
    figure = charts_churn.reasons(labels, values, reasons.odds)
    st.plotly_chart(figure, key="drivers", config=CONFIG, alt=t("churn.drivers"))
    if not few:
        first = rows.sort_values("first_of", ascending=False).iloc[0]
        words = {"reason": reasons.group(first["reason"]), "count": number(first["first_of"])}
        st.caption(t("churn.drivers_first", **words, n=number(first["watched_n"])))
    n = number(rows["n" if few else "watched_n"].max())
    st.caption(t("churn.drivers_all" if few else "churn.drivers_watched", n=n), help=t("leaving.odds_help_churn"))


def show_causes(rows: pd.DataFrame) -> None:
    """Shares of the four causes among those who left; a business that closed is counted apart."""
    st.markdown(f"**{t('churn.causes')}**")
    left = rows[rows["share"].notna()]
    if left.empty:
        st.caption(t("churn.no_causes"))
        return
    texts = [t("churn.cause_share", share=percent(row.share), count=number(row.n)) for row in left.itertuples()]
    labels = [t(f"churn.cause.{code}") for code in left["cause"]]
    figure = charts_churn.causes(labels, left["share"].tolist(), texts)
    st.plotly_chart(figure, key="causes", config=CONFIG, alt=t("churn.causes"))
    closed = rows.loc[rows["cause"] == "business_closed", "n"].sum()
    span = {"first": left["first_month"].iloc[0], "last": left["last_month"].iloc[0], "n": number(left["n"].sum())}
    st.caption(t("churn.causes_note", **span))
    st.caption(t("churn.causes_closed", count=number(closed)))


# Key of the words, metric, digits; as percent where there are no digits.
QUALITY = (
    ("auc", "roc_auc", 3),
    ("slope", "calibration_slope", 2),
    ("ratio", "expected_to_observed", 2),
    ("top", "recall_top_decile", None),
)


def show_quality() -> None:
    """How the model did out of time: order, level, and what the highest tenth held."""
    found = {str(row["metric"]): row for _, row in read("churn_quality").iterrows()}
    if "roc_auc" not in found:
        st.caption(t("churn.no_quality"))
        return
    told = [_figure(key, digits, found[metric]) for key, metric, digits in QUALITY if metric in found]
    st.caption(" ".join([_judged_on(found["roc_auc"]), *told]))
    st.caption(t("churn.definition"))


def _judged_on(auc: pd.Series) -> str:
    """Months, rows and leavings that the figures are of."""
    report = build_json("models", "churn", "model_report.json")
    test = (report.get("trial") or {}).get("test") or {}
    span = {"first": day(test.get("from")), "last": day(test.get("to"))}
    return t("churn.quality", **span, n=number(auc["n"]), left=number(auc["positives"]))


def _figure(key: str, digits: int | None, row: pd.Series) -> str:
    ends = ("value", "low", "high")
    words = {end: percent(row[end], 0) if digits is None else number(row[end], digits) for end in ends}
    return t(f"churn.quality_{key}", **words)
