"""A page as PDF: A4, the Korean font embedded as the subset that is used, so that text can be selected and searched.

Font: NanumGothic (SIL Open Font License), the file of the package koreanize-matplotlib, found without importing it.
"""

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF

from core.errors import ConfigError
from core.report.html import TIERS
from core.report.note import Page

MARGIN = 16.0  # mm
# Points of the running text: the largest at which the note fits on one page is taken.
SIZES = (10.5, 9.0, 7.5, 6.5)
LEADING = 0.54  # mm of a line per point of its size
INK, GREY = (28, 30, 33), (95, 99, 104)
FAMILY = "korean"
FACES = {"": "NanumGothic.ttf", "B": "NanumGothicBold.ttf"}

# The subsetter names every table of the font that it leaves out.
logging.getLogger("fontTools").setLevel(logging.ERROR)
logging.getLogger("fpdf").setLevel(logging.ERROR)


def pdf(page: Page, one_page: bool = True) -> bytes:
    """The file. With `one_page` the text shrinks until it fits; a brief may run on."""
    sizes = SIZES if one_page else SIZES[:1]
    document = _set(page, sizes[0])
    for size in sizes[1:]:
        if document.pages_count == 1 or not one_page:
            break
        document = _set(page, size)
    return bytes(document.output())


def _set(page: Page, size: float) -> FPDF:
    document = FPDF(format="A4")
    document.set_margin(MARGIN)
    document.set_auto_page_break(True, MARGIN)
    for style, path in _faces().items():
        document.add_font(FAMILY, style, path)
    document.set_title(f"{page.kind}: {page.title}")
    document.set_lang(page.language)
    document.set_creator("SOHO Beacon")
    document.add_page()
    _head(document, page, size)
    for section in page.sections:
        _section_head(document, section.title, size)
        for line in section.lines:
            _point(document, line, size)
    _foot(document, page, size)
    return document


def _head(document: FPDF, page: Page, size: float) -> None:
    _write(document, page.kind, size - 1, GREY)
    _write(document, page.title, size + 6, INK, "B")
    _write(document, page.subtitle, size - 1, GREY)
    document.ln(1.5)
    for place, badge in enumerate(page.badges):
        rated = place == 0 and page.tier is not None
        _badge(document, badge, TIERS.get(page.tier or 0, TIERS[3]) if rated else TIERS[3], size)
    if page.badges:
        document.ln(size * 0.6)
    document.set_draw_color(*INK)
    document.line(MARGIN, document.get_y() + 1.5, document.w - MARGIN, document.get_y() + 1.5)
    document.ln(3)


def _badge(document: FPDF, words: str, colour: str, size: float) -> None:
    document.set_font(FAMILY, "B", size - 1)
    document.set_fill_color(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)))
    document.set_text_color(255, 255, 255)
    shown = _drawable(words, "B")
    document.cell(document.get_string_width(shown) + 5, size * 0.56, shown, align="C", fill=True)
    document.cell(2, size * 0.56, "")


def _section_head(document: FPDF, title: str, size: float) -> None:
    document.ln(size * 0.2)
    _write(document, title, size + 1, INK, "B")


def _point(document: FPDF, line: str, size: float) -> None:
    document.set_font(FAMILY, "", size)
    document.set_text_color(*INK)
    document.cell(4, size * LEADING, "·")
    document.multi_cell(0, size * LEADING, _drawable(line), align="L", new_x="LMARGIN", new_y="NEXT")


def _foot(document: FPDF, page: Page, size: float) -> None:
    document.ln(2.5)
    document.set_draw_color(*GREY)
    document.line(MARGIN, document.get_y(), document.w - MARGIN, document.get_y())
    document.ln(1.5)
    for line in page.notes:
        _write(document, line, size - 1.5, GREY)


def _write(document: FPDF, words: str, size: float, ink: tuple[int, int, int], style: str = "") -> None:
    document.set_font(FAMILY, style, size)
    document.set_text_color(*ink)
    shown = _drawable(words, style)
    document.multi_cell(0, size * LEADING, shown, align="L", new_x="LMARGIN", new_y="NEXT")


def _drawable(words: str, style: str = "") -> str:
    """The text without characters that the font cannot draw: an empty box each, never silently nothing."""
    drawn = _characters(style)
    return "".join(char if ord(char) in drawn else "-" if char == "−" else "□" for char in words)


@cache
def _characters(style: str) -> frozenset[int]:
    with TTFont(_faces()[style], lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _faces() -> dict[str, Path]:
    package = find_spec("koreanize_matplotlib")
    if package is None or package.origin is None:
        raise ConfigError("the Korean font of the PDFs is missing; run `pip install -r requirements.txt`")
    folder = Path(package.origin).parent / "fonts"
    return {style: folder / name for style, name in FACES.items()}
