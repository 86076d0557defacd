"""The basket: up to four businesses and districts to compare, a part of the selection and so of the URL.

A business in the basket may be of another manager's book: every query on it must bind state.manager_ids().
"""

from typing import Literal

import streamlit as st

from pages.shared import selection, state
from pages.shared.text import number, t

Kind = Literal["basket", "areas"]  # fields of the selection: ids of businesses, codes of districts


def size() -> int:
    """Number of businesses and districts in the basket."""
    return len(state.selection().basket) + len(state.selection().areas)


def holds(kind: Kind, code: str) -> bool:
    """Is it in the basket?"""
    return code in getattr(state.selection(), kind)


def toggle(kind: Kind, code: str) -> None:
    """Callback: put in, or take out; a full basket stays as it is and a toast says why."""
    inside: tuple[str, ...] = getattr(state.selection(), kind)
    if code in inside:
        state.choose(**{kind: tuple(other for other in inside if other != code)})
    elif size() >= selection.MAX_COMPARED:
        st.toast(t("compare.full", most=number(selection.MAX_COMPARED)), icon=":material/info:")
    else:
        state.choose(**{kind: (*inside, code)})


def toggle_business(business_id: str) -> None:
    """Callback of a table: put a business in, or take it out."""
    toggle("basket", business_id)


def clear() -> None:
    """Callback: nothing in the basket."""
    state.choose(basket=(), areas=())


def action_word(kind: Kind, code: str) -> str:
    """What a click does, in words."""
    return t("compare.take" if holds(kind, code) else "compare.put")


def button(kind: Kind, code: str) -> None:
    """Put in or take out; grey when the basket is full."""
    inside, full = holds(kind, code), size() >= selection.MAX_COMPARED
    st.button(
        t("compare.take_long" if inside else "compare.put_long"),
        key=f"compare_{kind}_{code}",
        on_click=toggle,
        args=(kind, code),
        icon=":material/remove:" if inside else ":material/add:",
        disabled=full and not inside,
        help=t("compare.full", most=number(selection.MAX_COMPARED)) if full and not inside else None,
    )


def bar() -> None:
    """Buttons to the comparison and to empty the basket; nothing while it is empty."""
    if not size():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            t("compare.open", count=number(size()), most=number(selection.MAX_COMPARED)),
            key="compare_open",
            on_click=state.go,
            args=("compare",),
            icon=":material/compare_arrows:",
        )
        st.button(t("compare.clear"), key="compare_clear", on_click=clear, type="tertiary")
