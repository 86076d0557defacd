"""The watch on the Models page: alerts, drift, performance, the report; one part at a time keeps the page quick."""

import streamlit as st

from pages.models import alerts, drift, performance, report
from pages.shared.parts import notices
from pages.shared.text import t

PARTS = {
    "alerts": alerts.show,
    "drift": drift.show,
    "performance": performance.show,
    "report": report.show,
}
TABLES = ("watch_alerts", "watch_drift", "watch_performance", "watch_migration", "watch_rules", "watch_model_alerts")


def show() -> None:
    """Choose a part; a build of an older version of the code has none."""
    if notices.lacks(*TABLES):
        return
    part = st.segmented_control(
        t("watch.part"),
        list(PARTS),
        default="alerts",
        format_func=lambda code: t(f"watch.parts.{code}"),
        required=True,
        key="watch_part",
        label_visibility="collapsed",
    )
    PARTS[str(part)]()
