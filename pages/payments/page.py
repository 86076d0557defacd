"""Payments: what comes in now, what needs a look and why, and what a day of looking finds.

Shows payments of the businesses whose book may be seen; what investigators would find is the whole bank's.
"""

import streamlit as st

from pages.payments import capacity, live, one, table
from pages.shared.parts import notices, payment_model
from pages.shared.read import has_tables, read
from pages.shared.text import t


def page() -> None:
    """The live feed, the payments to look at with the chosen one beside, then how good all of it is."""
    st.title(t("payments.title"))
    managers = notices.managers()
    if not managers:
        return
    st.caption(t("payments.lead"))
    live.show(managers)
    if not has_tables("payment_risk") or read("payments/span", manager_ids=managers, days=table.LONGEST).empty:
        notices.info("payments.none")
        return
    st.header(t("payments.look"), anchor=False)
    table.show(managers)
    one.show(managers)
    st.header(t("payments.capacity_head"), anchor=False)
    capacity.show()
    st.header(t("payments.success_head"), anchor=False)
    metrics = read("shared/model_metrics")
    payment_model.show(metrics[metrics["model"] == payment_model.MODEL])
