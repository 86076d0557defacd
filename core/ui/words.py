"""Names of codes in the chosen language: districts, categories, industries."""

from core.ui.data import read
from core.ui.text import lang, t


def district(code: str | None) -> str:
    """Name of a district; all of them when none is chosen."""
    return _name("districts", "district_code", code)


def category(code: str | None) -> str:
    """Name of a category of industries; all of them when none is chosen."""
    return _name("categories", "category", code)


def industry(code: str | None) -> str:
    """Name of an industry; the code itself when the reference does not know it."""
    return _name("industries", "industry_code", code)


def codes(query: str, column: str) -> list[str]:
    """Every code of a reference table, in its order."""
    return [str(code) for code in read(query)[column]]


def names(query: str, column: str) -> dict[str, str]:
    """Code -> name of a reference table."""
    rows = read(query)
    return dict(zip(rows[column], rows["name_ko" if lang() == "ko" else "name_en"], strict=True))


def _name(query: str, column: str, code: str | None) -> str:
    if code is None or code == "":
        return t("text.all")
    if not isinstance(code, str):
        return t("text.unknown")
    return names(query, column).get(code, code)
