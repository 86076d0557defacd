"""The work list of Today: whom to see this week, why, what to say, and why not the next in line."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared import selection, state
from pages.shared.parts import business_table, chips, table_formats
from pages.shared.read import has_tables, read, reference
from pages.shared.text import (
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


def choose_visits() -> int:
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


def show(rows: pd.DataFrame, visits: int, managers: list[str]) -> None:
    """The businesses to see now, then the next in line; a sentence when nobody needs a visit."""
    now, following = rows[rows["part"] == "now"], rows[rows["part"] == "next"]
    if now.empty:
        st.success(t("today.none"), icon=":material/check_circle:")
        st.caption(t("today.none_how"))
    else:
        _show_lead(now, following, visits)
    for _, row in now.iterrows():
        _show_row(row, with_manager=len(managers) > 1)
    _show_next(following, visits, f"next_{visits}_{'-'.join(managers)}")


def _show_lead(now: pd.DataFrame, following: pd.DataFrame, visits: int) -> None:
    """How many visits the list has, what the worth of a visit assumes, and why the model's part may be 0."""
    is_all = not (following["why_not"].isin(["later", "capacity"])).any()
    key = "work.lead_few" if is_all and len(now) < visits else "work.lead"
    st.caption(t(key, visits=number(visits), count=number(len(now))), help=worklist.visit_value_help())
    bases = [basis for basis in now["basis"].dropna().unique() if f"work.basis.{basis}" in strings(lang())]
    about = " ".join([t("work.ledger.about"), *(t(f"work.basis.{basis}") for basis in bases)])
    st.caption(about, help=t("work.ledger.help"))


def _show_row(row: pd.Series, with_manager: bool) -> None:
    """One business: name, reason, sparkline and link; below, the change, the opening of the talk and the offer."""
    with st.container(border=True, key=f"work_{row['business_id']}"):
        name, reason, link = st.columns([3, 5, 3], vertical_alignment="center")
        with name:
            _show_name(row, with_manager)
        with reason:
            _show_reason(row)
        with link:
            _show_link(row)
        ledger, opening, offer = st.columns([3, 5, 3])
        with ledger:
            _show_part("changed", worklist.score_change(row), worklist.change_parts(row))
        with opening:
            _show_part("say", worklist.opening_line(row))
        with offer:
            _show_part("offer", worklist.offer(row), worklist.visit_value(row))


def _show_part(key: str, words: str, note: str = "") -> None:
    with st.container(gap="xxsmall"):
        st.caption(f"**{t(f'work.{key}')}**")
        st.markdown(words)
        if note:
            st.caption(note)


def _show_name(row: pd.Series, with_manager: bool) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{escape.safe(row['name'])}**")
        st.html(chips.tier_chip(row["tier"], row["score"], row["state"]))
        facts = [or_unknown(names.industry, row["industry_code"]), or_unknown(names.district, row["district_code"])]
        if with_manager:
            name, _ = reference().managers.get(row["manager_id"], (row["manager_id"], ""))
            facts.append(t("today.book", name=escape.safe(name)))
        st.caption(" · ".join(facts))


def _show_reason(row: pd.Series) -> None:
    with st.container(gap="xsmall"):
        colour = RULE_COLOURS.get(row["rule"], "red")
        st.badge(_rule(row), color=colour, help=_rule_record(row["rule"]))  # type: ignore[arg-type]
        st.markdown(reasons.top_sentence(row))
        st.caption(f"{_tier_change(row)} · {_contact(row)}")


def _rule_record(rule: str) -> str | None:
    """How often this rule was right before and how early, where the build has a back-test of it (watch_rules)."""
    if not has_tables("watch_rules"):
        return None
    rules = read("shared/watch_rules")
    matches = rules[(rules["rule"] == rule) & (rules["judged"] > 0)]
    return worklist.rule_record(matches.iloc[0]) if len(matches) else None


def _rule(row: pd.Series) -> str:
    """The rule that put the business on the list, with its figure."""
    rule = t(f"today.rule.{row['rule']}")
    if not unknown(row["due_on"]):
        return f"{rule} · {t('today.due', day=day(row['due_on']))}"
    if row["rule"].startswith("past_due"):
        return f"{rule} · {t('today.late', days=number(row['days_past_due']))}"
    if row["rule"] == "pd_up":
        return f"{rule} · {percent(row['pd_1m'])} → {percent(row['pd_12m'])}"
    return rule


def _show_link(row: pd.Series) -> None:
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


def _show_next(rows: pd.DataFrame, visits: int, key: str) -> None:
    """The next in line, folded, with the reason why each is not on the list now; a click on a name opens it."""
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
        st.dataframe(
            table_formats.styler(table, {"value_krw": money}),
            key=key,
            hide_index=True,
            height=business_table.height(len(table)),
            column_config=business_table.columns(
                "work.column", table.columns, key, list(rows["business_id"]), widths=WIDTHS
            ),
            alt=t("work.next.table"),
        )


def _tier_change(row: Any) -> str:
    """Change of tier against the month before: ▼ 좋음 → 적정."""
    if unknown(row["tier_move"]):
        return t("today.first_rated")
    if row["tier_move"] == 0:
        return t("today.unmoved")
    mark = "▲" if row["tier_move"] > 0 else "▼"
    return t("today.moved", mark=mark, before=tier_word(row["tier_1m"]), now=tier_word(row["tier"]))


def _contact(row: Any) -> str:
    """Day and channel of the last contact, and how many days before the as-of."""
    if unknown(row["last_contact_on"]):
        return t("today.contact_none")
    days = (row["as_of"] - row["last_contact_on"]).days
    channel = code_word("channel", row["last_contact_channel"])
    return t("today.contact", day=day(row["last_contact_on"]), days=number(days), channel=channel)
