"""Lending: the accuracy of the model of default, the cost of a warning, and a form that scores one application.

Shows precomputed rows only, except for the application, which the served model scores.
"""

import streamlit as st

from pages.lending import features
from pages.shared.parts import application, model_comparison, model_curves, threshold
from pages.shared.read import comparison_report
from pages.shared.text import t


def page() -> None:
    """The form for an application, folded; then the accuracy of the model and its features."""
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
