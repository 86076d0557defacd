"""One business: how it stands, why, what it holds, and whether the street is to blame.

Shows precomputed rows only. Every query binds the managers whose book may be seen: a business of another
book has no row, so its page says no more than that.
"""

from typing import Any

import pandas as pd
import streamlit as st

from core.ui import (
    basket,
    business_elsewhere,
    business_figures,
    business_head,
    business_leaving,
    business_life,
    business_loan,
    business_offers,
    business_reasons,
    business_street,
    business_what_if,
    desk_business,
    report_files,
    state,
)
from core.ui.data import has, read
from core.ui.text import t


def page() -> None:
    """Head, reasons, then sections."""
    st.button(t("business.to_list"), on_click=state.go, args=("businesses",), icon=":material/arrow_back:")
    business_id = state.business_id()
    if business_id is None or not state.manager_ids():
        st.title(t("business.title"))
        st.info(t("business.none" if state.manager_ids() else "today.no_book"), icon=":material/info:")
        return
    chosen = {"business_id": business_id, "manager_ids": state.manager_ids()}
    cards = read("business_card", **chosen)
    if cards.empty:
        st.title(t("business.title"))
        st.warning(t("business.not_yours"), icon=":material/lock:")
        st.caption(t("business.not_yours_how"))
        return
    show(cards.iloc[0], chosen)


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """Everything about one business of the own book."""
    drivers = dict(iter(read("business_drivers", **chosen).groupby("model")))
    none = pd.DataFrame()  # no reasons: the model did not score it
    business_head.show(card)
    basket.bar()
    report_files.note(card)
    business_reasons.show(card, drivers.get("default", none))
    business_leaving.show(card, drivers.get("churn", none), chosen)
    desk_business.show(card)
    if has("recommendations"):
        business_offers.show(card, chosen)
        business_loan.show(card, chosen)
    business_figures.fold(card, drivers)
    business_what_if.fold(card, chosen)
    business_life.show_months(card, chosen)
    business_street.show(card, chosen)
    business_life.show_contracts(card, chosen)
    business_elsewhere.show(card)
