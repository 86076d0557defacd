"""Layout of a CSV file: the lines of its rows, and the lines that are no rows, from one pass over its bytes.

A line that a CSV reader cannot read (too many or too few cells, an unclosed quotation mark, no line break at the end of
the file) is reported with its number and cut out before the reader sees the file. So the reader never has to recover,
and later line numbers are right. Bytes below 0x40 are never part of a cp949 character, so separators and line breaks
can be counted before decoding.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.sources.errors import FileRefusedError

BLOCK = 1 << 22
LONGEST_LINE = 1 << 20
# With more odd lines than this the whole file is bad: it is refused, not its lines.
MOST_ODD_LINES = 100_000
# A quotation mark that is still open after this many lines does not begin a cell of several lines.
LONGEST_CELL_LINES = 50
LF, CR, QUOTE = 10, 13, 34
# Codes of the kinds of odd lines, by the number that _scan_block gives them; 0 is a plain row.
ODD_CODES = ("", "blank", "open_quote", "unbalanced_quote", "ragged_line")

Bytes = np.ndarray


@dataclass(frozen=True)
class OddLine:
    """A line that is not one row: its bytes [start, end), and why (blank, open_quote, or a code of faults.toml)."""

    line: int
    start: int
    end: int
    code: str


@dataclass
class Layout:
    """Rows of a CSV file: how many, on which lines, and what has to be cut out.

    bad : lines that are reported
    cuts : bytes [start, end) that the reader must not see
    segments : (row, line): from this row on, counted from 0, each row stands one line below the one before
    is_mixed : lines end with LF and with CR LF in the same file
    """

    rows: int
    bad: list[OddLine]
    cuts: list[tuple[int, int]]
    segments: list[tuple[int, int]]
    is_mixed: bool


@dataclass
class _Scan:
    """State of the pass: next line, its offset, odd lines so far, counts of LF and CR LF, bytes after the last LF."""

    separator: int
    width: int
    line: int
    offset: int
    odd: list[OddLine] = field(default_factory=list)
    feeds: int = 0
    returns: int = 0
    tail: bytes = b""


def layout(path: Path, delimiter: str, width: int, header_bytes: int) -> Layout:
    """Layout of a CSV file whose header has `width` cells and takes the first `header_bytes` bytes.

    Raises
    ------
    FileRefusedError : the file is cut inside a quoted cell, has no line breaks, or has too many odd lines
    """
    with path.open("rb") as file:
        header_returns = file.read(header_bytes).count(b"\r\n")
    scan = _Scan(ord(delimiter), width, line=2, offset=header_bytes, feeds=1, returns=header_returns)
    for block, scan.tail in _whole_lines(path, header_bytes):
        _scan_block(scan, block)
        if len(scan.odd) > MOST_ODD_LINES:
            raise FileRefusedError("ragged_file", _too_many_odd_lines(path, scan.odd[0]), line=scan.odd[0].line)
    _scan_tail(path, scan, scan.tail)
    return _layout(path, delimiter, scan)


def _too_many_odd_lines(path: Path, first: OddLine) -> str:
    return (
        f"{path.name}: more than {MOST_ODD_LINES:,} lines are empty or have another number of cells than the header "
        f"(first: line {first.line}); check the separator and export again"
    )


def _whole_lines(path: Path, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Blocks that end with a line break, each with the unfinished line after it."""
    tail = b""
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(BLOCK):
            block = tail + block
            end = block.rfind(b"\n") + 1
            if end == 0 and len(block) > 8 * BLOCK:
                raise FileRefusedError(
                    "no_line_breaks", f"{path.name} has no line breaks; save it as CSV and import again"
                )
            tail = block[end:]
            yield block[:end], tail


def _scan_block(scan: _Scan, block: bytes) -> None:
    """Record the odd lines of a block of whole lines."""
    if not block:
        return
    chars = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(chars == LF)
    starts = np.concatenate(([0], ends[:-1] + 1))
    marks = chars == QUOTE if QUOTE in block else None
    is_open, is_broken, is_quoted = _quoting(chars, starts, ends, marks, scan.separator)
    is_separator = chars == scan.separator
    if is_quoted is not None:
        is_separator &= ~is_quoted
    cells = np.add.reduceat(is_separator, starts, dtype=np.int32) + 1
    lengths = ends - starts - ((chars[np.maximum(ends - 1, 0)] == CR) & (ends > starts))
    is_ragged = (cells != scan.width) | (lengths > LONGEST_LINE)
    if CR in block:
        is_ragged |= _stray_returns(chars, starts, ends)
    codes = np.select([lengths == 0, is_open, is_broken, is_ragged], [1, 2, 3, 4], 0)
    for number in np.flatnonzero(codes).tolist():
        start, end = scan.offset + int(starts[number]), scan.offset + int(ends[number]) + 1
        scan.odd.append(OddLine(scan.line + number, start, end, ODD_CODES[codes[number]]))
    scan.feeds += len(ends)
    scan.returns += block.count(b"\r\n")
    scan.line += len(ends)
    scan.offset += len(block)


