"""Churn: who may leave in the coming months and whom to call first; who came and went, and why.

Shows precomputed rows only, of the managers whose book may be seen; causes and quality are the whole bank's.
"""

import streamlit as st

from pages.churn import call_list, flow, levels, offers, why
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import churn, t


def page() -> None:
    """Levels and the list of the week first, then the months behind, then why and how sure."""
    st.title(t("churn.title"))
    managers = notices.managers()
    if not managers:
        return
    if not churn.is_available():
        notices.info("churn.not_built")
        return
    st.caption(t("churn.lead"))
    show_ahead(managers)
    show_behind(managers)
    st.header(t("churn.trust"), anchor=False)
    why.show_quality()


def show_ahead(managers: list[str]) -> None:
    """The chances: levels, whom to call, what drives them."""
    book = read("churn/book", manager_ids=managers, edges=levels.steps())
    if book["level"].notna().sum() == 0:
        notices.info("churn.no_model" if "NO_MODEL" in set(book["state"]) else "churn.nobody")
        return
    st.header(t("churn.levels"), anchor=False)
    levels.show(book)
    st.header(t("churn.week"), anchor=False)
    call_list.show(book, managers)
    if offers.known():
        offers.show(managers)
    spread, drivers = st.columns(2, gap="large")
    with spread:
        levels.show_spread(book)
    with drivers:
        why.show_reasons(read("churn/reasons", manager_ids=managers))


def show_behind(managers: list[str]) -> None:
    """What happened: the month's figures, two years of them, and the causes."""
    st.header(t("churn.flows"), anchor=False)
    months = read("churn/flows", manager_ids=managers)
    flow.show_month(months)
    flow.show_trend(months)
    why.show_causes(read("churn/causes"))
