"""A chart of shares over time with their 95 % intervals and gates. Plotly only."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.charts.models import OTHERS

LAYOUT = {
    "height": 300,
    "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
    "legend": {"orientation": "h", "y": -0.15},
    "hovermode": "x unified",
    "xaxis": {"fixedrange": True},
    "yaxis": {"tickformat": ".0%", "fixedrange": True},
}


def shares(lines: Mapping[str, pd.DataFrame], gates: Mapping[str, float]) -> go.Figure:
    """A line and a band per name; a gate is a dotted line in the same colour.

    Parameters
    ----------
    lines : name -> rows with to_on, value, low, high, in order of to_on
    gates : name -> share that must be reached
    """
    traces = []
    colours = (theme.LINE, *OTHERS)
    for colour, (name, rows) in zip(colours, lines.items(), strict=False):
        days = rows["to_on"].tolist()
        band = {"x": days + days[::-1], "y": rows["high"].tolist() + rows["low"].tolist()[::-1]}
        shade = {"fill": "toself", "fillcolor": colour, "opacity": 0.15, "line": {"width": 0}}
        traces.append({"type": "scatter", "showlegend": False, "hoverinfo": "skip"} | band | shade)
        line = {"x": days, "y": rows["value"].tolist(), "line": {"color": colour, "width": 2}}
        traces.append({"type": "scatter", "mode": "lines", "name": name, "hovertemplate": "%{y:.1%}"} | line)
        if name in gates and days:
            dotted = {"color": colour, "width": 1, "dash": "dot"}
            ends = {"x": [days[0], days[-1]], "y": [gates[name]] * 2}
            traces.append(
                {"type": "scatter", "mode": "lines", "showlegend": False, "hoverinfo": "skip", "line": dotted} | ends
            )
    return go.Figure(traces, LAYOUT)
