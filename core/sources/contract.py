"""The written contract as data: which tables there are, their columns, types, keys and meanings.

Reads core/sources/contract.toml (a bank's book) and data/reference/seoul_columns.toml (the city's files).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import reference

BANK_CONTRACT = Path(__file__).with_name("contract.toml")
AVAILABLE = "available_at"


@dataclass(frozen=True)
class Column:
    """One column: its name in the checked table, what a cell must be, the headers it is known by."""

    name: str
    type: str
    required: bool
    words: tuple[str, ...] = ()
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
    known: str
    lag_days: int = 0
    one_of: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)


def normal(header: str) -> str:
    """A header as headers are compared: small letters, no blanks around, `~`, `-` and blanks inside as `_`.

    >>> normal(" 시간대_00~06_매출_금액 "), normal("STDR_YYQU_CD")
    ('시간대_00_06_매출_금액', 'stdr_yyqu_cd')
    """
    plain = header.strip().strip("\ufeff").strip().casefold()
    return plain.replace("~", "_").replace("-", "_").replace(" ", "_")


def _column(name: str, facts: dict[str, Any]) -> Column:
    words = tuple(facts["type"]) if isinstance(facts["type"], list) else ()
    plain = "word" if words else facts["type"]
    return Column(
        name=name,
        type="later_day" if facts.get("later") else plain,
        required=not facts.get("optional", False),
        words=tuple(word.casefold() for word in words),
        headers=tuple(normal(header) for header in facts.get("names", [name])),
        ko=facts.get("ko", ""),
        en=facts.get("en", ""),
    )


def _table(name: str, kind: str, facts: dict[str, Any]) -> Table:
    columns = [_column(column, words) for column, words in facts["columns"].items()]
    available = {"type": "day", "optional": True, "ko": "은행이 이 행을 알게 된 날", "en": "Day the bank knew the row"}
    return Table(
        name=name,
        kind=kind,
        key=tuple(facts["key"]),
        columns=(*columns, _column(AVAILABLE, available)),
        ko=facts["ko"],
        en=facts["en"],
        known=facts["known"],
        lag_days=facts.get("lag_days", 0),
        one_of=tuple(facts.get("one_of", ())),
    )


def _city() -> dict[str, Any]:
    return reference.toml("seoul_columns.toml")


def unused_kinds() -> dict[str, tuple[str, ...]]:
    """Kinds of city files that are recognised and kept out: name, headers that give them away."""
    return {name: tuple(headers) for name, headers in _city()["unused"].items()}


# City tables first: the bank's checks look districts up in the trade areas. Each table after those it refers to.
TABLES: dict[str, Table] = {
    name: _table(name, "seoul", facts) for name, facts in _city().items() if name != "unused"
} | {
    name: _table(name, "bank", facts)
    for name, facts in tomllib.loads(BANK_CONTRACT.read_text(encoding="utf-8")).items()
}
REQUIRED_TABLES = ("businesses", "revenue")
