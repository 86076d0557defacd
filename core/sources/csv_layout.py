"""Where do the rows of a CSV stand, and which lines are no rows? One pass over the bytes, in blocks.

A line that would derail the CSV reader (too many or too few cells, a quotation mark never closed, no line break at the
end of the file) is found here, named with its line, and cut out of what the reader gets; so the reader never has to
recover, and line numbers stay right behind it. Bytes below 0x40 are never part of a cp949 character, so separators
and line breaks can be counted before decoding.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.sources.errors import RefusedError

BLOCK = 1 << 22
LONGEST_LINE = 1 << 20
# More odd lines than this is not a bad line in a good file, it is a bad file.
MOST_ODD_LINES = 100_000
# A quotation mark still open after this many lines was never meant to span them.
LONGEST_CELL_LINES = 50
LF, CR, QUOTE = 10, 13, 34

Bytes = np.ndarray


@dataclass(frozen=True)
class Odd:
    """A line that is not one row: `code` says why (blank, open_quote, or a code of faults.toml)."""

    line: int
    start: int
    end: int
    code: str


@dataclass
class Layout:
    """Rows of a CSV: how many, on which lines, and what has to be cut out."""

    rows: int
    bad: list[Odd]
    cuts: list[tuple[int, int]]
    segments: list[tuple[int, int]]
    is_mixed: bool


@dataclass
class _Scan:
    """What the pass has seen so far."""

    separator: int
    width: int
    line: int
    at: int
    odd: list[Odd] = field(default_factory=list)
    feeds: int = 0
    returns: int = 0
    tail: bytes = b""


def layout(path: Path, delimiter: str, width: int, header_bytes: int) -> Layout:
    """Rows of a CSV whose header has `width` cells and takes the first `header_bytes` bytes.

    Raises
    ------
    RefusedError : the file is cut inside a quoted cell, has no line breaks, or most lines are odd
    """
    scan = _Scan(
        ord(delimiter), width, line=2, at=header_bytes, feeds=1, returns=_returns_of_header(path, header_bytes)
    )
    for block, scan.tail in _whole_lines(path, header_bytes):
        _look(scan, block)
        if len(scan.odd) > MOST_ODD_LINES:
            raise RefusedError("ragged_file", _too_many(path, scan.odd[0]), line=scan.odd[0].line)
    _look_at_tail(path, scan, scan.tail)
    return _laid_out(path, delimiter, scan)


def _returns_of_header(path: Path, header_bytes: int) -> int:
    with path.open("rb") as file:
        return file.read(header_bytes).count(b"\r")


def _too_many(path: Path, first: Odd) -> str:
    return (
        f"{path.name}: more than {MOST_ODD_LINES:,} lines are empty or have another number of cells than the header "
        f"(first: line {first.line}); check the separator and export again"
    )


def _whole_lines(path: Path, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Blocks that end with a line break, each with what is left behind it."""
    tail = b""
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(BLOCK):
            block = tail + block
            end = block.rfind(b"\n") + 1
            if end == 0 and len(block) > 8 * BLOCK:
                raise RefusedError("no_line_breaks", f"{path.name} has no line breaks; save it as CSV and import again")
            tail = block[end:]
            yield block[:end], tail


def _look(scan: _Scan, block: bytes) -> None:
    """Note the odd lines of a block of whole lines."""
    if not block:
        return
    chars = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(chars == LF)
    starts = np.concatenate(([0], ends[:-1] + 1))
    marks = chars == QUOTE if QUOTE in block else None
    is_open, broken, inside = _quoting(chars, starts, ends, marks, scan.separator)
    is_separator = chars == scan.separator
    if inside is not None:
        is_separator &= ~inside
    cells = np.add.reduceat(is_separator, starts, dtype=np.int32) + 1
    returns = block.count(b"\r")
    scan.feeds, scan.returns = scan.feeds + len(ends), scan.returns + returns
    lengths = ends - starts - ((chars[np.maximum(ends - 1, 0)] == CR) & (ends > starts))
    ragged = (cells != scan.width) | (lengths > LONGEST_LINE)
    if returns:
        ragged |= _stray_returns(chars, starts, ends)
    codes = np.select([lengths == 0, is_open, broken, ragged], [1, 2, 3, 4], 0)
    for number in np.flatnonzero(codes).tolist():
        code = ("", "blank", "open_quote", "unbalanced_quote", "ragged_line")[int(codes[number])]
        scan.odd.append(Odd(scan.line + number, scan.at + int(starts[number]), scan.at + int(ends[number]) + 1, code))
    scan.line += len(ends)
    scan.at += len(block)


