"""Which table of the contract is a file? Told by its headers alone, never by its name."""

from collections import Counter
from dataclasses import dataclass

from core.sources.contract import TABLES, Table, normal, unused_kinds
from core.sources.errors import RefusedError

# A file with this share of a table's required columns is that table with something missing, not a stranger.
NEARLY = 0.5


@dataclass(frozen=True)
class Shape:
    """What a header says: the table, the name of each column in file order, headers that are kept out."""

    table: Table
    names: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """Contract columns the file has."""
        return tuple(name for name in self.names if not name.startswith("extra "))


def recognise(file: str, header: list[str]) -> Shape:
    """Table and columns of a file.

    Raises
    ------
    RefusedError : no table fits; where one nearly does, the message names the missing columns
    """
    found = [normal(name) for name in header]
    _refuse_repeated(file, found)
    unused = next((kind for kind, names in unused_kinds().items() if set(names) & set(found)), None)
    if unused:
        raise RefusedError("file_unused", f"{file} is {unused}, which is known but not used; it is kept out")
    fitting = [table for table in TABLES.values() if not _missing(table, found)]
    if fitting:
        return _shape(max(fitting, key=lambda table: len(_matched(table, found))), header)
    raise _nearest(file, found, header)


def _matched(table: Table, found: list[str]) -> list[str]:
    return [column.name for column in table.columns if set(column.headers) & set(found)]


def _missing(table: Table, found: list[str]) -> list[str]:
    matched = _matched(table, found)
    missing = [column.name for column in table.columns if column.required and column.name not in matched]
    if table.one_of and not set(table.one_of) & set(matched):
        missing.append(" or ".join(table.one_of))
    return missing


def _shape(table: Table, header: list[str]) -> Shape:
    by_header = {alias: column.name for column in table.columns for alias in column.headers}
    names: list[str] = []
    for place, name in enumerate(map(normal, header)):
        known = by_header.get(name)
        # Two headers of one column (two generations in one file): the first counts.
        names.append(known if known and known not in names else f"extra {place}")
    extra = tuple(header[place] for place, name in enumerate(names) if name.startswith("extra "))
    return Shape(table, tuple(names), extra)


def _refuse_repeated(file: str, found: list[str]) -> None:
    repeated = [name for name, times in Counter(found).items() if times > 1 and name]
    if repeated:
        raise RefusedError(
            "column_repeated", f"{file} has the column {', '.join(repeated)} more than once; keep one and import again"
        )


def _nearest(file: str, found: list[str], header: list[str]) -> RefusedError:
    """The error for a header that fits no table: nearly one of them, or none."""

    def share(table: Table) -> float:
        missing = len(_missing(table, found))
        return 1 - missing / (missing + len([name for name in _matched(table, found) if table.column(name).required]))

    nearest = max(TABLES.values(), key=share)
    shown = ", ".join(header[:20]) + (" …" if len(header) > 20 else "")
    if share(nearest) < NEARLY:
        return RefusedError(
            "not_recognised",
            f"{file} is no table of the contract (columns: {shown}); see the templates on the Data page",
        )
    missing = ", ".join(f"{name}{_aliases(nearest, name)}" for name in _missing(nearest, found))
    message = f"{file} looks like {nearest.name} but lacks {missing} (found: {shown}); add it and import again"
    return RefusedError("column_missing", message, nearest.name)


def _aliases(table: Table, name: str) -> str:
    headers = [header for column in table.columns if column.name == name for header in column.headers if header != name]
    return f" ({' or '.join(headers)})" if headers else ""
