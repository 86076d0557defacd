"""The desk in a session: the books in view, who signs, and forms whose changes are saved or refused with a reason.

Until there is a sign-in a record is signed by the scope chosen in the frame, and the page says so.
A form changes the version of the record that it was opened with, not the newest one: leaving an input redraws the
page, and the click that follows must not overwrite words that nobody has read. A refusal shows the newer words; the
next click then changes these.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import pandas as pd
import streamlit as st

from core.calendar import SEOUL
from core.config import Settings
from core.desk import engine
from core.desk.records import Scope
from core.errors import DeskError, RefusedError
from pages.shared import state
from pages.shared.read import is_demo, read, reference
from pages.shared.selection import BRANCH_PREFIX
from pages.shared.sidebar import scope_name
from pages.shared.text import escape, t

log = logging.getLogger("beacon.desk")

RESULT, SAVED = "desk_result", "desk.saved"
# After a form's key: the newest version of its record when it was opened, and the version that it changes.
OPENED_WITH, CHANGES = "_opened_with", "_changes"


def desk() -> engine.Desk:
    """The desk of this data folder, or of BEACON_DESK_URL.

    Records follow a business into another book when a build puts its alerts on the desk (core/watch/send.py),
    never while a page is drawn.

    Raises
    ------
    DeskError : its database cannot be used
    """
    return _desk(os.environ.get("BEACON_DATA_DIR"), os.environ.get("BEACON_DESK_URL"))


@lru_cache(maxsize=8)
def _desk(_data_dir: str | None, _url: str | None) -> engine.Desk:
    return engine.open_desk(Settings.from_env().desk_url)


def scope() -> Scope:
    """The books of the scope chosen in the frame, signed by it."""
    return Scope(tuple(state.manager_ids()), state.selection().scope or "", is_demo())


def korean_time(at: datetime) -> str:
    """A moment as a clock in Korea shows it."""
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}"


def author_name(by: str) -> str:
    """Name of who signed, safe for Markdown; the code itself when the build no longer has it."""
    return escape.safe(scope_name(by) if by.removeprefix(BRANCH_PREFIX) in reference().managers else by)


def signature() -> str:
    """As whom the page writes, and why so."""
    return t("desk.signed", name=author_name(scope().by))


def standing(business_ids: list[str]) -> pd.DataFrame:
    """How these businesses stand in the served build: core.desk.watch_list.STATUS_COLUMNS, with name and manager_id."""
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
    """Callback: change something on the desk; when it is saved, close the form and set these widgets back.

    What was typed stays when the change is refused. The next run shows the result (show_result).
    """
    try:
        change()
    except RefusedError as error:
        st.session_state[RESULT] = f"desk.refused.{error.code}"
        st.session_state.pop(f"{form}{CHANGES}", None)
    except DeskError as error:
        log.error("%s", error)
        st.session_state[RESULT] = "error.DeskError"
    else:
        st.session_state[RESULT] = SAVED
        st.session_state.update(reset or {})
        if form:
            st.session_state[form] = False


def show_result() -> None:
    """The result of the last change, once."""
    result = st.session_state.pop(RESULT, None)
    if result == SAVED:
        st.toast(t(SAVED), icon=":material/check:")
    elif result:
        st.error(t(result), icon=":material/error:")


def form(
    label: str,
    key: str,
    icon: str,
    fields: Callable[[], object],
    change: Callable[..., object],
    *,
    record: Mapping[str, Any] | None = None,
    latest: str = "",
    button: str | None = None,
    reset: Mapping[str, object] | None = None,
) -> None:
    """A popover with fields and a button that saves; its content is drawn once it is open.

    Parameters
    ----------
    key : of the popover; the button is `<key>_save`
    change : called on the click, with the version to change where there is a `record`
    latest : words of the record (Markdown), shown when somebody has changed it meanwhile
    button : its label, else that of the popover
    reset : widgets and the values that they get once the change is saved
    """
    popover = form_popover(label, key, icon=icon)
    if popover.open:
        with popover:
            versions = () if record is None else (form_version(key, record, latest),)
            fields()
            save_button(button or label, f"{key}_save", run_change, partial(change, *versions), key, reset)


def form_popover(label: str, form: str, **looks: Any) -> Any:
    """A popover whose content is drawn once it is open (`.open`); `run_change` closes it by this key."""
    popover = st.popover(label, key=form, on_change="rerun", **looks)
    if not popover.open:
        for name in (OPENED_WITH, CHANGES):
            st.session_state.pop(f"{form}{name}", None)
    return popover


def form_version(form: str, record: Mapping[str, Any], latest: str) -> int:
    """The version that an open form changes; the latest words (Markdown) stand in it when they are newer."""
    values, newest = st.session_state, int(record["version"])
    if values.setdefault(f"{form}{OPENED_WITH}", newest) != newest:
        st.warning(t("desk.changed_meanwhile"), icon=":material/sync_problem:")
        st.markdown(latest)
    return values.setdefault(f"{form}{CHANGES}", newest)


def save_button(label: str, key: str, callback: Callable[..., None], *args: object) -> None:
    """The button that ends a form."""
    st.button(label, key=key, on_click=callback, args=args, type="primary")
