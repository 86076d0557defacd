"""Tables whose columns are NumPy arrays: rows are selected and concatenated in every column at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd

Array = np.ndarray


@dataclass(frozen=True)
class ArrayTable:
    """A frozen dataclass with one row per element of each array.

    A field may also be a data frame, another table, or a dict of these; fields of any other kind belong to the whole
    table and stay as they are.

    >>> @dataclass(frozen=True)
    ... class Sales(ArrayTable):
    ...     won: Array
    ...     unit: str
    >>> sales = Sales(np.array([1.0, 2.0, 3.0]), "KRW")
    >>> Sales.concat([sales, sales.select(sales.won > 1)]).won.tolist()
    [1.0, 2.0, 3.0, 2.0, 3.0]
    """

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def select(self, rows: Array) -> Self:
        """The rows for which a mask is true, or the rows of these numbers."""
        return replace(self, **{field.name: _selected(getattr(self, field.name), rows) for field in fields(self)})

    @classmethod
    def concat(cls, tables: Sequence[Self]) -> Self:
        """The rows of several tables of arrays, one table after the other; a column that is None stays None."""
        columns = {field.name: [getattr(table, field.name) for table in tables] for field in fields(cls)}
        return replace(tables[0], **{name: _concatenated(parts) for name, parts in columns.items()})


def _selected(column: Any, rows: Array) -> Any:
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, ArrayTable):
        return column.select(rows)
    if isinstance(column, pd.DataFrame):
        return column.iloc[rows].reset_index(drop=True)
    if isinstance(column, dict):
        return {name: _selected(part, rows) for name, part in column.items()}
    return column


def _concatenated(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if isinstance(parts[0], np.ndarray) else parts[0]
