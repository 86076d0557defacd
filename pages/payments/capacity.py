"""Frauds found at the investigators' capacity: precision, recall and cost of three ways to rank the payments."""

import pandas as pd
import streamlit as st

from core.config import policy
from pages.shared import widget_keys
from pages.shared.parts import notices
from pages.shared.read import is_demo, read
from pages.shared.text import day, money, number, percent, t

MAX_CAPACITY = 30  # payments a day
MIN_FRAUDS = 30  # confirmed; the share of fewer is too uncertain to be shown


def show() -> None:
    """A slider of the capacity, a row per ranking, and the payments that the figures are measured on."""
    decisions = policy()["payment_risk"]
    capacity = st.slider(
        t("payments.capacity"),
        1,
        MAX_CAPACITY,
        int(decisions["capacity"]),
        key=widget_keys.PAYMENT_CAPACITY,
        persist_state="session",
        width=420,
    )
    params = {"capacity": capacity, "review_krw": decisions["review_krw"], "loss_share": float(decisions["loss_share"])}
    rows = read("payments/capacity", **params)
    if rows.empty or rows["frauds"].iloc[0] < MIN_FRAUDS:
        n = 0 if rows.empty else rows["frauds"].iloc[0]
        notices.info("payments.few_frauds", n=number(n), fewest=number(MIN_FRAUDS))
        return
    first = rows.iloc[0]
    st.markdown(_sentence(first, capacity))
    better = rows[rows["found"] > first["found"]]
    if len(better):
        best = better.loc[better["found"].idxmax()]
        words = {"way": t(f"payments.ranking_by.{best['ranking']}"), "found": number(best["found"])}
        st.warning(t("payments.index_loses", **words), icon=":material/compare_arrows:")
    st.dataframe(_table(rows), hide_index=True, key="payment_capacity", alt=t("payments.capacity_head"))
    words = {"review": money(decisions["review_krw"]), "share": percent(decisions["loss_share"], 0)}
    st.caption(t("payments.cost_note", nothing=money(first["cost_of_nothing_krw"]), **words))
    st.caption(_basis(first))
    if is_demo():
        st.caption(t("payments.synthetic"))


def _sentence(first: pd.Series, capacity: int) -> str:
    words = {
        "capacity": number(capacity),
        "precision": percent(first["precision_per_day"]),
        "found": number(first["found"]),
        "frauds": number(first["frauds"]),
        "recall": percent(first["recall"], 0),
    }
    return t("payments.capacity_says", **words)


def _basis(first: pd.Series) -> str:
    words = {
        "days": number(first["days"]),
        "first": day(first["first_day"]),
        "last": day(first["last_day"]),
        "rate": percent(first["frauds"] / first["known"], 2),
        "unlabelled": number(first["unlabelled"]),
        "looked": number(first["looked"]),
    }
    return t("payments.capacity_note", **words)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("payments.ranking"): [t(f"payments.ranking_by.{code}") for code in rows["ranking"]],
            t("payments.precision_per_day"): [percent(share) for share in rows["precision_per_day"]],
            t("payments.precision_of_customers"): [percent(share) for share in rows["precision_of_customers"]],
            t("payments.recall"): [percent(share, 0) for share in rows["recall"]],
            t("payments.recall_krw"): [percent(share, 0) for share in rows["recall_krw"]],
            t("payments.cost"): [money(krw) for krw in rows["cost_krw"]],
        }
    )
