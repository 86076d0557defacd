"""Words for codes that a bank may extend: products, channels, topics. An unknown code shows itself."""

from collections.abc import Callable

from pages.shared.text import lang, strings, t, unknown
from pages.shared.text.escape import clean, safe


def word(kind: str, code: object) -> str:
    """The word of a code, `[code.<kind>]` in the strings, else the code as the bank wrote it, safe for Markdown."""
    return t("text.unknown") if unknown(code) else strings(lang()).get(f"code.{kind}.{code}", safe(code))


def plain_word(kind: str, code: object) -> str:
    """The same for a table's cell, where Markdown is not read."""
    return t("text.unknown") if unknown(code) else strings(lang()).get(f"code.{kind}.{code}", clean(code))


def known(name: Callable[[str], str], code: object) -> str:
    """The name of a code of the reference tables, or that it is unknown."""
    return t("text.unknown") if unknown(code) else name(str(code))
