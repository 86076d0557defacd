"""Widgets of the shared selection, for any page that acts on it."""

from collections.abc import Mapping

import streamlit as st

from pages.shared import selection, state
from pages.shared.charts import theme
from pages.shared.read import segment_codes
from pages.shared.text import TIERS, names, segments, t, tier_word

# Pixels: six in a row on a desk, two in a row on a telephone.
WIDTH = 148


def district() -> None:
    """Choose one district, or all."""
    _select("district", names.by_code("districts"))


def category() -> None:
    """Choose one category of industries, or all."""
    _select("category", names.by_code("categories"))


def tiers() -> None:
    """Choose any tiers; none chosen means all."""
    st.pills(t("tier.label"), TIERS, selection_mode="multi", format_func=_tier_with_mark, **state.widget("tiers"))


def churn() -> None:
    """Choose any churn levels; none chosen means all."""
    levels = selection.CHURN_LEVELS
    st.pills(t("term.churn"), levels, selection_mode="multi", format_func=_level_with_mark, **state.widget("churn"))


def anomaly() -> None:
    """Choose from which percentile of the anomaly rank on; none chosen means all."""
    _select("anomaly", {code: anomaly_word(code) for code in selection.ANOMALY_PERCENTILES})


def segment() -> None:
    """Choose one segment, or all."""
    _select("segment", {code: segments.name(code) for code in segment_codes()})


def rating() -> None:
    """Choose one state of rating; none chosen means all but the closed."""
    _select("state", {code: t(f"state.{code}") for code in selection.STATES}, t("filter.not_closed"))


def _select(field: str, words: Mapping[str, str], nothing: str | None = None) -> None:
    """A field of the selection with the words of its codes; `nothing` says what no choice means, else "all"."""
    options = {"": nothing or t("text.all"), **words}
    st.selectbox(t(f"term.{field}"), options, format_func=options.__getitem__, width=WIDTH, **state.widget(field))


def text() -> None:
    """Search in names; acts on Enter, as a search while typing would cut Korean syllables in the making."""
    st.text_input(
        t("filter.text"),
        type="search",
        placeholder=t("filter.text_hint"),
        max_chars=selection.MAX_LENGTH,
        width=WIDTH,
        **state.widget("text"),
    )


def sort() -> None:
    """Choose the order of the list."""
    st.selectbox(
        t("filter.sort"),
        selection.SORTS,
        format_func=lambda code: t(f"sort.{code}"),
        width=WIDTH,
        **state.widget("sort"),
    )


def anomaly_word(code: str) -> str:
    """Top 5 % of "95"."""
    return t("filter.anomaly", share=100 - int(code))


def _level_with_mark(level: str) -> str:
    return f"{theme.level_mark(level)} {t(f'level.{level}')}"


def _tier_with_mark(tier: int) -> str:
    return f"{theme.tier_mark(tier)} {tier_word(tier)}"
