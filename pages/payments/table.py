"""Which payments need a look: how many stand on each level, and the gravest as a table."""

from typing import Any

import pandas as pd
import streamlit as st

from core.payments.risk_index import PARTS
from pages.payments import words
from pages.shared import state, widget_keys
from pages.shared.charts import theme
from pages.shared.parts import chips, notices, table_formats
from pages.shared.read import read
from pages.shared.text import day, money, number, t
from pages.shared.text.escape import clean

SPANS = (7, 30, 90)
LONGEST, USUAL = SPANS[-1], SPANS[1]
SHOWN = 100
COLUMNS = ("at", "name", "level", "risk_index", "action", "why", "amount_krw", "method", "p_success", "succeeded")
WIDTHS = {"why": 260}  # pixels


def show(managers: list[str]) -> None:
    """Span and levels to choose, the bar, the table."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        days = st.segmented_control(
            t("payments.span"), SPANS, default=USUAL, required=True, key=widget_keys.PAYMENT_DAYS,
            format_func=lambda days: t("payments.days", days=days), persist_state="session",
        )  # fmt: skip
        levels = st.pills(
            t("payments.levels"), words.LEVELS, default=words.LEVELS[:3], selection_mode="multi",
            format_func=words.level, key=widget_keys.PAYMENT_LEVELS, persist_state="session",
        )  # fmt: skip
    found = read("payments/span", manager_ids=managers, days=days)
    if found.empty:
        notices.info("payments.none_in_span")
        return
    show_levels(found)
    wanted = list(levels or words.LEVELS)
    rows = read("payments/list", manager_ids=managers, days=days, levels=wanted, rows=SHOWN)
    if rows.empty:
        notices.info("payments.none_of_level")
        return
    show_table(rows, f"payments_{days}_{'-'.join(wanted)}_{'-'.join(managers)}")
    total = int(found.loc[found["level"].isin(wanted), "payments"].sum())
    if total > len(rows):
        st.caption(t("payments.shown", shown=number(len(rows)), total=number(total)))


def show_levels(found: pd.DataFrame) -> None:
    """A bar of the levels, and the figures of the span."""
    counts = found.set_index("level")["payments"]
    parts = [(level, int(counts.get(level, 0))) for level in reversed(words.LEVELS)]
    st.html(chips.share_bar([_part(level, count) for level, count in parts], disc=False))
    facts = {
        "n": number(found["payments"].sum()),
        "first": day(found["first_at"].min()),
        "last": day(found["last_at"].max()),
        "amount": money(found["amount_krw"].sum()),
        "failed": number(found["failed"].sum()),
        "unsure": number(found["unsure"].sum()),
    }
    st.caption(t("payments.span_note", **facts))


def _part(level: str, count: int) -> tuple[str, str, int, str]:
    label = t("payments.level_count", level=words.level(level), count=number(count))
    return theme.RISK_COLOURS[level], theme.RISK_INK[level], count, label


def show_table(rows: pd.DataFrame, key: str) -> None:
    """One line a payment; a click on the time opens it below."""
    table = pd.DataFrame(
        {
            "at": [f"{at:%m-%d %H:%M}" for at in rows["at"]],
            "name": [clean(name) for name in rows["name"]],
            "level": [words.level(level) for level in rows["level"]],
            "risk_index": rows["risk_index"],
            "action": [words.action(action) for action in rows["action"]],
            "why": [words.why(shares(row), row["reasons"]) for _, row in rows.iterrows()],
            "amount_krw": rows["amount_krw"],
            "method": [words.method(method) for method in rows["method"]],
            "p_success": rows["p_success"],
            "succeeded": [words.outcome(outcome) for outcome in rows["succeeded"]],
        }
    )[list(COLUMNS)]
    st.dataframe(
        words.styled(table, rows["level"]),
        key=key,
        hide_index=True,
        height=min(38 + 35 * len(table), 440),
        column_config=_columns(key, list(rows["payment_id"])),
        placeholder=t("text.unknown_short"),
        alt=t("payments.table"),
    )
    st.caption(t("payments.table_note"))


def shares(row: pd.Series) -> dict[str, float]:
    """How much of the index each part is."""
    return {part: row[f"share_{part}"] for part in PARTS}


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(t(f"payments.column.{name}"), width=WIDTHS.get(name)) for name in COLUMNS
    }
    column["risk_index"] = st.column_config.Column(t("payments.column.risk_index"), help=t("payments.index_help"))
    opening = table_formats.name_column(t("payments.column.at"), f"{key}_open", choose, ids)
    return column | {"at": opening}


def choose(payment_id: str) -> None:
    """Callback: this payment is the one shown in full."""
    state.choose(payment=payment_id)
