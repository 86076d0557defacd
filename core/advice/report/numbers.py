"""Numbers in a text, with their units, in one spelling: what the second pass of the verifier compares."""

import re
import unicodedata

# Composites such as 1억 2,345만 원 are one number; signs and arrows belong to it.
WON = "\uc6d0"
UNITS = {"\ucc9c": 10**3, "\ub9cc": 10**4, "\uc5b5": 10**8, "\uc870": 10**12}
LETTERS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
SIGN = r"[-+−△▲▼±]?"
FIGURE = r"\d[\d,]*(?:\.\d+)?"
LARGE = "".join(UNITS)
PART = rf"{FIGURE}\s?[{LARGE}]"
NUMBER = re.compile(
    rf"(?P<sign>{SIGN})\s?(?:(?P<parts>{PART}(?:\s?{PART})*)\s?(?P<small>{FIGURE})?\s?{WON}?"
    rf"|(?P<krw>₩)(?P<amount>{FIGURE})(?P<letter>[KMBT])?"
    rf"|(?P<figure>{FIGURE})\s?(?P<unit>%p|%|[^\W\d_]+)?)"
)
NEGATIVE = "-−△▼"
# Particles that follow a unit in Korean: 34점입니다 is 34점.
UNIT = re.compile(
    "^(%p|%|\uac1c\uc6d4|\ud37c\uc13c\ud2b8|\uc810|\uac74|\uba85|\ubc30|\uc704|\ub144|\uc6d4|\uc77c|\uc6d0|\uacf3|\uac1c|\ud638|times|fold|percent)"
)


def numbers(text: str) -> list[str]:
    """Every number of a text with its unit, normalised, in order.

    >>> numbers("₩1.2M and -3.4%p"), numbers("2024-12-31"), numbers("12.3%")
    (['1200000 won', '-3.4 %p'], ['2024 ', '-12 ', '-31 '], ['12.3 %'])
    """
    return [_number(found) for found in NUMBER.finditer(unicodedata.normalize("NFKC", text))]


def _number(found: re.Match[str]) -> str:
    sign = "-" if found["sign"] and found["sign"] in NEGATIVE else ""
    if found["parts"]:
        parts = re.findall(rf"({FIGURE})\s?([{LARGE}])", found["parts"])
        total = sum(_value(size) * UNITS[unit] for size, unit in parts) + _value(found["small"] or "0")
        return f"{sign}{total:.15g} won"
    if found["krw"]:
        return f"{sign}{_value(found['amount']) * LETTERS.get(found['letter'] or '', 1):.15g} won"
    unit = UNIT.match(found["unit"] or "")
    word = "won" if unit and unit[1] == WON else unit[1] if unit else ""
    return f"{sign}{_value(found['figure']):.15g} {word}"


def _value(figure: str) -> float:
    return float(figure.replace(",", ""))
