"""Kind, encoding and header of a file; then its number of rows, their lines, and a copy that DuckDB can read.

CSV in UTF-8 (with or without BOM) or cp949, Parquet and XLSX are recognised by their first bytes. Memory is bounded for
files of any size. A file that must be rewritten (cp949, cut lines, a workbook) is written to a scratch folder.
"""

import codecs
import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from core.sources import workbook
from core.sources.csv_layout import Layout, layout
from core.sources.errors import FileRefusedError

BLOCK = 1 << 22
LONGEST_HEADER = 1 << 16
DELIMITERS = (",", "\t", ";", "|")
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
SUFFIXES = (*TEXT_SUFFIXES, ".parquet", ".pq", ".xlsx", ".xls")
SHOWN = 200  # characters of a bad line in the quarantine

Segments = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FileProbe:
    """Kind (csv, parquet, xlsx), encoding and header of a file. `text` is the file to read as CSV."""

    path: Path
    kind: str
    encoding: str
    delimiter: str
    header: list[str]
    header_bytes: int
    text: Path
    segments: Segments = ((0, 2),)


@dataclass(frozen=True)
class BadLine:
    """A line that is no row: its number, the code of its fault (faults.toml), its text."""

    line: int
    code: str
    text: str


@dataclass(frozen=True)
class PreparedFile:
    """A file ready for staging; row r stands on line `line + r - first` of the last segment (first, line) up to r."""

    probe: FileProbe
    text: Path
    rows: int
    segments: Segments
    bad_lines: tuple[BadLine, ...]


def probe_file(path: Path, scratch: Path) -> FileProbe:
    """Kind, encoding and header of a file.

    Raises
    ------
    FileRefusedError : the file cannot be read; the message says why and what to do
    """
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise FileRefusedError("empty_file", f"{path.name} is empty; export it again")
    if start[:4] == b"PAR1":
        return _parquet_probe(path)
    if start[:4] == b"PK\x03\x04":
        return _workbook_probe(path, scratch)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileRefusedError(
            "old_workbook", f"{path.name} is an old or locked Excel file; save it as .xlsx and import again"
        )
    if path.suffix.lower() in (".xlsx", ".parquet", ".pq"):
        raise FileRefusedError(
            "unreadable", f"{path.name} is not what its ending says, or it is cut off; export it again"
        )
    return _csv_probe(path, encoding(path))


def prepare_file(probe: FileProbe, scratch: Path) -> PreparedFile:
    """Number the rows of a file, list the lines that are none, write a clean copy where one is needed.

    Raises
    ------
    FileRefusedError : the file has no rows, or its lines cannot be separated
    """
    if probe.kind == "parquet":
        prepared = PreparedFile(probe, probe.path, pq.ParquetFile(probe.path).metadata.num_rows, ((0, 1),), ())
    else:
        prepared = _prepare_csv(probe, scratch)
    if not prepared.rows and not prepared.bad_lines:
        raise FileRefusedError("header_only", f"{probe.path.name} has a header but no rows; export it again")
    return prepared


def _prepare_csv(probe: FileProbe, scratch: Path) -> PreparedFile:
    lines = layout(probe.text, probe.delimiter, len(probe.header), probe.header_bytes)
    bad_lines = tuple(_bad_lines(probe, lines))
    text = probe.text
    if probe.encoding == "cp949" or lines.cuts or lines.is_mixed:
        text = scratch / f"{probe.path.stem[:40]}-{id(probe):x}.csv"
        _write_copy(probe, lines, text)
    segments = tuple(lines.segments)
    if probe.kind == "xlsx":
        segments = sheet_segments(segments, probe.segments)
    return PreparedFile(probe, text, lines.rows, segments, bad_lines)


def line_of(row: int, segments: Segments) -> int:
    """Line of a row, counted from 0.

    >>> line_of(5, ((0, 2), (3, 9)))
    11
    """
    first, line = segments[bisect_right(segments, row, key=lambda segment: segment[0]) - 1]
    return line + row - first


def sheet_segments(rows: Segments, sheet: Segments) -> Segments:
    """Segments of the rows of a CSV that was written from a sheet, with lines of the sheet.

    >>> sheet_segments(((0, 2), (1, 4)), ((0, 5), (2, 9)))  # the CSV's line 3 was cut; sheet lines 7 and 8 are blank
    ((0, 5), (1, 9))
    """
    starts = {first for first, _ in rows}
    ends = [first for first, _ in rows[1:]] + [None]
    for (first, line), end in zip(rows, ends, strict=True):
        breaks = (first + sheet_first - (line - 2) for sheet_first, _ in sheet)
        starts |= {row for row in breaks if row > first and (end is None or row < end)}
    return tuple((row, line_of(line_of(row, rows) - 2, sheet)) for row in sorted(starts))


