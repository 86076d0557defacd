"""Data: the sources of the build, what is missing or faulty, and the import of new files."""

import streamlit as st

from pages.data import dictionary, quarantine, sources, upload
from pages.shared.read import build_info, read
from pages.shared.text import t


def page() -> None:
    """Sources, missing tables and checks, models, quarantine, then new files."""
    st.title(t("data.title"))
    st.caption(t("data.lead"))
    facts = build_info()
    sources.show_build(facts)
    st.header(t("data.sources"), anchor=False)
    sources.show_sources(read("data/sources"), facts.get("as_of"))
    missing, checked = st.columns(2, gap="large")
    with missing:
        st.subheader(t("data.absent"), anchor=False)
        sources.show_absent(read("shared/data_absent"))
    with checked:
        st.subheader(t("data.checks"), anchor=False)
        sources.show_checks(sources.checks())
    st.header(t("data.models"), anchor=False)
    sources.show_models(sources.metrics())
    st.header(t("data.quarantine"), anchor=False)
    quarantine.show(read("data/quarantine_counts"))
    _show_new_files()
    st.header(t("data.dictionary"), anchor=False)
    dictionary.show()


def _show_new_files() -> None:
    """Import of a file and a build; templates to fill in."""
    st.header(t("data.bring"), anchor=False)
    upload.show_upload()
    upload.show_build()
    st.subheader(t("data.templates"), anchor=False)
    upload.show_templates()
