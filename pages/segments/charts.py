"""Charts of segments: scatter, centres, boxes, cross tables, and the figures behind the number of segments.

Plotly only. Text has no colour of its own, so that it takes the one of Streamlit's theme.
"""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.text import escape

NAMES_AXIS = {"autorange": "reversed", "automargin": True, "ticks": "", "fixedrange": True, "showgrid": False}
MARGIN = {"l": 0, "r": 8, "t": 8, "b": 0}
LEGEND = {"orientation": "h", "y": -0.16, "x": 0, "itemsizing": "constant"}
MIN_COLOURED = 10  # businesses in a row of the cross table; the shares of fewer get no colour
FULL_COLOUR = 2.0  # standard deviations from the mean at which a centre has the full colour


def colour(place: int) -> str:
    """Colour of the segment at this place in the order."""
    return theme.SEGMENT_COLOURS[place % len(theme.SEGMENT_COLOURS)]


def scatter(own: pd.DataFrame, cloud: pd.DataFrame, names: Mapping[str, str], titles: Mapping[str, str]) -> go.Figure:
    """Own businesses in the plane of the first two components, over grey spots of the whole bank.

    Parameters
    ----------
    own : business_id, name, segment, x, y, tier_words (tier and score); a click selects `customdata[0]`
    cloud : x, y, businesses of each spot
    names : segment -> its name, in their order
    titles : "x" and "y" of the axes, "bank" of the spots
    """
    traces = [_spots(cloud, titles["bank"])]
    for place, (code, name) in enumerate(names.items()):
        traces.append(_members(own[own["segment"] == code], place, name))
    axis = {"zeroline": False, "fixedrange": True, "nticks": 6, "showticklabels": False}
    axes = {name: axis | {"title": {"text": titles[name[0]]}} for name in ("xaxis", "yaxis")}
    layout = {"height": 520, "margin": MARGIN | {"b": 8}, "legend": LEGEND, "hovermode": "closest", "dragmode": False}
    return go.Figure(traces, layout | axes | {"clickmode": "event+select"})


def _spots(cloud: pd.DataFrame, name: str) -> dict[str, Any]:
    most = max(cloud["businesses"].max(), 1) if len(cloud) else 1
    return {
        "type": "scatter",
        "mode": "markers",
        "x": cloud["x"].tolist(),
        "y": cloud["y"].tolist(),
        "name": name,
        "hoverinfo": "skip",
        "marker": {
            "color": theme.GREY,
            "opacity": 0.22,
            "size": [4 + 16 * math.sqrt(count / most) for count in cloud["businesses"]],
            "line": {"width": 0},
        },
        # A click on a spot opens nothing, so it must not fade the other marks.
        "selected": {"marker": {"opacity": 0.22}},
        "unselected": {"marker": {"opacity": 0.22}},
    }


