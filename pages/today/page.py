"""Today: whom to call first, and the book in figures.

Shows precomputed rows only: the order is the mart worklist's.
"""

import streamlit as st

from core.config import policy
from pages.shared import state
from pages.shared.parts import notices, report_files
from pages.shared.read import read
from pages.shared.text import day, t
from pages.today import follow_ups, worklist

ROWS = policy()["worklist"]["rows"]


def page() -> None:
    """At most ten businesses with the reason of each; the overview comes second."""
    st.title(t("today.title"))
    managers = state.manager_ids()
    if not managers:
        notices.info("today.no_book")
        return
    book = read("today/portfolio", manager_ids=managers).iloc[0]
    show_worklist(managers)
    follow_ups.show()
    report_files.brief(managers, book["as_of"])
    st.header(t("today.portfolio"))
    st.caption(t("today.as_of", day=day(book["as_of"])))
    worklist.show_book(book)


def show_worklist(managers: list[str]) -> None:
    """How many visits the week has, whom to make them to, and why not the next."""
    visits = worklist.ask_visits()
    rows = read("today/worklist", manager_ids=managers, visits=visits, rows=ROWS)
    now, following = rows[rows["part"] == "now"], rows[rows["part"] == "next"]
    if now.empty:
        st.success(t("today.none"), icon=":material/check_circle:")
        st.caption(t("today.none_how"))
    else:
        worklist.show_lead(now, following, visits)
    for _, row in now.iterrows():
        worklist.show_row(row, len(managers) > 1)
    worklist.show_next(following, visits, f"next_{visits}_{'-'.join(managers)}")
