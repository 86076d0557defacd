"""The customer's account at NH, where the customer consents today: balance, money in and out, the consent's days."""

from datetime import datetime

import pandas as pd
import streamlit as st

from core import calendar
from core.sources.products.consents import Consent
from core.sources.products.keys import Keys
from core.sources.products.nh_account import NhAccount, current_consent, nh_account
from pages.shared.parts import notices, table_formats
from pages.shared.read import builds_folder
from pages.shared.text import day, money, month, t

SHOWN = 6  # months


def show(card: pd.Series) -> None:
    """The account, or that no consent holds. The business is of the own book: its card was read by manager."""
    st.subheader(t("elsewhere.title"), anchor=False)
    external = builds_folder().parent / "external"
    given = current_consent(external, Keys.from_env(), str(card["business_id"]), calendar.today())
    if given is None:
        st.caption(t("elsewhere.no_consent"))
        return
    st.caption(_days(given))
    found = nh_account(external, given)
    if found.fetched_at is None:
        notices.info("elsewhere.not_fetched")
        return
    show_account(found, found.fetched_at)


def _days(given: Consent) -> str:
    until = t("elsewhere.no_end") if given.until is None else day(given.until)
    return t("elsewhere.consent", since=day(given.since), until=until)


def show_account(found: NhAccount, fetched_at: datetime) -> None:
    """Balance and what may be drawn, and the newest months."""
    ledger, available = st.columns(2)
    ledger.metric(t("elsewhere.ledger"), money(found.ledger_krw))
    available.metric(t("elsewhere.available"), money(found.available_krw))
    st.caption(t("elsewhere.fetched", day=day(fetched_at.astimezone(calendar.SEOUL).date())))
    if found.months.empty:
        st.caption(t("elsewhere.no_moves"))
        return
    months = found.months.head(SHOWN)
    heads = {name: t(f"elsewhere.{name}") for name in ("month", "in_krw", "out_krw", "card_krw")}
    shown = months.assign(month=[month(found_month) for found_month in months["month"]])[list(heads)]
    formats: dict[str, table_formats.Format] = {heads[name]: money for name in heads if name != "month"}
    st.dataframe(
        table_formats.styler(shown.rename(columns=heads), formats), hide_index=True, key="elsewhere", placeholder="–"
    )
