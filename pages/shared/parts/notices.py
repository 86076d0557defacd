"""Sentences that stand where a page has nothing to show: no bank's book, no such table in the build, nothing chosen."""

import streamlit as st

from pages.shared import state
from pages.shared.read import has_tables
from pages.shared.text import t


def info(key: str, **values: object) -> None:
    """A sentence of the strings in a box."""
    st.info(t(key, **values), icon=":material/info:")


def managers() -> list[str]:
    """Managers whose businesses may be seen; when there are none, the page says that the build has no bank's book."""
    managers = state.manager_ids()
    if not managers:
        info("frame.no_book")
        st.caption(t("frame.no_book_how"))
    return managers


def lacks(*tables: str) -> bool:
    """Does the live build lack one of these tables? When it does, the page names the first of them."""
    if has_tables(*tables):
        return False
    st.caption(t("models.none_yet", table=tables[0]))
    return True
