"""A fact of a report: a figure that is known, how it is written, and what may be said of it.

What is unknown is no fact: it is absent from the table, never a zero.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down"]
Claim = Literal["up", "down", "better", "worse"]

TOKEN = re.compile(r"\{\{f:([A-Z][A-Z0-9_]*)\}\}")
NAME = "BIZ_NAME"  # inserted after everything has been verified: strangers write it


@dataclass(frozen=True)
class Fact:
    """One figure, word or sentence of a report.

    value : the number behind it in `unit`; None for words
    display : as a reader sees it, in the report's language
    direction : which way it moved; None when it is no movement
    good : the direction that is an improvement for the business; None when neither is
    subject : what it is about, so that a token cannot be used for something else
    sent : may a language model read the display? Words that others wrote and what names a customer stay here
    """

    id: str
    label: str
    value: float | None
    unit: str
    display: str
    source: str
    as_of: str
    direction: Direction | None = None
    good: Direction | None = None
    subject: str = ""
    sent: bool = True

    @property
    def basis(self) -> str:
        """Whose or which time's figure it is: "peer", "before", "forecast", or "" for the business's own of now."""
        if self.id.startswith("PEER_"):
            return "peer"
        if self.id.startswith("FORECAST") and self.value is not None:
            return "forecast"
        return "before" if self.id.endswith("_1M") else ""

    @property
    def claims(self) -> frozenset[Claim]:
        """What may be said of its movement.

        >>> sorted(Fact("PD_MOVE", "", 0.1, "points", "", "", "", direction="up", good="down").claims)
        ['up', 'worse']
        """
        if self.direction is None:
            return frozenset()
        judged: tuple[Claim, ...] = ()
        if self.good is not None:
            judged = ("better",) if self.direction == self.good else ("worse",)
        return frozenset((self.direction, *judged))


Facts = Mapping[str, Fact]


def token(fact_id: str) -> str:
    """The token that stands for a fact in prose.

    >>> token("SCORE")
    '{{f:SCORE}}'
    """
    return "{{f:" + fact_id + "}}"


def tokens(text: str) -> list[str]:
    """Ids of the tokens of a text, in order."""
    return TOKEN.findall(text)


def rendered(text: str, facts: Facts) -> str:
    """The text with every token replaced by its display, in one pass: a display is never read for tokens.

    >>> rendered("{{f:A}}!", {"A": Fact("A", "", None, "", "{{f:B}}", "", ""), "B": Fact("B", "", 1, "", "1", "", "")})
    '{{f:B}}!'
    """
    return TOKEN.sub(lambda found: facts[found[1]].display, text)
