"""The bars behind the words: points of the score, the ways to the probabilities."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.business import reasons
from pages.shared.text import t, unknown


def fold(card: pd.Series, drivers: Mapping[str, pd.DataFrame]) -> None:
    """The folded part, drawn when somebody looks: charts are a third of the page's time."""
    folded = st.expander(t("business.all_reasons"), icon=":material/bar_chart:", key="all_reasons", on_change="rerun")
    if folded.open:
        with folded:
            show(card, drivers)


def show(card: pd.Series, drivers: Mapping[str, pd.DataFrame]) -> None:
    """Points beside the way to default, the way to leaving below."""
    none = pd.DataFrame()
    reasons.choose_way()
    points, way = st.columns(2, gap="large")
    with points:
        st.markdown(f"**{t('business.points')}**")
        reasons.show_points(card)
    with way:
        st.markdown(f"**{t('business.pd_section')}**")
        reasons.show_way(card, drivers.get("default", none))
        if not unknown(card["churn_3m"]) and "churn" in drivers:
            st.markdown(f"**{t('leaving.section')}**")
            reasons.show_waterfall("churn", drivers["churn"])
        st.caption(t("leaving.way_help"))
