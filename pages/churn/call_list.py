"""Whom to call before they leave: as many as the week can take, in the order that is chosen."""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared import selection, state, widget_keys
from pages.shared.charts import theme
from pages.shared.parts import export, table_formats
from pages.shared.read import build_info, read, read_uncached
from pages.shared.text import churn, day, in_language, lang, money, number, percent, reasons, t, unknown
from pages.shared.text.reasons import points

ORDERS = ("chance", "stake", "deposit")
CAPACITIES = (5, 10, 15, 20, 30, 50)
USUAL = 10  # own choice: calls beside the rest of a week's work
# Own choice: moves that an RM would call one; standing payments against their mean, card sales against all sales.
FEWER_PAYMENTS = -0.75
CARD_MOVED = -0.20
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

WIDTHS = {"why": 300, "signals": 180}  # pixels; as wide as the words would push the deposits off the screen
IN_FILE = ("business_id", "name", "churn_3m", "churn_level", *COLUMNS[2:])


def show(book: pd.DataFrame, managers: list[str]) -> None:
    """How many this week, the table, what share of all expected leavings it holds, and the files."""
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
        order = st.segmented_control(
            t("churn.order"),
            ORDERS,
            default=ORDERS[0],
            format_func=lambda code: t(f"churn.order_{code}"),
            required=True,
            key=widget_keys.CHURN_ORDER,
            persist_state="session",
        )
    rows = read("churn/list", manager_ids=managers, order=order, rows=most)
    st.markdown(_share(rows, book, total))
    show_table(rows, f"churn_{order}_{most}_{'-'.join(managers)}")
    st.caption(t("churn.signals_help"))
    export.buttons(
        _rows(managers, str(order)),
        export.file_note(t("churn.title"), export.scope_facts(build_info().get("as_of"))),
        total,
        t("churn.file_name"),
    )


def _share(rows: pd.DataFrame, book: pd.DataFrame, total: int) -> str:
    """What the chosen few hold of all leavings that are expected, and of the deposits at stake."""
    expected, stake = book["expected"].sum(), book["deposit_at_stake_krw"].sum()
    return t(
        "churn.share",
        count=number(len(rows)),
        total=number(total),
        share=percent(rows["churn_3m"].sum() / expected if expected else None, 0),
        deposits=percent(rows["deposit_at_stake_krw"].sum() / stake if stake else None, 0),
    )


def show_table(rows: pd.DataFrame, key: str) -> None:
    """One line a business; a click on the name opens it."""
    table = worded(rows)[list(COLUMNS)]
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=38 + 35 * len(table),
        column_config=_columns(key, list(rows["business_id"])),
        placeholder=t("text.unknown_short"),
        alt=t("churn.table"),
    )


def worded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the first reason, the signals and the last contact in words."""
    return rows.assign(
        why=[reason(row) for _, row in rows.iterrows()],
        signals=[signals(row) for _, row in rows.iterrows()],
        last_contact_on=[t("businesses.no_contact") if unknown(on) else day(on) for on in rows["last_contact_on"]],
    )


def reason(row: Any) -> str:
    """The first reason of the chance, in words."""
    if unknown(row["feature"]):
        return t("text.unknown")
    return reasons.feature_sentence(row["reason"], row["feature"], row["value"])


def signals(row: Any) -> str:
    """What the contracts say already: something ends soon, standing payments stopped, card sales went elsewhere."""
    found = []
    ending = _count(row["products_ending_90d"]) + _count(row["loans_ending_90d"])
    if ending:
        found.append(t("churn.signal_ending", count=number(ending)))
    if not unknown(row["autopay_last_month"]) and row["autopay_last_month"] <= FEWER_PAYMENTS:
        found.append(t("churn.signal_autopay", count=number(max(1, round(-row["autopay_last_month"])))))
    if not unknown(row["card_share_change"]) and row["card_share_change"] <= CARD_MOVED:
        found.append(t("churn.signal_card", change=points(row["card_share_change"])))
    return " · ".join(found) or "–"


def _count(value: float | None) -> float:
    return 0.0 if value is None or unknown(value) else float(value)


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    levels = dict(zip(rows["churn_3m"], rows["churn_level"], strict=True))
    formats: dict[str, table_formats.Format] = {
        "churn_3m": lambda chance: churn.chance(chance, levels[chance]),
        "churn_change": points,
        "deposit_avg_krw": money,
        "deposit_at_stake_krw": money,
    }
    marked = rows["churn_level"].map(theme.level_css)
    return table_formats.styler(table, formats).apply(lambda _: marked, subset=["churn_3m"])


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(t(f"churn.column.{name}"), help=_help(name), width=WIDTHS.get(name))
        for name in COLUMNS
    }
    opening = table_formats.name_column(t("churn.column.name"), f"{key}_open", state.open_business, ids)
    return column | {"name": opening}


def _help(name: str) -> str | None:
    return t("churn.stake_help") if name == "deposit_at_stake_krw" else None


def _rows(managers: list[str], order: str) -> export.Rows:
    """Every active customer in the order shown, worded in the language of now: a download runs outside the session."""
    heads = {name: t(f"churn.column.{name}") for name in IN_FILE} | {"churn_3m": t("churn.file_chance")}
    levels = {level: churn.level_word(level) for level in selection.CHURN_LEVELS}
    language = lang()

    def rows(most: int) -> pd.DataFrame:
        found = read_uncached("churn/list", manager_ids=managers, order=order, rows=most)
        with in_language(language):
            told = worded(found)
        return told.assign(churn_level=told["churn_level"].map(levels))[list(IN_FILE)].rename(columns=heads)

    return rows
