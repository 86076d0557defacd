"""The quarantine to look through: what is wrong with which line, in words, and to take away."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.data.sources import table_name
from pages.shared.parts import export
from pages.shared.read import build_info, read
from pages.shared.text import day, lang, number, strings, t

SHOWN = 200
EXPORTED = export.MAX_CSV_ROWS


def show(counts: pd.DataFrame) -> None:
    """Faults by kind, the first 200 of the chosen table, and the whole as a file."""
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
    chosen = counts if table is None else counts[counts["source_table"] == table]
    st.dataframe(_kinds(chosen), hide_index=True, key=f"faults_{table}")
    _show_rows(table, int(chosen["faults"].sum()))


def _choice(table: str | None, faults: pd.Series) -> str:
    name, count = (t("text.all"), faults.sum()) if table is None else (table_name(table), faults[table])
    return f"{name} ({number(count)})"


def _kinds(counts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("data.table"): [table_name(table) for table in counts["source_table"]],
            t("data.fault"): [fault(code) for code in counts["code"]],
            t("data.action"): [_action(action) for action in counts["action"]],
            t("data.count"): counts["faults"].astype(int),
        }
    )


def _show_rows(table: str | None, total: int) -> None:
    st.caption(t("data.quarantine_count", total=number(total), shown=number(min(total, SHOWN))))
    rows = read("data/quarantine", source_table=table, rows=SHOWN)
    st.dataframe(worded(rows), hide_index=True, height=min(360, 38 + 35 * len(rows)), key=f"quarantine_rows_{table}")
    facts = ((t("text.as_of", day=""), day(build_info().get("as_of"))),)
    note = export.Note(t("data.quarantine"), t("export.about"), facts)
    language = lang()  # the file is written outside the session
    export.buttons(
        lambda most: worded(read("data/quarantine", source_table=table, rows=most), language),
        note,
        total,
        f"quarantine_{table or 'all'}",
    )


def worded(rows: pd.DataFrame, language: Any = None) -> pd.DataFrame:
    """Rows of the quarantine under worded headings."""
    found = strings(language or lang())
    headings = {key: found[f"data.{key}"] for key in ("table", "file", "line", "column", "value", "fault", "action")}
    return pd.DataFrame(
        {
            headings["table"]: [table_name(table) for table in rows["source_table"]],
            headings["line"]: rows["line"],
            headings["column"]: rows["column_name"],
            headings["value"]: rows["value"],
            headings["fault"]: [found.get(f"quarantine.code.{code}", code) for code in rows["code"]],
            headings["action"]: [found.get(f"quarantine.action.{action}", action) for action in rows["action"]],
            headings["file"]: rows["file"],
            found["data.detail"]: rows["reason"],
        }
    )


def fault(code: str) -> str:
    """What is wrong, in words; an unworded code shows itself."""
    return strings(lang()).get(f"quarantine.code.{code}", str(code))


def _action(action: str) -> str:
    return strings(lang()).get(f"quarantine.action.{action}", str(action))
