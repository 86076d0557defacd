"""Reader of a user's file, Parquet or CSV in any usual separator and encoding: a frame with unique column names."""

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DataError

ENCODINGS = ("utf-8-sig", "cp949", "latin-1")
SEPARATORS = ",;\t|"
# Texts that mean "missing" in public tables.
MISSING = ("", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "#N/A", "?", "-", ".")


def read(path: Path, header: bool = True) -> tuple[pd.DataFrame, list[str]]:
    """The rows of a file, and sentences about the changes to its header.

    Raises
    ------
    DataError : the file is missing, empty, or neither Parquet nor CSV
    """
    if not path.is_file():
        raise DataError(f"{path} is not a file; name a Parquet or CSV file")
    rows, notes = _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _csv(path, header)
    if rows.empty:
        raise DataError(f"{path.name} has no rows; nothing can be learned")
    names, renamed = unique_names(list(rows.columns))
    return rows.set_axis(names, axis=1), notes + renamed


def _parquet(path: Path) -> tuple[pd.DataFrame, list[str]]:
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path.name} is not a Parquet file ({error}); export it again") from error
    # Positions are the names until the frame exists: pandas and Arrow treat duplicate names differently.
    names = table.column_names
    plain = pa.table([_decoded(column) for column in table.columns], names=[str(i) for i in range(len(names))])
    return plain.to_pandas().set_axis(names, axis=1), []


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_nested(kind):
        return pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())])
    return column


def _csv(path: Path, header: bool) -> tuple[pd.DataFrame, list[str]]:
    encoding = next(name for name in ENCODINGS if _decodes(path, name))
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
    if not first.strip():
        raise DataError(f"{path.name} begins with an empty line; export it again with a header row")
    separator = max(SEPARATORS, key=first.count)
    names = next(csv.reader([first], delimiter=separator))
    headed = header and not _looks_like_values(names)
    if not headed:
        names = [f"column_{place}" for place in range(1, len(names) + 1)]
    rows = _rows(path, encoding, separator, len(names), headed)
    note = f"{path.name} has no header row; its columns are named column_1 to column_{len(names)}"
    return rows.set_axis(names, axis=1), [] if headed else [note]


def _rows(path: Path, encoding: str, separator: str, width: int, headed: bool) -> pd.DataFrame:
    try:
        return pd.read_csv(
            path,
            sep=separator,
            encoding=encoding,
            header=None,
            names=range(width),
            skiprows=1 if headed else 0,
            na_values=list(MISSING),
            keep_default_na=False,
            skipinitialspace=True,
            index_col=False,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path.name} cannot be read as CSV: {error}; export it again") from error


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _looks_like_values(names: list[str]) -> bool:
    """Whether a first line is a row of values: numbers only, some of them repeated.

    >>> _looks_like_values(["33", "1", "1"]), _looks_like_values(["0", "1", "2"])
    (True, False)
    """
    return len(set(names)) < len(names) and all(
        name.strip().replace(".", "", 1).lstrip("-").isdigit() for name in names
    )


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Names without repeats or blanks, and what was renamed.

    >>> unique_names(["a", "a", " "])[0]
    ['a', 'a (2)', 'column_3']
    """
    counts: Counter[str] = Counter()
    unique, notes = [], []
    for place, given in enumerate(names, start=1):
        name = str(given).strip() or f"column_{place}"
        counts[name] += 1
        unique.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
        if counts[name] > 1:
            notes.append(f"column {place} repeats the name {name}; here it is called {unique[-1]}")
    return unique, notes
