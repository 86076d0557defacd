"""Lines of up to four businesses or districts on one scale, in colours that no tier and no level has."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from pages.shared.text import unknown

# The colours differ in lightness as well as in hue, and the lines in their dashes, for readers who are colour-blind.
COLOURS = ("#3D85C6", "#B5651D", "#0F8B74", "#B0508E")
DASHES = ("solid", "dash", "dot", "dashdot")
LAYOUT = {
    "height": 320,
    "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
    "legend": {"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0},
    "hovermode": "x unified",
    "xaxis": {"tickformat": "%Y-%m", "hoverformat": "%Y-%m", "nticks": 7, "fixedrange": True},
    "yaxis": {"rangemode": "tozero", "nticks": 6, "fixedrange": True},
}


def lines(series: Mapping[str, tuple[Sequence, Sequence]]) -> go.Figure:
    """One line per name; an unknown month is a gap.

    series : name -> (months, values)
    """
    traces = [
        _line(name, months, values, COLOURS[place % 4], DASHES[place % 4])
        for place, (name, (months, values)) in enumerate(series.items())
    ]
    return go.Figure(traces, LAYOUT)


def _line(name: str, months: Sequence, values: Sequence, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(months),
        "y": [None if unknown(value) else float(value) for value in values],
        "name": name,
        "mode": "lines",
        "line": {"color": colour, "dash": dash, "width": 2.5},
        "hovertemplate": "%{y:.0f}",
        "connectgaps": False,
    }
