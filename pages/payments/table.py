"""Payments by level of risk: their number on each level, and the gravest as a table."""

import pandas as pd
import streamlit as st

from core.payments.risk_index import PARTS
from pages.payments import text as payment_text
from pages.shared import state, widget_keys
from pages.shared.charts import theme
from pages.shared.parts import business_table, chips, notices
from pages.shared.read import read
from pages.shared.text import day, money, number, t
from pages.shared.text.escape import clean

SPANS = (7, 30, 90)
LONGEST, DEFAULT = SPANS[-1], SPANS[1]  # days
SHOWN = 100
COLUMNS = ("at", "name", "level", "risk_index", "action", "why", "amount_krw", "method", "p_success", "succeeded")
WIDTHS = {"why": 260}  # pixels


def show(managers: list[str]) -> None:
    """A choice of span and levels, a bar of the levels, the table."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        days = st.segmented_control(
            t("payments.span"), SPANS, default=DEFAULT, required=True, key=widget_keys.PAYMENT_DAYS,
            format_func=lambda days: t("payments.days", days=days), persist_state="session",
        )  # fmt: skip
        levels = st.pills(
            t("payments.levels"), payment_text.LEVELS, default=payment_text.LEVELS[:3], selection_mode="multi",
            format_func=payment_text.level, key=widget_keys.PAYMENT_LEVELS, persist_state="session",
        )  # fmt: skip
    counts = read("payments/span", manager_ids=managers, days=days)
    if counts.empty:
        notices.info("payments.none_in_span")
        return
    _show_levels(counts)
    codes = list(levels or payment_text.LEVELS)
    rows = read("payments/list", manager_ids=managers, days=days, levels=codes, rows=SHOWN)
    if rows.empty:
        notices.info("payments.none_of_level")
        return
    _show_table(rows, f"payments_{days}_{'-'.join(codes)}_{'-'.join(managers)}")
    total = int(counts.loc[counts["level"].isin(codes), "payments"].sum())
    if total > len(rows):
        st.caption(t("payments.shown", shown=number(len(rows)), total=number(total)))


def _show_levels(counts: pd.DataFrame) -> None:
    """A bar of the levels, and the figures of the span.

    counts : a row per level
    """
    payments = counts.set_index("level")["payments"]
    parts = [(level, int(payments.get(level, 0))) for level in reversed(payment_text.LEVELS)]
    st.html(chips.share_bar([_part(level, count) for level, count in parts], disc=False))
    words = {
        "n": number(counts["payments"].sum()),
        "first": day(counts["first_at"].min()),
        "last": day(counts["last_at"].max()),
        "amount": money(counts["amount_krw"].sum()),
        "failed": number(counts["failed"].sum()),
        "unsure": number(counts["unsure"].sum()),
    }
    st.caption(t("payments.span_note", **words))


def _part(level: str, count: int) -> tuple[str, str, int, str]:
    words = t("payments.level_count", level=payment_text.level(level), count=number(count))
    return theme.RISK_COLOURS[level], theme.RISK_INK[level], count, words


def _show_table(rows: pd.DataFrame, key: str) -> None:
    """A row per payment; a click on the time shows it in full below."""
    table = pd.DataFrame(
        {
            "at": [f"{at:%m-%d %H:%M}" for at in rows["at"]],
            "name": [clean(name) for name in rows["name"]],
            "level": [payment_text.level(level) for level in rows["level"]],
            "risk_index": rows["risk_index"],
            "action": [payment_text.action(action) for action in rows["action"]],
            "why": [payment_text.why(_shares(row), row["reasons"]) for _, row in rows.iterrows()],
            "amount_krw": rows["amount_krw"],
            "method": [payment_text.method(method) for method in rows["method"]],
            "p_success": rows["p_success"],
            "succeeded": [payment_text.outcome(outcome) for outcome in rows["succeeded"]],
        }
    )[list(COLUMNS)]
    st.dataframe(
        payment_text.styler(table, rows["level"]),
        key=key,
        hide_index=True,
        height=min(business_table.height(len(table)), 440),
        column_config=business_table.columns(
            "payments.column",
            COLUMNS,
            key,
            list(rows["payment_id"]),
            click="at",
            action=choose,
            widths=WIDTHS,
            helps={"risk_index": t("payments.index_help")},
        ),
        placeholder=t("text.unknown_short"),
        alt=t("payments.table"),
    )
    st.caption(t("payments.table_note"))


def _shares(row: pd.Series) -> dict[str, float]:
    """Share of each part in the index."""
    return {part: row[f"share_{part}"] for part in PARTS}


def choose(payment_id: str) -> None:
    """Callback: show this payment in full."""
    state.choose(payment=payment_id)
