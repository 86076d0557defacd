"""The churn probability in words: its level, the band of each level, and whether the live build has any."""

from core.config import policy
from pages.shared.read import has_tables
from pages.shared.selection import CHURN_LEVELS
from pages.shared.text import Number, percent, t, unknown


def is_available() -> bool:
    """Does the live build have churn probabilities?"""
    return has_tables("churn_scores")


def edges() -> tuple[float, ...]:
    """Where the second, third and fourth level begin, as probabilities."""
    return tuple(policy()["churn"]["levels"])


def level_word(level: object) -> str:
    """정상, 주의, 위험, 매우 위험."""
    return t("text.unknown") if level not in CHURN_LEVELS else t(f"level.{level}")


def band(level: str) -> str:
    """The probabilities of a level: 15–30%."""
    place, ends = CHURN_LEVELS.index(level), [percent(edge, 0) for edge in edges()]
    if place == 0:
        return t("level.below", edge=ends[0])
    if place == len(ends):
        return t("level.above", edge=ends[-1])
    return t("level.between", low=ends[place - 1], high=ends[place])


def chance(probability: Number, level: object) -> str:
    """Probability and level as they are always shown: 32.1% (위험)."""
    if unknown(probability):
        return t("text.unknown")
    return t("level.chance", percent=percent(probability), level=level_word(level))
