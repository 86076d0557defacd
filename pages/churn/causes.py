"""What drives the churn probabilities of the book, and why customers left before."""

import pandas as pd
import streamlit as st

from pages.churn import charts
from pages.shared.charts.base import CONFIG
from pages.shared.text import number, percent, reasons, t

SHOWN = 8  # reasons


def show_reasons(rows: pd.DataFrame) -> None:
    """Mean contribution of the heaviest reason groups among those most likely to leave.

    A sentence names the group that is most often the first reason.
    """
    st.markdown(f"**{t('churn.drivers')}**")
    if rows.empty:
        st.caption(t("churn.no_drivers"))
        return
    heaviest = rows.loc[rows["contribution"].abs().nlargest(SHOWN).index].sort_values("contribution", ascending=False)
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
    """Share of each cause among those who left; businesses that closed are counted apart."""
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
