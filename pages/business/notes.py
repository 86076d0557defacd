"""The desk's part of the business page: notes, the watch entry and follow-ups, in a fragment that redraws alone."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import notes
from core.desk.records import MAX_CHARACTERS, Business
from pages.shared.desk import follow_up_cards, session, watch_cards
from pages.shared.text import escape, number, t

SHOWN = 5  # notes; the older ones are folded
NEW, EDITED = "desk_note", "desk_note_edited"


@st.fragment
def show(card: pd.Series) -> None:
    """Notes beside the watch entry and the follow-ups."""
    st.subheader(t("desk.title"), anchor=False)
    st.caption(session.signature(), help=t("desk.signed_help"))
    with session.warn_if_unreachable():
        business = Business(str(card["business_id"]), str(card["manager_id"]))
        session.show_result()
        left, right = st.columns(2, gap="large")
        with left:
            _show_notes(business)
        with right:
            watch_cards.show(business, card)
            follow_up_cards.show(business)


def _show_notes(business: Business) -> None:
    """A form for a new note, then the notes, the newest first."""
    st.markdown(f"**{t('desk.notes')}**")
    key = f"{NEW}_{business.business_id}"
    with st.form(f"{key}_form", border=False):
        st.text_area(t("desk.note_new"), key=key, max_chars=MAX_CHARACTERS, height=80, placeholder=t("desk.note_hint"))
        st.form_submit_button(t("desk.note_save"), on_click=_write, args=(business, key), icon=":material/edit_note:")
    rows = notes.of_business(session.desk(), session.scope(), business.business_id)
    if rows.empty:
        st.caption(t("desk.notes_none"))
    for _, note in rows.head(SHOWN).iterrows():
        _show_note(note)
    if len(rows) > SHOWN:
        with st.expander(t("desk.notes_older", count=number(len(rows) - SHOWN))):
            for _, note in rows.iloc[SHOWN:].iterrows():
                _show_note(note)


def _show_note(note: pd.Series) -> None:
    """The text, its author and time, and a form to change it."""
    with st.container(border=True, gap="xxsmall", key=f"note_{note['id']}"):
        st.markdown(escape.paragraph(note["text"]))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(_signature(note), width="content")
            key = f"{EDITED}_{note['id']}"
            editing = session.form_popover(t("desk.edit"), f"{key}_open", type="tertiary", icon=":material/edit:")
            if editing.open:
                with editing:
                    _show_editing(note, key)


def _signature(note: Any) -> str:
    words = f"{session.korean_time(note['at'])} · {session.author_name(note['by'])}"
    if note["version"] == 1:
        return words
    changed = t("desk.edited", at=session.korean_time(note["changed_at"]), name=session.author_name(note["changed_by"]))
    return f"{words} · {changed}"


def _show_editing(note: pd.Series, key: str) -> None:
    version = session.form_version(f"{key}_open", note, escape.paragraph(note["text"]))
    st.text_area(t("desk.note_text"), value=note["text"], key=key, max_chars=MAX_CHARACTERS, height=120)
    session.save_button(t("desk.save"), f"{key}_save", _edit, note["id"], version, key)


def _write(business: Business, key: str) -> None:
    write = partial(notes.write, session.desk(), session.scope(), business, st.session_state[key])
    session.run_change(write, reset={key: ""})


def _edit(note_id: str, version: int, key: str) -> None:
    edit = partial(notes.edit, session.desk(), session.scope(), note_id, version, st.session_state[key])
    session.run_change(edit, f"{key}_open")
