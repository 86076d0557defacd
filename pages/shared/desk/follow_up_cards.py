"""Follow-ups as the pages show them: what, by when, and what came of it."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core import calendar
from core.desk import follow_ups
from core.desk.records import Business
from pages.shared.desk import session
from pages.shared.text import day, escape, number, t, unknown

KEY = "desk_follow"
USUAL = timedelta(days=7)  # own choice: the day that a new follow-up proposes
DONE_SHOWN = 5


def show(business: Business) -> None:
    """The open ones with their buttons, a new one, the done ones folded."""
    st.markdown(f"**{t('desk.follow_ups')}**")
    found = follow_ups.of_business(session.desk(), session.scope(), business.business_id)
    is_open = found["done_at"].isna()
    if not is_open.any():
        st.caption(t("desk.follow_ups_none"))
    for _, row in found[is_open].iterrows():
        with st.container(border=True, gap="xxsmall", key=f"follow_{row['id']}"):
            show_open(row)
    _show_new(business)
    if not is_open.all():
        with st.expander(t("desk.follow_ups_done", count=number(int((~is_open).sum())))):
            for _, row in found[~is_open].iterrows():
                _show_done(row)


def show_open(row: pd.Series) -> None:
    """When, what, who; buttons to finish it and to move the day."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words, colour = lateness(row["due_on"], calendar.today())
        st.badge(words, color=colour)  # type: ignore[arg-type]
        st.caption(f"{session.author_name(row['by'])} · {session.korean_time(row['at'])}", width="content")
    st.markdown(escape.paragraph(row["what"]))
    show_buttons(row)


def lateness(due_on: date, today: date) -> tuple[str, str]:
    """Words and colour of a due day: overdue red, today orange, later grey."""
    days = (due_on - today).days
    if days < 0:
        return t("desk.overdue", day=day(due_on), days=number(-days)), "red"
    return (t("desk.due_today"), "orange") if days == 0 else (t("desk.due", day=day(due_on), days=number(days)), "gray")


def show_buttons(row: pd.Series) -> None:
    """Done, and another day."""
    key = f"{KEY}_{row['id']}"
    with st.container(horizontal=True):
        done = session.form_popover(t("desk.finish"), f"{key}_done", icon=":material/check:")
        if done.open:
            with done:
                version = session.form_version(f"{key}_done", row, _latest(row))
                st.text_input(t("desk.outcome"), key=f"{key}_outcome", max_chars=500)
                session.save_button(t("desk.finish_save"), f"{key}_finish", _finish, row["id"], version, key)
        moved = session.form_popover(t("desk.move"), f"{key}_move", icon=":material/event:")
        if moved.open:
            with moved:
                version = session.form_version(f"{key}_move", row, _latest(row))
                st.date_input(t("desk.due_on"), value=max(row["due_on"], calendar.today()), key=f"{key}_day")
                session.save_button(t("desk.save"), f"{key}_moved", _move, row["id"], version, key)


def _latest(row: pd.Series) -> str:
    return f"{escape.paragraph(row['what'])} · {lateness(row['due_on'], calendar.today())[0]}"


def _show_new(business: Business) -> None:
    key = f"{KEY}_new_{business.business_id}"
    new = session.form_popover(t("desk.follow_up_new"), f"{key}_open", icon=":material/add_task:")
    if not new.open:
        return
    with new:
        st.text_input(t("desk.what"), key=f"{key}_what", max_chars=500, placeholder=t("desk.what_hint"))
        st.date_input(t("desk.due_on"), value=calendar.today() + USUAL, min_value=calendar.today(), key=f"{key}_day")
        session.save_button(t("desk.save"), f"{key}_save", _plan, business, key)


def _show_done(row: Any) -> None:
    outcome = f" → {escape.paragraph(row['outcome'])}" if not unknown(row["outcome"]) and row["outcome"] else ""
    st.markdown(f"{escape.paragraph(row['what'])}{outcome}")
    st.caption(t("desk.done_by", at=session.korean_time(row["done_at"]), name=session.author_name(row["done_by"])))


def _plan(business: Business, key: str) -> None:
    what, due_on = st.session_state[f"{key}_what"], st.session_state[f"{key}_day"]
    plan = partial(follow_ups.plan, session.desk(), session.scope(), business, what, due_on)
    session.run_change(plan, f"{key}_open", {f"{key}_what": ""})


def _finish(follow_up_id: str, version: int, key: str) -> None:
    outcome = st.session_state.get(f"{key}_outcome", "")
    finish = partial(follow_ups.finish, session.desk(), session.scope(), follow_up_id, version, outcome)
    session.run_change(finish, f"{key}_done")


def _move(follow_up_id: str, version: int, key: str) -> None:
    due_on = st.session_state[f"{key}_day"]
    move = partial(follow_ups.move, session.desk(), session.scope(), follow_up_id, version, due_on)
    session.run_change(move, f"{key}_move")
