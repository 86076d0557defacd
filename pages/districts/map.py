"""The map of the Districts page: drawn from the rows of pages.shared.parts.measures, a click chooses the district."""

import pandas as pd
import streamlit as st

from pages.shared import state
from pages.shared.charts import district_map
from pages.shared.parts import measures
from pages.shared.read import build_id
from pages.shared.text import names, t


def show(rows: pd.DataFrame, measure: str) -> None:
    """The map; a click chooses the district."""
    kind = measures.MEASURES[measure]
    label = t(f"measure.{measure}")
    shown = [f"{label} {figure}" for figure in measures.figures(rows, kind)]
    st.plotly_chart(
        district_map.district_map(rows.assign(shown=shown), kind, state.selection().district, label, boundaries()),
        key="map",
        on_select=take_click,
        selection_mode="points",
        config=district_map.CONFIG,
        alt=t("districts.map_alt", measure=label),
    )
    st.caption(t("districts.map_hint", district=names.district(state.selection().district)))


def boundaries() -> str:
    """Address of the districts' shapes (app.py); the build is in it, so that a browser may keep them."""
    return f"/api/districts.geojson?build={build_id()}"


def take_click() -> None:
    """The district clicked on; a click beside the districts changes nothing."""
    points = st.session_state["map"].selection.points
    if points:
        state.choose(district=str(points[0]["customdata"][0]))
