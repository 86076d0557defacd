"""Words and numbers of a report in one language, as the pages write them (the protocol of core.report.language)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pages.shared.text import day, escape, in_language, language, money, month, percent, reasons


@dataclass(frozen=True)
class ReportLanguage:
    """The language of a report; works without a session, in a command and in a download."""

    code: language.Language

    def words(self, key: str, **values: object) -> str:
        """The words of a key of the strings."""
        return language.words(self.code, key, **values)

    def money(self, krw: float) -> str:
        """Won in the reader's units."""
        with in_language(self.code):
            return money(krw)

    def percent(self, share: float) -> str:
        """0.034 as 3.4%."""
        return percent(share)

    def day(self, value: date) -> str:
        """2024-12-31."""
        return day(value)

    def month(self, value: date) -> str:
        """2024년 12월, or Dec 2024."""
        with in_language(self.code):
            return month(value)

    def code_name(self, kind: str, code: str) -> str:
        """The word of a code, else the code itself, cleaned."""
        return language.strings(self.code).get(f"code.{kind}.{code}", escape.clean(code))

    def name(self, name: str) -> str:
        """One line of at most forty visible characters."""
        return escape.clean(name)

    def model_reason(self, reason: str, feature: str, value: float | None) -> str:
        """The sentence of a reason, as on the business page."""
        with in_language(self.code):
            return reasons.feature_sentence(reason, feature, value)

    def score_reasons(self, card: Any) -> Sequence[tuple[str, str]]:
        """Codes and sentences of the score's reasons, as on the business page."""
        with in_language(self.code):
            return [(reason.code, reason.sentence) for reason in reasons.score_reasons(card)[0]]