def _members(rows: pd.DataFrame, place: int, name: str) -> dict[str, Any]:
    hover = [
        f"<b>{html.escape(escape.clean(own_name))}</b><br>{words}"
        for own_name, words in zip(rows["name"], rows["tier_words"], strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": rows["x"].tolist(),
        "y": rows["y"].tolist(),
        "name": name,
        "customdata": list(zip(rows["business_id"], hover, strict=True)),
        "hovertemplate": f"%{{customdata[1]}}<br>{name}<extra></extra>",
        "marker": {
            "color": colour(place),
            "symbol": theme.SEGMENT_SYMBOLS[place % len(theme.SEGMENT_SYMBOLS)],
            "size": 9,
            "opacity": 0.85,
            "line": {"color": theme.GREY, "width": 0.5},
        },
        "unselected": {"marker": {"opacity": 0.85}},
    }


def centres(z: pd.DataFrame, texts: pd.DataFrame) -> go.Figure:
    """Heat map of centres: segments in the rows, features in the columns, coloured by distance from the mean.

    z : distance in standard deviations; texts : what each cell shows
    """
    heat = _heat(z, texts.to_numpy(), theme.CHANGE) | {
        "zmin": -FULL_COLOUR,
        "zmax": FULL_COLOUR,
        "hovertemplate": "%{y}<br>%{x} %{text}",
    }
    heat["hovertemplate"] += " (%{z:+.1f}σ)<extra></extra>"
    return _grid(heat, len(z), 46)


def shares(counts: pd.DataFrame, texts: pd.DataFrame, label: str) -> go.Figure:
    """Heat map of counts, coloured by the share of the row.

    texts : what each cell shows; label : name of the share
    """
    share = counts.div(counts.sum(axis=1).where(lambda total: total >= MIN_COLOURED), axis=0)
    heat = _heat(share, texts.to_numpy(), theme.SIZE) | {"zmin": 0, "zmax": max(0.4, float(share.max().max() or 0))}
    heat["hovertemplate"] = f"%{{y}}<br>%{{x}} %{{text}} · {label} %{{z:.0%}}<extra></extra>"
    return _grid(heat, len(counts), 30 if len(counts) > 10 else 46)


def _heat(values: pd.DataFrame, texts: Any, scale: list[list]) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": list(values.columns),
        "y": list(values.index),
        "z": values.astype(float).to_numpy(),
        "text": texts,
        "texttemplate": "%{text}",
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def _grid(heat: dict[str, Any], rows: int, row_height: int) -> go.Figure:
    x = {"side": "top", "ticks": "", "fixedrange": True, "showgrid": False, "tickangle": 0, "automargin": True}
    return go.Figure([heat], {"margin": MARGIN, "height": 60 + row_height * rows, "xaxis": x, "yaxis": NAMES_AXIS})


def boxes(rows: pd.DataFrame, names: Mapping[str, str], ticks: tuple[Sequence[float], Sequence[str]]) -> go.Figure:
    """A horizontal box per segment: 5 %, quartiles and 95 % of one feature.

    rows : segment, low, q1, median, q3, high on the stored scale
    ticks : positions on that scale, words
    """
    traces = []
    for place, (code, name) in enumerate(names.items()):
        row = rows[rows["segment"] == code]
        if len(row) and row["median"].notna().all():
            traces.append(_box(row.iloc[0], place, name))
    x = {"tickvals": list(ticks[0]), "ticktext": list(ticks[1]), "fixedrange": True, "zeroline": False}
    height = 60 + 44 * max(len(traces), 1)
    layout = {"margin": MARGIN | {"r": 24}, "height": height, "showlegend": False, "hovermode": "closest"}
    return go.Figure(traces, layout | {"xaxis": x, "yaxis": NAMES_AXIS, "boxgap": 0.35})


def _box(row: pd.Series, place: int, name: str) -> dict[str, Any]:
    return {
        "type": "box",
        "orientation": "h",
        "y": [name],
        "lowerfence": [row["low"]],
        "q1": [row["q1"]],
        "median": [row["median"]],
        "q3": [row["q3"]],
        "upperfence": [row["high"]],
        "name": name,
        "line": {"color": colour(place), "width": 2},
        # Plotly would show the stored numbers, which may be logarithms.
        "hoverinfo": "skip",
    }


def numbers(figures: pd.DataFrame, column: str, words: tuple[str, str], least: float | None = None) -> go.Figure:
    """Silhouette or stability by k, with a ring around the k in use.

    words : names of k and of the figure; least : dotted line at the value that a proposed k needs
    """
    used = figures[figures["used"]]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": figures["k"].tolist(),
        "y": figures[column].tolist(),
        "name": words[1],
        "line": {"color": theme.LINE, "width": 2.5},
        "hovertemplate": "%{y:.3f}<extra></extra>",
    }
    ring = {
        "type": "scatter",
        "mode": "markers",
        "x": used["k"].tolist(),
        "y": used[column].tolist(),
        "marker": {"size": 16, "color": "rgba(0,0,0,0)", "line": {"color": theme.ACCENT, "width": 2.5}},
        "hoverinfo": "skip",
    }
    rule = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": least, "y1": least}
    layout = {
        "height": 240,
        "margin": MARGIN | {"t": 12},
        "showlegend": False,
        "hovermode": "x",
        "xaxis": {"title": {"text": words[0]}, "dtick": 1, "fixedrange": True, "zeroline": False},
        "yaxis": {"nticks": 5, "fixedrange": True, "tickformat": ".3f", "automargin": True},
        "shapes": [] if least is None else [rule | {"line": {"color": theme.GREY, "width": 1, "dash": "dot"}}],
    }
    return go.Figure([line, ring], layout)
