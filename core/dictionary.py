"""The data dictionary: the meaning and the unit of every column of a published build, in Korean and English."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core import tables
from core.sources.contract import TABLES as CONTRACT


@dataclass(frozen=True)
class Words:
    """What something means, in both languages; `unit` is a code, "" where a value has none."""

    ko: str
    en: str
    unit: str = ""


@cache
def entries() -> dict[str, dict[str, dict[str, str]]]:
    """Words of `tables` and of `columns` as they stand in the file."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def table_words(table: str) -> Words:
    """What one row of a table of the build is.

    >>> table_words("base_rate").en
    'Base rate of the Bank of Korea: one row'

    Raises
    ------
    KeyError : the table has no entry
    """
    if table in CONTRACT and table not in entries()["tables"]:
        return Words(CONTRACT[table].ko, CONTRACT[table].en)
    return Words(**entries()["tables"][table])


def column_words(table: str, column: str) -> Words:
    """What a column of a table of the build means.

    >>> column_words("market_sales", "sales_krw").unit
    'won'

    Raises
    ------
    KeyError : the column has no entry
    """
    columns = entries()["columns"]
    return Words(**columns.get(f"{table}.{column}", columns[column]))


def published_tables() -> list[tables.Table]:
    """Tables that a published build holds, by name."""
    return sorted((table for table in tables.registry().values() if not table.dropped), key=lambda table: table.name)
