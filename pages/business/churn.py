"""Will it leave, and is it unlike itself? The chance of leaving and the anomaly of one business, in words."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.business import reasons
from pages.shared.read import read
from pages.shared.text import anomaly, churn, percent, t, unknown
from pages.shared.text.reasons import Reason, points

# Why there is no chance of leaving; a build may know more reasons than these, and then says that data are short.
TOLD = ("NOT_ACTIVE", "CLOSED", "SHORT", "NO_MODEL", "NO_ACCOUNT", "LEFT")


def show(card: pd.Series, drivers: pd.DataFrame, chosen: dict[str, Any]) -> None:
    """Reasons of the chance of leaving beside what is unusual; nothing in a build that knows neither."""
    if not churn.is_available() and not anomaly.is_available():
        return
    left, right = st.columns(2, gap="large")
    with left:
        if churn.is_available():
            show_churn(card, drivers, read("business/churn", **chosen))
    with right:
        if anomaly.is_available():
            show_anomaly(card, chosen)


def show_churn(card: pd.Series, drivers: pd.DataFrame, months: pd.DataFrame) -> None:
    """Chance and level in the heading, last month's below, then the reasons."""
    if unknown(card["churn_3m"]) or drivers.empty:
        st.subheader(t("leaving.none_title"), anchor=False)
        st.caption(t(f"leaving.state.{no_chance(months)}"))
        return
    chance = churn.chance(card["churn_3m"], card["churn_level"])
    st.subheader(t("leaving.why", chance=chance), anchor=False)
    moved = change(months)
    st.caption(t("leaving.window") if moved is None else f"{t('leaving.window')} {moved}", help=t("leaving.help"))
    reasons.show_drivers("churn", drivers)


def no_chance(months: pd.DataFrame) -> str:
    """Code of why the business has no chance of leaving."""
    code = "SHORT" if months.empty else str(months["state"].iloc[0])
    return code if code in TOLD else "SHORT"


def change(months: pd.DataFrame) -> str | None:
    """The chance a month before, and the difference."""
    if len(months) < 2 or months["churn_3m"].isna().any():
        return None
    now, before = months["churn_3m"]
    return t("leaving.moved", before=percent(before), change=points(now - before))


def show_anomaly(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The rank on the reference, and what makes it so."""
    if unknown(card["anomaly_pct"]):
        st.subheader(t("leaving.unusual_none"), anchor=False)
        st.caption(t("leaving.unusual_closed" if card["state"] == "CLOSED" else "leaving.unusual_short"))
        return
    st.subheader(t("leaving.unusual", share=anomaly.top_share(card["anomaly_pct"])), anchor=False)
    st.caption(t("leaving.unusual_window"), help=t("leaving.unusual_help"))
    # The build looks for reasons among the strange only; who is in the usual half is not asked for.
    rows = read("business/anomaly", **chosen) if card["anomaly_pct"] >= anomaly.USUAL else pd.DataFrame({"feature": []})
    told = rows[rows["feature"].notna()]
    if told.empty:
        st.markdown(t("leaving.unusual_mixed" if anomaly.is_unusual(card["anomaly_pct"]) else "leaving.unusual_no"))
    for row in told.itertuples():
        reason = Reason(
            row.feature,
            anomaly.sentence(row.feature, row.value),
            anomaly.peer_sentence(row.feature, row.peer_median),
            0.0,
        )
        weight = t("leaving.unusual_share", share=percent(row.share, 0))
        reasons.show_reason(anomaly.name(row.feature), reason, weight, "violet")
