"""What a report needs of the language it is written in; pages.shared.text.report gives it, as only the UI speaks."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, Protocol

LanguageCode = Literal["ko", "en"]


class Language(Protocol):
    """Words and numbers of one language."""

    @property
    def code(self) -> LanguageCode:
        """Of this report."""

    def words(self, key: str, **values: object) -> str:
        """The words of a key of the strings."""

    def money(self, krw: float) -> str:
        """Won in the reader's units."""

    def percent(self, share: float) -> str:
        """0.034 as 3.4%."""

    def day(self, value: date) -> str:
        """A date."""

    def month(self, value: date) -> str:
        """A month."""

    def code_name(self, kind: str, code: str) -> str:
        """The word of a product, a channel; a code without a word shows itself, cleaned."""

    def name(self, name: str) -> str:
        """A name that strangers wrote: one line, no hidden characters, forty at most."""

    def model_reason(self, reason: str, feature: str, value: float | None) -> str:
        """What is so, of the feature that speaks for a reason group of a model."""

    def score_reasons(self, card: Any) -> Sequence[tuple[str, str]]:
        """The reasons of the score, the heaviest first: the component's code and the sentence."""
