"""The selection of this session: read from the URL, changed by widgets, written back to the URL.

The session's selection is the truth. The URL is read twice only: on the session's first run (a link, a
reload) and when the browser goes Back or Forward; in every other run the URL is written. So a click that
overtakes the URL's way to the browser is never undone. Codes from the URL are checked against the build each time.
"""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared.selection import FILTERS, Selection, managers_of_scope, without_unknown_codes
from pages.shared.text import LANGUAGE, LANGUAGES, browser_language, lang
from pages.shared.url import params_of, selection_from

SELECTION = "selection"
PAGES = "pages"


def restore() -> None:
    """Restore the selection of this run; call once, before any page reads it."""
    restore_language()
    if SELECTION not in st.session_state or _went_back():
        st.session_state[SELECTION] = selection_from(st.query_params)
    st.session_state[SELECTION] = without_unknown_codes(st.session_state[SELECTION])


def restore_language() -> None:
    """Restore the language alone, which a page needs even when there is no build."""
    if LANGUAGE not in st.session_state or _went_back():
        language = st.query_params.get("lang", "")
        st.session_state[LANGUAGE] = language if language in LANGUAGES else browser_language()


def _went_back() -> bool:
    # Streamlit 1.67 tells the script run, but not the script, that the browser went Back or Forward.
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def write_url() -> None:
    """Bring the URL to the selection; writes only a difference, as each write is an entry in the history."""
    params = url_params()
    if st.query_params.to_dict() != params:
        st.query_params.from_dict(params)


def url_params() -> dict[str, str]:
    """The selection as URL parameters, defaults left out."""
    params = params_of(selection())
    return params if lang() == browser_language() else {"lang": lang()} | params


def selection() -> Selection:
    """What is chosen now."""
    if SELECTION not in st.session_state:
        restore()
    chosen: Selection = st.session_state[SELECTION]
    return chosen


def manager_ids() -> list[str]:
    """Managers whose businesses may be seen; empty when the build has no bank's book."""
    return managers_of_scope(selection().scope)


def business_id() -> str | None:
    """The business chosen; may be of another manager's book, so every query on it binds manager_ids()."""
    return selection().business_id


def choose(**changes: Any) -> None:
    """Change the selection; a changed filter or order starts again at the first page of the list."""
    if changes.keys() & {*FILTERS, "scope", "sort"}:
        changes = {"page": 1} | changes
    st.session_state[SELECTION] = replace(selection(), **changes)


def clear_filters() -> None:
    """Callback: no filter."""
    choose(**{name: getattr(Selection(), name) for name in FILTERS})


def widget(field: str, default: object = "") -> dict[str, Any]:
    """Arguments that tie a widget to a field of the selection: its key, value and callback.

    `default` is the option of the widget that means "nothing chosen".

    >>> st.selectbox("District", codes, **state.widget("district"))  # doctest: +SKIP
    """
    key = f"choose_{field}"
    value = getattr(selection(), field)
    value = default if value is None else value  # the default belongs to the widget, not to the URL
    st.session_state[key] = list(value) if isinstance(value, tuple) else value
    return {"key": key, "on_change": _take, "args": (field, key)}


def _take(field: str, key: str) -> None:
    value = st.session_state[key]
    value = tuple(sorted(value)) if isinstance(value, list) else value
    choose(**{field: value or getattr(Selection(), field)})


def go(page: str, **changes: Any) -> None:
    """Turn to a page ("businesses"), with changes to the selection; also as callback of a button."""
    choose(**changes)
    if page in st.session_state.get(PAGES, {}):
        st.switch_page(st.session_state[PAGES][page], query_params=url_params())


def open_business(business_id: str) -> None:
    """Turn to the page of one business."""
    go("business", business_id=business_id)