def _quoting(
    chars: Bytes, starts: Bytes, ends: Bytes, marks: Bytes | None, separator: int
) -> tuple[Bytes, Bytes, Bytes | None]:
    """For each line: is a quotation mark left open, does one stand in the wrong place; for each byte: is it quoted?"""
    nothing = np.zeros(len(ends), dtype=bool)
    if marks is None:
        return nothing, nothing, None
    is_open = np.add.reduceat(marks, starts, dtype=np.int32) % 2 == 1
    if is_open.any():
        # An unpaired mark would invert the quoting of the rest of the block; _join_lines looks at these lines later.
        marks = marks & ~np.repeat(is_open, np.diff(np.append(starts, len(chars))))
    is_quoted = np.logical_xor.accumulate(marks)
    offsets = np.flatnonzero(marks)
    neighbours = np.where(is_quoted[offsets], chars[offsets - 1], chars[np.minimum(offsets + 1, len(chars) - 1)])
    # An opening mark follows a separator or a line break (the byte before the block is one: chars[-1]), a closing one
    # stands before them; next to another mark it is a doubled one.
    fits = np.zeros(256, dtype=bool)
    fits[[separator, LF, CR, QUOTE]] = True
    wrong = offsets[~fits[neighbours]]
    is_broken = np.bincount(np.searchsorted(ends, wrong), minlength=len(ends)) > 0 if len(wrong) else nothing
    return is_open, is_broken, is_quoted


def _stray_returns(chars: Bytes, starts: Bytes, ends: Bytes) -> Bytes:
    """Lines with a carriage return that is not part of the line break."""
    offsets = np.flatnonzero(chars == CR)
    stray = offsets[chars[np.minimum(offsets + 1, len(chars) - 1)] != LF]
    return np.bincount(np.searchsorted(ends, stray), minlength=len(starts)) > 0


def _scan_tail(path: Path, scan: _Scan, tail: bytes) -> None:
    """The last line, if no line break ends it: a row only if its last cell is closed by a quotation mark."""
    if not tail.strip():
        return
    if scan.feeds == 1 and tail.count(b"\r") > 1:
        raise FileRefusedError(
            "no_line_breaks", f"{path.name} has line breaks of an old kind (CR); save it as CSV and import again"
        )
    offset, line = scan.offset, scan.line
    _scan_block(scan, tail + b"\n")
    last = scan.odd[-1] if scan.odd and scan.odd[-1].line == line else None
    if last and last.code == "open_quote":
        raise FileRefusedError(
            "truncated_file",
            f"{path.name} line {line}: the file ends inside a quoted cell, it is cut off; export it again",
            line=line,
        )
    if last:
        scan.odd.pop()
    if last or not tail.endswith(b'"'):
        scan.odd.append(OddLine(line, offset, offset + len(tail), "truncated_last_line"))


def _layout(path: Path, delimiter: str, scan: _Scan) -> Layout:
    """Join the lines that belong together, number the rows, list the cuts."""
    joins, odd = _join_lines(path, delimiter, scan)
    lines = scan.line - 2
    rows = lines - len(odd) - sum(last - first for first, last in joins)
    # After an odd line or a joined one, rows stand further down than their number says.
    gaps = sorted([(line.line, 1) for line in odd] + [(first + 1, last - first) for first, last in joins])
    segments, shift = {0: 2}, 0
    for line_number, skipped in gaps:
        row = line_number - 2 - shift
        shift += skipped
        segments[row] = row + 2 + shift
    bad = [line for line in odd if line.code != "blank"]
    is_mixed = 0 < scan.returns != scan.feeds
    return Layout(rows, bad, [(line.start, line.end) for line in odd], sorted(segments.items()), is_mixed)


def _join_lines(path: Path, delimiter: str, scan: _Scan) -> tuple[list[tuple[int, int]], list[OddLine]]:
    """Lines joined by a line break inside a quoted cell (first, last), and the lines that stay odd."""
    opens = [line for line in scan.odd if line.code == "open_quote"]
    joins: list[tuple[int, int]] = []
    unbalanced: list[OddLine] = []
    number = 0
    while number < len(opens):
        first, following = opens[number], opens[number + 1 : number + 2]
        if following and _is_one_row(path, delimiter, scan.width, first, following[0]):
            joins.append((first.line, following[0].line))
            number += 2
        else:
            unbalanced.append(OddLine(first.line, first.start, first.end, "unbalanced_quote"))
            number += 1
    joined = {line for first, last in joins for line in range(first, last + 1)}
    others = [line for line in scan.odd if line.code != "open_quote" and line.line not in joined]
    return joins, sorted(others + unbalanced, key=lambda line: line.line)


def _is_one_row(path: Path, delimiter: str, width: int, first: OddLine, last: OddLine) -> bool:
    if last.line - first.line > LONGEST_CELL_LINES:
        return False
    with path.open("rb") as file:
        file.seek(first.start)
        text = file.read(last.end - first.start).decode("latin-1")
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == width
