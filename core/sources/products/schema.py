"""Check of the rows of an outside service: a wrong form fails the whole answer, a wrong value only its row.

Kinds: text, month (YYYYMM), whole (a number or digits), rate (percent, 0 to 100), lending (a rate of a loan, where 0
means "not offered"), part (a component of a rate, may be negative). Rates come out as fractions. `?` allows null.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.sources.products.http import SchemaError

LONGEST_TEXT = 2_000
MONTH = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])")


class _BadValueError(ValueError):
    """A value of the right type that is out of range."""


@dataclass
class Rows:
    """Good rows, and a sentence for each row that is left out."""

    good: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def check_rows(place: str, rows: object, spec: Mapping[str, str]) -> Rows:
    """The fields of `spec` of every row, cleaned.

    Raises
    ------
    SchemaError : not a list of objects, a field missing, a field of the wrong type, or a rate that no row has

    >>> rows = [{"name": "a\\nb", "rate": 3.5}, {"name": "c", "rate": 350}]
    >>> check_rows("demo", rows, {"name": "text", "rate": "rate?"})
    Rows(good=[{'name': 'a b', 'rate': 0.035}], left_out=['demo row 2: rate is 350, must be from 0 to 100'])
    """
    if not isinstance(rows, list):
        raise SchemaError(f"{place} is {type(rows).__name__}, expected a list")
    checked = Rows()
    for number, row in enumerate(rows, 1):
        here = f"{place} row {number}"
        if not isinstance(row, dict):
            raise SchemaError(f"{here} is {type(row).__name__}, expected an object")
        try:
            checked.good.append({name: _field(here, row, name, kind) for name, kind in spec.items()})
        except _BadValueError as error:
            checked.left_out.append(str(error))
    _check_rates_exist(place, rows, spec)
    return checked


def _check_rates_exist(place: str, rows: list[dict], spec: Mapping[str, str]) -> None:
    """A field that may be null is still a field: if no row at all has it, the service has changed."""
    rates = {name for name, kind in spec.items() if kind.rstrip("?") in ("rate", "lending", "part")}
    gone = sorted(rates - {name for row in rows for name in row}) if rows else []
    if gone:
        raise SchemaError(f"{place} has no {', '.join(gone)} in any of {len(rows)} rows; the service has changed")


def _field(here: str, row: dict, name: str, kind: str) -> Any:
    value = row.get(name)
    may_be_null = kind.endswith("?")
    if value is None or (isinstance(value, str) and not value.strip()):
        if may_be_null:
            return None
        raise SchemaError(f"{here} has no {name}; the service has changed, nothing of it is used")
    return KINDS[kind.rstrip("?")](here, name, value)


def _text(here: str, name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise SchemaError(f"{here}: {name} is {type(value).__name__}, expected text")
    return clean(value)


def clean(text: str) -> str:
    """One line of visible characters: names come with newlines, and invisible ones can turn the writing around.

    >>> clean("  NH 주거래\\n 우대\\u202e적금 ")
    'NH 주거래 우대적금'
    """
    seen = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    visible = "".join(char for char in seen if unicodedata.category(char)[0] != "C")
    return " ".join(visible.split())[:LONGEST_TEXT]


def _month(here: str, name: str, value: object) -> str:
    text = _text(here, name, value)
    if not MONTH.fullmatch(text):
        raise SchemaError(f"{here}: {name} is {text!r}, expected YYYYMM")
    return text


def _number(here: str, name: str, value: object) -> float:
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    raise SchemaError(f"{here}: {name} is {value!r}, expected a number")


def _whole(here: str, name: str, value: object) -> int:
    number = _number(here, name, value)
    if number != int(number):
        raise SchemaError(f"{here}: {name} is {value!r}, expected a whole number")
    if number < 0:
        raise _BadValueError(f"{here}: {name} is {value}, must not be negative")
    return int(number)


def _percent(here: str, name: str, value: object, least: float) -> float:
    number = _number(here, name, value)
    if not least <= number <= 100:
        raise _BadValueError(f"{here}: {name} is {value}, must be from {least:g} to 100")
    return round(number / 100, 8)


def _rate(here: str, name: str, value: object) -> float:
    return _percent(here, name, value, 0)


def _lending(here: str, name: str, value: object) -> float | None:
    # Zero marks a band in which the bank does not lend; read as a rate it would be the cheapest loan of all.
    return _percent(here, name, value, 0) or None


def _part(here: str, name: str, value: object) -> float:
    return _percent(here, name, value, -100)


KINDS: dict[str, Callable[[str, str, object], Any]] = {
    "text": _text,
    "month": _month,
    "whole": _whole,
    "rate": _rate,
    "lending": _lending,
    "part": _part,
}
