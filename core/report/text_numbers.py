"""Numbers in a text, with their units, in one spelling: what the second pass of the verifier compares.

Reads  data/reference/report_words.toml
"""

import re
import unicodedata
from functools import cache
from typing import Any

from core import reference

FIGURE = r"\d[\d,]*(?:\.\d+)?"
LETTERS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
NEGATIVE = "-−△▼"


def table() -> dict[str, Any]:
    """The words of the reports' verifier: one object for all, never change it."""
    return reference.toml("report_words.toml")


def numbers(text: str) -> list[str]:
    """Every number of a text with its unit, normalised, in order; composites of two units are one number.

    >>> numbers("₩1.2M and -3.4%p"), numbers("2024-12-31"), numbers("12.30%")
    (['1200000 won', '-3.4 %p'], ['2024 ', '-12 ', '-31 '], ['12.3 %'])
    """
    return [_number(match) for match in _pattern().finditer(unicodedata.normalize("NFKC", text))]


@cache
def _pattern() -> re.Pattern[str]:
    large, won = "".join(table()["number"]["large"]), table()["number"]["won"]
    part = rf"{FIGURE}\s?[{large}]"
    return re.compile(
        rf"(?P<sign>[-+−△▲▼±]?)\s?(?:(?P<parts>{part}(?:\s?{part})*)\s?(?P<small>{FIGURE})?\s?{won}?"
        rf"|(?P<krw>₩)(?P<amount>{FIGURE})(?P<letter>[KMBT])?"
        rf"|(?P<figure>{FIGURE})\s?(?P<unit>%p|%|[^\W\d_]+)?)"
    )


def _number(match: re.Match[str]) -> str:
    sign = "-" if match["sign"] and match["sign"] in NEGATIVE else ""
    words = table()["number"]
    if match["parts"]:
        parts = re.findall(rf"({FIGURE})\s?([{''.join(words['large'])}])", match["parts"])
        total = sum(_value(size) * words["large"][unit] for size, unit in parts) + _value(match["small"] or "0")
        return f"{sign}{total:.15g} won"
    if match["krw"]:
        return f"{sign}{_value(match['amount']) * LETTERS.get(match['letter'] or '', 1):.15g} won"
    # What follows a unit, a particle or a verb, is none of it.
    unit = re.match(words["unit"], match["unit"] or "")
    word = "won" if unit and unit[0] == words["won"] else unit[0] if unit else ""
    return f"{sign}{_value(match['figure']):.15g} {word}"


def _value(figure: str) -> float:
    return float(figure.replace(",", ""))
