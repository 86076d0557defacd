"""One business: its score and probabilities with their reasons, its history, its street, and what to offer.

Shows precomputed rows; only the what-if part and the loan size compute, from one row. Every query binds the managers
whose book may be seen: a business of another book has no row, and its page says only that.
"""

from typing import Any

import pandas as pd
import streamlit as st

from pages.business import all_figures, churn_anomaly, history, loan, nh_account, notes, offers, reasons, what_if
from pages.shared import state
from pages.shared.parts import basket, business_head, business_street, notices, report_files
from pages.shared.read import has_tables, read
from pages.shared.text import t


def page() -> None:
    """The chosen business, or why none can be shown."""
    st.button(t("business.to_list"), on_click=state.go, args=("businesses",), icon=":material/arrow_back:")
    business_id = state.business_id()
    if business_id is None or not state.manager_ids():
        st.title(t("business.title"))
        notices.info("business.none" if state.manager_ids() else "today.no_book")
        return
    chosen = {"business_id": business_id, "manager_ids": state.manager_ids()}
    cards = read("shared/business_card", **chosen)
    if cards.empty:
        st.title(t("business.title"))
        st.warning(t("business.not_yours"), icon=":material/lock:")
        st.caption(t("business.not_yours_how"))
        return
    show(cards.iloc[0], chosen)


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """All sections of one business of the own book."""
    drivers = dict(iter(read("business/drivers", **chosen).groupby("model")))
    none = pd.DataFrame()  # without reasons: the model did not score it
    business_head.show(card)
    basket.bar()
    report_files.note(card)
    reasons.show(card, drivers.get("default", none))
    churn_anomaly.show(card, drivers.get("churn", none), chosen)
    notes.show(card)
    if has_tables("recommendations"):
        offers.show(card, chosen)
        loan.show(card, chosen)
    all_figures.fold(card, drivers)
    what_if.fold(card, chosen)
    history.show_months(card, chosen)
    business_street.show(card, chosen)
    history.show_contracts(card, chosen)
    nh_account.show(card)
