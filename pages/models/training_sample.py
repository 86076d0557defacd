"""What a model learned from when training drew a sample of a large bank's rows: one sentence on the Models page."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.parts import payment_model
from pages.shared.read import build_json, read
from pages.shared.text import number, t


def show(name: str) -> None:
    """The sentence; nothing where all rows were used, or where no report says so."""
    report = build_json("models", name, "model_report.json")
    if report.get("sampled"):
        st.caption(sentence(name, report))


def sentence(name: str, report: Mapping[str, Any]) -> str:
    """Rows that were drawn, and what the served figures cover; a row is a payment, or a business at a month end.

    report : with the number of rows drawn, else with the number that the served model was fitted on
    """
    rows = number(report.get("rows", (report.get("served") or {}).get("fit_rows")))
    if name == payment_model.MODEL:
        total = read("models/payment_count")["payments"].iloc[0]
        return t("models.sampled_payments", rows=rows, total=number(total))
    return t("models.sampled_businesses", rows=rows)
