"""What became of one question to an outside service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """state: fetched, kept (still fresh), skipped (not asked, and why), failed. `left_out`: rows that were not used."""

    source: str
    question: str
    state: str
    rows: int = 0
    why: str = ""
    left_out: tuple[str, ...] = ()
