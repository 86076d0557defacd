"""Churn: who may leave in the coming months and whom to call first; who came and went, and why.

Shows precomputed rows only, of the managers whose book may be seen; causes and quality are the whole bank's.
"""

import streamlit as st

from core.ui import churn_flow, churn_levels, churn_offers, churn_why, churn_work, leaving, state
from core.ui.data import read
from core.ui.text import t


def page() -> None:
    """Levels and the list of the week first, then the months behind, then why and how sure."""
    st.title(t("churn.title"))
    managers = state.manager_ids()
    if not managers:
        st.info(t("frame.no_book"), icon=":material/info:")
        st.caption(t("frame.no_book_how"))
        return
    if not leaving.known():
        st.info(t("churn.not_built"), icon=":material/info:")
        return
    st.caption(t("churn.lead"))
    show_ahead(managers)
    show_behind(managers)
    st.header(t("churn.trust"), anchor=False)
    churn_why.show_quality()


def show_ahead(managers: list[str]) -> None:
    """The chances: levels, whom to call, what drives them."""
    book = read("churn_book", manager_ids=managers, edges=churn_levels.steps())
    if book["level"].notna().sum() == 0:
        st.info(t("churn.no_model" if "NO_MODEL" in set(book["state"]) else "churn.nobody"), icon=":material/info:")
        return
    st.header(t("churn.levels"), anchor=False)
    churn_levels.show(book)
    st.header(t("churn.week"), anchor=False)
    churn_work.show(book, managers)
    if churn_offers.known():
        churn_offers.show(managers)
    spread, drivers = st.columns(2, gap="large")
    with spread:
        churn_levels.show_spread(book)
    with drivers:
        churn_why.show_reasons(read("churn_reasons", manager_ids=managers))


def show_behind(managers: list[str]) -> None:
    """What happened: the month's figures, two years of them, and the causes."""
    st.header(t("churn.flows"), anchor=False)
    months = read("churn_flows", manager_ids=managers)
    churn_flow.show_month(months)
    churn_flow.show_trend(months)
    churn_why.show_causes(read("churn_causes"))
