"""A file on disk as something DuckDB can read: its kind, encoding and header; its rows and the lines they stand on.

CSV in UTF-8 (with or without BOM) or cp949, Parquet, XLSX, told apart by their first bytes. Memory stays bounded
whatever the size. What must be rewritten to be read (cp949, cut lines, a workbook) goes to a scratch folder.
"""

import codecs
import csv
import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from core.sources import workbook
from core.sources.csv_layout import Layout, layout
from core.sources.errors import RefusedError

BLOCK = 1 << 22
LONGEST_HEADER = 1 << 16
DELIMITERS = (",", "\t", ";", "|")
SUFFIXES = (".csv", ".txt", ".tsv", ".parquet", ".pq", ".xlsx", ".xls")
SHOWN = 200


@dataclass(frozen=True)
class Looked:
    """What the first look tells: kind (csv, parquet, xlsx), encoding, header. `text` is what to read as CSV."""

    path: Path
    kind: str
    encoding: str
    delimiter: str
    header: list[str]
    header_bytes: int
    text: Path
    segments: tuple[tuple[int, int], ...] = ((0, 2),)


@dataclass(frozen=True)
class BadLine:
    """A line that is no row: its number, what is wrong (faults.toml), its text."""

    line: int
    code: str
    text: str


@dataclass(frozen=True)
class Prepared:
    """A file ready to be staged; row r stands on line `line + r - first` of the last segment (first, line) up to r."""

    looked: Looked
    text: Path
    rows: int
    segments: tuple[tuple[int, int], ...]
    bad: tuple[BadLine, ...]


