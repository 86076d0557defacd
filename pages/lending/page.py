"""Lending: how good the model of default is, what a warning costs, and one application scored by hand.

Shows precomputed rows only, except for the application: one row through the served model.
"""

import streamlit as st

from pages.lending import features
from pages.shared.parts import application, model_comparison, model_curves, threshold
from pages.shared.read import comparison_report
from pages.shared.text import t


def page() -> None:
    """The loan officer's form first, folded; then what a risk analyst asks of the model."""
    st.title(t("lending.title"))
    st.caption(t("lending.lead"))
    st.badge(t("lending.ai_note"), icon=":material/info:", color="gray")
    application.show()
    report = comparison_report(model_comparison.MODEL)
    st.header(t("lending.champion_head"), anchor=False)
    model_comparison.show_champion()
    st.header(t("lending.comparison"), anchor=False)
    model_comparison.show_table(report)
    st.header(t("lending.curves"), anchor=False)
    model_curves.show(model_comparison.MODEL, report)
    st.header(t("lending.threshold"), anchor=False)
    threshold.show()
    st.header(t("lending.features"), anchor=False)
    features.show()
