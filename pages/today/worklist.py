"""The work list's rows and the book's figures, as Today shows them."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import selection, state
from pages.shared.parts import cards, chips, table_formats
from pages.shared.read import has_tables, read, reference
from pages.shared.text import (
    TIERS,
    day,
    escape,
    lang,
    money,
    names,
    number,
    percent,
    reasons,
    strings,
    t,
    tier_score,
    tier_word,
    unknown,
    worklist,
)
from pages.shared.text.names import code_word, or_unknown

WIDTHS = {"tier": 100, "rule": 190, "value_krw": 90, "why_not": 380}  # pixels
RULE_COLOURS = {"growth": "blue", "offer": "blue", "maturity": "orange", "no_contact": "orange", "tier_fall": "orange"}


def ask_visits() -> int:
    """How many businesses the manager can see this week; kept in the session and the URL."""
    return int(
        st.number_input(
            t("work.visits"),
            min_value=1,
            max_value=selection.MAX_VISITS,
            step=1,
            help=t("work.visits_help"),
            width=280,
            **state.widget("visits"),
        )
    )


def show_lead(now: pd.DataFrame, following: pd.DataFrame, visits: int) -> None:
    """What the list is, what a visit's worth assumes, and why the model's part may be 0."""
    is_all = not (following["why_not"].isin(["later", "capacity"])).any()
    key = "work.lead_few" if is_all and len(now) < visits else "work.lead"
    st.caption(t(key, visits=number(visits), count=number(len(now))), help=worklist.visit_value_help())
    bases = [basis for basis in now["basis"].dropna().unique() if f"work.basis.{basis}" in strings(lang())]
    about = " ".join([t("work.ledger.about"), *(t(f"work.basis.{basis}") for basis in bases)])
    st.caption(about, help=t("work.ledger.help"))


def show_row(row: pd.Series, with_manager: bool) -> None:
    """One business: who, why it is here, its year, and the way in."""
    with st.container(border=True, key=f"work_{row['business_id']}"):
        who, why, way = st.columns([3, 5, 3], vertical_alignment="center")
        with who:
            _show_who(row, with_manager)
        with why:
            _show_why(row)
        with way:
            _show_way(row)
        changed, say, offer = st.columns([3, 5, 3])
        with changed:
            _show_part("changed", worklist.score_change(row), worklist.change_parts(row))
        with say:
            _show_part("say", worklist.opening_line(row))
        with offer:
            _show_part("offer", worklist.offer(row), worklist.visit_value(row))


def _show_part(key: str, words: str, note: str = "") -> None:
    with st.container(gap="xxsmall"):
        st.caption(f"**{t(f'work.{key}')}**")
        st.markdown(words)
        if note:
            st.caption(note)


def _show_who(row: pd.Series, with_manager: bool) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{escape.safe(row['name'])}**")
        st.html(chips.tier_chip(row["tier"], row["score"], row["state"]))
        facts = [or_unknown(names.industry, row["industry_code"]), or_unknown(names.district, row["district_code"])]
        if with_manager:
            name, _ = reference().managers.get(row["manager_id"], (row["manager_id"], ""))
            facts.append(t("today.book", name=escape.safe(name)))
        st.caption(" · ".join(facts))


def _show_why(row: pd.Series) -> None:
    with st.container(gap="xsmall"):
        colour = RULE_COLOURS.get(row["rule"], "red")
        st.badge(_rule(row), color=colour, help=_record(row["rule"]))  # type: ignore[arg-type]
        st.markdown(reasons.top_sentence(row))
        st.caption(f"{move(row)} · {contact(row)}")


def _record(rule: str) -> str | None:
    """How often this warning was right before, and how early, where the watch has judged the same rule."""
    if not has_tables("watch_rules"):
        return None
    found = read("shared/watch_rules")
    found = found[(found["rule"] == rule) & (found["judged"] > 0)]
    return worklist.rule_record(found.iloc[0]) if len(found) else None


def _rule(row: pd.Series) -> str:
    """Why the business is here, with the figure that put it here."""
    rule = t(f"today.rule.{row['rule']}")
    if not unknown(row["due_on"]):
        return f"{rule} · {t('today.due', day=day(row['due_on']))}"
    if row["rule"].startswith("past_due"):
        return f"{rule} · {t('today.late', days=number(row['days_past_due']))}"
    if row["rule"] == "pd_up":
        return f"{rule} · {percent(row['pd_1m'])} → {percent(row['pd_12m'])}"
    return rule


def _show_way(row: pd.Series) -> None:
    line = chips.sparkline(row["sparkline"])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if line:
            st.image(line, width=chips.WIDTH, alt=t("today.sparkline"))
        else:
            st.caption(t("text.unknown"), width="content")
        st.button(
            t("today.open"),
            key=f"open_{row['business_id']}",
            on_click=state.open_business,
            args=(row["business_id"],),
            icon=":material/arrow_forward:",
            icon_position="right",
        )


def show_next(rows: pd.DataFrame, visits: int, key: str) -> None:
    """The next in line, folded: why each of them is not on the list now; a click on a name opens it."""
    if rows.empty:
        return
    with st.expander(t("work.next.title", count=number(len(rows))), icon=":material/rule:"):
        table = pd.DataFrame(
            {
                "name": rows["name"],
                "tier": [tier_score(row["tier"], row["score"]) for _, row in rows.iterrows()],
                "rule": [_rule(row) for _, row in rows.iterrows()],
                "value_krw": rows["value_krw"],
                "why_not": [worklist.why_not(row, visits) for _, row in rows.iterrows()],
            }
        )
        opening = table_formats.name_column(t("work.column.name"), key, state.open_business, list(rows["business_id"]))
        st.dataframe(
            table_formats.styler(table, {"value_krw": money}),
            key=f"{key}_table",
            hide_index=True,
            height=38 + 35 * len(table),
            column_config={
                name: st.column_config.Column(t(f"work.column.{name}"), width=WIDTHS.get(name)) for name in table
            }
            | {"name": opening},
            alt=t("work.next.table"),
        )


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
    channel = code_word("channel", row["last_contact_channel"])
    return t("today.contact", day=day(row["last_contact_on"]), days=number(days), channel=channel)


def show_book(book: pd.Series) -> None:
    """The book in figures: how many, where they moved, what is at risk."""
    with cards.row(3):
        _card("businesses", number(book["businesses"]), t("today.not_rated", count=number(book["not_rated"])))
        _card(
            "moves",
            _moves(book),
            t("today.compared", count=number(book["comparable"])),
            help_text=t("today.moves_help"),
        )
        exposed = None if unknown(book["exposed"]) else t("today.exposed", count=number(book["exposed"]))
        _card("exposure", money(book["exposure_krw"]), exposed)
        _card("expected_loss", money(book["expected_loss_krw"]), _loss_share(book), help_text=t("today.loss_help"))
        _card("pd_mean", percent(book["pd_mean"], 2), _pd_moved(book), help_text=_pd_help(book))
        _card("past_due", number(book["past_due_30"]), None)
    rated = [(tier, int(book[f"tier_{tier}"]), _tier_count(book, tier)) for tier in TIERS]
    st.markdown(f"**{t('today.tiers')}**")
    if sum(count for _, count, _ in rated):
        st.html(chips.tier_bar(rated))


def _card(key: str, value: str, note: str | None, help_text: str | None = None) -> None:
    cards.show(t(f"today.{key}"), value, note, help_text)


def _moves(book: pd.Series) -> str:
    return t("today.moves_value", up=number(book["moved_up"]), down=number(book["moved_down"]))


def _tier_count(book: pd.Series, tier: int) -> str:
    return t("today.tier_count", word=tier_word(tier), count=number(book[f"tier_{tier}"]))


def _loss_share(book: pd.Series) -> str | None:
    if unknown(book["exposure_krw"]):
        return None
    share = book["expected_loss_krw"] / book["exposure_krw"] if book["exposure_krw"] else None
    return t("today.expected_loss_share", share=percent(share, 2))


def _pd_moved(book: pd.Series) -> str | None:
    if unknown(book["pd_mean_1m"]):
        return None
    return t("today.pd_moved", value=f"{100 * (book['pd_mean'] - book['pd_mean_1m']):+.2f}")


def _pd_help(book: pd.Series) -> str:
    return t("today.pd_mean_help", count=number(book["pd_n"]))
