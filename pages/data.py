"""Data: what the pages are made of, what is missing or broken, and how new files come in."""

import streamlit as st

from core.ui import bring, data_sources, quarantine
from core.ui.data import info, read
from core.ui.text import t


def page() -> None:
    """Sources first, then what is wrong with them, then the way in."""
    st.title(t("data.title"))
    st.caption(t("data.lead"))
    facts = info()
    data_sources.show_build(facts)
    st.header(t("data.sources"), anchor=False)
    data_sources.show_sources(read("data_sources"), facts.get("as_of"))
    missing, checked = st.columns(2, gap="large")
    with missing:
        st.subheader(t("data.absent"), anchor=False)
        data_sources.show_absent(read("data_absent"))
    with checked:
        st.subheader(t("data.checks"), anchor=False)
        data_sources.show_checks(data_sources.checks())
    st.header(t("data.models"), anchor=False)
    data_sources.show_models(data_sources.metrics())
    st.header(t("data.quarantine"), anchor=False)
    quarantine.show(read("data_quarantine_counts"))
    show_ways_in()


def show_ways_in() -> None:
    """Bring a file in and build; empty files to fill in."""
    st.header(t("data.bring"), anchor=False)
    bring.show_upload()
    bring.show_build()
    st.subheader(t("data.templates"), anchor=False)
    bring.show_templates()
