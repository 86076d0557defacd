"""Charts of churn: customers who came and left by month, retention, probabilities, reasons and causes.

Plotly only. Text has no colour of its own, so that it takes the one of Streamlit's theme.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme

RAISES, LOWERS = theme.TIER_COLOURS[1], theme.TIER_COLOURS[5]
# Leavers are warm colours below zero, new customers cool colours above: the side says the same as the colour.
FLOWS = {"churned": "#8E4CB3", "closed": theme.GREY, "new": "#3D85C6", "reactivated": "#9CC4E4"}
OUT = ("churned", "closed")
RIM = {"color": theme.GREY, "width": 0.8}  # an edge for the lightest bars on white and the darkest on black
LAYOUT = {
    "height": 260,
    "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
    "legend": {"orientation": "h", "y": 1.16, "x": 0},
    "xaxis": {"fixedrange": True, "nticks": 7},
    "yaxis": {"fixedrange": True, "nticks": 5, "automargin": True},
}
MONTHS = {"tickformat": "%Y-%m", "hoverformat": "%Y-%m", "nticks": 6, "fixedrange": True}


def flows(months: pd.DataFrame, names: Mapping[str, str]) -> go.Figure:
    """Bars of customers who came above zero and who left below; provisional months are hatched."""
    hatch = ["/" if provisional else "" for provisional in months["provisional"]]
    bars = [_flow(months, code, name, hatch) for code, name in names.items()]
    axis = LAYOUT["yaxis"] | {"zeroline": True, "zerolinecolor": theme.GREY}  # type: ignore[operator]
    layout = LAYOUT | {"barmode": "relative", "hovermode": "x unified", "xaxis": MONTHS, "yaxis": axis, "bargap": 0.25}
    return go.Figure(bars, layout)


def _flow(months: pd.DataFrame, code: str, name: str, hatch: Sequence[str]) -> dict[str, Any]:
    counts = months[code].astype(float)
    pattern = {"shape": list(hatch), "size": 5, "solidity": 0.35, "fillmode": "overlay"}
    return {
        "type": "bar",
        "x": months["month"].tolist(),
        "y": (-counts if code in OUT else counts).tolist(),
        "customdata": counts.tolist(),
        "name": name,
        "marker": {"color": FLOWS[code], "pattern": pattern, "line": {"width": 0}},
        "hovertemplate": "%{customdata:,.0f}",
    }


def retention(months: pd.DataFrame, names: tuple[str, str]) -> go.Figure:
    """Monthly retention; provisional months are a dotted line that starts at the last certain one.

    names : of the certain and of the provisional line
    """
    certain = months["retention"].where(~months["provisional"])
    last = certain.last_valid_index()
    dotted = months["retention"].where(months["provisional"] | (months.index == last))
    lines = [
        _line(months["month"], certain, names[0], {"color": theme.LINE, "width": 2.5}),
        _line(months["month"], dotted, names[1], {"color": theme.LINE, "width": 2, "dash": "dot"}),
    ]
    axis = LAYOUT["yaxis"] | {"tickformat": ".1%"}  # type: ignore[operator]
    return go.Figure(lines, LAYOUT | {"xaxis": MONTHS, "yaxis": axis, "hovermode": "x"})


def _line(months: pd.Series, values: pd.Series, name: str, line: dict[str, Any]) -> dict[str, Any]:
    y = [None if pd.isna(value) else float(value) for value in values]
    marks = {"mode": "lines+markers", "marker": {"size": 5}, "hovertemplate": "%{y:.1%}<extra></extra>"}
    return {"type": "scatter", "x": months.tolist(), "y": y, "name": name, "line": line} | marks


def distribution(
    steps: Sequence[str], counts: Sequence[int], colours: Sequence[str], words: tuple[str, str]
) -> go.Figure:
    """Number of active customers by step of probability, a bar per step in its colour.

    words : titles of the x axis and the y axis
    """
    bar = {
        "type": "bar",
        "x": list(steps),
        "y": list(counts),
        "text": [f"{count:,}" if count else "" for count in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": list(colours), "line": RIM},
        "hovertemplate": "%{x}<br>%{y:,}<extra></extra>",
    }
    x = {"title": {"text": words[0]}, "type": "category", "fixedrange": True, "automargin": True}
    y = {"title": {"text": words[1]}, "range": [0, 1.15 * max(*counts, 1)], "fixedrange": True, "nticks": 5}
    return go.Figure([bar], LAYOUT | {"bargap": 0.12, "xaxis": x, "yaxis": y, "showlegend": False, "height": 300})


def reasons(labels: Sequence[str], values: Sequence[float], odds: Callable[[float], str]) -> go.Figure:
    """Mean contribution of each reason: bars to the right raise the probability, bars to the left lower it."""
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": list(labels),
        "x": list(values),
        "text": [odds(value) for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [RAISES if value > 0 else LOWERS for value in values]},
        "hovertemplate": "%{y} %{text}<extra></extra>",
    }
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.22 * (high - low or 1.0)
    x = {"range": [low - room, high + room], "showticklabels": False, "zerolinecolor": theme.GREY, "fixedrange": True}
    y = {"autorange": "reversed", "automargin": True, "ticks": "", "fixedrange": True}
    return go.Figure([bar], LAYOUT | {"height": 40 + 30 * len(labels), "xaxis": x, "yaxis": y, "showlegend": False})


def causes(labels: Sequence[str], shares: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """Share of each cause among those who left."""
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": list(labels),
        "x": list(shares),
        "text": list(texts),
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": FLOWS["churned"], "line": RIM},
        "hovertemplate": "%{y} %{text}<extra></extra>",
    }
    x = {"range": [0, 1.45 * max(shares, default=1.0)], "showticklabels": False, "fixedrange": True}
    y = {"autorange": "reversed", "automargin": True, "ticks": "", "fixedrange": True}
    return go.Figure([bar], LAYOUT | {"height": 40 + 34 * len(labels), "xaxis": x, "yaxis": y, "showlegend": False})
