"""One business: how it stands, why, what it holds, and whether the street is to blame.

Shows precomputed rows only. Every query binds the managers whose book may be seen: a business of another
book has no row, so its page says no more than that.
"""

from typing import Any

import pandas as pd
import streamlit as st

from core.ui import business_head, business_life, business_reasons, state
from core.ui.data import read
from core.ui.text import t


def page() -> None:
    """Head, reasons, then sections."""
    st.button(t("business.to_list"), on_click=state.go, args=("businesses",), icon=":material/arrow_back:")
    business_id = state.business_id()
    if business_id is None or not state.manager_ids():
        st.title(t("business.title"))
        st.info(t("business.none" if state.manager_ids() else "today.no_book"), icon=":material/info:")
        return
    chosen = {"business_id": business_id, "manager_ids": state.manager_ids()}
    cards = read("business_card", **chosen)
    if cards.empty:
        st.title(t("business.title"))
        st.warning(t("business.not_yours"), icon=":material/lock:")
        st.caption(t("business.not_yours_how"))
        return
    show(cards.iloc[0], chosen)


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """Everything about one business of the own book."""
    drivers = read("business_drivers", **chosen)
    absent = set(read("data_absent")["source_table"])
    business_head.show(card)
    business_reasons.show(card, drivers)
    # Drawn when unfolded: two charts are a third of the page's time.
    folded = st.expander(t("business.all_reasons"), icon=":material/bar_chart:", key="all_reasons", on_change="rerun")
    if folded.open:
        with folded:
            show_figures(card, drivers)
    st.subheader(t("business.revenue"), anchor=False)
    business_life.show_revenue(read("business_revenue", **chosen), card)
    if card["state"] != "CLOSED":
        st.subheader(t("business.street"), anchor=False)
        business_life.show_street(read("business_street", **chosen).iloc[0], card)
    st.subheader(t("business.loans"), anchor=False)
    business_life.show_loans(read("business_loans", **chosen), card, absent)
    products, contacts = st.columns(2, gap="large")
    with products:
        st.subheader(t("business.products"), anchor=False)
        business_life.show_products(read("business_holdings", **chosen), absent)
    with contacts:
        st.subheader(t("business.contacts"), anchor=False)
        business_life.show_contacts(read("business_contacts", **chosen), absent)


def show_figures(card: pd.Series, drivers: pd.DataFrame) -> None:
    """The bars behind the words: points of the score, the way to the probability."""
    points, way = st.columns(2, gap="large")
    with points:
        st.markdown(f"**{t('business.points')}**")
        business_reasons.show_points(card)
    with way:
        st.markdown(f"**{t('business.pd_section')}**")
        business_reasons.show_way(card, drivers)
