"""Numbers, amounts, dates and tiers as a Korean or an English-speaking banker writes them."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from pages.shared.text.language import lang, t

if TYPE_CHECKING:
    from typing_extensions import TypeIs

TIERS = (1, 2, 3, 4, 5)  # 1 매우위험 … 5 매우좋음; pages show the word, never the number

Number = int | float | None


def unknown(value: object) -> "TypeIs[None]":
    """Is this value missing (None, NaN, NaT, pandas NA)?

    >>> unknown(None), unknown(float("nan")), unknown(0)
    (True, True, False)
    """
    return value is None or bool(pd.isna(value))


def money(krw: Number) -> str:
    """Won in the reader's units: 1억 2,345만 원, or ₩123.5M."""
    if unknown(krw):
        return t("text.unknown")
    won = round(float(krw))
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
    return f"{100 * float(share):{'+' if signed else ''},.{digits}f}%"


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
    year, part = divmod(int(value), 10)
    return t("text.quarter", year=year, part=part)


def tier_word(tier: Number) -> str:
    """매우위험 … 매우좋음; no tier is not a bad tier."""
    return t("tier.none") if unknown(tier) else t(f"tier.{int(tier)}")


def tier_score(tier: Number, score: Number) -> str:
    """Tier and score as they are always shown: 위험군 34점."""
    if unknown(tier) or unknown(score):
        return t("tier.none")
    return t("tier.score", word=tier_word(tier), score=round(float(score)))
