"""Strings of the pages in the language of the reader.

They live in strings/<language>/*.toml, all files of a language merged: `t("frame.title")` is `title` in
the table `[frame]`, whichever file holds it. Nothing else in core or pages contains a sentence.
"""

import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
LANGUAGE = "language"  # where the session keeps the choice; only pages.shared.state writes it
STRINGS = Path(__file__).parent / "strings"
_FIXED: ContextVar[Language | None] = ContextVar("language", default=None)


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Use this language inside the block: a download runs outside the session that chose it.

    >>> with in_language("en"):
    ...     t("tier.1")
    'Very weak'
    """
    token = _FIXED.set(language)
    try:
        yield
    finally:
        _FIXED.reset(token)


def lang() -> Language:
    """The language chosen in the frame, else the browser's: Korean unless it says English."""
    fixed = _FIXED.get()
    if fixed:
        return fixed
    import streamlit as st  # here: a report on the command line has no session and needs no Streamlit

    chosen = st.session_state.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else browser_language()


def browser_language() -> Language:
    """Korean, the bank's language, unless the browser asks for another one."""
    import streamlit as st

    locale = st.context.locale or "ko"
    return "ko" if locale.lower().startswith("ko") else "en"


def t(key: str, **values: object) -> str:
    """The words of `key` in the chosen language, `{name}` replaced by values."""
    return words(lang(), key, **values)


def words(language: Language, key: str, **values: object) -> str:
    """The words of `key` in `language`, for code that runs outside a session (exports).

    >>> words("en", "tier.1")
    'Very weak'
    """
    text = strings(language).get(key)
    if text is None:
        # A missing word must not take a page from a customer; tests compare both languages.
        logging.getLogger(__name__).error("no %s words for %s", language, key)
        return key
    return text.format(**values) if values else text


@cache
def strings(language: Language) -> dict[str, str]:
    """Every string of a language by its dotted key."""
    merged: dict[str, str] = {}
    for file in sorted((STRINGS / language).glob("*.toml")):
        merged |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    return merged


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
