"""Widgets of the shared selection, for any page that acts on it."""

import streamlit as st

from core.ui import state, theme, words
from core.ui.text import TIERS, t, tier_word


def district() -> None:
    """Choose one district, or all."""
    options = [None, *words.codes("districts", "district_code")]
    st.selectbox(t("term.district"), options, format_func=words.district, **state.widget("district"))


def category() -> None:
    """Choose one category of industries, or all."""
    options = [None, *words.codes("categories", "category")]
    st.selectbox(t("term.category"), options, format_func=words.category, **state.widget("category"))


def tiers() -> None:
    """Choose any tiers; none chosen means all."""
    st.pills(t("tier.label"), TIERS, selection_mode="multi", format_func=_tier_with_mark, **state.widget("tiers"))


def rating() -> None:
    """Choose one state of rating, or all."""
    options = [None, *state.STATES]
    st.selectbox(t("term.state"), options, format_func=_state_word, **state.widget("state"))


def text() -> None:
    """Search in names; acts on Enter, as a search while typing would cut Korean syllables in the making."""
    st.text_input(
        t("filter.text"),
        type="search",
        placeholder=t("filter.text_hint"),
        max_chars=state.LONGEST,
        **state.widget("text"),
    )


def sort() -> None:
    """Choose the order of the list."""
    st.selectbox(t("filter.sort"), state.SORTS, format_func=lambda code: t(f"sort.{code}"), **state.widget("sort"))


def _state_word(code: str | None) -> str:
    return t("text.all") if code is None else t(f"state.{code}")


def _tier_with_mark(tier: int) -> str:
    return f"{theme.TIER_MARKS[tier]} {tier_word(tier)}"
