"""Figures of how good a model is: ROC, PR, calibration, cost, importance, beeswarm, the 79 models, forecasts.

Plotly only; numbers and words come in, a figure goes out. Text takes its colour from Streamlit's theme.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.charts.base import MARGIN, bars, line, trace

# Apart for the colour blind (Okabe and Ito 2008), and visible on white and on near-black; the champion is LINE.
OTHERS = ("#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8A8A8A", "#B8A100", "#7F6BC4", "#A06A3B")
SQUARE = {
    "height": 340,
    # Room for the axis' title: plotly's automatic margin counts the tick labels only.
    "margin": {"l": 64, "r": 8, "t": 8, "b": 0},
    "legend": {"x": 0, "y": -0.22, "orientation": "h", "font": {"size": 11}},
    "hovermode": "closest",
}
FLAT = {"margin": MARGIN, "showlegend": False}
NAMES_AXIS = {"autorange": "reversed", "automargin": True, "ticks": "", "fixedrange": True}
# Blue below and red above zero: correlation has no good and bad, but the same two ends as everywhere.
SIGNED = [[0.0, theme.TIER_COLOURS[5]], [0.5, "#EFEAE0"], [1.0, theme.TIER_COLOURS[1]]]
RARE = 0.2  # below it, probabilities differ by their ratio more than by their distance
LOW, HIGH = theme.TIER_COLOURS[5], theme.TIER_COLOURS[1]


@dataclass(frozen=True)
class Curve:
    """One line of ROC or PR: its name and its points."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def roc(curves: Sequence[Curve], words: tuple[str, str, str]) -> go.Figure:
    """ROC curves, the champion first; words: x axis, y axis, "by chance"."""
    chance = _rule([0, 1], [0, 1], words[2])
    return _square([chance, *_curves(curves)], words[0], words[1])


def precision_recall(curves: Sequence[Curve], base_rate: float, words: tuple[str, str, str]) -> go.Figure:
    """Precision over recall, with the base rate: what a random warning would have."""
    base = _rule([0, 1], [base_rate, base_rate], words[2])
    return _square([base, *_curves(curves)], words[0], words[1])


def calibration(
    bins: pd.DataFrame, name: str, others: Sequence[Curve], words: tuple[str, str, str], form: Callable
) -> go.Figure:
    """Observed rate over mean probability by bin, with the bins' 95 % intervals; logarithmic for rare events.

    Parameters
    ----------
    bins : the champion's: mean_p, observed, low, high, n
    others : the same of other models, without intervals
    words : x axis, y axis, "as it should be"
    form : writes a share
    """
    rare = float(bins["mean_p"].median()) < RARE
    values = [*bins["mean_p"], *bins["low"], *bins["high"], *(p for curve in others for p in curve.x)]
    ends = _log_ends(values) if rare else [max(min(values) - 0.02, 0.0), min(max(values) + 0.02, 1.0)]
    points = line(
        bins["mean_p"],
        bins["observed"].where(bins["observed"] > 0),
        name,
        {"color": theme.LINE, "width": 1.5},
        mode="markers+lines",
        error_y=_intervals(bins),
        marker={"size": 7, "color": theme.LINE},
        customdata=[
            (form(row.mean_p), form(row.observed), form(row.low), form(row.high), f"{row.n:,}")
            for row in bins.itertuples()
        ],
        hovertemplate="%{customdata[0]} → %{customdata[1]} (%{customdata[2]}–%{customdata[3]})"
        "<br>n = %{customdata[4]}<extra></extra>",
    )
    figure = _square([_rule(ends, ends, words[2]), *_curves(others, first=1), points], words[0], words[1])
    axis = _log_axis(ends, form) if rare else {"tickformat": ".0%", "range": ends}
    return figure.update_layout(xaxis=axis, yaxis=axis)


def _log_axis(ends: Sequence[float], form: Callable) -> dict[str, Any]:
    ticks = [p for p in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1) if ends[0] <= p <= ends[1]]
    return {"type": "log", "tickvals": ticks, "ticktext": [form(p) for p in ticks], "range": np.log10(ends).tolist()}


def _intervals(bins: pd.DataFrame) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": (bins["high"] - bins["observed"]).tolist(),
        "arrayminus": (bins["observed"] - bins["low"]).tolist(),
        "color": theme.LINE,
        "thickness": 1.2,
        "width": 3,
    }


def _log_ends(values: Sequence[float]) -> list[float]:
    positive = [value for value in values if value > 0]
    return [max(min(positive, default=0.001) * 0.7, 1e-4), min(max(positive, default=1.0) * 1.4, 1.0)]