def _quoting(
    chars: Bytes, starts: Bytes, ends: Bytes, marks: Bytes | None, separator: int
) -> tuple[Bytes, Bytes, Bytes | None]:
    """For each line: is a quotation mark left open, does one stand in the wrong place; for each byte: is it quoted?"""
    nothing = np.zeros(len(ends), dtype=bool)
    if marks is None:
        return nothing, nothing, None
    is_open = np.add.reduceat(marks, starts, dtype=np.int32) % 2 == 1
    if is_open.any():
        # An unpaired mark would turn the rest of the block inside out; these lines are looked at one by one later.
        marks = marks & ~np.repeat(is_open, np.diff(np.append(starts, len(chars))))
    inside = np.logical_xor.accumulate(marks)
    at = np.flatnonzero(marks)
    neighbour = np.where(inside[at], chars[at - 1], chars[np.minimum(at + 1, len(chars) - 1)])
    # An opening mark follows a separator or a line break (the byte before the block is one: chars[-1]), a closing one
    # stands before them; next to another mark it is a doubled one.
    fits = np.zeros(256, dtype=bool)
    fits[[separator, LF, CR, QUOTE]] = True
    wrong = at[~fits[neighbour]]
    broken = np.bincount(np.searchsorted(ends, wrong), minlength=len(ends)) > 0 if len(wrong) else nothing
    return is_open, broken, inside


def _stray_returns(chars: Bytes, starts: Bytes, ends: Bytes) -> Bytes:
    """Lines with a carriage return that is not part of the line break."""
    at = np.flatnonzero(chars == CR)
    stray = at[chars[np.minimum(at + 1, len(chars) - 1)] != LF]
    return np.bincount(np.searchsorted(ends, stray), minlength=len(starts)) > 0


def _look_at_tail(path: Path, scan: _Scan, tail: bytes) -> None:
    """The last line, if no line break ends it: kept only if its last cell is closed by a quotation mark."""
    if not tail.strip():
        return
    if scan.feeds == 1 and tail.count(b"\r") > 1:
        raise RefusedError(
            "no_line_breaks", f"{path.name} has line breaks of an old kind (CR); save it as CSV and import again"
        )
    at, line = scan.at, scan.line
    _look(scan, tail + b"\n")
    last = scan.odd[-1] if scan.odd and scan.odd[-1].line == line else None
    if last and last.code == "open_quote":
        raise RefusedError(
            "truncated_file",
            f"{path.name} line {line}: the file ends inside a quoted cell, it is cut off; export it again",
            line=line,
        )
    if last:
        scan.odd.pop()
    if last or not tail.endswith(b'"'):
        scan.odd.append(Odd(line, at, at + len(tail), "truncated_last_line"))


def _laid_out(path: Path, delimiter: str, scan: _Scan) -> Layout:
    """Join lines that belong together, number the rows, name the cuts."""
    joins, odd = _joined(path, delimiter, scan)
    bad = [line for line in odd if line.code != "blank"]
    lines = scan.line - 2
    rows = lines - len(odd) - sum(last - first for first, last in joins)
    # Behind an odd line or a joined one, rows stand further down than their number says.
    gaps = sorted([(line.line, 1) for line in odd] + [(first + 1, last - first) for first, last in joins])
    segments, shift = {0: 2}, 0
    for line, lost in gaps:
        row = line - 2 - shift
        shift += lost
        segments[row] = row + 2 + shift
    crlf = 0 < scan.returns != scan.feeds
    return Layout(rows, bad, [(line.start, line.end) for line in odd], sorted(segments.items()), crlf)


def _joined(path: Path, delimiter: str, scan: _Scan) -> tuple[list[tuple[int, int]], list[Odd]]:
    """Lines joined by a line break inside a quoted cell (first, last), and the lines that stay odd."""
    opens = [line for line in scan.odd if line.code == "open_quote"]
    joins: list[tuple[int, int]] = []
    lost: list[Odd] = []
    number = 0
    while number < len(opens):
        first, following = opens[number], opens[number + 1 : number + 2]
        if following and _is_one_row(path, delimiter, scan.width, first, following[0]):
            joins.append((first.line, following[0].line))
            number += 2
        else:
            lost.append(Odd(first.line, first.start, first.end, "unbalanced_quote"))
            number += 1
    inside = {line for first, last in joins for line in range(first, last + 1)}
    plain = [line for line in scan.odd if line.code != "open_quote" and line.line not in inside]
    return joins, sorted(plain + lost, key=lambda line: line.line)


def _is_one_row(path: Path, delimiter: str, width: int, first: Odd, last: Odd) -> bool:
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
