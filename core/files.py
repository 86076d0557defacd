"""Files that are written whole or not at all, a lock for one writer at a time, and checksums."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.errors import BusyError

LOCK = "LOCK"
PRIVATE = 0o600  # the owner alone reads and writes
SHARED = 0o644
CHUNK = 1 << 20


@contextlib.contextmanager
def locked(folder: Path, busy: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock of a folder over all processes of the machine; the folder is made when it is missing.

    The kernel frees the lock when its process dies, however it dies.

    Raises
    ------
    BusyError : somebody else still holds it after `wait_seconds`; `busy` is the sentence that says who and what to do
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _lock_of(folder / LOCK, busy, wait_seconds):
        yield


@contextlib.contextmanager
def locked_file(file: Path) -> Iterator[None]:
    """Hold a lock beside one file; wait as long as somebody else holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _lock_of(file.with_name(f"{file.name}.lock"), "", -1):
        yield


@contextlib.contextmanager
def _lock_of(file: Path, busy: str, wait_seconds: float) -> Iterator[None]:
    try:
        # The file stays: another process that waits for it must not hold the lock of a deleted one.
        lock = FileLock(file, timeout=wait_seconds, fallback_to_soft=False, preserve_lock_file=True)
        lock.acquire()
    except Timeout as error:
        raise BusyError(busy) from error
    try:
        yield
    finally:
        lock.release()


def write_bytes(path: Path, content: bytes, mode: int = SHARED) -> None:
    """Replace a file in one step that survives a power cut: readers see the old content or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_text(path: Path, text: str, mode: int = SHARED) -> None:
    """Replace a text file in one step, UTF-8."""
    write_bytes(path, text.encode("utf-8"), mode)


def write_json(path: Path, content: Any, mode: int = SHARED) -> None:
    """Replace a JSON file in one step; what JSON has no form for is written as text."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, default=str), mode)


def copy(source: Path, target: Path) -> None:
    """Copy a file, of any size; `target` is replaced in one step."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, draft)
    draft.replace(target)


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
