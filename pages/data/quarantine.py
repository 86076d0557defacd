"""The quarantine: faults of the files by kind and by line, in words, and as a file."""

import pandas as pd
import streamlit as st

from pages.data.sources import table_name
from pages.shared.parts import business_table, export, export_rows
from pages.shared.read import build_info, read
from pages.shared.text import day, lang, number, strings, t

SHOWN = 200
COLUMNS = ("table", "line", "column", "value", "fault", "action", "file", "detail")


def show(counts: pd.DataFrame) -> None:
    """Faults by kind, the first SHOWN lines of the chosen table, and all of them as a file."""
    if counts.empty:
        st.success(t("data.quarantine_none"), icon=":material/check_circle:")
        return
    st.caption(t("data.quarantine_lead"))
    faults = counts.groupby("source_table")["faults"].sum()
    table = st.selectbox(
        t("data.quarantine_choose"),
        [None, *faults.sort_values(ascending=False).index],
        format_func=lambda code: _choice(code, faults),
        key="quarantine_table",
        persist_state="session",
    )
    counts = counts if table is None else counts[counts["source_table"] == table]
    st.dataframe(_kinds(counts), hide_index=True, key=f"faults_{table}")
    _show_rows(table, int(counts["faults"].sum()))


def _choice(table: str | None, faults: pd.Series) -> str:
    name, count = (t("text.all"), faults.sum()) if table is None else (table_name(table), faults[table])
    return f"{name} ({number(count)})"


def _kinds(counts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("data.table"): [table_name(table) for table in counts["source_table"]],
            t("data.fault"): [fault(code) for code in counts["code"]],
            t("data.action"): [_word("action", action) for action in counts["action"]],
            t("data.count"): counts["faults"].astype(int),
        }
    )


def _show_rows(table: str | None, total: int) -> None:
    st.caption(t("data.quarantine_count", total=number(total), shown=number(min(total, SHOWN))))
    rows = read("data/quarantine", source_table=table, rows=SHOWN)
    height = min(360, business_table.height(len(rows)))
    st.dataframe(in_words(rows), hide_index=True, height=height, key=f"quarantine_rows_{table}")
    facts = ((t("text.as_of", day=""), day(build_info().get("as_of"))),)
    heads = {t(f"data.{column}"): t(f"data.{column}") for column in COLUMNS}
    export.buttons(
        export_rows.rows("data/quarantine", {"source_table": table}, in_words, heads),
        export.Note(t("data.quarantine"), t("export.about"), facts),
        total,
        f"quarantine_{table or 'all'}",
    )


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the quarantine with the codes and the headings in words."""
    columns = (
        [table_name(table) for table in rows["source_table"]],
        rows["line"],
        rows["column_name"],
        rows["value"],
        [fault(code) for code in rows["code"]],
        [_word("action", action) for action in rows["action"]],
        rows["file"],
        rows["reason"],
    )
    return pd.DataFrame({t(f"data.{name}"): column for name, column in zip(COLUMNS, columns, strict=True)})


def fault(code: str) -> str:
    """The fault in words; the code where the strings have none."""
    return _word("code", code)


def _word(kind: str, code: str) -> str:
    return strings(lang()).get(f"quarantine.{kind}.{code}", str(code))