def encoding(path: Path) -> str:
    """utf-8 or cp949, whichever the whole file is.

    Raises
    ------
    FileRefusedError : it is neither, it is UTF-16, or a character at its end is cut
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
        raise FileRefusedError(
            "encoding_utf16", f"{path.name} is UTF-16 or no text; save it as CSV UTF-8 and import again"
        )
    offsets = []
    for name in ("utf-8", "cp949"):
        offset = _first_undecodable(path, name)
        if offset is None:
            return name
        if offset < 0:
            raise FileRefusedError(
                "truncated_file", f"{path.name} ends in the middle of a character, it is cut off; export it again"
            )
        offsets.append(offset)
    raise _unknown_encoding(path, max(offsets))


def _unknown_encoding(path: Path, offset: int) -> FileRefusedError:
    with path.open("rb") as file:
        line = 1 + sum(block.count(b"\n") for block in _blocks(file, offset))
    return FileRefusedError(
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
    offset = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return offset - pending + error.start
            offset += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return -1
    return None


def _csv_probe(path: Path, encoding: str) -> FileProbe:
    return FileProbe(path, "csv", encoding, *_header(path, path, encoding), path)


def _header(path: Path, text: Path, encoding: str) -> tuple[str, list[str], int]:
    """Separator, cells and bytes of the first line of `text`; errors name `path`."""
    with text.open("rb") as file:
        raw = file.readline(LONGEST_HEADER)
    line = raw.decode(encoding, errors="replace").lstrip("\ufeff").rstrip("\r\n")
    if b"\r" in raw.rstrip(b"\r\n") or len(raw) == LONGEST_HEADER:
        raise FileRefusedError(
            "no_line_breaks", f"{path.name} has no line breaks (LF); save it as CSV and import again"
        )
    if not line.strip():
        raise FileRefusedError(
            "empty_file", f"{path.name}: the first line is empty; it must hold the names of the columns"
        )
    delimiter = max(DELIMITERS, key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileRefusedError(
            "header_unreadable", f"{path.name}: the header cannot be read ({error}); export it again"
        ) from error
    return delimiter, cells, len(raw)


def _parquet_probe(path: Path) -> FileProbe:
    try:
        names = list(pq.ParquetFile(path).schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise FileRefusedError("truncated_file", f"{path.name} is no complete Parquet file; export it again") from error
    return FileProbe(path, "parquet", "parquet", "", names, 0, path)


def _workbook_probe(path: Path, scratch: Path) -> FileProbe:
    text = scratch / f"{path.stem[:40]}-{abs(hash(path)):x}.csv"
    segments = tuple(workbook.write_csv(path, text))
    _, header, header_bytes = _header(path, text, "utf-8")
    return FileProbe(path, "xlsx", "xlsx", ",", header, header_bytes, text, segments)


def _bad_lines(probe: FileProbe, lines: Layout) -> Iterator[BadLine]:
    encoding = probe.encoding if probe.kind == "csv" else "utf-8"
    with probe.text.open("rb") as file:
        for bad in lines.bad:
            file.seek(bad.start)
            text = file.read(min(bad.end - bad.start, 4 * SHOWN)).decode(encoding, errors="replace").rstrip("\r\n")
            number = line_of(bad.line - 2, probe.segments) if probe.kind == "xlsx" else bad.line
            yield BadLine(number, bad.code, text[:SHOWN])


def _write_copy(probe: FileProbe, lines: Layout, target: Path) -> None:
    """UTF-8 copy without the cut lines, and with one kind of line break."""
    decoder = codecs.getincrementaldecoder("cp949" if probe.encoding == "cp949" else "utf-8")()
    with probe.text.open("rb") as old, target.open("wb") as new:
        for start, end in _gaps_between(lines.cuts, probe.text.stat().st_size):
            old.seek(start)
            for block in _blocks(old, end - start):
                text = decoder.decode(block)
                new.write((text.replace("\r", "") if lines.is_mixed else text).encode())


def _gaps_between(cuts: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Byte ranges [start, end) between the cuts.

    >>> list(_gaps_between([(3, 5)], 9))
    [(0, 3), (5, 9)]
    """
    position = 0
    for start, end in cuts:
        yield position, start
        position = end
    yield position, size
