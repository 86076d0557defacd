"""Payments: what comes in now, what needs a look and why, and what a day of looking finds.

Shows payments of the businesses whose book may be seen; what investigators would find is the whole bank's.
"""

import streamlit as st

from core.ui import models_payments, payments_capacity, payments_list, payments_live, payments_one, state
from core.ui.data import has, read
from core.ui.text import t


def page() -> None:
    """The live feed, the payments to look at with the chosen one beside, then how good all of it is."""
    st.title(t("payments.title"))
    managers = state.manager_ids()
    if not managers:
        st.info(t("frame.no_book"), icon=":material/info:")
        st.caption(t("frame.no_book_how"))
        return
    st.caption(t("payments.lead"))
    payments_live.show(managers)
    if not has("payment_risk") or read("payments_span", manager_ids=managers, days=payments_list.LONGEST).empty:
        st.info(t("payments.none"), icon=":material/info:")
        return
    st.header(t("payments.look"), anchor=False)
    payments_list.show(managers)
    payments_one.show(managers)
    st.header(t("payments.capacity_head"), anchor=False)
    payments_capacity.show()
    st.header(t("payments.success_head"), anchor=False)
    metrics = read("model_metrics")
    models_payments.show(metrics[metrics["model"] == models_payments.MODEL])
