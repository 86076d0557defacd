"""A note or a brief as the bytes of a file."""

from typing import Literal

from core import db
from core.report import llm
from core.report.brief import brief as week
from core.report.html import html
from core.report.language import Language
from core.report.note import Page, text
from core.report.note import note as one_page

FileFormat = Literal["pdf", "html", "txt"]


def note(
    con: db.Connection,
    business_id: str,
    manager_id: str,
    speak: Language,
    file_format: FileFormat,
    endpoint: llm.Endpoint | None = None,
) -> bytes:
    """The note on a business of this manager's book, as a file of this kind."""
    return _bytes(one_page(con, business_id, manager_id, speak, endpoint), file_format, fits=True)


def brief(con: db.Connection, manager_id: str, speak: Language, file_format: FileFormat) -> bytes:
    """The manager's week, as a file of this kind."""
    return _bytes(week(con, manager_id, speak), file_format, fits=False)


def _bytes(page: Page, file_format: FileFormat, fits: bool) -> bytes:
    if file_format == "pdf":
        # fpdf takes half a second to import: only who asks for a PDF pays it.
        from core.report.pdf import pdf

        return pdf(page, one_page=fits)
    return (html(page) if file_format == "html" else text(page)).encode()
