"""Horizontal bars of shares with long labels.

Plotly only. Text has no colour of its own, so that it takes the one of Streamlit's theme.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.shared.charts import theme

LINE = 18  # characters in a line of a label; labels may be sentences


def bars(labels: Sequence[str], shares: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """A bar per share, the first on top; `texts` stand at the ends of the bars."""
    wrapped = [wrap(label) for label in labels]
    bar = {
        "type": "bar",
        "orientation": "h",
        # Numbers, not labels: two equal labels would share one bar.
        "y": list(range(len(wrapped))),
        "x": list(shares),
        "text": list(texts),
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(labels),
        "marker": {"color": theme.LINE, "line": {"color": theme.GREY, "width": 0.8}},
        "hovertemplate": "%{customdata}<br>%{text}<extra></extra>",
    }
    lines = sum(1 + label.count("<br>") for label in wrapped)
    layout = {
        "height": 24 + 18 * len(wrapped) + 16 * lines,
        "margin": {"l": 0, "r": 8, "t": 4, "b": 0},
        "showlegend": False,
        "bargap": 0.35,
        "xaxis": {"range": [0, 1.55 * max(*shares, 0.05)], "showticklabels": False, "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            "automargin": True,
            "ticks": "",
            "fixedrange": True,
            "tickvals": list(range(len(wrapped))),
            "ticktext": wrapped,
        },
    }
    return go.Figure([bar], layout)


def wrap(label: str) -> str:
    """A label in lines of at most LINE characters, broken at blanks with <br>.

    >>> wrap("연매출이 상품 기준을 넘거나 확인되지 않습니다")
    '연매출이 상품 기준을 넘거나<br>확인되지 않습니다'
    """
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) > LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)