def look(path: Path, scratch: Path) -> Looked:
    """Kind, encoding and header of a file.

    Raises
    ------
    RefusedError : the file cannot be read; the message says why and what to do
    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise RefusedError("empty_file", f"{path.name} is empty; export it again")
    if start[:4] == b"PAR1":
        return _look_at_parquet(path)
    if start[:4] == b"PK\x03\x04":
        return _look_at_workbook(path, scratch)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise RefusedError(
            "old_workbook", f"{path.name} is an old or locked Excel file; save it as .xlsx and import again"
        )
    if path.suffix.lower() in (".xlsx", ".parquet", ".pq"):
        raise RefusedError("unreadable", f"{path.name} is not what its ending says, or it is cut off; export it again")
    return _look_at_csv(path, encoding(path))


def prepare(looked: Looked, scratch: Path) -> Prepared:
    """Number the rows of a file, find the lines that are none, write a clean copy where one is needed."""
    if looked.kind == "parquet":
        rows = pq.ParquetFile(looked.path).metadata.num_rows
        return _not_empty(Prepared(looked, looked.path, rows, ((0, 1),), ()))
    found = layout(looked.text, looked.delimiter, len(looked.header), looked.header_bytes)
    bad = tuple(_bad_lines(looked, found))
    text = looked.text
    if looked.encoding == "cp949" or found.cuts or found.is_mixed:
        text = scratch / f"{looked.path.stem[:40]}-{id(looked):x}.csv"
        _write_copy(looked, found, text)
    segments = through(tuple(found.segments), looked.segments) if looked.kind == "xlsx" else tuple(found.segments)
    return _not_empty(Prepared(looked, text, found.rows, segments, bad))


def line_of(row: int, segments: tuple[tuple[int, int], ...]) -> int:
    """Line of a row, counted from 0.

    >>> line_of(5, ((0, 2), (3, 9)))
    11
    """
    first, line = segments[bisect_right(segments, row, key=lambda segment: segment[0]) - 1]
    return line + row - first


def through(rows: tuple[tuple[int, int], ...], sheet: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Segments of rows in a CSV that was written from a sheet, as lines of the sheet.

    >>> through(((0, 2), (1, 4)), ((0, 5), (2, 9)))  # the CSV's line 3 was cut; the sheet's lines 7 and 8 are blank
    ((0, 5), (1, 9))
    """
    starts = {first for first, _ in rows}
    ends = [first for first, _ in rows[1:]] + [None]
    for (first, line), end in zip(rows, ends, strict=True):
        breaks = (first + at - (line - 2) for at, _ in sheet)
        starts |= {row for row in breaks if row > first and (end is None or row < end)}
    return tuple((row, line_of(line_of(row, rows) - 2, sheet)) for row in sorted(starts))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encoding(path: Path) -> str:
    """utf-8 or cp949, whichever the whole file is.

    Raises
    ------
    RefusedError : it is neither, it is UTF-16, or a character at its end is cut
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
        raise RefusedError("encoding_utf16", f"{path.name} is UTF-16 or no text; save it as CSV UTF-8 and import again")
    utf8 = _first_undecodable(path, "utf-8")
    if utf8 is None:
        return "utf-8"
    if utf8 < 0:
        raise RefusedError(
            "truncated_file", f"{path.name} ends in the middle of a character, it is cut off; export it again"
        )
    cp949 = _first_undecodable(path, "cp949")
    if cp949 is None:
        return "cp949"
    if cp949 < 0:
        raise RefusedError(
            "truncated_file", f"{path.name} ends in the middle of a character, it is cut off; export it again"
        )
    raise _neither(path, max(utf8, cp949))


def _neither(path: Path, offset: int) -> RefusedError:
    with path.open("rb") as file:
        line = 1 + sum(block.count(b"\n") for block in _blocks(file, offset))
    return RefusedError(
        "encoding_unknown",
        f"{path.name} is neither UTF-8 nor cp949 (byte {offset:,}, line {line:,}); save it as CSV UTF-8",
        line=line,
    )


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(BLOCK, size))):
        size -= len(block)
        yield block


def _first_undecodable(path: Path, name: str) -> int | None:
    """Offset of the first byte that is not of this encoding; None if there is none, -1 if only the end is cut."""
    decoder = codecs.getincrementaldecoder(name)()
    done = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return done - held + error.start
            done += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return -1
    return None


def _look_at_csv(path: Path, found: str, kind: str = "csv", source: Path | None = None) -> Looked:
    text = source or path
    with text.open("rb") as file:
        raw = file.readline(LONGEST_HEADER)
    line = raw.decode(found, errors="replace").lstrip("\ufeff").rstrip("\r\n")
    if b"\r" in raw.rstrip(b"\r\n") or len(raw) == LONGEST_HEADER:
        raise RefusedError("no_line_breaks", f"{path.name} has no line breaks (LF); save it as CSV and import again")
    if not line.strip():
        raise RefusedError("empty_file", f"{path.name}: the first line is empty; it must hold the names of the columns")
    delimiter = max(DELIMITERS, key=line.count)
    try:
        header = next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise RefusedError(
            "header_unreadable", f"{path.name}: the header cannot be read ({error}); export it again"
        ) from error
    return Looked(path, kind, found, delimiter, header, len(raw), text)


def _look_at_parquet(path: Path) -> Looked:
    try:
        names = list(pq.ParquetFile(path).schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise RefusedError("truncated_file", f"{path.name} is no complete Parquet file; export it again") from error
    return Looked(path, "parquet", "parquet", "", names, 0, path)


def _look_at_workbook(path: Path, scratch: Path) -> Looked:
    text = scratch / f"{path.stem[:40]}-{abs(hash(path)):x}.csv"
    segments = workbook.write_csv(path, text)
    looked = _look_at_csv(path, "utf-8", "xlsx", text)
    return Looked(path, "xlsx", "xlsx", ",", looked.header, looked.header_bytes, text, tuple(segments))


def _not_empty(prepared: Prepared) -> Prepared:
    if not prepared.rows and not prepared.bad:
        raise RefusedError("header_only", f"{prepared.looked.path.name} has a header but no rows; export it again")
    return prepared


def _bad_lines(looked: Looked, found: Layout) -> Iterator[BadLine]:
    name = looked.encoding if looked.kind == "csv" else "utf-8"
    with looked.text.open("rb") as file:
        for line in found.bad:
            file.seek(line.start)
            text = file.read(min(line.end - line.start, 4 * SHOWN)).decode(name, errors="replace").rstrip("\r\n")
            number = line_of(line.line - 2, looked.segments) if looked.kind == "xlsx" else line.line
            yield BadLine(number, line.code, text[:SHOWN])


def _write_copy(looked: Looked, found: Layout, to: Path) -> None:
    """UTF-8 copy without the cut lines, and with one kind of line break."""
    decoder = codecs.getincrementaldecoder("cp949" if looked.encoding == "cp949" else "utf-8")()
    with looked.text.open("rb") as old, to.open("wb") as new:
        for start, end in _kept(found.cuts, looked.text.stat().st_size):
            old.seek(start)
            for block in _blocks(old, end - start):
                text = decoder.decode(block)
                new.write((text.replace("\r", "") if found.is_mixed else text).encode())


def _kept(cuts: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """What lies between the cuts.

    >>> list(_kept([(3, 5)], 9))
    [(0, 3), (5, 9)]
    """
    at = 0
    for start, end in cuts:
        yield at, start
        at = end
    yield at, size
