"""Businesses: the list, filtered."""

import streamlit as st

from core.ui.text import t


def page() -> None:
    """Draw the page."""
    st.title(t("frame.page.businesses"))
