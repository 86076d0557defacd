"""Models: the registry, the monitoring, the hierarchy of revenue models, forecasts, and each model's accuracy.

Shows precomputed rows only.
"""

import streamlit as st

from pages.models import accuracy, forecast, hierarchy, registry, watch
from pages.shared.text import t


def page() -> None:
    """Five sections, from the registry to the single model."""
    st.title(t("models.title"))
    st.caption(t("models.lead"))
    st.header(t("registry.title"), anchor=False)
    registry.show()
    st.header(t("watch.title"), anchor=False)
    watch.show()
    st.header(t("models.hierarchy"), anchor=False)
    hierarchy.show()
    st.header(t("models.forecast_head"), anchor=False)
    forecast.show()
    st.header(t("models.judged_head"), anchor=False)
    accuracy.show()
