"""An entry of the watch list on a page: reason, begin, exit rule, and its figures then and in the live build."""

from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core import calendar
from core.desk import watch_list
from core.desk.records import Business
from core.desk.watch_list import RULES, Rule
from pages.shared.desk import session
from pages.shared.read import build_id
from pages.shared.text import TIERS, day, escape, number, percent, t, tier_score, tier_word, unknown

KEY = "desk_watch"
COLOURS = {"met": "green", "worse": "red", "on": "blue", "unknown": "gray", "gone": "gray"}
# Own choice: what the inputs propose.
DEFAULT_TIER, DEFAULT_PD, DEFAULT_POINTS, DEFAULT_TERM = 3, 0.02, 10, timedelta(days=90)


def show(business: Business, card: pd.Series) -> None:
    """The open entry, or the way to open one; what was watched before folded."""
    st.markdown(f"**{t('desk.watch')}**")
    entries = watch_list.of_business(session.desk(), session.scope(), business.business_id)
    standing = session.standing([business.business_id])
    is_open = entries["closed_at"].isna()
    for _, entry in watch_list.with_verdicts(entries[is_open], standing, calendar.today()).iterrows():
        with st.container(border=True, gap="xxsmall", key=f"watch_{entry['id']}"):
            show_entry(entry)
            show_buttons(entry)
    if not is_open.any():
        st.caption(t("desk.watch_none"))
        _show_new(business, card)
    if not is_open.all():
        with st.expander(t("desk.watch_before", count=number(int((~is_open).sum())))):
            for _, entry in entries[~is_open].iterrows():
                _show_closed(entry)


def show_entry(entry: Any) -> None:
    """Verdict, exit rule, reason, and the figures of then and now."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(t(f"desk.verdict.{entry['verdict']}"), color=COLOURS[entry["verdict"]])  # type: ignore[arg-type]
        st.caption(
            t("desk.watch_since", at=session.korean_time(entry["at"]), name=session.author_name(entry["by"])),
            width="content",
        )
    st.markdown(escape.paragraph(entry["reason"]))
    st.caption(f"{t('desk.exit_rule', rule=rule_words(entry))}  \n{then_and_now(entry)}")


def rule_words(entry: Any) -> str:
    """The exit rule in words."""
    value = entry["threshold"]
    words = {
        "tier_at_least": lambda: t("desk.rule.tier_at_least", tier=tier_word(value)),
        "pd_below": lambda: t("desk.rule.pd_below", pd=percent(value)),
        "score_up": lambda: t("desk.rule.score_up", points=number(value)),
        "until": lambda: t("desk.rule.until", day=day(entry["until_on"])),
    }
    return words[entry["rule"]]()


def then_and_now(entry: Any) -> str:
    """Tier, score and PD at the start and in the served build, each with its as-of."""
    then = t("desk.then", as_of=day(entry["as_of"]), figures=_figures(entry, "start"))
    if unknown(entry["now_state"]):
        return then
    return f"{then} → {t('desk.now', as_of=day(entry['now_as_of']), figures=_figures(entry, 'now'))}"


def _figures(entry: Any, when: str) -> str:
    state, tier, pd_12m = (entry[f"{when}_{name}"] for name in ("state", "tier", "pd"))
    rated = not unknown(tier) and not unknown(entry[f"{when}_score"])
    words = tier_score(tier, entry[f"{when}_score"]) if rated else t(f"state.{state}" if state != "OK" else "tier.none")
    return words if unknown(pd_12m) else f"{words}, {t('desk.pd', pd=percent(pd_12m))}"


def show_buttons(entry: pd.Series) -> None:
    """Off the list with a reason; another reason or rule."""
    key = f"{KEY}_{entry['id']}"
    latest = f"{escape.paragraph(entry['reason'])} · {t('desk.exit_rule', rule=rule_words(entry))}"
    form = partial(session.form, record=entry, latest=latest)

    def closing() -> None:
        st.text_input(t("desk.closing"), key=f"{key}_closing", max_chars=500)

    def close(version: int) -> None:
        reason = st.session_state[f"{key}_closing"]
        watch_list.close(session.desk(), session.scope(), entry["id"], version, reason)

    def change(version: int) -> None:
        reason, rule = _inputs(key)
        watch_list.change_rule(session.desk(), session.scope(), entry["id"], version, reason, rule)

    with st.container(horizontal=True):
        form(t("desk.watch_close"), f"{key}_close", ":material/visibility_off:", closing, close)
        rule_fields = partial(_show_rule, key, entry)
        form(t("desk.watch_change"), f"{key}_change", ":material/edit:", rule_fields, change, button=t("desk.save"))


def _show_new(business: Business, card: pd.Series) -> None:
    key = f"{KEY}_new_{business.business_id}"
    standing = {"build_id": build_id(), **{name: card[name] for name in watch_list.STATUS_COLUMNS[2:]}}

    def put() -> None:
        reason, rule = _inputs(key)
        watch_list.put(session.desk(), session.scope(), business, reason, rule, standing)

    fields = partial(_show_rule, key, None)
    session.form(t("desk.watch_start"), f"{key}_open", ":material/visibility:", fields, put)


def _show_rule(key: str, entry: Any) -> None:
    """Inputs for reason and rule, with those of the entry when there is one."""
    st.text_input(t("desk.watch_reason"), "" if entry is None else entry["reason"], key=f"{key}_reason", max_chars=500)
    place = 0 if entry is None else RULES.index(entry["rule"])
    code = st.selectbox(t("desk.rule_head"), RULES, place, format_func=_rule_name, key=f"{key}_rule")
    value = f"{key}_{code}"
    threshold = None if entry is None or entry["rule"] != code else entry["threshold"]
    if code == "tier_at_least":
        tier = int(threshold or DEFAULT_TIER)
        st.selectbox(t("desk.rule_tier"), TIERS[1:], TIERS[1:].index(tier), format_func=tier_word, key=value)
    elif code == "pd_below":
        share = 100 * (threshold or DEFAULT_PD)
        st.number_input(t("desk.rule_pd"), 0.1, 99.9, round(share, 1), 0.1, "%.1f", key=value)
    elif code == "score_up":
        st.number_input(t("desk.rule_points"), 1, 100, int(threshold or DEFAULT_POINTS), key=value)
    else:
        tomorrow = calendar.today() + timedelta(days=1)
        until = tomorrow + DEFAULT_TERM if entry is None or entry["until_on"] is None else entry["until_on"]
        st.date_input(t("desk.rule_day"), max(until, tomorrow), min_value=tomorrow, key=value)


def _rule_name(code: str) -> str:
    return t(f"desk.rule_name.{code}")


def _inputs(key: str) -> tuple[str, Rule]:
    """Reason and exit rule as typed."""
    values = st.session_state
    code = values[f"{key}_rule"]
    value = values[f"{key}_{code}"]
    if code == "until":
        rule = Rule(code, until_on=value)
    else:
        rule = Rule(code, threshold=value / 100 if code == "pd_below" else float(value))
    return values[f"{key}_reason"], rule


def _show_closed(entry: Any) -> None:
    st.markdown(f"{escape.paragraph(entry['reason'])} → {escape.paragraph(entry['closing'])}")
    facts = {"start": session.korean_time(entry["at"]), "end": session.korean_time(entry["closed_at"])}
    st.caption(t("desk.watched", **facts, rule=rule_words(entry), name=session.author_name(entry["closed_by"])))
