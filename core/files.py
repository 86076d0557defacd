"""One writer at a time in a folder, over all processes of the machine."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from core.errors import BusyError

LOCK = "LOCK"


@contextlib.contextmanager
def held(folder: Path, busy: str) -> Iterator[None]:
    """Hold the folder's lock; the folder is made when it is missing.

    Raises
    ------
    BusyError : somebody else holds it; `busy` is the sentence that says who and what to do
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            # The kernel frees the lock when the process dies, however it dies.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(busy) from error
        yield
