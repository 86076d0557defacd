"""Recognition of the table that a file holds, by its header alone and never by its name."""

from collections import Counter
from dataclasses import dataclass

from core.sources.contract import TABLES, Table, normal, unused_kinds
from core.sources.errors import FileRefusedError

# A file with this share of a table's required columns is that table with something missing, not an unknown file.
NEARLY = 0.5
EXTRA = "extra "  # begins the names of columns that the contract does not have


@dataclass(frozen=True)
class ColumnMapping:
    """Meaning of a header: the table, the contract's name of each column in file order, headers that are not used."""

    table: Table
    names: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def contract_columns(self) -> tuple[str, ...]:
        """Columns of the contract that the file has."""
        return tuple(name for name in self.names if not name.startswith(EXTRA))


def recognise(file: str, header: list[str]) -> ColumnMapping:
    """Table and columns of a file.

    Raises
    ------
    FileRefusedError : no table fits; where one nearly does, the message names the missing columns
    """
    headers = [normal(name) for name in header]
    _refuse_repeated(file, headers)
    unused = next((kind for kind, names in unused_kinds().items() if set(names) & set(headers)), None)
    if unused:
        raise FileRefusedError("file_unused", f"{file} is {unused}, which is known but not used; it is kept out")
    fitting = [table for table in TABLES.values() if not _missing(table, headers)]
    if not fitting:
        raise _unknown_table(file, headers, header)
    return _mapping(max(fitting, key=lambda table: len(_matches(table, headers))), header)


def _matches(table: Table, headers: list[str]) -> list[str]:
    return [column.name for column in table.columns if set(column.headers) & set(headers)]


def _missing(table: Table, headers: list[str]) -> list[str]:
    matches = _matches(table, headers)
    missing = [column.name for column in table.columns if column.required and column.name not in matches]
    if table.one_of and not set(table.one_of) & set(matches):
        missing.append(" or ".join(table.one_of))
    return missing


def _mapping(table: Table, header: list[str]) -> ColumnMapping:
    column_of = {alias: column.name for column in table.columns for alias in column.headers}
    names: list[str] = []
    for position, name in enumerate(map(normal, header)):
        column = column_of.get(name)
        # Two headers of one column (two generations in one file): the first counts.
        names.append(column if column and column not in names else f"{EXTRA}{position}")
    extra = tuple(old for old, name in zip(header, names, strict=True) if name.startswith(EXTRA))
    return ColumnMapping(table, tuple(names), extra)


def _refuse_repeated(file: str, headers: list[str]) -> None:
    repeated = [name for name, times in Counter(headers).items() if times > 1 and name]
    if repeated:
        raise FileRefusedError(
            "column_repeated", f"{file} has the column {', '.join(repeated)} more than once; keep one and import again"
        )


def _unknown_table(file: str, headers: list[str], header: list[str]) -> FileRefusedError:
    """The error for a header that fits no table: nearly one of them, or none."""

    def share(table: Table) -> float:
        required = {column.name for column in table.columns if column.required}
        missing = len(_missing(table, headers))
        return 1 - missing / (missing + len(required.intersection(_matches(table, headers))))

    nearest = max(TABLES.values(), key=share)
    shown = ", ".join(header[:20]) + (" …" if len(header) > 20 else "")
    if share(nearest) < NEARLY:
        return FileRefusedError(
            "not_recognised",
            f"{file} is no table of the contract (columns: {shown}); see the templates on the Data page",
        )
    missing = ", ".join(f"{name}{_aliases(nearest, name)}" for name in _missing(nearest, headers))
    message = f"{file} looks like {nearest.name} but lacks {missing} (found: {shown}); add it and import again"
    return FileRefusedError("column_missing", message, nearest.name)


def _aliases(table: Table, name: str) -> str:
    headers = [header for column in table.columns if column.name == name for header in column.headers if header != name]
    return f" ({' or '.join(headers)})" if headers else ""
