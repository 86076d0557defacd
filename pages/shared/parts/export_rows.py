"""Rows of a file in words: the language is taken when the page is drawn, as a download runs outside the session."""

from collections.abc import Callable, Mapping

import pandas as pd

from pages.shared.parts import export
from pages.shared.read import read_uncached
from pages.shared.text import in_language, lang


def rows(
    query: str, params: Mapping[str, object], words: Callable[[pd.DataFrame], pd.DataFrame], heads: Mapping[str, str]
) -> export.Rows:
    """Rows of a query for export.buttons.

    Parameters
    ----------
    params : parameters of the query but for $rows, the number of rows
    words : the rows with their codes in words
    heads : column -> heading in the file, in the order of the file
    """
    language = lang()

    def written(most: int) -> pd.DataFrame:
        with in_language(language):
            table = words(read_uncached(query, **params, rows=most))
        return table[list(heads)].rename(columns=heads)

    return written
