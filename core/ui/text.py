"""Words and numbers as a Korean or an English-speaking banker writes them.

Words live in strings/<language>/*.toml, all files of a language merged: `t("frame.title")` is `title` in
the table `[frame]`, whichever file holds it. Nothing else in core or pages contains a sentence.
"""

import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
LANGUAGE = "language"  # where the session keeps the choice; only core.ui.state writes it
STRINGS = Path(__file__).parent / "strings"
TIERS = (1, 2, 3, 4, 5)  # 1 매우위험 … 5 매우좋음; the bare number stays off the screen

Number = int | float | None
_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Speak this language whoever asks: a download runs outside the session that chose it.

    >>> with spoken("en"):
    ...     t("tier.1")
    'Very weak'
    """
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def lang() -> Language:
    """The language chosen in the frame, else the browser's: Korean unless it says English."""
    fixed = _SPOKEN.get()
    if fixed:
        return fixed
    chosen = st.session_state.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else browser_language()


def browser_language() -> Language:
    """First guess: Korean, the bank's language, unless the browser asks for another one."""
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
    found: dict[str, str] = {}
    for file in sorted((STRINGS / language).glob("*.toml")):
        found |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def unknown(value: object) -> bool:
    """Is this value missing (None, NaN, NaT, pandas NA)?

    >>> unknown(None), unknown(float("nan")), unknown(0)
    (True, True, False)
    """
    return value is None or bool(pd.isna(value))


def money(krw: Number) -> str:
    """Won in the reader's units: 1억 2,345만 원, or ₩123.5M."""
    if unknown(krw):
        return t("text.unknown")
    won = round(float(krw))  # type: ignore[arg-type]
    return money_ko(won) if lang() == "ko" else money_en(won)


def money_ko(won: int) -> str:
    """Won as a Korean banker writes it: two units at most, 만 rounded.

    >>> money_ko(123_450_000), money_ko(32_000_000), money_ko(-1_250_000_000_000), money_ko(9_900)
    ('1억 2,345만 원', '3,200만 원', '-1조 2,500억 원', '9,900원')
    """
    sign, size = ("-" if won < 0 else ""), abs(won)
    if size < 10_000:
        return f"{sign}{size:,}원"
    if size >= 10**12 - 5 * 10**7:  # rounds to whole 억
        return f"{sign}{_units(round(size / 10**8), '조', '억')} 원"
    return f"{sign}{_units(round(size / 10**4), '억', '만')} 원"


def _units(count: int, large: str, small: str) -> str:
    whole, rest = divmod(count, 10_000)
    parts = ([f"{whole:,}{large}"] if whole else []) + ([f"{rest:,}{small}"] if rest else [])
    return " ".join(parts) or "0"


def money_en(won: int) -> str:
    """Won in K, M, B, T with one decimal.

    >>> money_en(1_234_000), money_en(-450_000_000), money_en(2_500_000_000), money_en(900)
    ('₩1.2M', '-₩450.0M', '₩2.5B', '₩900')
    """
    sign, size = ("-" if won < 0 else ""), abs(won)
    for unit, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if size >= unit * 0.9995:
            return f"{sign}₩{size / unit:,.1f}{letter}"
    return f"{sign}₩{size}"


def number(value: Number, digits: int = 0) -> str:
    """A count or figure with thousands separators."""
    return t("text.unknown") if unknown(value) else f"{value:,.{digits}f}"


def percent(share: Number, digits: int = 1, signed: bool = False) -> str:
    """0.034 as 3.4 %; `signed` puts a plus before growth."""
    if unknown(share):
        return t("text.unknown")
    return f"{100 * float(share):{'+' if signed else ''},.{digits}f}%"  # type: ignore[arg-type]


def month(value: date | pd.Timestamp | str | None) -> str:
    """2024년 12월, or Dec 2024."""
    if unknown(value):
        return t("text.unknown")
    when = pd.Timestamp(value)
    return f"{when.year}년 {when.month}월" if lang() == "ko" else f"{when:%b %Y}"


def day(value: date | pd.Timestamp | str | None) -> str:
    """2024-12-31, in both languages."""
    return t("text.unknown") if unknown(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def quarter(value: int | None) -> str:
    """20244 as 2024년 4분기, or Q4 2024."""
    if unknown(value):
        return t("text.unknown")
    year, part = divmod(int(value), 10)  # type: ignore[arg-type]
    return t("text.quarter", year=year, part=part)


def tier_word(tier: Number) -> str:
    """매우위험 … 매우좋음; no tier is not a bad tier."""
    return t("tier.none") if unknown(tier) else t(f"tier.{int(tier)}")  # type: ignore[arg-type]


def tier_score(tier: Number, score: Number) -> str:
    """Tier and score as they are always shown: 위험군 34점."""
    if unknown(tier) or unknown(score):
        return t("tier.none")
    return t("tier.score", word=tier_word(tier), score=round(float(score)))  # type: ignore[arg-type]
