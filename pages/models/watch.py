"""Monitoring of the models: alerts, drift, performance and the report, one part at a time to keep the page fast."""

import streamlit as st

from pages.models import alerts, drift, performance, report
from pages.shared.parts import controls
from pages.shared.read import has_tables
from pages.shared.text import t

PARTS = {
    "alerts": alerts.show,
    "drift": drift.show,
    "performance": performance.show,
    "report": report.show,
}
TABLES = ("watch_drift", "watch_performance", "watch_migration", "watch_rules", "watch_alerts", "watch_model_alerts")


def show() -> None:
    """The chosen part; a sentence for a build of an older version of the code, which has none."""
    if not has_tables(*TABLES):
        st.caption(t("models.none_yet", table="watch_alerts"))
        return
    part = controls.choose_one(t("watch.part"), list(PARTS), _part_word, "watch_part", label_visibility="collapsed")
    PARTS[part]()


def _part_word(code: str) -> str:
    return t(f"watch.parts.{code}")
