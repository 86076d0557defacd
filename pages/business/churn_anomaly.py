"""Churn and anomaly of one business in words: how probable it is to leave, and how unusual its figures are."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.business import reasons
from pages.shared.read import read
from pages.shared.text import anomaly, churn, percent, t, unknown
from pages.shared.text.reasons import Reason, points

# States without a churn probability that have words of their own; any other is shown as SHORT, too little data.
STATES = ("NOT_ACTIVE", "CLOSED", "SHORT", "NO_MODEL", "NO_ACCOUNT", "LEFT")


def show(card: pd.Series, drivers: pd.DataFrame, chosen: dict[str, Any]) -> None:
    """Churn beside the anomaly; each only in a build that has it."""
    if not churn.is_available() and not anomaly.is_available():
        return
    left, right = st.columns(2, gap="large")
    with left:
        if churn.is_available():
            _show_churn(card, drivers, read("business/churn", **chosen))
    with right:
        if anomaly.is_available():
            _show_anomaly(card, chosen)


def _show_churn(card: pd.Series, drivers: pd.DataFrame, months: pd.DataFrame) -> None:
    """Probability and level in the heading, the change since last month below, then the reasons.

    months : the newest month end and the one before, as churn.sql gives them
    """
    if unknown(card["churn_3m"]) or drivers.empty:
        st.subheader(t("leaving.none_title"), anchor=False)
        st.caption(t(f"leaving.state.{_state(months)}"))
        return
    chance = churn.chance(card["churn_3m"], card["churn_level"])
    st.subheader(t("leaving.why", chance=chance), anchor=False)
    st.caption(f"{t('leaving.window')} {_change(months)}".strip(), help=t("leaving.help"))
    reasons.show_drivers("churn", drivers)


def _state(months: pd.DataFrame) -> str:
    """Code of the reason why the business has no churn probability."""
    code = "SHORT" if months.empty else str(months["state"].iloc[0])
    return code if code in STATES else "SHORT"


def _change(months: pd.DataFrame) -> str:
    """The probability a month before and the difference; empty where one of them is unknown."""
    if len(months) < 2 or months["churn_3m"].isna().any():
        return ""
    now, before = months["churn_3m"]
    return t("leaving.moved", before=percent(before), change=points(now - before))


def _show_anomaly(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The rank among the reference months in the heading, then the reasons."""
    if unknown(card["anomaly_pct"]):
        st.subheader(t("leaving.unusual_none"), anchor=False)
        st.caption(t("leaving.unusual_closed" if card["state"] == "CLOSED" else "leaving.unusual_short"))
        return
    st.subheader(t("leaving.unusual", share=anomaly.top_share(card["anomaly_pct"])), anchor=False)
    st.caption(t("leaving.unusual_window"), help=t("leaving.unusual_help"))
    # The build writes reasons for unusual businesses only.
    rows = read("business/anomaly", **chosen) if card["anomaly_pct"] >= anomaly.USUAL else pd.DataFrame({"feature": []})
    named = rows[rows["feature"].notna()]
    if named.empty:
        st.markdown(t("leaving.unusual_mixed" if anomaly.is_unusual(card["anomaly_pct"]) else "leaving.unusual_no"))
    for row in named.itertuples():
        peer = anomaly.peer_sentence(row.feature, row.peer_median)
        reason = Reason(row.feature, anomaly.sentence(row.feature, row.value), peer, 0.0)
        weight = t("leaving.unusual_share", share=percent(row.share, 0))
        reasons.show_reason(anomaly.name(row.feature), reason, weight, "violet")
