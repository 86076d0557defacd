"""What every downloaded file says of itself: as-of, whose book, and that the data are invented, where they are."""

from collections.abc import Iterable
from datetime import date

from pages.shared import state
from pages.shared.parts import export
from pages.shared.read import is_demo
from pages.shared.sidebar import scope_name
from pages.shared.text import day, t

Fact = tuple[str, str]


def scoped(as_of: date | str | None) -> list[Fact]:
    """As-of and the managers whose book the file is of."""
    scope = state.selection().scope
    return [
        (t("export.as_of"), day(as_of)),
        (t("export.scope"), scope_name(scope) if scope else ""),
    ]


def note(title: str, facts: Iterable[Fact]) -> export.Note:
    """The note of a file with these facts."""
    origin = [(t("export.origin"), t("frame.demo"))] if is_demo() else []
    return export.Note(title, t("export.about"), (*facts, *origin))
