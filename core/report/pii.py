"""Does a text carry what names a person or an account? What a language model is sent passes here first.

>>> found("write to kim@example.com"), found("as of 2024-12-31, 1,234,567 won")
(['email'], [])
"""

import re

# Written with hyphens, blanks, or neither. Dates are taken out first: they look like short account numbers.
DATE = re.compile(r"(?<!\d)(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")
PATTERNS = {
    "resident": re.compile(r"(?<!\d)\d{6}[-\s]?[1-8]\d{6}(?!\d)"),
    "registration": re.compile(r"(?<!\d)\d{3}[-\s]?\d{2}[-\s]?\d{5}(?!\d)"),
    "phone": re.compile(r"(?<!\d)(\+82[-\s]?)?0?(1[016-9]|2|[3-6]\d|70)[-\s.]?\d{3,4}[-\s.]?\d{4}(?!\d)"),
    "account": re.compile(r"(?<!\d)\d{2,6}-\d{2,6}-\d{2,8}(-\d{1,3})?(?!\d)|(?<![\d,.])\d{11,16}(?![\d,])"),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
}


def found(text: str) -> list[str]:
    """Kinds of personal identifiers that a text carries."""
    rest = DATE.sub(" ", text)
    return [kind for kind, pattern in PATTERNS.items() if pattern.search(rest)]
