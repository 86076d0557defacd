"""Models: which ones made this build's figures, how well they hold out of time, and whether 79 of them pay.

Shows precomputed rows only.
"""

import streamlit as st

from core.ui import models_forecast, models_hierarchy, models_judged, models_registry
from core.ui.text import t


def page() -> None:
    """Registry first, then the hierarchy and its forecasts, then each model on its own."""
    st.title(t("models.title"))
    st.caption(t("models.lead"))
    st.header(t("registry.title"), anchor=False)
    models_registry.show()
    st.header(t("models.hierarchy"), anchor=False)
    models_hierarchy.show()
    st.header(t("models.forecast_head"), anchor=False)
    models_forecast.show()
    st.header(t("models.judged_head"), anchor=False)
    models_judged.show()
