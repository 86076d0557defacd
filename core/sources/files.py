"""A file on disk as something DuckDB can read: its kind, encoding, header, digest, and where each row stands.

CSV in UTF-8 (with or without BOM) or cp949, Parquet, XLSX. Memory stays bounded whatever the size.
"""

import codecs
import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError

BLOCK = 1 << 22
DELIMITERS = (",", "\t", ";", "|")
SUFFIXES = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".parquet": "parquet", ".xlsx": "xlsx"}


@dataclass(frozen=True)
class Raw:
    """A file before it is known what table it is. `text` is the UTF-8 CSV to read (None for Parquet)."""

    path: Path
    kind: str
    encoding: str
    delimiter: str
    header: list[str]
    size: int
    sha256: str
    text: Path | None


def open_raw(path: Path, scratch: Path) -> Raw:
    """Look into a file; what must be rewritten to be read is written to `scratch`.

    Raises
    ------
    DataError : the file cannot be read; the message says why and what to do
    """
    kind = SUFFIXES[path.suffix.lower()]
    return _open_csv(path, scratch)


def _open_csv(path: Path, scratch: Path) -> Raw:
    encoding, digest = _encoding(path)
    text = path
    if encoding == "cp949":
        text = scratch / f"{digest[:16]}.csv"
        with path.open(encoding="cp949", newline="") as old, text.open("w", encoding="utf-8", newline="") as new:
            while block := old.read(BLOCK):
                new.write(block)
    with text.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    delimiter = max(DELIMITERS, key=line.count)
    header = next(csv.reader([line], delimiter=delimiter))
    return Raw(path, "csv", encoding, delimiter, header, path.stat().st_size, digest, text)


def _encoding(path: Path) -> tuple[str, str]:
    """Encoding and SHA-256 of a file, read in blocks."""
    for encoding in ("utf-8", "cp949"):
        decoder = codecs.getincrementaldecoder(encoding)()
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, digest.hexdigest()
    raise DataError(f"{path.name} is neither UTF-8 nor cp949; save it as CSV UTF-8 and import again")
