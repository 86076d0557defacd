"""The map of Seoul's districts, coloured by one measure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.charts.base import CLEAR

# Without this plotly loads the world's outlines from a CDN and draws nothing offline; pages/static has an empty world.
CONFIG = {"topojsonURL": "app/static/", "displayModeBar": False, "scrollZoom": False}
OUTLINE = {"marker": {"line": {"color": theme.ACCENT, "width": 3.5}}}
COLOUR_BAR = {"orientation": "h", "thickness": 10, "len": 0.7, "y": -0.02, "yanchor": "top", "outlinewidth": 0}
LAYOUT = {
    "geo": {"fitbounds": "locations", "visible": False, "projection": {"type": "mercator"}, "bgcolor": CLEAR},
    "margin": {"l": 0, "r": 0, "t": 0, "b": 56},
    "height": 500,
    "dragmode": False,
    "clickmode": "event+select",
    "showlegend": False,
}


@dataclass(frozen=True)
class Measure:
    """What colours the map: a column, its colours, the d3 format of its scale and the words of one value."""

    column: str
    scale: list[list]
    form: str
    words: Callable[[Any], str]
    symmetric: bool = False


def district_map(
    districts: pd.DataFrame, measure: Measure, chosen: str | None, label: str, boundaries: str
) -> go.Figure:
    """Map of the districts, coloured by one measure; a click selects `customdata[0]`.

    Parameters
    ----------
    districts : a row each: district_code, name, label, label_lon, label_lat, shown (words), measure's column
    chosen : code of the district to outline
    label : what the colour means, in words
    boundaries : address of their GeoJSON; by address the browser fetches it once, and not with every click
    """
    values = districts[measure.column]
    low, high = _ends(values.dropna(), measure.symmetric)
    # Drawn in this order; the outline last, so that no neighbour covers half of it.
    traces = [
        _areas(districts[values.isna()], boundaries),
        _areas(districts[values.notna()], boundaries) | _scale(values.dropna(), measure, (low, high), label),
        _areas(districts[districts["district_code"] == chosen], boundaries) | OUTLINE,
        _names(districts, _inks(values, measure.scale, low, high)),
    ]
    return go.Figure([trace for trace in traces if trace.get("locations") or "text" in trace], LAYOUT)


def _ends(values: pd.Series, symmetric: bool) -> tuple[float, float]:
    if values.empty:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if symmetric:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _areas(districts: pd.DataFrame, boundaries: str) -> dict[str, Any]:
    return {
        "type": "choropleth",
        "geojson": boundaries,
        "locations": districts["district_code"].tolist(),
        "z": [0] * len(districts),
        "colorscale": [[0, CLEAR], [1, CLEAR]],
        "showscale": False,
        "customdata": districts[["district_code", "name", "shown"]].to_numpy(),
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>",
        "marker": {"line": {"color": theme.GREY, "width": 0.8}},
        # Plotly fades what is not selected; the chosen district has an outline instead.
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _scale(values: pd.Series, measure: Measure, ends: tuple[float, float], label: str) -> dict[str, Any]:
    return {
        "z": values.tolist(),
        "colorscale": measure.scale,
        "zmin": ends[0],
        "zmax": ends[1],
        "showscale": True,
        "colorbar": COLOUR_BAR | {"title": {"text": label, "side": "top"}, "tickformat": measure.form},
    }


def _names(districts: pd.DataFrame, inks: list[str]) -> dict[str, Any]:
    longest = districts["label"].str.len().max()
    return {
        "type": "scattergeo",
        "lon": districts["label_lon"].tolist(),
        "lat": districts["label_lat"].tolist(),
        "text": districts["label"].tolist(),
        "mode": "text",
        "textfont": {"size": 9 if longest > 4 else 11, "color": inks},
        "hoverinfo": "skip",
    }


def _inks(values: pd.Series, scale: list[list], low: float, high: float) -> list[str]:
    shares = (values - low) / (high - low)
    return [
        theme.GREY if pd.isna(share) else theme.ink(theme.shade(scale, min(max(share, 0.0), 1.0))) for share in shares
    ]
