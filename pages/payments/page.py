"""Payments: the live feed, the payments by level of risk, the frauds that investigators find, and the models' accuracy.

Shows payments of the businesses whose book may be seen; what investigators would find is the whole bank's.
"""

import streamlit as st

from pages.payments import capacity, live_feed, payment, table
from pages.shared.parts import notices, payment_model
from pages.shared.read import has_tables, read
from pages.shared.text import t


def page() -> None:
    """The live feed, the payments to look at with the chosen one in full, then the accuracy of the models."""
    st.title(t("payments.title"))
    managers = notices.managers()
    if not managers:
        return
    st.caption(t("payments.lead"))
    live_feed.show(managers)
    if not has_tables("payment_risk") or read("payments/span", manager_ids=managers, days=table.LONGEST).empty:
        notices.info("payments.none")
        return
    st.header(t("payments.look"), anchor=False)
    table.show(managers)
    payment.show(managers)
    st.header(t("payments.capacity_head"), anchor=False)
    capacity.show()
    st.header(t("payments.success_head"), anchor=False)
    metrics = read("shared/model_metrics")
    payment_model.show(metrics[metrics["model"] == payment_model.MODEL])
