"""Files of `fetch products` in <data_dir>/external/products: written in one step, readable by their owner only."""

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
    """Where rows come from: the name of the source, the time (UTC), and the SHA-256 of what the server sent."""

    source: str
    fetched_at: str
    payload_sha256: str

    def age(self, now: datetime) -> timedelta:
        """Time since it was fetched."""
        return now - datetime.fromisoformat(self.fetched_at)


def origin(source: str, *payloads: bytes) -> Origin:
    """The origin of payloads that were fetched now."""
    digest = hashlib.sha256()
    for payload in payloads:
        digest.update(hashlib.sha256(payload).digest())
    return Origin(source, datetime.now(UTC).isoformat(timespec="seconds"), digest.hexdigest())


def locked(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Lock of the folder: one fetch at a time writes to it.

    Raises
    ------
    BusyError : another fetch holds the lock
    """
    return files.locked(folder, f"another fetch is running in {folder}; wait until it has ended")


def write_json(path: Path, origin: Origin, content: Any) -> None:
    """Store what a server sent, with its origin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(origin) | {"content": content}, ensure_ascii=False)
    files.write_text(path, text, files.PRIVATE)


def read_json(path: Path) -> tuple[Origin, Any] | None:
    """The origin and the content of a stored answer; None if the file is missing or damaged."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        origin = Origin(stored["source"], stored["fetched_at"], stored["payload_sha256"])
        origin.age(datetime.now(UTC))  # raises where fetched_at is no time: the file is damaged
        return origin, stored["content"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_rows(path: Path, rows: list[dict], schema: pa.Schema) -> None:
    """Write the rows, or a file without rows, as Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    files.write_bytes(path, sink.getvalue().to_pybytes(), files.PRIVATE)


def read_rows(path: Path, schema: pa.Schema, business_id: str | None = None) -> list[dict]:
    """Rows of a Parquet file, or those of one business; no rows if it is missing, damaged or of another version."""
    try:
        table = pq.read_table(path, filters=[("business_id", "==", business_id)] if business_id else None)
    except (OSError, pa.ArrowException):
        return []
    return table.to_pylist() if table.schema.equals(schema) else []
