"""The customer's account at NH, shown only while the customer's consent is valid: balance, money in and out."""

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
    """The account, or that there is no valid consent. The caller has read `card` for the own book only."""
    st.subheader(t("elsewhere.title"), anchor=False)
    external = builds_folder().parent / "external"
    valid = current_consent(external, Keys.from_env(), str(card["business_id"]), calendar.today())
    if valid is None:
        st.caption(t("elsewhere.no_consent"))
        return
    st.caption(_days(valid))
    account = nh_account(external, valid)
    if account.fetched_at is None:
        notices.info("elsewhere.not_fetched")
        return
    _show_account(account, account.fetched_at)


def _days(valid: Consent) -> str:
    until = t("elsewhere.no_end") if valid.until is None else day(valid.until)
    return t("elsewhere.consent", since=day(valid.since), until=until)


def _show_account(account: NhAccount, fetched_at: datetime) -> None:
    """Ledger and available balance, then the newest months."""
    ledger, available = st.columns(2)
    ledger.metric(t("elsewhere.ledger"), money(account.ledger_krw))
    available.metric(t("elsewhere.available"), money(account.available_krw))
    st.caption(t("elsewhere.fetched", day=day(fetched_at.astimezone(calendar.SEOUL).date())))
    if account.months.empty:
        st.caption(t("elsewhere.no_moves"))
        return
    months = account.months.head(SHOWN)
    heads = {name: t(f"elsewhere.{name}") for name in ("month", "in_krw", "out_krw", "card_krw")}
    table = months.assign(month=[month(start) for start in months["month"]])[list(heads)].rename(columns=heads)
    formats: dict[str, table_formats.Format] = {heads[name]: money for name in heads if name != "month"}
    st.dataframe(table_formats.styler(table, formats), hide_index=True, key="elsewhere", placeholder="–")
