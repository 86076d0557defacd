"""A note or a brief as the bytes of a file."""

from typing import Literal

from core import db
from core.report import llm
from core.report.brief import brief as week
from core.report.html import html
from core.report.language import Speak
from core.report.note import Page, text
from core.report.note import note as one_page

Form = Literal["pdf", "html", "txt"]


def note(
    con: db.Connection,
    business_id: str,
    manager_id: str,
    speak: Speak,
    form: Form,
    endpoint: llm.Endpoint | None = None,
) -> bytes:
    """The note on a business of this manager's book, as a file of this kind."""
    return _bytes(one_page(con, business_id, manager_id, speak, endpoint), form, fits=True)


def brief(con: db.Connection, manager_id: str, speak: Speak, form: Form) -> bytes:
    """The manager's week, as a file of this kind."""
    return _bytes(week(con, manager_id, speak), form, fits=False)


def _bytes(page: Page, form: Form, fits: bool) -> bytes:
    if form == "pdf":
        # fpdf takes half a second to import: only who asks for a PDF pays it.
        from core.report.pdf import pdf

        return pdf(page, one_page=fits)
    return (html(page) if form == "html" else text(page)).encode()
