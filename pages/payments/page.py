"""Payments: what comes in now, what needs a look and why, and what a day of looking finds.

Shows payments of the businesses whose book may be seen; what investigators would find is the whole bank's.
"""

import streamlit as st

from pages.payments import capacity, live, one, table
from pages.shared import state
from pages.shared.parts import payment_model
from pages.shared.read import has_tables, read
from pages.shared.text import t


def page() -> None:
    """The live feed, the payments to look at with the chosen one beside, then how good all of it is."""
    st.title(t("payments.title"))
    managers = state.manager_ids()
    if not managers:
        st.info(t("frame.no_book"), icon=":material/info:")
        st.caption(t("frame.no_book_how"))
        return
    st.caption(t("payments.lead"))
    live.show(managers)
    if not has_tables("payment_risk") or read("payments/span", manager_ids=managers, days=table.LONGEST).empty:
        st.info(t("payments.none"), icon=":material/info:")
        return
    st.header(t("payments.look"), anchor=False)
    table.show(managers)
    one.show(managers)
    st.header(t("payments.capacity_head"), anchor=False)
    capacity.show()
    st.header(t("payments.success_head"), anchor=False)
    metrics = read("shared/model_metrics")
    payment_model.show(metrics[metrics["model"] == payment_model.MODEL])
