"""Side bar (book, page, language) and banner (as-of day, scope, demo) of the frame."""

from collections.abc import Mapping

import streamlit as st

from pages.shared import read, selection, state
from pages.shared.text import LANGUAGE, LANGUAGES, day, escape, lang, number, quarter, t


def show() -> None:
    """The side bar."""
    with st.sidebar:
        st.markdown(f"### :material/lightbulb: {t('frame.title')}")
        _choose_scope()
        _links()
        _choose_language()


def show_banner() -> None:
    """The line on top of every page: as-of day, whose businesses, and whether they are invented."""
    info = read.build_info()
    with st.container(horizontal=True, vertical_alignment="center", key="banner"):
        if read.is_demo():
            st.badge(t("frame.demo"), icon=":material/science:", color="yellow", help=t("frame.demo_help"))
        st.caption(" · ".join(_facts(info)))


def _facts(info: Mapping[str, str]) -> list[str]:
    scope = state.selection().scope
    if scope:
        return [t("text.as_of", day=day(info.get("as_of"))), escape.safe(scope_name(scope))]
    newest = read.read("shared/market_quarter")["quarter"].iloc[0]
    return [t("frame.market_as_of", quarter=quarter(newest)), t("frame.no_customers")]


def scope_name(scope: str) -> str:
    """Name of a scope: a manager with the branch, or the whole branch with its number of managers."""
    name, branch = read.reference().managers[scope.removeprefix(selection.BRANCH_PREFIX)]
    if not scope.startswith(selection.BRANCH_PREFIX):
        return t("frame.scope_one", name=name, branch=branch)
    return t("frame.scope_branch", branch=branch, managers=number(len(selection.managers_of_scope(scope))))


def _choose_scope() -> None:
    scopes = selection.scopes()
    if scopes:
        st.selectbox(t("term.manager"), scopes, format_func=scope_name, **state.widget("scope"))


def _links() -> None:
    # Our own links, not Streamlit's menu: they carry the selection, so a page is one entry in the history.
    with st.container(gap="xxsmall"):
        for page in st.session_state[state.PAGES].values():
            st.page_link(page, width="stretch", query_params=state.url_params())


def _choose_language() -> None:
    st.session_state["choose_language"] = lang()
    st.segmented_control(
        t("frame.language"),
        LANGUAGES,
        format_func={"ko": "한국어", "en": "English"}.__getitem__,
        required=True,
        label_visibility="collapsed",
        key="choose_language",
        on_change=_take_language,
    )


def _take_language() -> None:
    st.session_state[LANGUAGE] = st.session_state["choose_language"]
