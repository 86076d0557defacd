"""The contract of the files as data: which tables there are, their columns, types, keys and meanings.

Reads core/sources/contract.toml (a bank's tables) and data/reference/seoul_columns.toml (the city's files).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import reference

BANK_CONTRACT = Path(__file__).with_name("contract.toml")
AVAILABLE = "available_at"
AVAILABLE_FACTS = {
    "type": "day", "optional": True, "ko": "은행이 이 행을 알게 된 날", "en": "Day the bank knew the row",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its name in the checked table, the type of a cell, the headers that name it in a file.

    `choices`: the words that a cell of type `choice` may hold, in small letters.
    """

    name: str
    type: str
    required: bool
    choices: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    ko: str = ""
    en: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the contract; `one_of` names columns of which a file must have at least one."""

    name: str
    kind: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ko: str
    en: str
    lag_days: int = 0
    one_of: tuple[str, ...] = ()


def normal(header: str) -> str:
    """A header as headers are compared: small letters, no blanks around, `~`, `-` and blanks inside as `_`.

    >>> normal(" 시간대_00~06_매출_금액 "), normal("STDR_YYQU_CD")
    ('시간대_00_06_매출_금액', 'stdr_yyqu_cd')
    """
    plain = header.strip().strip("\ufeff").strip().casefold()
    return plain.translate(str.maketrans("~- ", "___"))


def _column(name: str, facts: dict[str, Any]) -> Column:
    choices = facts["type"] if isinstance(facts["type"], list) else []
    return Column(
        name=name,
        type="later_day" if facts.get("later") else "choice" if choices else facts["type"],
        required=not facts.get("optional", False),
        choices=tuple(choice.casefold() for choice in choices),
        headers=tuple(normal(header) for header in facts.get("names", [name])),
        ko=facts.get("ko", ""),
        en=facts.get("en", ""),
    )


def _table(name: str, kind: str, facts: dict[str, Any]) -> Table:
    columns = facts["columns"] | {AVAILABLE: AVAILABLE_FACTS}
    return Table(
        name=name,
        kind=kind,
        key=tuple(facts["key"]),
        columns=tuple(_column(column, column_facts) for column, column_facts in columns.items()),
        ko=facts["ko"],
        en=facts["en"],
        lag_days=facts.get("lag_days", 0),
        one_of=tuple(facts.get("one_of", ())),
    )


def _city_contract() -> dict[str, Any]:
    return reference.toml("seoul_columns.toml")


def unused_kinds() -> dict[str, tuple[str, ...]]:
    """Kinds of city files that are recognised and not used: name, headers that only this kind has."""
    return {name: tuple(headers) for name, headers in _city_contract()["unused"].items()}


# City tables first: the checks of the bank's tables look districts up in the trade areas. Each table stands after
# those that it refers to.
TABLES: dict[str, Table] = {
    name: _table(name, "seoul", facts) for name, facts in _city_contract().items() if name != "unused"
} | {
    name: _table(name, "bank", facts)
    for name, facts in tomllib.loads(BANK_CONTRACT.read_text(encoding="utf-8")).items()
}
