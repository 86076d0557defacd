"""Businesses: the list, filtered, ordered, a page at a time; a click on a name opens one.

Shows precomputed rows only, 50 a page: the browser never gets the whole book.
"""

import streamlit as st

from core.ui import anomaly, basket, business_file, business_list, filters, leaving, segments, state
from core.ui.text import number, t

ROWS = 50


def page() -> None:
    """Filters, how many businesses pass them, and one page of those."""
    st.title(t("businesses.title"))
    if not state.manager_ids():
        st.info(t("frame.no_book"), icon=":material/info:")
        st.caption(t("frame.no_book_how"))
        return
    choose()
    counts = business_list.counts()
    show_count(counts["businesses"], counts["scope"])
    basket.bar()
    if not counts["businesses"]:
        business_list.show_way_out(counts)
        return
    pages = -(-counts["businesses"] // ROWS)
    if state.selection().page > pages:
        state.choose(page=pages)
    business_list.show_table(ROWS)
    st.caption(t("businesses.hint"))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        business_list.show_pages(pages)
        business_file.show(counts["businesses"])


def choose() -> None:
    """Every filter of the list, and its order."""
    with st.container(horizontal=True, gap="large"):
        filters.tiers()
        if leaving.known():
            filters.churn()
    with st.container(horizontal=True, gap="small"):
        filters.district()
        filters.category()
        filters.rating()
        if anomaly.known():
            filters.anomaly()
        if segments.known():
            filters.segment()
        filters.text()
        filters.sort()


def show_count(businesses: int, scope: int) -> None:
    """How many businesses are left; always there."""
    words = {"businesses": number(businesses), "scope": number(scope)}
    st.markdown(f"**{t('businesses.count' if businesses == scope else 'businesses.count_of', **words)}**")
