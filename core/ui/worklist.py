"""The work list's rows and the book's figures, as Today shows them."""

from typing import Any

import pandas as pd
import streamlit as st

from core.ui import charts, marks, reasons, state
from core.ui.text import TIERS, day, lang, money, number, percent, t, tier_word, unknown
from core.ui.wording import word

RULE_COLOURS = {"growth": "blue", "maturity": "orange", "no_contact": "orange", "tier_fall": "orange"}


def show_row(row: pd.Series, with_manager: bool) -> None:
    """One business: who, why it is here, its year, and the way in."""
    with st.container(border=True, key=f"work_{row['business_id']}"):
        who, why, year, way = st.columns([3, 5, 2, 1.2], vertical_alignment="center")
        with who:
            _show_who(row, with_manager)
        with why:
            _show_why(row)
        with year:
            _show_year(row)
        way.button(
            t("today.open"),
            key=f"open_{row['business_id']}",
            on_click=state.open_business,
            args=(row["business_id"],),
            icon=":material/arrow_forward:",
            icon_position="right",
            width="stretch",
        )


def _show_who(row: pd.Series, with_manager: bool) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{marks.safe(row['name'])}**")
        st.html(marks.tier_chip(row["tier"], row["score"], row["state"]))
        facts = [row[f"industry_{lang()}"], row[f"district_{lang()}"]]
        if with_manager:
            facts.append(t("today.book", name=marks.safe(row["manager_name"])))
        st.caption(" · ".join(fact for fact in facts if not unknown(fact)))


def _show_why(row: pd.Series) -> None:
    with st.container(gap="xsmall"):
        rule = t(f"today.rule.{row['rule']}")
        if not unknown(row["due_on"]):
            rule += " · " + t("today.due", day=day(row["due_on"]))
        st.badge(rule, color=RULE_COLOURS.get(row["rule"], "red"))  # type: ignore[arg-type]
        st.markdown(reasons.top_sentence(row))
        st.caption(f"{move(row)} · {contact(row)}")


def _show_year(row: pd.Series) -> None:
    line = marks.sparkline(row["sparkline"])
    with st.container(gap="xsmall"):
        if line:
            st.image(line, width=marks.WIDTH, alt=t("today.sparkline"))
        st.caption(t("today.sparkline") if line else t("text.unknown"))


def move(row: Any) -> str:
    """Change of tier in words: ▼ 좋음 → 적정."""
    if unknown(row["tier_move"]):
        return t("today.first_rated")
    if row["tier_move"] == 0:
        return t("today.unmoved")
    mark = "▲" if row["tier_move"] > 0 else "▼"
    return t("today.moved", mark=mark, before=tier_word(row["tier_1m"]), now=tier_word(row["tier"]))


def contact(row: Any) -> str:
    """Last contact in words, counted to the as-of."""
    if unknown(row["last_contact_on"]):
        return t("today.contact_none")
    days = (row["as_of"] - row["last_contact_on"]).days
    channel = word("channel", row["last_contact_channel"])
    return t("today.contact", day=day(row["last_contact_on"]), days=number(days), channel=channel)


def show_book(book: pd.Series) -> None:
    """The book in figures: how many, where they moved, what is at risk."""
    with st.grid(columns="auto", min_column_width=190, gap="small"):
        st.metric(t("today.businesses"), number(book["businesses"]), border=True, height="stretch")
        st.metric(
            t("today.moves"),
            t("today.moves_value", up=number(book["moved_up"]), down=number(book["moved_down"])),
            help=t("today.moves_help", count=number(book["comparable"])),
            border=True,
            height="stretch",
        )
        _metric("exposure", money(book["exposure_krw"]), t("today.exposed", count=number(book["exposed"])))
        _metric("expected_loss", money(book["expected_loss_krw"]), _loss_share(book))
        _show_mean_pd(book)
        st.metric(t("today.past_due"), number(book["past_due_30"]), border=True, height="stretch")
    rated = [(tier, int(book[f"tier_{tier}"]), _tier_count(book, tier)) for tier in TIERS]
    st.markdown(f"**{t('today.tiers')}**  \n:gray[{t('today.not_rated', count=number(book['not_rated']))}]")
    if sum(count for _, count, _ in rated):
        st.plotly_chart(charts.tier_bar(rated), key="book_tiers", config=charts.CONFIG, alt=t("today.tiers"))


def _metric(key: str, value: str, note: str) -> None:
    st.metric(t(f"today.{key}"), value, delta=note, delta_color="off", delta_arrow="off", border=True, height="stretch")


def _tier_count(book: pd.Series, tier: int) -> str:
    return t("today.tier_count", word=tier_word(tier), count=number(book[f"tier_{tier}"]))


def _loss_share(book: pd.Series) -> str:
    share = book["expected_loss_krw"] / book["exposure_krw"] if book["exposure_krw"] else None
    return t("today.expected_loss_share", share=percent(share, 2))


def _show_mean_pd(book: pd.Series) -> None:
    moved = None if unknown(book["pd_mean_1m"]) else 100 * (book["pd_mean"] - book["pd_mean_1m"])
    st.metric(
        t("today.pd_mean"),
        percent(book["pd_mean"], 2),
        delta=None if unknown(moved) else t("today.pp", value=f"{moved:+.2f}"),
        delta_color="inverse",
        help=t("today.pd_mean_help", count=number(book["pd_n"])),
        border=True,
        height="stretch",
    )
