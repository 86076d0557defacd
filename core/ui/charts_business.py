"""Figures of one business: months of revenue, points of the score, the way to a probability of default.

Plotly only; values and words come in, a figure goes out. Text takes its colour from Streamlit's theme.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.ui import theme
from core.ui.reasons import Component, odds

MOST_STEPS = 8  # reason groups shown one by one; the rest is one step
PD_TICKS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
MOST_TICKS = 6
RAISES, LOWERS = theme.TIER_COLOURS[1], theme.TIER_COLOURS[5]


@dataclass(frozen=True)
class Step:
    """One step of the waterfall, in log-odds."""

    label: str
    contribution: float


def revenue(
    months: Sequence,
    own: Sequence[float | None],
    peers: Sequence[float | None],
    names: tuple[str, str],
    words: Callable,
) -> go.Figure:
    """Months of revenue with the peers' median in grey; an unknown month is a gap. `words` writes won."""
    figure = go.Figure()
    for values, name, colour, dash in ((peers, names[1], theme.GREY, "dot"), (own, names[0], theme.LINE, "solid")):
        figure.add_trace(
            go.Scatter(
                x=list(months),
                y=list(values),
                name=name,
                mode="lines+markers" if dash == "solid" else "lines",
                marker={"size": 4},
                line={"color": colour, "dash": dash, "width": 2.5 if dash == "solid" else 1.8},
                customdata=[words(value) for value in values],
                hovertemplate="%{customdata}",
                connectgaps=False,
            )
        )
    ticks = nice_ticks([value for value in (*own, *peers) if value is not None and value == value])
    figure.update_layout(
        height=300,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        legend={"orientation": "h", "y": 1.14, "x": 0},
        hovermode="x unified",
        xaxis={"tickformat": "%Y-%m", "hoverformat": "%Y-%m", "nticks": 7},
        yaxis={"tickvals": ticks, "ticktext": [words(tick) for tick in ticks], "rangemode": "tozero"},
    )
    return figure


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


def points(parts: Sequence[Component], labels: Sequence[str], names: tuple[str, str]) -> go.Figure:
    """Points gained and lost of each component; a whole bar is the most it could give. names: gained, lost."""
    figure = go.Figure()
    gained, lost = [part.gained for part in parts], [part.lost for part in parts]
    figure.add_trace(_bars(labels, gained, names[0], theme.LINE))
    # No figure on the grey: it would read in one theme only, and the table below has it.
    figure.add_trace(_bars(labels, lost, names[1], "rgba(138,138,138,0.28)").update(text=None))
    figure.update_layout(
        barmode="stack",
        height=52 + 40 * len(parts),
        margin={"l": 0, "r": 8, "t": 4, "b": 0},
        legend={"orientation": "h", "y": 1.2, "x": 0, "traceorder": "normal", "itemclick": False},
        xaxis={"ticks": "", "nticks": 7, "fixedrange": True},
        yaxis={"autorange": "reversed", "ticks": "", "automargin": True, "fixedrange": True},
    )
    return figure


def _bars(labels: Sequence[str], values: Sequence[float], name: str, colour: str) -> go.Bar:
    return go.Bar(
        y=list(labels),
        x=list(values),
        orientation="h",
        name=name,
        marker={"color": colour},
        textfont={"color": theme.ink(colour) if colour.startswith("#") else None},
        text=[f"{value:.1f}" if value >= 2.5 else "" for value in values],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        hovertemplate=f"%{{y}}<br>{name} %{{x:.2f}}<extra></extra>",
    )


def steps(drivers: Any, name: Callable[[str], str], rest: str) -> list[Step]:
    """Steps of the waterfall from all reason groups: the heaviest by name, the rest together, raising first.

    They add up to the same total whatever is grouped.
    """
    ranked = drivers.reindex(drivers["contribution"].abs().sort_values(ascending=False).index)
    # One over the limit would be a rest of one: then it is shown by its name.
    named = ranked if len(ranked) <= MOST_STEPS else ranked.head(MOST_STEPS - 1)
    found = [Step(name(row.reason), float(row.contribution)) for row in named.itertuples()]
    found.sort(key=lambda step: -step.contribution)
    left = ranked["contribution"].iloc[len(named) :]
    return [*found, Step(rest, float(left.sum()))] if len(left) else found


def waterfall(base: float, parts: Sequence[Step], names: tuple[str, str], words: Callable[[float], str]) -> go.Figure:
    """From the usual probability to this one: bars add up in log-odds, the axis is labelled in per cent.

    Parameters
    ----------
    base : log-odds of the model's base
    names : words for the first and the last bar
    words : writes a probability (0 to 1)
    """
    ends = _running(base, parts)
    low, high = min(ends) - 0.35, max(ends) + 0.35
    shown = [words(probability(end)) for end in ends]
    labels = [names[0], *(part.label for part in parts), names[1]]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            # From the axis' left end: a log-odds has no zero that means anything to a reader.
            base=low,
            measure=["absolute", *["relative"] * len(parts), "total"],
            y=labels,
            x=[base - low, *(part.contribution for part in parts), 0],
            text=[shown[0], *(odds(part.contribution) for part in parts), shown[-1]],
            textposition="outside",
            cliponaxis=False,
            customdata=[*shown, shown[-1]],
            hovertemplate="%{y}<br>→ %{customdata}<extra></extra>",
            increasing={"marker": {"color": RAISES}},
            decreasing={"marker": {"color": LOWERS}},
            totals={"marker": {"color": theme.GREY}},
            connector={"line": {"color": theme.GREY, "width": 1, "dash": "dot"}},
        )
    )
    ticks = pd_ticks(low, high)
    figure.update_layout(
        height=70 + 34 * len(labels),
        margin={"l": 0, "r": 12, "t": 4, "b": 0},
        showlegend=False,
        xaxis={
            "range": [low - 0.1 * (high - low), high + 0.12 * (high - low)],
            "tickvals": [math.log(p / (1 - p)) for p in ticks],
            "ticktext": [f"{100 * p:g}%" for p in ticks],
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"autorange": "reversed", "automargin": True, "fixedrange": True, "ticks": ""},
    )
    return figure


def _running(base: float, parts: Sequence[Step]) -> list[float]:
    ends = [base]
    for part in parts:
        ends.append(ends[-1] + part.contribution)
    return ends


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
    found = [p for p in PD_TICKS if low <= math.log(p / (1 - p)) <= high]
    return found[:: math.ceil(len(found) / MOST_TICKS) or 1]
