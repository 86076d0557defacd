"""The map of the districts, coloured by one measure; a click chooses the district."""

import pandas as pd
import streamlit as st

from pages.shared import state
from pages.shared.charts import district_map
from pages.shared.parts import measures
from pages.shared.read import build_id
from pages.shared.text import names, t


def show(rows: pd.DataFrame, measure: str) -> None:
    """The map.

    rows : a row per district, as pages.shared.parts.measures.district_rows gives them
    """
    kind = measures.MEASURES[measure]
    label = t(f"measure.{measure}")
    texts = [f"{label} {figure}" for figure in measures.figures(rows, kind)]
    st.plotly_chart(
        district_map.district_map(rows.assign(shown=texts), kind, state.selection().district, label, boundaries()),
        key="map",
        on_select=take_click,
        selection_mode="points",
        config=district_map.CONFIG,
        alt=t("districts.map_alt", measure=label),
    )
    st.caption(t("districts.map_hint", district=names.district(state.selection().district)))


def boundaries() -> str:
    """Address of the districts' shapes (app.py); it holds the build, so that a browser may cache them."""
    return f"/api/districts.geojson?build={build_id()}"


def take_click() -> None:
    """The district clicked on; a click beside the districts changes nothing."""
    points = st.session_state["map"].selection.points
    if points:
        state.choose(district=str(points[0]["customdata"][0]))
