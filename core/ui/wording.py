"""Words for codes that a bank may extend: products, channels, topics. An unknown code shows itself, defused."""

from core.ui.marks import safe
from core.ui.text import lang, strings, t, unknown


def word(kind: str, code: object) -> str:
    """The word of a code, `[code.<kind>]` in the strings, else the code as the bank wrote it, safe for Markdown."""
    if unknown(code):
        return t("text.unknown")
    return strings(lang()).get(f"code.{kind}.{code}", safe(code))
