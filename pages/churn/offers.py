"""What to offer those who may leave, and is it worth its cost? Nobody has measured yet what an offer changes.

The value of an offer is what would be kept at most. A part of the customers, drawn by a hash, gets no offer, so that
the effect can be measured one day: they are shown and counted, and never in the file.
"""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import policy
from pages.shared import state
from pages.shared.charts import theme
from pages.shared.parts import export, notices, table_formats
from pages.shared.read import has_tables, read, read_uncached
from pages.shared.text import churn, day, in_language, lang, money, number, offers, percent, reasons, t, unknown
from pages.shared.text.escape import clean

SHOWN = 50
WIDTHS = {"offer": 230}  # pixels: why there is none is a sentence
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


def known() -> bool:
    """Has the live build retention offers?"""
    return has_tables("retention_offers", "retention_choices")


def show(managers: list[str]) -> None:
    """That the effect is not verified, how many get an offer, the list, each offer of one business, the files."""
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
    show_table(rows, f"keep_{'-'.join(managers)}")
    show_choices(rows, managers)
    export.buttons(_rows(managers), _note(counts), int(counts["offered"]), t("keep.file_name"))


def _summary(counts: pd.Series) -> str:
    names = ("leaving", "offered", "held_out")
    words = {name: number(counts[name]) for name in names}
    none = number(counts["leaving"] - counts["offered"] - counts["held_out"])
    sums = {"cost": money(counts["cost_sum_krw"]), "stake": money(counts["stake_sum_krw"])}
    return t("keep.summary" if counts["offered"] else "keep.summary_none", none=none, **words, **sums)


def _holdout(counts: pd.Series) -> str:
    share = percent(policy()["retention"]["holdout_share"], 0)
    return f"{t('retention.holdout_help')} {t('keep.campaign', name=counts['campaign'], share=share)}"


def show_table(rows: pd.DataFrame, key: str) -> None:
    """One line a business, those with an offer first; a click on the name opens it."""
    table = worded(rows)[list(COLUMNS)]
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=38 + 35 * min(len(table), 12),
        column_config=_columns(key, list(rows["business_id"])),
        placeholder="–",
        alt=t("keep.table"),
    )
    if rows["leaving"].iloc[0] > len(rows):
        st.caption(t("offers.shown_first", shown=number(len(rows)), total=number(rows["leaving"].iloc[0])))


def worded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with offer, reason, level and tying in words."""
    return rows.assign(
        name=[clean(name) for name in rows["name"]],
        offer=[_offer(row) for _, row in rows.iterrows()],
        for_reason=["" if unknown(code) else reasons.group_name(code) for code in rows["for_reason"]],
        effect=t("retention.unverified"),
        churn_level=[churn.level_word(level) for level in rows["churn_level"]],
        tying=[offers.tied_sales_block(row) for _, row in rows.iterrows()],
        last_contact_on=[t("businesses.no_contact") if unknown(on) else day(on) for on in rows["last_contact_on"]],
    )


def _offer(row: pd.Series) -> str:
    return t(f"retention.{row['offer'] if row['status'] == 'offered' else row['status']}")


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    levels = dict(zip(rows["churn_3m"], rows["churn_level"], strict=True))
    formats: dict[str, table_formats.Format] = dict.fromkeys(MONEY, money)
    formats["churn_3m"] = lambda chance: churn.chance(chance, levels[chance])
    marked = rows["churn_level"].map(theme.level_css)
    grey = rows["status"].map(lambda status: "" if status == "offered" else f"color: {theme.GREY}")
    styled = table_formats.styler(table, formats).apply(lambda _: marked, subset=["churn_3m"])
    return styled.apply(lambda _: grey, subset=["offer"])


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(
            t(f"keep.column.{name}"), help=t(f"keep.help.{name}") if name in MONEY else None, width=WIDTHS.get(name)
        )
        for name in COLUMNS
    }
    return column | {"name": table_formats.name_column(t("keep.column.name"), f"{key}_open", state.open_business, ids)}


def show_choices(rows: pd.DataFrame, managers: list[str]) -> None:
    """Folded: what each offer would cost and be worth at most for one business."""
    names = {row["business_id"]: clean(row["name"]) for _, row in rows.iterrows()}
    fold = st.expander(t("keep.each"), icon=":material/compare_arrows:", key="keep_each", on_change="rerun")
    if not fold.open:
        return
    with fold:
        chosen = st.selectbox(
            t("term.business"), list(names), format_func=lambda code: names.get(code, code), key="keep_business"
        )
        held = bool((rows.loc[rows["business_id"] == chosen, "status"] == "holdout").iloc[0])
        if held:
            st.caption(t("keep.held_out"))
        st.dataframe(
            _choices(read("churn/choices", business_id=chosen, manager_ids=managers)),
            hide_index=True,
            key=f"keep_choices_{chosen}",
            placeholder="–",
        )
        st.caption(t("keep.each_note"))


def _choices(choices: pd.DataFrame) -> Styler:
    heads = {name: t(f"keep.column.{name}") for name in ("offer", "for_reason", "at_stake_krw", "cost_krw")}
    heads["expected_value_krw"] = t("keep.column.expected_value_krw")
    shown = choices.assign(
        offer=[t(f"retention.{code}") for code in choices["offer"]],
        for_reason=["" if unknown(code) else reasons.group_name(code) for code in choices["for_reason"]],
    )
    formats: dict[str, table_formats.Format] = {heads[name]: money for name in heads if name.endswith("_krw")}
    return table_formats.styler(shown[list(heads)].rename(columns=heads), formats)


def _rows(managers: list[str]) -> export.Rows:
    """Who gets an offer, worded in the language of now: a download runs outside the session."""
    heads = {name: t(f"keep.column.{name}") for name in IN_FILE} | {name: t(f"keep.file.{name}") for name in MONEY}
    language = lang()

    def rows(most: int) -> pd.DataFrame:
        found = read_uncached("churn/offers", manager_ids=managers, rows=most)
        with in_language(language):
            told = worded(found[found["status"] == "offered"])
        return told[list(IN_FILE)].rename(columns=heads)

    return rows


def _note(counts: pd.Series) -> export.Note:
    """As-of, scope, campaign, who was left out, that no effect is known; that the data are invented, where they are."""
    facts = [
        *export.scope_facts(counts["as_of"]),
        (t("keep.column.campaign"), str(counts["campaign"])),
        (t("offers.left_out"), _summary(counts).replace("**", "")),
        (t("retention.unverified"), t("retention.unverified_help")),
    ]
    return export.file_note(t("keep.title"), facts)
