"""The churn probabilities of the book: how many customers are on each level, and how they are distributed."""

import pandas as pd
import streamlit as st

from pages.churn import charts
from pages.shared import selection
from pages.shared.charts import theme
from pages.shared.charts.base import CONFIG
from pages.shared.parts import chips
from pages.shared.text import churn, day, money, number, t

FINE = (0.005, 0.01, 0.02, 0.05, 0.10)  # most probabilities are small: with equal steps they would be one bar


def show(book: pd.DataFrame) -> None:
    """A bar of the levels, the expected number that leaves, and the customers without a probability by reason."""
    scored = book[book["level"].notna()]
    counts = scored.groupby("level")["businesses"].sum()
    parts = [(level, int(counts.get(level, 0)), _count_word(level, counts)) for level in selection.CHURN_LEVELS]
    coloured = [(theme.LEVEL_COLOURS[code], theme.LEVEL_INK[code], count, words) for code, count, words in parts]
    st.html(chips.share_bar(coloured, disc=False))
    words = {
        "n": number(scored["businesses"].sum()),
        "expected": number(scored["expected"].sum(), 1),
        "stake": money(scored["deposit_at_stake_krw"].sum()),
        "day": day(book["as_of"].iloc[0]),
    }
    st.caption(t("churn.levels_note", **words))
    st.caption(_others(book[book["level"].isna()]))


def _count_word(level: str, counts: pd.Series) -> str:
    return t(
        "churn.level_count",
        level=churn.level_word(level),
        band=churn.band(level),
        count=number(counts.get(level, 0)),
    )


def _others(rows: pd.DataFrame) -> str:
    """Customers without a probability, by the reason."""
    counts = rows.groupby("state")["businesses"].sum()
    words = [t("churn.other", state=t(f"churn.state.{code}"), count=number(count)) for code, count in counts.items()]
    return t("churn.others", list=" · ".join(words)) if words else ""


def steps() -> list[float]:
    """Lower ends of the bars of the distribution after the first: small steps below the levels, then the levels."""
    first = churn.edges()[0]
    return [*(edge for edge in FINE if edge < first), *churn.edges()]


def show_distribution(book: pd.DataFrame) -> None:
    """How many customers are in each step of probability, in the colour of its level."""
    st.markdown(f"**{t('churn.spread')}**")
    scored = book[book["level"].notna()]
    edges = steps()
    counts = scored.groupby("step")["businesses"].sum().reindex(range(len(edges) + 1), fill_value=0)
    codes = [selection.CHURN_LEVELS[sum(low >= edge for edge in churn.edges())] for low in (0.0, *edges)]
    figure = charts.distribution(
        [_step_word(edges, step) for step in counts.index],
        counts.tolist(),
        [theme.LEVEL_COLOURS[code] for code in codes],
        (t("churn.spread_x"), t("churn.spread_y")),
    )
    st.plotly_chart(figure, key="spread", config=CONFIG, alt=t("churn.spread"))


def _step_word(edges: list[float], step: int) -> str:
    low, high = [0.0, *edges][step], [*edges, 1.0][step]
    return f"{100 * low:g}–{100 * high:g}%"
