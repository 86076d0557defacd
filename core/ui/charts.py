"""Figures of the map, the tiers and the trends. Plotly only; rows and words come in, a figure goes out.

Axes and text take their colour from Streamlit's theme; what plotly would draw in black is set to grey.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from core.ui import theme

# Without this plotly asks a CDN for the world's outlines and draws nothing offline: core/ui/static
# holds an empty world.
MAP_CONFIG = {"topojsonURL": "app/static/", "displayModeBar": False, "scrollZoom": False}
CONFIG = {"displayModeBar": False}
CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Measure:
    """How one measure looks on the map: its column, colours, d3 format and the ends of the scale."""

    column: str
    scale: list[list]
    form: str
    symmetric: bool = False


def district_map(districts: pd.DataFrame, measure: Measure, chosen: str | None, label: str) -> go.Figure:
    """Map of the districts, coloured by one measure; a click selects `customdata[0]`.

    Parameters
    ----------
    districts : a row each: district_code, name, label, geojson, label_lon, label_lat, shown (words), measure's column
    chosen : code of the district to outline
    label : what the colour means, in words
    """
    known = districts[districts[measure.column].notna()]
    low, high = _ends(known[measure.column], measure.symmetric)
    figure = go.Figure()
    figure.add_trace(_areas(districts[districts[measure.column].isna()], None, CLEAR))
    areas = _areas(known, known[measure.column], theme.GREY)
    areas.update(
        colorscale=measure.scale,
        zmin=low,
        zmax=high,
        showscale=True,
        colorbar={
            "title": {"text": label, "side": "top"},
            "orientation": "h",
            "thickness": 10,
            "len": 0.7,
            "y": -0.02,
            "yanchor": "top",
            "tickformat": measure.form,
            "outlinewidth": 0,
        },
    )
    figure.add_trace(areas)
    figure.add_trace(_outline(districts[districts["district_code"] == chosen]))
    figure.add_trace(_names(districts, _inks(districts[measure.column], measure.scale, low, high)))
    figure.update_geos(
        fitbounds="locations", visible=False, projection_type="mercator", bgcolor=CLEAR, domain={"x": [0, 1]}
    )
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 56}, height=500, dragmode=False, clickmode="event+select", showlegend=False
    )
    return figure


def _ends(values: pd.Series, symmetric: bool) -> tuple[float, float]:
    if values.empty:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if symmetric:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _areas(districts: pd.DataFrame, values: pd.Series | None, fill: str) -> go.Choropleth:
    features = [
        {"type": "Feature", "id": code, "properties": {}, "geometry": json.loads(shape)}
        for code, shape in zip(districts["district_code"], districts["geojson"], strict=True)
    ]
    return go.Choropleth(
        geojson={"type": "FeatureCollection", "features": features},
        locations=districts["district_code"],
        z=[0] * len(districts) if values is None else values,
        colorscale=[[0, fill], [1, fill]],
        showscale=False,
        customdata=districts[["district_code", "name", "shown"]],
        hovertemplate="<b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>",
        marker={"line": {"color": theme.GREY, "width": 0.8}},
        # Streamlit dims what is not selected; the chosen district has an outline instead.
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _outline(chosen: pd.DataFrame) -> go.Choropleth:
    outline = _areas(chosen, None, CLEAR)
    # Drawn last, so that neighbours do not cover half of the line.
    outline.update(marker={"line": {"color": theme.ACCENT, "width": 3.5}})
    return outline


def _names(districts: pd.DataFrame, inks: list[str]) -> go.Scattergeo:
    return go.Scattergeo(
        lon=districts["label_lon"],
        lat=districts["label_lat"],
        text=districts["label"],
        mode="text",
        textfont={"size": 11, "color": inks},
        hoverinfo="skip",
    )


def _inks(values: pd.Series, scale: list[list], low: float, high: float) -> list[str]:
    shares = (values - low) / (high - low)
    return [
        theme.GREY if pd.isna(share) else theme.ink(theme.shade(scale, min(max(share, 0.0), 1.0))) for share in shares
    ]


def tier_bar(shares: Sequence[tuple[int, int, str]]) -> go.Figure:
    """Stacked bar of the tiers from weakest to best: (tier, number of businesses, words inside and on hover)."""
    figure = go.Figure()
    total = sum(count for _, count, _ in shares) or 1
    for tier, count, words in shares:
        figure.add_trace(
            go.Bar(
                y=[""],
                x=[count / total],
                orientation="h",
                name=words,
                marker={"color": theme.TIER_COLOURS[tier], "line": {"color": theme.GREY, "width": 0.6}},
                text=f"{count / total:.0%}" if count / total >= 0.06 else "",
                textposition="inside",
                insidetextanchor="middle",
                textfont={"color": theme.TIER_INK[tier], "size": 13},
                hovertemplate=f"{words}<br>%{{x:.1%}}<extra></extra>",
            )
        )
    figure.update_layout(
        barmode="stack",
        height=132,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        xaxis={"visible": False, "range": [0, 1]},
        yaxis={"visible": False},
        legend={"orientation": "h", "traceorder": "normal", "y": -0.1, "x": 0, "itemclick": False},
    )
    return figure


def trend(
    months: Sequence, values: Sequence, name: str, other: tuple[Sequence, str] | None = None, form: str = ".0f"
) -> go.Figure:
    """A line over months, with the line it is compared to (values, name) in grey."""
    figure = go.Figure()
    if other:
        figure.add_trace(_line(months, other[0], other[1], theme.GREY, "dot", form))
    figure.add_trace(_line(months, values, name, theme.LINE, "solid", form))
    figure.update_layout(
        height=220,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        legend={"orientation": "h", "y": 1.15, "x": 0},
        hovermode="x unified",
        xaxis={"tickformat": "%Y-%m", "nticks": 6},
        yaxis={"nticks": 5, "tickformat": form},
    )
    return figure


def _line(months: Sequence, values: Sequence, name: str, colour: str, dash: str, form: str) -> go.Scatter:
    return go.Scatter(
        x=list(months),
        y=list(values),
        name=name,
        mode="lines",
        line={"color": colour, "dash": dash, "width": 2.5},
        hovertemplate=f"%{{y:{form}}}",
    )
