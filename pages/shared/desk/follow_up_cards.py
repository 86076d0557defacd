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
DEFAULT_TERM = timedelta(days=7)  # own choice: the day that a new follow-up proposes


def show(business: Business) -> None:
    """The open ones with their buttons, a new one, the done ones folded."""
    st.markdown(f"**{t('desk.follow_ups')}**")
    rows = follow_ups.of_business(session.desk(), session.scope(), business.business_id)
    is_open = rows["done_at"].isna()
    if not is_open.any():
        st.caption(t("desk.follow_ups_none"))
    for _, row in rows[is_open].iterrows():
        with st.container(border=True, gap="xxsmall", key=f"follow_{row['id']}"):
            show_open(row)
    _show_new(business)
    if not is_open.all():
        with st.expander(t("desk.follow_ups_done", count=number(int((~is_open).sum())))):
            for _, row in rows[~is_open].iterrows():
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
    latest = f"{escape.paragraph(row['what'])} · {lateness(row['due_on'], calendar.today())[0]}"
    form = partial(session.form, record=row, latest=latest)

    def outcome() -> None:
        st.text_input(t("desk.outcome"), key=f"{key}_outcome", max_chars=500)

    def finish(version: int) -> None:
        words = st.session_state.get(f"{key}_outcome", "")
        follow_ups.finish(session.desk(), session.scope(), row["id"], version, words)

    def due_day() -> None:
        st.date_input(t("desk.due_on"), value=max(row["due_on"], calendar.today()), key=f"{key}_day")

    def move(version: int) -> None:
        follow_ups.move(session.desk(), session.scope(), row["id"], version, st.session_state[f"{key}_day"])

    with st.container(horizontal=True):
        form(t("desk.finish"), f"{key}_done", ":material/check:", outcome, finish, button=t("desk.finish_save"))
        form(t("desk.move"), f"{key}_move", ":material/event:", due_day, move, button=t("desk.save"))


def _show_new(business: Business) -> None:
    key = f"{KEY}_new_{business.business_id}"
    what, due = f"{key}_what", f"{key}_day"

    def fields() -> None:
        today = calendar.today()
        st.text_input(t("desk.what"), key=what, max_chars=500, placeholder=t("desk.what_hint"))
        st.date_input(t("desk.due_on"), value=today + DEFAULT_TERM, min_value=today, key=due)

    def plan() -> None:
        values = st.session_state
        follow_ups.plan(session.desk(), session.scope(), business, values[what], values[due])

    session.form(
        t("desk.follow_up_new"), f"{key}_open", ":material/add_task:", fields, plan,
        button=t("desk.save"), reset={what: ""},
    )  # fmt: skip


def _show_done(row: Any) -> None:
    outcome = f" → {escape.paragraph(row['outcome'])}" if not unknown(row["outcome"]) and row["outcome"] else ""
    st.markdown(f"{escape.paragraph(row['what'])}{outcome}")
    st.caption(t("desk.done_by", at=session.korean_time(row["done_at"]), name=session.author_name(row["done_by"])))
