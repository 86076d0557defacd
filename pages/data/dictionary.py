"""The data dictionary: every table of the build, where it comes from, who reads it, what its columns mean."""

import pandas as pd
import streamlit as st

from core import dictionary
from core.dictionary import Words
from core.tables import Table
from pages.shared.text import lang, number, t

FIRST = "business_scores"  # what most pages read


def show() -> None:
    """Choose a table; its columns with type, unit and meaning."""
    st.caption(t("data.dictionary_lead"))
    tables = {table.name: table for table in dictionary.published_tables()}
    names = list(tables)
    name = st.selectbox(t("data.table"), names, names.index(FIRST), format_func=_label, key="dictionary_table")
    table = tables[name]
    files = ", ".join(f"`{file}`" for file in table.writers)
    st.caption(t("data.dictionary_files", step=table.step, files=files, readers=number(len(table.readers))))
    st.dataframe(_columns(table), hide_index=True, key="dictionary", alt=t("data.dictionary"))


def _label(name: str) -> str:
    return f"{name} · {_meaning(dictionary.table_words(name))}"


def _meaning(words: Words) -> str:
    return words.ko if lang() == "ko" else words.en


def _columns(table: Table) -> pd.DataFrame:
    words = [dictionary.column_words(table.name, column) for column in table.columns]
    return pd.DataFrame(
        {
            t("data.column"): list(table.columns),
            t("data.meaning"): [_meaning(entry) for entry in words],
            t("data.unit"): [t(f"unit.{entry.unit}") if entry.unit else "" for entry in words],
            t("data.type"): list(table.columns.values()),
        }
    )
