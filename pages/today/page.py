"""Today: whom to call first, and the book in figures.

Shows precomputed rows only: the build puts the businesses in their order (core/marts/sql/worklist.sql).
"""

import streamlit as st

from core.config import policy
from pages.shared import state
from pages.shared.parts import notices, report_files
from pages.shared.read import read
from pages.shared.text import t
from pages.today import follow_ups, portfolio, worklist


def page() -> None:
    """The work list first, then what is due, then the figures of the book."""
    st.title(t("today.title"))
    managers = state.manager_ids()
    if not managers:
        notices.info("today.no_book")
        return
    decisions = policy()["worklist"]
    book = read("today/portfolio", manager_ids=managers, late_dpd=decisions["late_dpd"]).iloc[0]
    visits = worklist.choose_visits()
    rows = read("today/worklist", manager_ids=managers, visits=visits, rows=decisions["rows"])
    worklist.show(rows, visits, managers)
    follow_ups.show()
    report_files.brief(managers, book["as_of"])
    portfolio.show(book)
