"""Figures of one business: months of revenue and their forecast, points of the score, the way to a probability.

Plotly only; values and words come in, a figure goes out. Text takes its colour from Streamlit's theme.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from pages.shared.charts import theme
from pages.shared.charts.base import MARGIN, bars, line, trace
from pages.shared.text import reasons, unknown

MAX_STEPS = 8  # reason groups shown one by one; the rest is one step
PD_TICKS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
MAX_TICKS = 6
RAISES, LOWERS = theme.TIER_COLOURS[1], theme.TIER_COLOURS[5]
FAINT = "rgba(138,138,138,0.28)"
WIDE, NARROW = "rgba(61,133,198,0.16)", "rgba(61,133,198,0.28)"  # theme.LINE, see-through
REVENUE_LAYOUT = {
    "height": 300,
    "margin": MARGIN,
    "legend": {"orientation": "h", "y": 1.14, "x": 0},
    "hovermode": "x unified",
    "xaxis": {"tickformat": "%Y-%m", "hoverformat": "%Y-%m", "nticks": 7},
}
# Five names are five lines on a telephone: below the months they cover nothing.
FORECAST_LAYOUT = {"height": 360, "legend": {"orientation": "h", "y": -0.12, "yanchor": "top", "x": 0}}
POINTS_LAYOUT = {
    "barmode": "stack",
    "margin": {"l": 0, "r": 8, "t": 4, "b": 0},
    "legend": {"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0, "traceorder": "normal", "itemclick": False},
    "xaxis": {"ticks": "", "nticks": 7, "fixedrange": True},
    "yaxis": {"autorange": "reversed", "ticks": "", "automargin": True, "fixedrange": True},
}
STANCE_LAYOUT = {"height": 330, "margin": MARGIN, "showlegend": False}
PERCENTILE = {
    "range": [-0.03, 1.03],
    "zeroline": False,
    "tickformat": ".0%",
    "nticks": 6,
    "fixedrange": True,
    "showgrid": False,
}
WATERFALL = {
    "type": "waterfall",
    "orientation": "h",
    "textposition": "outside",
    "cliponaxis": False,
    "hovertemplate": "%{y}<br>→ %{customdata}<extra></extra>",
    "increasing": {"marker": {"color": RAISES}},
    "decreasing": {"marker": {"color": LOWERS}},
    "totals": {"marker": {"color": theme.GREY}},
    "connector": {"line": {"color": theme.GREY, "width": 1, "dash": "dot"}},
}
WATERFALL_LAYOUT = {
    "margin": {"l": 0, "r": 12, "t": 4, "b": 0},
    "showlegend": False,
    "yaxis": {"autorange": "reversed", "automargin": True, "fixedrange": True, "ticks": ""},
}


@dataclass(frozen=True)
class Step:
    """One step of the waterfall, in log-odds."""

    label: str
    contribution: float


@dataclass(frozen=True)
class Forecast:
    """The months to come: the forecast and its two intervals, and their names (forecast, 80 %, 95 %)."""

    months: Sequence
    expected: Sequence[float]
    inner: tuple[Sequence[float], Sequence[float]]
    outer: tuple[Sequence[float], Sequence[float]]
    names: tuple[str, str, str]


def revenue(
    months: Sequence,
    own: Sequence[float | None],
    peers: Sequence[float | None],
    names: tuple[str, str],
    words: Callable,
    ahead: Forecast | None = None,
) -> go.Figure:
    """Months of revenue with the peers' median in grey; an unknown month is a gap. `words` writes won.

    `ahead` begins where the months end: intervals as bands, the forecast as a broken line.
    """
    highest = [] if ahead is None else ahead.outer[1]
    ticks = nice_ticks([value for value in (*own, *peers, *highest) if not unknown(value)])
    lines = [] if ahead is None else _forecast(ahead, months, own, words)
    lines += [
        _months(months, peers, names[1], {"color": theme.GREY, "dash": "dot", "width": 1.8}, words, mode="lines"),
        _months(months, own, names[0], {"color": theme.LINE, "width": 2.5}, words),
    ]
    axis = {"tickvals": ticks, "ticktext": [words(tick) for tick in ticks], "rangemode": "tozero"}
    layout = REVENUE_LAYOUT | {"yaxis": axis}
    return go.Figure(lines, layout if ahead is None else layout | FORECAST_LAYOUT | {"shapes": [_today(months)]})


def _today(months: Sequence) -> dict[str, Any]:
    """A line where the known months end."""
    last = list(months)[-1]
    line = {"color": theme.GREY, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": last, "x1": last, "y0": 0, "y1": 1, "line": line}


def _forecast(ahead: Forecast, months: Sequence, own: Sequence[float | None], words: Callable) -> list[dict[str, Any]]:
    """Bands, the wider first, then the forecast; all begin at the last month on file, where it is known."""
    start = ([], []) if unknown(own[-1]) else ([list(months)[-1]], [own[-1]])
    x = [*start[0], *ahead.months]
    bands = [
        _band(x, [*start[1], *low], [*start[1], *high], name, fill)
        for (low, high), name, fill in ((ahead.outer, ahead.names[2], WIDE), (ahead.inner, ahead.names[1], NARROW))
    ]
    style = {"color": theme.LINE, "dash": "dash", "width": 2.5}
    expected = _months(x, [*start[1], *ahead.expected], ahead.names[0], style, words)
    return [*bands, expected | {"hovertemplate": "<b>%{customdata}</b>"}]


def _band(x: Sequence, low: Sequence, high: Sequence, name: str, fill: str) -> dict[str, Any]:
    """One closed shape, forth along the low end and back along the high one; it has no hover."""
    shape = {"fill": "toself", "fillcolor": fill, "hoverinfo": "skip"}
    return line([*x, *reversed(x)], [*low, *reversed(high)], name, {"width": 0}, **shape)


def _months(
    months: Sequence, won: Sequence[float | None], name: str, style: dict, words: Callable, mode: str = "lines+markers"
) -> dict[str, Any]:
    hover = {"customdata": [words(krw) for krw in won], "hovertemplate": "%{customdata}"}
    return line(months, won, name, style, mode=mode, marker={"size": 4}, connectgaps=False, **hover)


def nice_ticks(values: Sequence[float], steps: int = 4) -> list[float]:
    """Round ticks from zero to above the largest value.

    >>> nice_ticks([7_300_000.0])
    [0, 2000000, 4000000, 6000000, 8000000]
    """
    top = max(values, default=0.0)
    if top <= 0:
        return [0]
    size = 10 ** math.floor(math.log10(top / steps))
    step = next(step * size for step in (1, 2, 2.5, 5, 10) if step * size * steps >= top)
    return [int(step * i) for i in range(math.ceil(top / step) + 1)]


def points(parts: Sequence[reasons.Component], labels: Sequence[str], names: tuple[str, str]) -> go.Figure:
    """Points gained and lost of each component; a whole bar is the most it could give. names: gained, lost."""
    gained = _points(labels, [part.gained for part in parts], names[0])
    gained |= {"marker": {"color": theme.LINE}, "textfont": {"color": theme.ink(theme.LINE)}}
    # No figure on the grey: it would read in one theme only, and the table below has it.
    lost = _points(labels, [part.lost for part in parts], names[1]) | {"marker": {"color": FAINT}, "text": None}
    return go.Figure([gained, lost], POINTS_LAYOUT | {"height": 76 + 40 * len(parts)})


def _points(labels: Sequence[str], values: Sequence[float], name: str) -> dict[str, Any]:
    return bars(
        labels,
        values,
        name=name,
        text=[f"{value:.1f}" if value >= 2.5 else "" for value in values],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        hovertemplate=f"%{{y}}<br>{name} %{{x:.2f}}<extra></extra>",
    )


def steps(drivers: Any, name: Callable[[str], str], rest: str) -> list[Step]:
    """Steps of the waterfall from all reason groups: the heaviest by name, the rest as one, those that raise first.

    The steps add up to the same total however many are one.
    """
    ranked = drivers.reindex(drivers["contribution"].abs().sort_values(ascending=False).index)
    # With one group too many the rest would be one group: then it is shown by its name.
    named = ranked if len(ranked) <= MAX_STEPS else ranked.head(MAX_STEPS - 1)
    groups = [Step(name(row.reason), float(row.contribution)) for row in named.itertuples()]
    groups.sort(key=lambda step: -step.contribution)
    others = ranked["contribution"].iloc[len(named) :]
    return [*groups, Step(rest, float(others.sum()))] if len(others) else groups


def waterfall(base: float, parts: Sequence[Step], names: tuple[str, str], words: Callable[[float], str]) -> go.Figure:
    """From the usual probability to this one: bars add up in log-odds, the axis is labelled in per cent.

    Parameters
    ----------
    base : log-odds of the model's base
    names : words for the first and the last bar
    words : writes a probability (0 to 1)
    """
    ends = list(accumulate((part.contribution for part in parts), initial=base))
    low, high = min(ends) - 0.35, max(ends) + 0.35
    shown = [words(probability(end)) for end in ends]
    odds = [reasons.odds(part.contribution) for part in parts]
    # From the axis' left end: a log-odds has no zero that means anything to a reader.
    return _waterfall(base - low, parts, names, odds, shown, _pd_axis(low, high), base=low)


def points_waterfall(
    base: float, parts: Sequence[Step], names: tuple[str, str], words: Callable[[float], str]
) -> go.Figure:
    """From the usual probability to this one in points of probability: the bars add up on a plain scale of per cent."""
    ends = list(accumulate((part.contribution for part in parts), initial=base))
    shown = [words(end) for end in ends]
    points = [reasons.points(part.contribution) for part in parts]
    axis = {"range": [min(0.0, *ends), max(*ends, 1e-6) * 1.2], "tickformat": ".0%", "nticks": 6, "fixedrange": True}
    return _waterfall(base, parts, names, points, shown, axis)


def _waterfall(
    first: float,
    parts: Sequence[Step],
    names: tuple[str, str],
    changes: Sequence[str],
    shown: Sequence[str],
    axis: dict[str, Any],
    **rest: Any,
) -> go.Figure:
    """A bar for the base, one a step and one for the total; `changes` stand at the steps, `shown` at the two ends."""
    labels = [names[0], *(part.label for part in parts), names[1]]
    trace = WATERFALL | {
        "measure": ["absolute", *["relative"] * len(parts), "total"],
        "y": labels,
        "x": [first, *(part.contribution for part in parts), 0],
        "text": [shown[0], *changes, shown[-1]],
        "customdata": [*shown, shown[-1]],
    }
    return go.Figure([trace | rest], WATERFALL_LAYOUT | {"height": 70 + 34 * len(labels), "xaxis": axis})


def _pd_axis(low: float, high: float) -> dict[str, Any]:
    """An axis in log-odds whose marks are probabilities, with room for the figures at the bars' ends."""
    ticks = pd_ticks(low, high)
    return {
        "range": [low - 0.1 * (high - low), high + 0.12 * (high - low)],
        "tickvals": [math.log(p / (1 - p)) for p in ticks],
        "ticktext": [f"{100 * p:g}%" for p in ticks],
        "zeroline": False,
        "fixedrange": True,
    }


