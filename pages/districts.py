"""Districts: where the book stands on the map of Seoul, and what a district's trade areas do.

Shows precomputed rows only. Works from the city's files alone when there is no bank's book.
"""

import pandas as pd
import streamlit as st

from core.ui import charts, district_panel, filters, measures, state, words
from core.ui.data import build_id
from core.ui.text import t


def page() -> None:
    """Map and table choose a district; the panel below shows it."""
    st.title(t("districts.title"))
    chosen = state.selection()
    rows = measures.district_rows(chosen.category)
    codes = measures.available(rows)
    if not codes:
        st.info(t("districts.none"), icon=":material/info:")
        return
    measure = choose(codes)

    left, right = st.columns([9, 11], gap="medium")
    with left:
        show_map(rows, measure)
    with right:
        district_panel.show_table(rows)

    st.divider()
    district_panel.show_header()
    if state.manager_ids():
        district_panel.show_book(rows)
    district_panel.show_trade_areas()


def choose(codes: list[str]) -> str:
    """What colours the map, and of which industries; the measure's code."""
    if state.selection().measure not in codes:
        state.choose(measure=None)
    with st.container(horizontal=True, gap="small"):
        shown: str = st.selectbox(
            t("districts.measure"),
            codes,
            format_func=lambda code: t(f"measure.{code}"),
            width=filters.WIDTH + 40,
            **state.widget("measure", default=codes[0]),
        )
        filters.category()
    return shown


def show_map(rows: pd.DataFrame, measure: str) -> None:
    """The map; a click chooses the district."""
    kind = measures.KINDS[measure]
    label = t(f"measure.{measure}")
    shown = [f"{label} {figure}" for figure in measures.shown(rows, kind)]
    st.plotly_chart(
        charts.district_map(rows.assign(shown=shown), kind.drawing, state.selection().district, label, boundaries()),
        key="map",
        on_select=take_click,
        selection_mode="points",
        config=charts.MAP_CONFIG,
        alt=t("districts.map_alt", measure=label),
    )
    st.caption(t("districts.map_hint", district=words.district(state.selection().district)))


def boundaries() -> str:
    """Address of the districts' shapes (app.py); the build is in it, so that a browser may keep them."""
    return f"/api/districts.geojson?build={build_id()}"


def take_click() -> None:
    """The district clicked on; a click beside the districts changes nothing."""
    points = st.session_state["map"].selection.points
    if points:
        state.choose(district=str(points[0]["customdata"][0]))
