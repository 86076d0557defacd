"""Businesses: the list with its filters and order, a page at a time; a click on a name opens one.

Shows precomputed rows only. The browser gets one page of them, never the whole book.
"""

import streamlit as st

from pages.businesses import download, table
from pages.shared import state
from pages.shared.parts import basket, filters, notices
from pages.shared.text import anomaly, churn, segments, t

ROWS = 50


def page() -> None:
    """Filters, how many businesses pass them, and one page of those."""
    st.title(t("businesses.title"))
    if not notices.managers():
        return
    show_filters()
    counts = table.counts()
    table.show_count(counts["businesses"], counts["scope"])
    basket.bar()
    if not counts["businesses"]:
        table.show_way_out(counts)
        return
    pages = -(-counts["businesses"] // ROWS)
    if state.selection().page > pages:
        state.choose(page=pages)
    table.show_table(ROWS)
    st.caption(t("businesses.hint"))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        table.show_pages(pages)
        download.show(counts["businesses"])


def show_filters() -> None:
    """Every filter of the list, and its order."""
    with st.container(horizontal=True, gap="large"):
        filters.tiers()
        if churn.is_available():
            filters.churn()
    with st.container(horizontal=True, gap="small"):
        filters.district()
        filters.category()
        filters.rating()
        if anomaly.is_available():
            filters.anomaly()
        if segments.is_available():
            filters.segment()
        filters.text()
        filters.sort()
