"""The outcome of one question to an outside service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`state`: fetched, kept (the stored answer is fresh), skipped (not sent), failed. `left_out`: rows not used."""

    source: str
    question: str
    state: str
    rows: int = 0
    why: str = ""
    left_out: tuple[str, ...] = ()
