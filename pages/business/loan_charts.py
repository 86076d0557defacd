"""Charts of a loan: what is paid each month, and how far sales may fall.

Plotly only. Text has no colour of its own, so that it takes the one of Streamlit's theme.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.charts.business import nice_ticks

INTEREST = theme.TIER_COLOURS[2]
LAYOUT = {
    "height": 260,
    "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
    "legend": {"orientation": "h", "y": 1.14, "x": 0},
}


def payments(rows: pd.DataFrame, names: tuple[str, str], month: str, words: Callable) -> go.Figure:
    """Bars of principal with interest on top, one per month.

    rows : month, principal_krw, interest_krw, payment_krw
    names : of principal and interest
    words : an amount in won as text
    """
    ticks = nice_ticks(rows["payment_krw"].tolist())
    bars = [
        _bars(rows["month"].tolist(), rows[column].tolist(), name, colour, words)
        for column, name, colour in (
            ("principal_krw", names[0], theme.LINE),
            ("interest_krw", names[1], INTEREST),
        )
    ]
    axes = {
        "xaxis": {"title": {"text": month}, "fixedrange": True, "dtick": 12 if len(rows) > 24 else 3},
        "yaxis": {"tickvals": ticks, "ticktext": [words(tick) for tick in ticks], "fixedrange": True},
    }
    return go.Figure(bars, LAYOUT | axes | {"barmode": "stack", "bargap": 0.15, "hovermode": "x unified"})


def _bars(months: Sequence, values: Sequence, name: str, colour: str, words: Callable) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": list(months),
        "y": list(values),
        "name": name,
        "marker": {"color": colour},
        "customdata": [words(value) for value in values],
        "hovertemplate": "%{customdata}",
    }


def dscr(
    sales: Sequence[float],
    ratios: Sequence[float | None],
    at: tuple[float, float],
    lines: Mapping[float, str],
    axis: str,
) -> go.Figure:
    """The DSCR (debt service coverage ratio) over the share of sales that is left.

    at : the point that is marked: share of sales, DSCR
    lines : DSCR -> name of the limit there
    axis : title of the horizontal axis
    """
    curve = {
        "type": "scatter",
        "x": list(sales),
        "y": list(ratios),
        "mode": "lines",
        "line": {"color": theme.LINE, "width": 2.5},
        "hovertemplate": "×%{x:.2f}<br>%{y:.2f}<extra></extra>",
    }
    point = {
        "type": "scatter",
        "x": [at[0]],
        "y": [at[1]],
        "mode": "markers",
        "marker": {"size": 13, "color": theme.ACCENT},
        "hovertemplate": "×%{x:.2f}<br>%{y:.2f}<extra></extra>",
    }
    shapes = [_limit(level) for level in lines]
    notes = [_label(level, name, sales[0], "bottom" if level == max(lines) else "top") for level, name in lines.items()]
    axes = {
        "xaxis": {"title": {"text": axis}, "tickformat": ".0%", "fixedrange": True},
        "yaxis": {"rangemode": "tozero", "nticks": 6, "fixedrange": True},
    }
    return go.Figure([curve, point], LAYOUT | axes | {"showlegend": False, "shapes": shapes, "annotations": notes})


def _limit(level: float) -> dict[str, Any]:
    line = {"color": theme.GREY, "width": 1.2, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": line}


def _label(level: float, name: str, x: float, anchor: str) -> dict[str, Any]:
    # The name of the higher line stands above it, that of the lower one below: the lines may lie close together.
    return {
        "x": x,
        "y": level,
        "text": name,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": anchor,
        "font": {"color": theme.GREY, "size": 11},
    }
