"""Segments: which kinds of businesses there are, who of the own book is in which, and other divisions to try.

The clusters are those of the whole bank. Of the businesses of other managers only counts and medians are shown.
"""

import streamlit as st

from pages.segments import cross_tables, profile, scatter, views, what_if
from pages.segments.division import CUSTOM, Division, of_build
from pages.shared.parts import notices
from pages.shared.text import segments, t


def page() -> None:
    """The view is chosen first; then the scatter, the profiles, the cross tables and the number of segments."""
    st.title(t("segments.title"))
    if not notices.managers():
        return
    if not segments.is_available():
        notices.info("segments.not_built")
        return
    st.caption(t("segments.lead"))
    view = views.choose_view()
    st.caption(t(f"segments.views_note.{view}"))
    division = what_if.show() if view == CUSTOM else of_build(view)
    if division is not None:
        show(division)
    st.header(t("segments.repeated"), anchor=False)
    views.show_all()


def show(division: Division) -> None:
    """All parts of one division."""
    views.show_figures(division)
    st.header(t("segments.picture"), anchor=False)
    scatter.show(division)
    st.header(t("segments.profile"), anchor=False)
    profile.show_table(division)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('segments.centres')}**")
        profile.show_centres(division)
    with right:
        st.markdown(f"**{t('segments.boxes')}**")
        profile.show_boxes(division)
    st.header(t("segments.where"), anchor=False)
    cross_tables.show(division)
    st.header(t("segments.why_k"), anchor=False)
    views.show_numbers(division)
