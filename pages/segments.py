"""Segments: which kinds of businesses there are, who of the own book is one, and how else the book could be divided.

The clustering is over the whole bank; of other managers' businesses only counts and medians are shown, never one.
"""

import streamlit as st

from core.ui import segment_crossed, segment_head, segment_picture, segment_profile, segment_trial, segments, state
from core.ui.segments import CUSTOM, Shown
from core.ui.text import t


def page() -> None:
    """The way of dividing first, then the picture, what the segments are like, and where they are."""
    st.title(t("segments.title"))
    if not state.manager_ids():
        st.info(t("frame.no_book"), icon=":material/info:")
        st.caption(t("frame.no_book_how"))
        return
    if not segments.known():
        st.info(t("segments.not_built"), icon=":material/info:")
        return
    st.caption(t("segments.lead"))
    view = segment_head.choose_view()
    st.caption(t(f"segments.views_note.{view}"))
    shown = segment_trial.show() if view == CUSTOM else segments.of_build(view)
    if shown is not None:
        show(shown)
    st.header(t("segments.repeated"), anchor=False)
    segment_head.show_tiers_repeated()


def show(shown: Shown) -> None:
    """One way of dividing the book."""
    segment_head.show_figures(shown)
    st.header(t("segments.picture"), anchor=False)
    segment_picture.show(shown)
    st.header(t("segments.profile"), anchor=False)
    segment_profile.show_table(shown)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('segments.centres')}**")
        segment_profile.show_centres(shown)
    with right:
        st.markdown(f"**{t('segments.boxes')}**")
        segment_profile.show_boxes(shown)
    st.header(t("segments.where"), anchor=False)
    segment_crossed.show(shown)
    st.header(t("segments.why_k"), anchor=False)
    segment_head.show_numbers(shown)
