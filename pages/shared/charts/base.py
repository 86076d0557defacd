"""What all charts are made of: traces and layouts as plain dicts, which plotly checks once, when the figure is made.

Axes and text take their colour from Streamlit's theme; what plotly would draw in black is set to grey.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from pages.shared.charts import theme

CONFIG = {"displayModeBar": False}
CLEAR = "rgba(0,0,0,0)"
MARGIN = {"l": 0, "r": 8, "t": 8, "b": 0}
TREND_LAYOUT = {
    "height": 220,
    "margin": MARGIN,
    "legend": {"orientation": "h", "y": 1.15, "x": 0},
    "hovermode": "x unified",
    "xaxis": {"tickformat": "%Y-%m", "nticks": 6},
    "yaxis": {"nticks": 5, "tickformat": ".0f"},
}


def trace(kind: str, x: Sequence, y: Sequence, **rest: Any) -> dict[str, Any]:
    """A trace of plotly: "scatter", "bar", ..., its two axes and whatever else it needs."""
    return {"type": kind, "x": list(x), "y": list(y), **rest}


def line(x: Sequence, y: Sequence, name: str, style: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A line; `style` is its colour, width and dash."""
    return trace("scatter", x, y, name=name, line=style, **{"mode": "lines", **rest})


def bars(labels: Sequence[str], values: Sequence[float], **rest: Any) -> dict[str, Any]:
    """Horizontal bars, a label each."""
    return trace("bar", values, labels, orientation="h", **rest)


def trend(months: Sequence, values: Sequence, name: str) -> go.Figure:
    """A score over months."""
    style = {"color": theme.LINE, "dash": "solid", "width": 2.5}
    return go.Figure([line(months, values, name, style, hovertemplate="%{y:.0f}")], TREND_LAYOUT)
