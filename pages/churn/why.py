"""What drives leaving over the book, why customers left before, and how far the model can be trusted."""

import pandas as pd
import streamlit as st

from pages.churn import charts
from pages.shared.charts.base import CONFIG
from pages.shared.read import build_json, read
from pages.shared.text import day, number, percent, reasons, t

MOST = 8  # reasons shown


def show_reasons(rows: pd.DataFrame) -> None:
    """Mean contribution of each reason group among the most likely to leave, the first reason in a sentence."""
    st.markdown(f"**{t('churn.drivers')}**")
    if rows.empty:
        st.caption(t("churn.no_drivers"))
        return
    heaviest = rows.loc[rows["contribution"].abs().nlargest(MOST).index].sort_values("contribution", ascending=False)
    labels = [reasons.group_name(code) for code in heaviest["reason"]]
    figure = charts.reasons(labels, heaviest["contribution"].tolist(), reasons.odds)
    st.plotly_chart(figure, key="drivers", config=CONFIG, alt=t("churn.drivers"))
    first = rows.loc[rows["first_of"].idxmax()]
    words = {
        "reason": reasons.group_name(first["reason"]),
        "count": number(first["first_of"]),
        "n": number(rows["n"].max()),
    }
    st.caption(t("churn.drivers_note", **words), help=t("leaving.odds_help_churn"))


def show_causes(rows: pd.DataFrame) -> None:
    """Shares of the four causes among those who left; a business that closed is counted apart."""
    st.markdown(f"**{t('churn.causes')}**")
    left = rows[rows["share"].notna()]
    if left.empty:
        st.caption(t("churn.no_causes"))
        return
    texts = [t("churn.cause_share", share=percent(row.share), count=number(row.n)) for row in left.itertuples()]
    labels = [t(f"churn.cause.{code}") for code in left["cause"]]
    figure = charts.causes(labels, left["share"].tolist(), texts)
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
    found = {str(row["metric"]): row for _, row in read("churn/quality").iterrows()}
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
