"""Customers who came and who left: the figures of one month, and two years of them. Counted, not forecast."""

from datetime import date

import pandas as pd
import streamlit as st

from pages.churn import charts
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards
from pages.shared.text import month, number, percent, t, unknown
from pages.shared.text.reasons import points

PARTS = ("churned", "closed", "new", "reactivated")


def show_month(months: pd.DataFrame) -> None:
    """The figures of the chosen month, at first the newest that is not provisional."""
    if months.empty:
        st.caption(t("churn.no_flows"))
        return
    by_month = {row["month"].date(): row for _, row in months.iterrows()}
    chosen = st.selectbox(
        t("churn.month"),
        list(by_month)[::-1],
        index=_newest_certain(months),
        format_func=lambda start: _month_word(start, by_month),
        key=widget_keys.CHURN_MONTH,
        width=220,
    )
    row = by_month[chosen]
    before = months[months["month"] < row["month"]]
    _show_cards(row, before.iloc[-1] if len(before) else None)
    st.caption(_sum(row))
    if row["provisional"]:
        st.caption(f":material/hourglass_top: {t('churn.provisional_help')}")


def _newest_certain(months: pd.DataFrame) -> int:
    """Position of the newest month that is not provisional, counted from the end; 0 where all are."""
    certain = (~months["provisional"].astype(bool)).to_numpy()[::-1]
    return int(certain.argmax()) if certain.any() else 0


def _month_word(start: date, by_month: dict[date, pd.Series]) -> str:
    is_provisional = by_month[start]["provisional"]
    return t("churn.month_provisional", month=month(start)) if is_provisional else month(start)


def _show_cards(row: pd.Series, before: pd.Series | None) -> None:
    with cards.row(6):
        cards.show(t("churn.active_end"), number(row["active_end"]), _change(row, before))
        retention_change = _retention_change(row, before)
        cards.show(t("churn.retention"), percent(row["retention"]), retention_change, t("churn.retention_help"))
        for code in PARTS:
            note = t("churn.month_before", count=number(before[code])) if before is not None else None
            cards.show(t(f"churn.{code}"), number(row[code]), note, t(f"churn.{code}_help"))


def _change(row: pd.Series, before: pd.Series | None) -> str | None:
    return None if before is None else t("churn.moved", count=f"{row['active_end'] - row['active_start']:+,.0f}")


def _retention_change(row: pd.Series, before: pd.Series | None) -> str | None:
    if before is None or unknown(before["retention"]) or unknown(row["retention"]):
        return None
    return t("churn.retention_moved", change=points(row["retention"] - before["retention"]))


def _sum(row: pd.Series) -> str:
    """Customers at the end of the month as the sum of those at its start and those who came and left."""
    counts = {code: number(row[code]) for code in ("active_start", "active_end", *PARTS)}
    return t("churn.identity", **counts)


def show_trend(months: pd.DataFrame) -> None:
    """Customers who came and left by month, beside the retention."""
    if months.empty:
        return
    flows, retention = st.columns(2, gap="large")
    with flows:
        st.markdown(f"**{t('churn.trend_flows')}**")
        names = {code: t(f"churn.{code}") for code in ("new", "reactivated", "churned", "closed")}
        st.plotly_chart(charts.flows(months, names), key="flows", config=CONFIG, alt=t("churn.trend_flows"))
    with retention:
        st.markdown(f"**{t('churn.trend_retention')}**")
        figure = charts.retention(months, (t("churn.certain"), t("churn.provisional")))
        st.plotly_chart(figure, key="retention", config=CONFIG, alt=t("churn.trend_retention"))
    st.caption(t("churn.trend_note"))
