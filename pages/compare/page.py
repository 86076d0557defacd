"""Compare: up to four businesses of the own book, or districts, side by side.

Shows precomputed rows only. The ids come from the URL. Every query binds the managers whose book may be seen, so a
business of another book is neither shown nor named.
"""

import streamlit as st

from pages.compare import businesses, districts
from pages.shared import selection, state
from pages.shared.parts import basket, filters, notices
from pages.shared.text import number, t


def page() -> None:
    """Businesses, then districts; where to choose some when none is chosen."""
    st.title(t("compare.title"))
    if not basket.size():
        notices.info("compare.none", most=number(selection.MAX_COMPARED))
        show_links()
        return
    chosen = state.selection()
    st.caption(t("compare.lead", count=number(basket.size()), most=number(selection.MAX_COMPARED)))
    if chosen.basket:
        businesses.show(chosen.basket)
    if chosen.areas:
        st.subheader(t("compare.districts"), anchor=False)
        filters.category()
        districts.show(chosen.areas)
    show_links()


def show_links() -> None:
    """Links to the pages where businesses and districts are chosen."""
    with st.container(horizontal=True):
        for name in ("businesses", "districts"):
            st.button(t(f"compare.to_{name}"), key=f"compare_to_{name}", on_click=state.go, args=(name,))
        if basket.size():
            st.button(t("compare.clear"), key="compare_clear", on_click=basket.clear, type="tertiary")
