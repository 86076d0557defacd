"""Formats of table cells: the cell holds the number, a format gives the words.

A pandas Styler keeps both, so that a click on a heading sorts by the number and not by the text.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import policy
from pages.shared.charts import theme
from pages.shared.text import Number, percent, tier_score

Format = Callable[[Any], str]  # words of a cell's value, which is never missing


def styler(table: pd.DataFrame, formats: Mapping[str, Format], tiers: Mapping[str, pd.Series] | None = None) -> Styler:
    """The table with the format of each column and tier colours; missing values show st.dataframe's `placeholder`.

    Parameters
    ----------
    formats : column -> words of one value
    tiers : column that shows a score -> tier of each row (same index)
    """
    styler = table.style.format(dict(formats), na_rep="")
    for column, tier in (tiers or {}).items():
        styler = styler.apply(lambda _, tier=tier: tier.map(theme.tier_css), subset=[column])
    return styler


def name_column(label: str, key: str, chosen: Callable[..., None], codes: list[str], *, pinned: bool = True) -> Any:
    """A column of names (or other words) to click on; `chosen` is called with the code of the clicked row.

    `codes` stand in the order of the rows; `key` must name the page and filters, or an old row is taken for a new one.
    """
    return st.column_config.ButtonColumn(
        label, type="tertiary", alignment="left", pinned=pinned, key=key, on_click=_clicked, args=(key, chosen, codes)
    )


def _clicked(key: str, chosen: Callable[..., None], codes: list[str]) -> None:
    chosen(codes[st.session_state[key].row])


def score(score: float) -> str:
    """A score with the tier's word; the tier follows from the score (core/policy.toml)."""
    whole = math.floor(score + 0.5)
    return tier_score(tier_of(whole), whole)


def tier_of(score: float) -> int:
    """Tier of a whole score.

    >>> [tier_of(score) for score in (0, 20, 21, 60, 81)]
    [1, 1, 2, 3, 5]
    """
    return 1 + sum(score > end for end in policy()["score"]["tier_ends"])


def tiers_of(scores: pd.Series) -> pd.Series:
    """Tier of each score, as shown (rounded half up); none where there is no score."""
    return scores.map(lambda score: tier_of(math.floor(score + 0.5)), na_action="ignore")


def growth(share: Number) -> str:
    """A growth rate with its sign."""
    return percent(share, signed=True)


def change(points: float) -> str:
    """A change in points with its sign; no change is a plain 0."""
    return f"{points:+.0f}" if round(points) else "0"