def _rule(x: Sequence[float], y: Sequence[float], name: str) -> dict[str, Any]:
    return line(x, y, name, {"color": theme.GREY, "dash": "dot", "width": 1.5}, hoverinfo="skip")


def _curves(curves: Sequence[Curve], first: int = 0) -> list[dict[str, Any]]:
    """The first curve bold and in the colour of a single series; it is drawn last, over the others."""
    colours = [theme.LINE, *OTHERS][first:]
    drawn = [_curve(curve, colours[i % len(colours)], i + first == 0) for i, curve in enumerate(curves)]
    return drawn[::-1]


def _curve(curve: Curve, colour: str, bold: bool) -> dict[str, Any]:
    style = {"color": colour, "width": 3 if bold else 1.4}
    return line(curve.x, curve.y, curve.name, style, hovertemplate="%{x:.3f}, %{y:.3f}")


def _square(traces: list[dict[str, Any]], x: str, y: str) -> go.Figure:
    layout = SQUARE | {
        "xaxis": {"title": {"text": x, "standoff": 6}, "automargin": True, "fixedrange": True},
        "yaxis": {"title": {"text": y}, "automargin": False, "fixedrange": True},
    }
    return go.Figure(traces, layout)


def cost_curve(
    thresholds: Sequence[float], costs: Sequence[float], marks: Mapping[str, tuple[float, float]]
) -> go.Figure:
    """Cost per 100 cases over the threshold (logarithmic); marks: name -> (threshold, cost)."""
    curve = _curve(Curve("", thresholds, costs), theme.LINE, bold=True)
    curve |= {"hovertemplate": "%{x:.1%}: %{y:.1f}<extra></extra>", "showlegend": False}
    points = [
        trace(
            "scatter",
            [x],
            [y],
            mode="markers",
            name=name,
            marker={"size": 11, "color": colour, "line": {"color": theme.GREY, "width": 1}},
            hovertemplate=f"{name}<br>%{{x:.1%}}: %{{y:.1f}}<extra></extra>",
        )
        for (name, (x, y)), colour in zip(marks.items(), (theme.ACCENT, OTHERS[1]), strict=False)
    ]
    axis = {"type": "log", "tickformat": ".0%", "tickvals": [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0], "fixedrange": True}
    layout = {"height": 230, "margin": MARGIN, "legend": {"orientation": "h", "y": 1.16}}
    return go.Figure([curve, *points], layout | {"xaxis": axis, "yaxis": {"rangemode": "tozero", "fixedrange": True}})


def correlation(matrix: pd.DataFrame, labels: Sequence[str]) -> go.Figure:
    """Heat map of correlations, -1 to 1; a pair without a figure stays empty."""
    cells = trace(
        "heatmap",
        labels,
        labels,
        z=matrix.to_numpy().tolist(),
        zmin=-1,
        zmax=1,
        colorscale=SIGNED,
        colorbar={"thickness": 10, "outlinewidth": 0, "tickvals": [-1, -0.5, 0, 0.5, 1]},
        hovertemplate="%{x}<br>%{y}<br>%{z:.2f}<extra></extra>",
    )
    size = 180 + 19 * len(labels)
    axis = {"ticks": "", "automargin": True, "fixedrange": True, "tickfont": {"size": 10}, "dtick": 1}
    return go.Figure([cells], FLAT | {"height": size, "xaxis": axis | {"tickangle": -60}, "yaxis": NAMES_AXIS | axis})


