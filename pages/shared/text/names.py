"""Names of codes in the chosen language: districts, categories and industries, and the codes that a bank may extend."""

from collections.abc import Callable, Mapping

from pages.shared.read import reference
from pages.shared.text import lang, strings, t, unknown
from pages.shared.text.escape import clean, safe


def by_code(table: str) -> Mapping[str, str]:
    """Code -> name of "districts", "regions", "categories" or "industries"; take it once for many codes."""
    return reference().names[table, lang()]


def district(code: str | None) -> str:
    """Name of a district; all of them when none is chosen."""
    return _name("districts", code)


def category(code: str | None) -> str:
    """Name of a category of industries; all of them when none is chosen."""
    return _name("categories", code)


def industry(code: str | None) -> str:
    """Name of an industry; the code itself when the reference lacks it."""
    return _name("industries", code)


def _name(table: str, code: str | None) -> str:
    if not code:
        return t("text.all")
    return by_code(table).get(code, code) if isinstance(code, str) else t("text.unknown")


def or_unknown(name: Callable[[str], str], code: object) -> str:
    """The name of a code of the reference tables, or that it is unknown."""
    return t("text.unknown") if unknown(code) else name(str(code))


def code_word(kind: str, code: object) -> str:
    """Word of a product, channel or topic, `[code.<kind>]` in the strings; else the code itself, safe for Markdown."""
    return t("text.unknown") if unknown(code) else strings(lang()).get(f"code.{kind}.{code}", safe(code))


def plain_code_word(kind: str, code: object) -> str:
    """The same for a table's cell, where Markdown is not read."""
    return t("text.unknown") if unknown(code) else strings(lang()).get(f"code.{kind}.{code}", clean(code))
