"""How a long step tells how far it is: a function of a note and of the share done, from 0 to 1."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(note: str, fraction: float) -> None:
    """No progress display."""
    del note, fraction
