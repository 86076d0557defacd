"""Tables of rows that open on a click: their columns, their height, and the chance of leaving in its level's colour."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared import state
from pages.shared.charts import theme
from pages.shared.parts import table_formats
from pages.shared.text import churn, day, t, unknown

# Pixels of st.dataframe in Streamlit 1.67.
HEAD, ROW = 38, 35


def height(rows: int, most: int | None = None) -> int:
    """Pixels of a table that shows all its rows, or `most` of them.

    >>> height(2), height(100, most=12)
    (108, 458)
    """
    return HEAD + ROW * (rows if most is None else min(rows, most))


def columns(
    prefix: str,
    names: Iterable[str],
    key: str,
    codes: list[str],
    *,
    click: str = "name",
    action: Callable[[str], None] = state.open_business,
    widths: Mapping[str, int] | None = None,
    helps: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`column_config` of st.dataframe: each column under the words of `<prefix>.<name>`, one of them to click on.

    Parameters
    ----------
    key : of the table; it names page and filters, or a click on an old row is taken for a new one
    codes : ids in the order of the rows; `action` gets the one that is clicked on
    click : name of the column that is clicked on
    widths : name -> pixels
    helps : name -> help text
    """
    widths, helps = widths or {}, helps or {}
    config: dict[str, Any] = {
        name: st.column_config.Column(t(f"{prefix}.{name}"), width=widths.get(name), help=helps.get(name))
        for name in names
    }
    return config | {click: table_formats.name_column(t(f"{prefix}.{click}"), f"{key}_open", action, codes)}


def contact_days(contacts: Iterable[Any]) -> list[str]:
    """Days of the last contacts in words; that there was none where the day is unknown."""
    return [t("businesses.no_contact") if unknown(contact) else day(contact) for contact in contacts]


def with_churn(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    formats: Mapping[str, table_formats.Format],
    tiers: Mapping[str, pd.Series] | None = None,
) -> Styler:
    """As table_formats.styler, with column churn_3m as probability and level, in the colour of the level.

    rows : same index as `table`, with churn_3m and churn_level
    """
    # A level follows from the probability alone, so the format can look it up by the value.
    levels = dict(zip(rows["churn_3m"], rows["churn_level"], strict=True))
    colours = rows["churn_level"].map(theme.level_css)
    words: dict[str, table_formats.Format] = {"churn_3m": lambda chance: churn.chance(chance, levels[chance])}
    return table_formats.styler(table, words | dict(formats), tiers).apply(lambda _: colours, subset=["churn_3m"])
