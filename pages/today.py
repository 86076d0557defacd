"""Today: whom to call first, and the book in figures.

Shows precomputed rows only: the order is the mart worklist's.
"""

import pandas as pd
import streamlit as st

from core.ui import desk_today, report_files, state, worklist
from core.ui.data import read
from core.ui.text import day, number, t

ROWS = 10


def page() -> None:
    """At most ten businesses with the reason of each; the overview comes second."""
    st.title(t("today.title"))
    managers = state.manager_ids()
    if not managers:
        st.info(t("today.no_book"), icon=":material/info:")
        return
    book = read("today_portfolio", manager_ids=managers).iloc[0]
    show_worklist(read("today_worklist", manager_ids=managers, rows=ROWS), book, len(managers) > 1)
    desk_today.show()
    report_files.brief(managers, book["as_of"])
    st.header(t("today.portfolio"))
    st.caption(t("today.as_of", day=day(book["as_of"])))
    worklist.show_book(book)


def show_worklist(rows: pd.DataFrame, book: pd.Series, with_manager: bool) -> None:
    """The work list, or that there is nothing to do."""
    if rows.empty:
        st.success(t("today.none"), icon=":material/check_circle:")
        st.caption(t("today.none_how"))
        return
    st.caption(t("today.lead"))
    for _, row in rows.iterrows():
        worklist.show_row(row, with_manager)
    if book["waiting"] > len(rows):
        st.caption(t("today.more", count=number(book["waiting"] - len(rows))))