def boxes(rows: pd.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """One feature's spread by outcome, from five numbers each: low, q1, median, q3, high."""
    colours = {0: LOW, 1: HIGH}
    traces = [
        {
            "type": "box",
            "name": names[int(row.outcome)],
            "y": [names[int(row.outcome)]],
            "lowerfence": [row.low],
            "q1": [row.q1],
            "median": [row.median],
            "q3": [row.q3],
            "upperfence": [row.high],
            "orientation": "h",
            "marker": {"color": colours[int(row.outcome)]},
        }
        for row in rows.itertuples()
    ]
    axes = {"xaxis": {"nticks": 5, "fixedrange": True, "zeroline": False}, "yaxis": NAMES_AXIS}
    return go.Figure(traces, FLAT | axes | {"height": 130})


def importance(labels: Sequence[str], values: Sequence[float]) -> go.Figure:
    """Bars, the heaviest on top."""
    weights = bars(
        labels,
        values,
        marker={"color": theme.LINE},
        text=[f"{value:.3f}" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}<br>%{x:.4f}<extra></extra>",
    )
    axis = {"range": [0, 1.15 * max(values, default=1.0)], "nticks": 5, "fixedrange": True}
    return go.Figure([weights], FLAT | {"height": 60 + 25 * len(labels), "xaxis": axis, "yaxis": NAMES_AXIS})


def beeswarm(rows: pd.DataFrame, labels: Mapping[str, str], ends: tuple[str, str]) -> go.Figure:
    """One dot a row and feature: contribution across, the feature's value as colour (blue low, red high)."""
    features = list(dict.fromkeys(rows["feature"]))
    marker = {
        "size": 4,
        "color": rows["value_pct"].fillna(0.5).tolist(),
        "colorscale": [[0.0, LOW], [0.5, theme.GREY], [1.0, HIGH]],
        "cmin": 0,
        "cmax": 1,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickvals": [0, 1], "ticktext": list(ends)},
    }
    y = rows["feature"].map(features.index) + _spread(rows)
    hover = {
        "customdata": rows["feature"].map(labels).tolist(),
        "hovertemplate": "%{customdata}<br>%{x:+.2f}<extra></extra>",
    }
    dots = trace("scattergl", rows["contribution"], y, mode="markers", marker=marker, **hover)
    axis = NAMES_AXIS | {"tickvals": list(range(len(features))), "ticktext": [labels[name] for name in features]}
    zero = {"zeroline": True, "zerolinecolor": theme.GREY, "fixedrange": True}
    return go.Figure([dots], FLAT | {"height": 80 + 32 * len(features), "xaxis": zero, "yaxis": axis})


def _spread(rows: pd.DataFrame) -> pd.Series:
    """Places beside the line of each feature, farther where dots are dense; the same on every run."""
    near = rows.groupby("feature")["contribution"].transform(lambda x: (x - x.min()) / ((x.max() - x.min()) or 1.0))
    cell = rows.assign(near=(near * 40).round()).groupby(["feature", "near"])
    place, dots = cell.cumcount(), cell["contribution"].transform("size")
    return (place - (dots - 1) / 2) * (0.7 / dots.clip(lower=12))


def hierarchy(cells: pd.DataFrame, rows: Sequence[str], columns: Sequence[str]) -> go.Figure:
    """The 72 cells: colour and figure are the weight of the local model; grey is a cell without one.

    Parameters
    ----------
    cells : row, column (words), weight (share; NaN where no model was fitted), text, hover
    rows, columns : words of the axes in order
    """
    grid = cells.pivot(index="row", columns="column", values=["weight", "text", "hover"])
    weight = grid["weight"].reindex(index=rows, columns=columns)
    missing = weight.isna()
    shared = {
        "type": "heatmap",
        "x": list(columns),
        "y": list(rows),
        "text": grid["text"].reindex(index=rows, columns=columns).to_numpy(),
        "customdata": grid["hover"].reindex(index=rows, columns=columns).to_numpy(),
        "texttemplate": "%{text}",
        "hovertemplate": "%{customdata}<extra></extra>",
        "xgap": 2,
        "ygap": 2,
    }
    grey = [[0, theme.GREY], [1, theme.GREY]]
    absent = shared | {"z": missing.astype(float).where(missing).to_numpy(), "colorscale": grey, "showscale": False}
    absent |= {"textfont": {"color": "#FFFFFF"}}
    present = shared | {
        "z": weight.astype(float).to_numpy(),
        "colorscale": theme.SIZE,
        "zmin": 0,
        "zmax": max(0.1, float(np.nanmax(weight.to_numpy(dtype=float), initial=0.0))),
        "showscale": False,
    }
    axes = {
        "xaxis": {"side": "top", "ticks": "", "fixedrange": True, "tickangle": -25, "showgrid": False},
        "yaxis": NAMES_AXIS | {"showgrid": False},
    }
    return go.Figure([absent, present], FLAT | axes | {"height": 110 + 30 * len(rows)})


def errors_by_period(periods: Sequence[str], lines: Mapping[str, Sequence[float | None]], first: str) -> go.Figure:
    """WAPE of each model over periods; the model `first` is bold."""
    ordered = sorted(lines, key=lambda name: name != first)
    traces = _curves([Curve(name, periods, lines[name]) for name in ordered])  # type: ignore[arg-type]
    for curve in traces:
        curve |= {"mode": "lines+markers", "hovertemplate": "%{y:.1%}"}
    layout = {"height": 280, "margin": MARGIN, "hovermode": "x unified"}
    axes = {"xaxis": {"type": "category", "fixedrange": True}, "yaxis": {"tickformat": ".0%", "fixedrange": True}}
    return go.Figure(traces, layout | axes | {"legend": {"orientation": "h", "y": -0.15}})
