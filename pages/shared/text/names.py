"""Names of codes in the chosen language: districts, regions, categories, industries."""

from collections.abc import Mapping

from pages.shared.read import reference
from pages.shared.text import lang, t


def names(table: str) -> Mapping[str, str]:
    """Code -> name of "districts", "regions", "categories" or "industries"; take it once for many codes."""
    return reference().names[table, lang()]


def district(code: str | None) -> str:
    """Name of a district; all of them when none is chosen."""
    return _name("districts", code)


def category(code: str | None) -> str:
    """Name of a category of industries; all of them when none is chosen."""
    return _name("categories", code)


def industry(code: str | None) -> str:
    """Name of an industry; the code itself when the reference does not know it."""
    return _name("industries", code)


def _name(table: str, code: str | None) -> str:
    if not code:
        return t("text.all")
    return names(table).get(code, code) if isinstance(code, str) else t("text.unknown")