def probability(log_odds: float) -> float:
    """Log-odds as a probability.

    >>> probability(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-log_odds))


def pd_ticks(low: float, high: float) -> list[float]:
    """Probabilities to label between two log-odds.

    >>> pd_ticks(-5, -2)
    [0.01, 0.02, 0.05, 0.1]
    """
    ticks = [p for p in PD_TICKS if low <= math.log(p / (1 - p)) <= high]
    return ticks[:: math.ceil(len(ticks) / MAX_TICKS) or 1]


def stances(
    at: tuple[float, float], behind: float, words: Mapping[str, str], axes: tuple[str, str], code: str
) -> go.Figure:
    """The square of the four stances with the business in it.

    Parameters
    ----------
    at : own percentile and the street's, 0 to 1
    behind : percentile under which one is behind
    words : names of own, street, both, neither; `code` is the one that holds
    axes : names of the two axes
    """
    corners = {"both": (0, 0), "street": (1, 0), "own": (0, 1), "neither": (1, 1)}
    cuts = ((0.0, behind), (behind, 1.0))
    boxes = [(name, cuts[x], cuts[y]) for name, (x, y) in corners.items()]
    hover = f"{axes[0]} %{{x:.0%}}<br>{axes[1]} %{{y:.0%}}<extra></extra>"
    marker = {"size": 15, "color": theme.ACCENT}
    point = trace("scatter", at[:1], at[1:], mode="markers", marker=marker, hovertemplate=hover)
    layout = STANCE_LAYOUT | {
        "shapes": [_box(x, y, name == code) for name, x, y in boxes],
        "annotations": [_name(words[name], x, y, name == code, at[1]) for name, x, y in boxes],
        "xaxis": PERCENTILE | {"title": {"text": axes[0]}},
        "yaxis": PERCENTILE | {"title": {"text": axes[1]}},
    }
    return go.Figure([point], layout)


def _box(x: tuple[float, float], y: tuple[float, float], holds: bool) -> dict[str, Any]:
    fill = NARROW if holds else "rgba(138,138,138,0.07)"
    line = {"color": theme.GREY, "width": 0.8}
    return {"type": "rect", "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "fillcolor": fill, "line": line,
            "layer": "below"}  # fmt: skip


def _name(words: str, x: tuple[float, float], y: tuple[float, float], holds: bool, at: float) -> dict[str, Any]:
    # At the end of its corner that the point leaves free.
    end, anchor = (y[0], "bottom") if at > sum(y) / 2 else (y[1], "top")
    font = {"size": 14} if holds else {"size": 11, "color": theme.GREY}
    text = f"<b>{words}</b>" if holds else words
    return {"x": sum(x) / 2, "y": end, "text": text, "showarrow": False, "yanchor": anchor, "font": font}
