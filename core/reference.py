"""Readers of data/reference: the small tables that the product brings with it."""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from core.config import REFERENCE

Rows = tuple[dict[str, str], ...]


def file(name: str) -> Path:
    """The path of a reference file."""
    return REFERENCE / name


@cache
def rows(name: str) -> Rows:
    """Rows of a CSV file, text in every cell; one object for all callers: never change it.

    >>> rows("regions.csv")[0]["region"]
    'R1'
    """
    with file(name).open(encoding="utf-8", newline="") as text:
        return tuple(csv.DictReader(text))


def column(name: str, column: str) -> tuple[str, ...]:
    """One column of a CSV file.

    >>> len(column("categories.csv", "category"))
    12
    """
    return tuple(row[column] for row in rows(name))


@cache
def toml(name: str) -> dict[str, Any]:
    """Content of a TOML file; one object for all callers: never change it."""
    return tomllib.loads(file(name).read_text(encoding="utf-8"))
