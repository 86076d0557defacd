"""Churn: who may leave in the coming months and whom to call first; who came, who left, and why.

Shows precomputed rows only, of the managers whose book may be seen. Causes and accuracy are those of the whole bank.
"""

import streamlit as st

from pages.churn import call_list, causes, flow, levels, offers, quality
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import churn, t


def page() -> None:
    """The coming months with the call list first, then the past months, then the accuracy of the model."""
    st.title(t("churn.title"))
    managers = notices.managers()
    if not managers:
        return
    if not churn.is_available():
        notices.info("churn.not_built")
        return
    st.caption(t("churn.lead"))
    show_coming(managers)
    show_past(managers)
    st.header(t("churn.trust"), anchor=False)
    quality.show()


def show_coming(managers: list[str]) -> None:
    """The probabilities: levels, whom to call, retention offers, reasons."""
    book = read("churn/book", manager_ids=managers, edges=levels.steps())
    if book["level"].notna().sum() == 0:
        notices.info("churn.no_model" if "NO_MODEL" in set(book["state"]) else "churn.nobody")
        return
    st.header(t("churn.levels"), anchor=False)
    levels.show(book)
    st.header(t("churn.week"), anchor=False)
    call_list.show(book, managers)
    if offers.is_available():
        offers.show(managers)
    left, right = st.columns(2, gap="large")
    with left:
        levels.show_distribution(book)
    with right:
        causes.show_reasons(read("churn/reasons", manager_ids=managers))


def show_past(managers: list[str]) -> None:
    """The figures of a month, two years of them, and the causes."""
    st.header(t("churn.flows"), anchor=False)
    months = read("churn/flows", manager_ids=managers)
    flow.show_month(months)
    flow.show_trend(months)
    causes.show_causes(read("churn/causes"))
