"""Lending: how good the model of default is, what a warning costs, and one application scored by hand.

Shows precomputed rows only, except for the application: one row through the served model.
"""

import streamlit as st

from core.ui import data, lending_application, lending_compare, lending_features, lending_threshold, model_curves
from core.ui.text import t


def page() -> None:
    """The loan officer's form first, folded; then what a risk analyst asks of the model."""
    st.title(t("lending.title"))
    st.caption(t("lending.lead"))
    st.badge(t("lending.ai_note"), icon=":material/info:", color="gray")
    lending_application.show()
    report = data.comparison(lending_compare.MODEL)
    st.header(t("lending.champion_head"), anchor=False)
    lending_compare.show_champion()
    st.header(t("lending.comparison"), anchor=False)
    lending_compare.show_table(report)
    st.header(t("lending.curves"), anchor=False)
    model_curves.show(lending_compare.MODEL, report)
    st.header(t("lending.threshold"), anchor=False)
    lending_threshold.show()
    st.header(t("lending.features"), anchor=False)
    lending_features.show()
