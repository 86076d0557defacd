"""Words and patterns that recognise the columns of a user's table, English and Korean.

Reads  data/reference/train_words.toml
"""

import re
from functools import cache
from typing import Any

from core import reference


def words() -> dict[str, Any]:
    """Lists and patterns of the file, by name."""
    return reference.toml("train_words.toml")


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the file, compiled, case ignored.

    >>> pattern("number_noise").sub("", "$50,000.00 ")
    '50000.00'
    """
    return re.compile(words()[name], re.IGNORECASE)
