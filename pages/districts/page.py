"""Districts: the book on the map of Seoul, and the trade areas of one district.

Shows precomputed rows only. A build of the city's files alone is enough.
"""

import streamlit as st

from pages.districts import map
from pages.shared import state
from pages.shared.parts import basket, district_table, filters, measures, notices
from pages.shared.text import t


def page() -> None:
    """Map and table, in which a district is chosen; the panel below shows that district."""
    st.title(t("districts.title"))
    chosen = state.selection()
    rows = measures.district_rows(chosen.category)
    codes = measures.available(rows)
    if not codes:
        notices.info("districts.none")
        return
    measure = choose(codes)

    left, right = st.columns([9, 11], gap="medium")
    with left:
        map.show(rows, measure)
    with right:
        district_table.show_table(rows)

    st.divider()
    district_table.show_header()
    basket.bar()
    if state.manager_ids():
        district_table.show_book(rows)
    district_table.show_trade_areas()


def choose(codes: list[str]) -> str:
    """Code of the measure that colours the map; the category of industries beside it."""
    if state.selection().measure not in codes:
        state.choose(measure=None)
    with st.container(horizontal=True, gap="small"):
        measure: str = st.selectbox(
            t("districts.measure"),
            codes,
            format_func=lambda code: t(f"measure.{code}"),
            width=filters.WIDTH + 40,
            **state.widget("measure", default=codes[0]),
        )
        filters.category()
    return measure
