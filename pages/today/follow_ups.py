"""The desk's part of Today: follow-ups that are due, and watched businesses that need attention."""

from typing import Any

import pandas as pd
import streamlit as st

from core import calendar
from core.desk import follow_ups, watch_list
from pages.shared import state
from pages.shared.desk import follow_up_cards, session, watch_cards
from pages.shared.text import escape, number, t

# Verdicts on a watched business that need attention, the gravest first; "on" and "unknown" need none.
ALARMS = ("worse", "met", "gone")
SHOWN = 10


@st.fragment
def show() -> None:
    """Both lists; nothing where the desk has no such record."""
    with session.warn_if_unreachable():
        due = follow_ups.due(session.desk(), session.scope(), calendar.today())
        watched = watch_list.open_entries(session.desk(), session.scope())
        standing = session.standing(sorted({*due["business_id"], *watched["business_id"]}))
        names = dict(zip(standing["business_id"], standing["name"], strict=True))
        session.show_result()
        if len(due):
            _show_due(due, names)
        verdicts = watch_list.with_verdicts(watched, standing, calendar.today())
        alarms = verdicts[verdicts["verdict"].isin(ALARMS)]
        if len(alarms):
            by_gravity = alarms.sort_values("verdict", key=lambda codes: codes.map(ALARMS.index), kind="stable")
            _show_watched(by_gravity, names)


def _show_due(due: pd.DataFrame, names: dict[str, str]) -> None:
    overdue = int((due["due_on"] < calendar.today()).sum())
    st.subheader(t("desk.today_due", count=number(len(due)), overdue=number(overdue)), anchor=False)
    for _, row in due.head(SHOWN).iterrows():
        with st.container(border=True, gap="xxsmall", key=f"due_{row['id']}"):
            _show_name(row, names)
            follow_up_cards.show_open(row)
    _show_rest(len(due))


def _show_watched(entries: pd.DataFrame, names: dict[str, str]) -> None:
    st.subheader(t("desk.today_watched", count=number(len(entries))), anchor=False)
    st.caption(t("desk.today_watched_help"))
    for _, entry in entries.head(SHOWN).iterrows():
        with st.container(border=True, gap="xxsmall", key=f"watched_{entry['id']}"):
            _show_name(entry, names)
            watch_cards.show_entry(entry)
            if entry["verdict"] == "gone":
                watch_cards.show_buttons(entry)
    _show_rest(len(entries))


def _show_name(row: Any, names: dict[str, str]) -> None:
    name = names.get(row["business_id"])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{escape.safe(name)}**" if name else t("desk.not_in_book", id=escape.safe(row["business_id"])))
        if name:
            st.button(
                t("today.open"), key=f"desk_open_{row['id']}", on_click=state.open_business, args=(row["business_id"],),
                icon=":material/arrow_forward:", icon_position="right",
            )  # fmt: skip


def _show_rest(count: int) -> None:
    if count > SHOWN:
        st.caption(t("desk.today_more", count=number(count - SHOWN)))
