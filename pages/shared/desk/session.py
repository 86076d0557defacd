"""The desk in a session: whose books, signed by whom, and what a press of a button did.

Until there is a sign-in a record is signed by the scope chosen in the frame, and the page says so.
A change is a callback on the version that the form began with, not the newest one: leaving a box redraws the page,
and the click that follows must not save over words that nobody has read. A refusal shows them; the next press is meant.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar import SEOUL
from core.config import Settings
from core.desk import engine
from core.desk.records import Scope
from core.errors import DeskError, RefusedError
from pages.shared import selection, state
from pages.shared.read import is_demo, read, reference
from pages.shared.sidebar import scope_name
from pages.shared.text import escape, t

log = logging.getLogger("beacon.desk")

SAID, SAVED = "desk_said", "desk.saved"
BEGAN, STANDS = "_began", "_stands_on"  # of a form: the record's version when it was unfolded, and the one to change


def desk() -> engine.Desk:
    """The desk of this data folder, or of BEACON_DESK_URL.

    Records follow a business into another book when a build puts its alerts on the desk (core/watch/send.py),
    never while a page is drawn.

    Raises
    ------
    DeskError : its database cannot be used
    """
    return _opened(os.environ.get("BEACON_DATA_DIR"), os.environ.get("BEACON_DESK_URL"))


@lru_cache(maxsize=8)
def _opened(_data_dir: str | None, _url: str | None) -> engine.Desk:
    return engine.open_desk(Settings.from_env().desk_url)


def scope() -> Scope:
    """The books of the scope chosen in the frame, signed by it."""
    return Scope(tuple(state.manager_ids()), state.selection().scope or "", is_demo())


def korean_time(at: datetime) -> str:
    """A moment as a clock in Korea shows it."""
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}"


def author_name(by: str) -> str:
    """Name of who signed, safe for Markdown; the code itself when the build does not know it any more."""
    known = by.removeprefix(selection.BRANCH_PREFIX) in reference().managers
    return escape.safe(scope_name(by)) if known else escape.safe(by)


def signature() -> str:
    """As whom the page writes, and why so."""
    return t("desk.signed", name=author_name(scope().by))


def standing(business_ids: list[str]) -> pd.DataFrame:
    """How these businesses stand in the served build: core.desk.watch_list.STANDING, with name and manager_id."""
    return read("shared/desk_standing", business_ids=business_ids, manager_ids=state.manager_ids())


@contextmanager
def warn_if_unreachable() -> Iterator[None]:
    """Whatever is drawn inside; when the desk cannot be used, a sentence instead, and the page goes on."""
    try:
        yield
    except DeskError as error:
        log.error("%s", error)
        st.warning(t("error.DeskError"), icon=":material/cloud_off:")


def run_change(change: Callable[[], object], form: str = "", reset: Mapping[str, object] | None = None) -> None:
    """Callback: change something on the desk; when it held, fold the form and set these widgets back.

    What was typed stays when the change is refused. The next run tells how it went.
    """
    try:
        change()
    except RefusedError as error:
        st.session_state[SAID] = f"desk.refused.{error.code}"
        st.session_state.pop(f"{form}{STANDS}", None)
    except DeskError as error:
        log.error("%s", error)
        st.session_state[SAID] = "error.DeskError"
    else:
        st.session_state[SAID] = SAVED
        st.session_state.update(reset or {})
        if form:
            st.session_state[form] = False


def show_result() -> None:
    """How the last change went, once."""
    said = st.session_state.pop(SAID, None)
    if said == SAVED:
        st.toast(t(SAVED), icon=":material/check:")
    elif said:
        st.error(t(said), icon=":material/error:")


def form_popover(label: str, form: str, **looks: Any) -> Any:
    """A popover whose content is asked for when it opens (`.open`); `act` folds it by this key of its form."""
    popover = st.popover(label, key=form, on_change="rerun", **looks)
    if not popover.open:
        for name in (BEGAN, STANDS):
            st.session_state.pop(f"{form}{name}", None)
    return popover


def form_version(form: str, record: Mapping[str, Any], latest: str) -> int:
    """The version that an unfolded form changes; the latest words (Markdown) stand in it when they are newer."""
    told, newest = st.session_state, int(record["version"])
    if told.setdefault(f"{form}{BEGAN}", newest) != newest:
        st.warning(t("desk.changed_meanwhile"), icon=":material/sync_problem:")
        st.markdown(latest)
    return told.setdefault(f"{form}{STANDS}", newest)


def save_button(label: str, key: str, callback: Callable[..., None], *args: object) -> None:
    """The button that ends an unfolded form."""
    st.button(label, key=key, on_click=callback, args=args, type="primary")
