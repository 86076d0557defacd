"""Controls that several pages need: a choice of one code, and a part that is drawn only when it is unfolded."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

Code = TypeVar("Code")


def choose_one(label: str, codes: Sequence[Code], words: Callable[[Code], str], key: str, **options: Any) -> Code:
    """The chosen one of several codes, drawn as buttons side by side; the first until the reader chooses another.

    `options` go to st.segmented_control, for example `default` or `persist_state`.
    """
    arguments: dict[str, Any] = {"default": codes[0], "format_func": words, "required": True, "key": key} | options
    return st.segmented_control(label, codes, **arguments)


def fold(title: str, key: str, icon: str, draw: Callable[[], None]) -> None:
    """A part under its title; `draw` runs only while it is unfolded, so that a folded part costs no time."""
    folded = st.expander(title, icon=icon, key=key, on_change="rerun")
    if folded.open:
        with folded:
            draw()
