"""The call list of the week: the customers most likely to leave, or with most to lose, as many as there is time for."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import widget_keys
from pages.shared.parts import business_table, controls, export, export_rows, table_formats
from pages.shared.read import build_info, read
from pages.shared.text import churn, money, number, percent, reasons, t, unknown
from pages.shared.text.reasons import points

ORDERS = ("chance", "stake", "deposit")
CAPACITIES = (5, 10, 15, 20, 30, 50)
USUAL = 10  # own choice: calls that fit into a week beside other work
# Own choice: changes that a relationship manager would notice. Number of standing payments against their mean; share of
# card sales in all sales.
FEWER_PAYMENTS = -0.75
LESS_CARD = -0.20
COLUMNS = (
    "name",
    "churn_3m",
    "churn_change",
    "why",
    "signals",
    "last_contact_on",
    "deposit_avg_krw",
    "deposit_at_stake_krw",
)

WIDTHS = {"why": 300, "signals": 180}  # pixels; at the width of their words the deposits would not fit on the screen
IN_FILE = ("business_id", "name", "churn_3m", "churn_level", *COLUMNS[2:])


def show(book: pd.DataFrame, managers: list[str]) -> None:
    """Number of calls and order, the share of all expected churn that the list covers, the table and its files."""
    total = int(book.loc[book["level"].notna(), "businesses"].sum())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        most = st.select_slider(
            t("churn.capacity"),
            CAPACITIES,
            value=USUAL,
            key=widget_keys.CHURN_CAPACITY,
            persist_state="session",
            width=280,
        )
        order = controls.choose_one(
            t("churn.order"),
            ORDERS,
            lambda code: t(f"churn.order_{code}"),
            widget_keys.CHURN_ORDER,
            persist_state="session",
        )
    rows = read("churn/list", manager_ids=managers, order=order, rows=most)
    st.markdown(_share(rows, book, total))
    _show_table(rows, f"churn_{order}_{most}_{'-'.join(managers)}")
    st.caption(t("churn.signals_help"))
    note = export.file_note(t("churn.title"), export.scope_facts(build_info().get("as_of")))
    export.buttons(file_rows(managers, order), note, total, t("churn.file_name"))


def _share(rows: pd.DataFrame, book: pd.DataFrame, total: int) -> str:
    """Share of the expected churn and of the deposits at stake that these businesses make up."""
    expected, stake = book["expected"].sum(), book["deposit_at_stake_krw"].sum()
    return t(
        "churn.share",
        count=number(len(rows)),
        total=number(total),
        share=percent(rows["churn_3m"].sum() / expected if expected else None, 0),
        deposits=percent(rows["deposit_at_stake_krw"].sum() / stake if stake else None, 0),
    )


def _show_table(rows: pd.DataFrame, key: str) -> None:
    """One line a business; a click on the name opens it."""
    table = in_words(rows)[list(COLUMNS)]
    formats: dict[str, table_formats.Format] = {
        "churn_change": points,
        "deposit_avg_krw": money,
        "deposit_at_stake_krw": money,
    }
    st.dataframe(
        business_table.with_churn(table, rows, formats),
        key=key,
        hide_index=True,
        height=business_table.height(len(table)),
        column_config=business_table.columns(
            "churn.column",
            COLUMNS,
            key,
            list(rows["business_id"]),
            widths=WIDTHS,
            helps={"deposit_at_stake_krw": t("churn.stake_help")},
        ),
        placeholder=t("text.unknown_short"),
        alt=t("churn.table"),
    )


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the first reason, the signals and the last contact in words."""
    return rows.assign(
        why=[_reason(row) for _, row in rows.iterrows()],
        signals=[signal_words(row) for _, row in rows.iterrows()],
        last_contact_on=business_table.contact_days(rows["last_contact_on"]),
    )


def _reason(row: Any) -> str:
    """The first reason of the probability, in words."""
    if unknown(row["feature"]):
        return t("text.unknown")
    return reasons.feature_sentence(row["reason"], row["feature"], row["value"])


def signal_words(row: Any) -> str:
    """Signals in the data: contracts that end soon, fewer standing payments, card sales settled elsewhere."""
    signals = []
    ending = _count(row["products_ending_90d"]) + _count(row["loans_ending_90d"])
    if ending:
        signals.append(t("churn.signal_ending", count=number(ending)))
    if not unknown(row["autopay_last_month"]) and row["autopay_last_month"] <= FEWER_PAYMENTS:
        signals.append(t("churn.signal_autopay", count=number(max(1, round(-row["autopay_last_month"])))))
    if not unknown(row["card_share_change"]) and row["card_share_change"] <= LESS_CARD:
        signals.append(t("churn.signal_card", change=points(row["card_share_change"])))
    return " · ".join(signals) or "–"


def _count(value: float | None) -> float:
    return 0.0 if value is None or unknown(value) else float(value)


def file_rows(managers: list[str], order: str) -> export.Rows:
    """The rows of the file: every active customer, in the order of the list."""
    heads = {name: t(f"churn.column.{name}") for name in IN_FILE} | {"churn_3m": t("churn.file_chance")}
    return export_rows.rows("churn/list", {"manager_ids": managers, "order": order}, _with_levels, heads)


def _with_levels(rows: pd.DataFrame) -> pd.DataFrame:
    return in_words(rows).assign(churn_level=[churn.level_word(level) for level in rows["churn_level"]])
