"""Retention offers: what to offer customers who may leave, what it costs and what it may be worth.

The effect of an offer has not been measured: its value is an upper bound. A part of the customers, chosen by a hash, is
held out so that the effect can be measured later; they are shown and counted, and are never in the file.
"""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import policy
from pages.shared.charts import theme
from pages.shared.parts import business_table, controls, export, export_rows, notices, table_formats
from pages.shared.read import has_tables, read
from pages.shared.text import churn, money, number, offers, percent, reasons, t, unknown
from pages.shared.text.escape import clean

SHOWN = 50
WIDTHS = {"offer": 230}  # pixels; room for the sentence why there is no offer
MONEY = ("at_stake_krw", "cost_krw", "expected_value_krw", "clv_krw")
COLUMNS = ("name", "churn_3m", "offer", "for_reason", *MONEY, "last_contact_on")
IN_FILE = (
    "business_id",
    "name",
    "churn_3m",
    "churn_level",
    "offer",
    "effect",
    "for_reason",
    *MONEY,
    "tying",
    "campaign",
)


def is_available() -> bool:
    """Has the live build retention offers?"""
    return has_tables("retention_offers", "retention_choices")


def show(managers: list[str]) -> None:
    """A note that the effect is not measured, the counts, the list, every possible offer of one business, the files."""
    st.header(t("keep.title"), anchor=False)
    rows = read("churn/offers", manager_ids=managers, rows=SHOWN)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t("retention.unverified"), icon=":material/science:", color="orange")
        st.caption(t("retention.unverified_help"), width="content")
    if rows.empty:
        notices.info("keep.nobody")
        return
    counts = rows.iloc[0]
    st.markdown(_summary(counts))
    st.caption(_holdout(counts))
    _show_table(rows, f"keep_{'-'.join(managers)}")
    controls.fold(t("keep.each"), "keep_each", ":material/compare_arrows:", lambda: _show_choices(rows, managers))
    export.buttons(file_rows(managers), _note(counts), int(counts["offered"]), t("keep.file_name"))


def _summary(counts: pd.Series) -> str:
    names = ("leaving", "offered", "held_out")
    words = {name: number(counts[name]) for name in names}
    none = number(counts["leaving"] - counts["offered"] - counts["held_out"])
    sums = {"cost": money(counts["cost_sum_krw"]), "stake": money(counts["stake_sum_krw"])}
    return t("keep.summary" if counts["offered"] else "keep.summary_none", none=none, **words, **sums)


def _holdout(counts: pd.Series) -> str:
    share = percent(policy()["retention"]["holdout_share"], 0)
    return f"{t('retention.holdout_help')} {t('keep.campaign', name=counts['campaign'], share=share)}"


def _show_table(rows: pd.DataFrame, key: str) -> None:
    """One line a business, those with an offer first; a click on the name opens it."""
    table = in_words(rows)[list(COLUMNS)]
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=business_table.height(len(table), most=12),
        column_config=business_table.columns(
            "keep.column",
            COLUMNS,
            key,
            list(rows["business_id"]),
            widths=WIDTHS,
            helps={name: t(f"keep.help.{name}") for name in MONEY},
        ),
        placeholder="–",
        alt=t("keep.table"),
    )
    if rows["leaving"].iloc[0] > len(rows):
        st.caption(t("offers.shown_first", shown=number(len(rows)), total=number(rows["leaving"].iloc[0])))


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with offer, reason, level and tying in words."""
    return rows.assign(
        name=[clean(name) for name in rows["name"]],
        offer=[_offer(row) for _, row in rows.iterrows()],
        for_reason=["" if unknown(code) else reasons.group_name(code) for code in rows["for_reason"]],
        effect=t("retention.unverified"),
        churn_level=[churn.level_word(level) for level in rows["churn_level"]],
        tying=[offers.tied_sales_block(row) for _, row in rows.iterrows()],
        last_contact_on=business_table.contact_days(rows["last_contact_on"]),
    )


def _offer(row: pd.Series) -> str:
    return t(f"retention.{row['offer'] if row['status'] == 'offered' else row['status']}")


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    grey = rows["status"].map(lambda status: "" if status == "offered" else f"color: {theme.GREY}")
    formats: dict[str, table_formats.Format] = dict.fromkeys(MONEY, money)
    return business_table.with_churn(table, rows, formats).apply(lambda _: grey, subset=["offer"])


def _show_choices(rows: pd.DataFrame, managers: list[str]) -> None:
    """What each possible offer for one business would cost and be worth at most."""
    names = {row["business_id"]: clean(row["name"]) for _, row in rows.iterrows()}
    business_id = st.selectbox(
        t("term.business"), list(names), format_func=lambda code: names.get(code, code), key="keep_business"
    )
    if "holdout" in set(rows.loc[rows["business_id"] == business_id, "status"]):
        st.caption(t("keep.held_out"))
    choices = read("churn/choices", business_id=business_id, manager_ids=managers)
    st.dataframe(_choices(choices), hide_index=True, key=f"keep_choices_{business_id}", placeholder="–")
    st.caption(t("keep.each_note"))


def _choices(choices: pd.DataFrame) -> Styler:
    heads = {name: t(f"keep.column.{name}") for name in ("offer", "for_reason", "at_stake_krw", "cost_krw")}
    heads["expected_value_krw"] = t("keep.column.expected_value_krw")
    table = choices.assign(
        offer=[t(f"retention.{code}") for code in choices["offer"]],
        for_reason=["" if unknown(code) else reasons.group_name(code) for code in choices["for_reason"]],
    )
    formats: dict[str, table_formats.Format] = {heads[name]: money for name in heads if name.endswith("_krw")}
    return table_formats.styler(table[list(heads)].rename(columns=heads), formats)


def file_rows(managers: list[str]) -> export.Rows:
    """The rows of the file: the customers who get an offer."""
    heads = {name: t(f"keep.column.{name}") for name in IN_FILE} | {name: t(f"keep.file.{name}") for name in MONEY}
    return export_rows.rows("churn/offers", {"manager_ids": managers}, _offered, heads)


def _offered(rows: pd.DataFrame) -> pd.DataFrame:
    return in_words(rows[rows["status"] == "offered"])


def _note(counts: pd.Series) -> export.Note:
    """Facts of the file: as-of date, scope, campaign, who is left out, and that the effect is not measured."""
    facts = [
        *export.scope_facts(counts["as_of"]),
        (t("keep.column.campaign"), str(counts["campaign"])),
        (t("offers.left_out"), _summary(counts).replace("**", "")),
        (t("retention.unverified"), t("retention.unverified_help")),
    ]
    return export.file_note(t("keep.title"), facts)
