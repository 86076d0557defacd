"""Text from outside (names, notes) made safe for Markdown: no link, formula or tag, no hidden characters."""

import re
import unicodedata

MAX_NAME_LENGTH = 40
# Unicode categories of control, zero-width, right-to-left and private characters: they hide or reverse a name.
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# A word joiner: no reader sees it, and neither a link nor an icon is found across it.
JOINER = "\u2060"


def clean(name: object, longest: int = MAX_NAME_LENGTH) -> str:
    """A name in one line of at most `longest` visible characters.

    >>> clean("한강\\u202e식당\\n  1호점")
    '한강식당 1호점'
    """
    line = _visible(str(name))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _visible(text: str) -> str:
    visible = "".join(char if unicodedata.category(char) not in HIDDEN else " " * (char in "\n\t\r") for char in text)
    return " ".join(visible.split())


def safe(name: object, longest: int = MAX_NAME_LENGTH) -> str:
    """A name for Markdown, without emphasis, link, formula, colour, icon or tag.

    >>> safe("**=1+1** [a](b)").replace(JOINER, "")
    '\\\\*\\\\*\\\\=1\\\\+1\\\\*\\\\* \\\\[a\\\\]\\\\(b\\\\)'
    """
    return _escaped(clean(name, longest))


def paragraph(text: object) -> str:
    """A longer text that somebody typed, for Markdown: as safe as a name, whole, with its lines."""
    return "  \n".join(_escaped(_visible(line)) for line in str(text).split("\n"))


def _escaped(line: str) -> str:
    text = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)
    # Streamlit looks for addresses, :icons: and @ in the finished text, where a backslash no longer helps.
    return re.sub(r"(\\[:.@/])", rf"{JOINER}\1{JOINER}", text)
