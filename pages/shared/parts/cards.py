"""A figure in a box: what it is, the figure, a note. Unlike st.metric it wraps and never cuts an amount of won."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

UNBROKEN = "\u00a0"
NARROWEST = 150  # two side by side on a telephone


@contextmanager
def row(boxes: int) -> Iterator[None]:
    """At most so many boxes side by side, all of one height."""
    with st.grid(boxes, min_column_width=NARROWEST, gap="small"):
        yield


def show(label: str, value: str, note: str | None = None, help_text: str | None = None) -> None:
    """One box; words must be our own or safe for Markdown."""
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.caption(label, help=help_text)
        # The unit stays with its number when the box is narrow.
        st.markdown(f"#### {value.replace(' 원', UNBROKEN + '원')}")
        if note:
            st.caption(note)
