"""Segments: which kinds of businesses there are, who of the own book is one, and how else the book could be divided.

The clustering is over the whole bank; of other managers' businesses only counts and medians are shown, never one.
"""

import streamlit as st

from pages.segments import crossed, division, head, picture, profile, what_if
from pages.segments.division import CUSTOM, Shown
from pages.shared.parts import notices
from pages.shared.text import segments, t


def page() -> None:
    """The way of dividing first, then the picture, what the segments are like, and where they are."""
    st.title(t("segments.title"))
    if not notices.managers():
        return
    if not segments.is_available():
        notices.info("segments.not_built")
        return
    st.caption(t("segments.lead"))
    view = head.choose_view()
    st.caption(t(f"segments.views_note.{view}"))
    shown = what_if.show() if view == CUSTOM else division.of_build(view)
    if shown is not None:
        show(shown)
    st.header(t("segments.repeated"), anchor=False)
    head.show_tiers_repeated()


def show(shown: Shown) -> None:
    """One way of dividing the book."""
    head.show_figures(shown)
    st.header(t("segments.picture"), anchor=False)
    picture.show(shown)
    st.header(t("segments.profile"), anchor=False)
    profile.show_table(shown)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('segments.centres')}**")
        profile.show_centres(shown)
    with right:
        st.markdown(f"**{t('segments.boxes')}**")
        profile.show_boxes(shown)
    st.header(t("segments.where"), anchor=False)
    crossed.show(shown)
    st.header(t("segments.why_k"), anchor=False)
    head.show_numbers(shown)
