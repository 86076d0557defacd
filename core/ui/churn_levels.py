"""How probable leaving is over the book: how many stand on each level, and how the chances are spread."""

import pandas as pd
import streamlit as st

from core.ui import charts_churn, leaving, marks, state, theme
from core.ui.charts import CONFIG
from core.ui.text import day, money, number, t


def show(book: pd.DataFrame) -> None:
    """A bar of the levels with their bands; what is expected; and who has no chance, and why."""
    scored = book[book["level"].notna()]
    counts = scored.groupby("level")["businesses"].sum()
    parts = [(level, int(counts.get(level, 0)), _count_word(level, counts)) for level in state.LEVELS]
    coloured = [(theme.LEVEL_COLOURS[code], theme.LEVEL_INK[code], count, words) for code, count, words in parts]
    st.html(marks.bar(coloured, disc=False))
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
        level=leaving.level_word(level),
        band=leaving.band(level),
        count=number(counts.get(level, 0)),
    )


def _others(rows: pd.DataFrame) -> str:
    """Customers without a chance, by the reason."""
    known = rows.groupby("state")["businesses"].sum()
    told = [t("churn.other", state=t(f"churn.state.{code}"), count=number(count)) for code, count in known.items()]
    return t("churn.others", list=" · ".join(told)) if told else ""


def show_spread(book: pd.DataFrame) -> None:
    """Bars of twentieths; the scale is logarithmic, as most stand at the left."""
    st.markdown(f"**{t('churn.spread')}**")
    scored = book[book["level"].notna()]
    names = {level: leaving.level_word(level) for level in state.LEVELS}
    figure = charts_churn.distribution(scored, names, (t("churn.spread_x"), t("churn.spread_y")))
    st.plotly_chart(figure, key="spread", config=CONFIG, alt=t("churn.spread"))
