"""Files of the fetch command below <data_dir>/external/products: written whole or not at all, readable by the owner."""

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core import files

FOLDER = "products"


@dataclass(frozen=True)
class Origin:
    """Where rows came from: `source` in words, when (UTC), and the SHA-256 of what the server sent."""

    source: str
    fetched_at: str
    payload_sha256: str

    def age(self, now: datetime) -> timedelta:
        """Time since it was fetched."""
        return now - datetime.fromisoformat(self.fetched_at)


def origin(source: str, *payloads: bytes) -> Origin:
    """The origin of payloads that have just come."""
    digest = hashlib.sha256()
    for payload in payloads:
        digest.update(hashlib.sha256(payload).digest())
    return Origin(source, datetime.now(UTC).isoformat(timespec="seconds"), digest.hexdigest())


def locked(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Only one fetch at a time writes here.

    Raises
    ------
    BusyError : another fetch holds the lock
    """
    return files.locked(folder, f"another fetch is running in {folder}; wait until it has ended")


def write_json(path: Path, where: Origin, content: Any) -> None:
    """Keep what a server sent, with its origin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(where) | {"content": content}, ensure_ascii=False)
    files.write_text(path, text, files.PRIVATE)


def read_json(path: Path) -> tuple[Origin, Any] | None:
    """What is kept with its origin; None if there is nothing, or nothing whole."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = Origin(kept["source"], kept["fetched_at"], kept["payload_sha256"])
        found.age(datetime.now(UTC))  # a time that is none makes the file one that is not whole
        return found, kept["content"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_rows(path: Path, rows: list[dict], schema: pa.Schema) -> None:
    """One Parquet file of these rows, also of none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    files.write_bytes(path, sink.getvalue().to_pybytes(), files.PRIVATE)


def read_rows(path: Path, schema: pa.Schema, business_id: str | None = None) -> list[dict]:
    """Rows of a Parquet file, or those of one business; none if it is missing, broken or of another version."""
    try:
        table = pq.read_table(path, filters=[("business_id", "==", business_id)] if business_id else None)
    except (OSError, pa.ArrowException):
        return []
    return table.to_pylist() if table.schema.equals(schema) else []
