"""Names of the segments that the bank's businesses are divided into."""

from pages.shared.read import has_tables
from pages.shared.text.language import t


def is_available() -> bool:
    """Does the live build have segments?"""
    return has_tables("segments", "segment_views", "segment_inputs")


def name(code: object) -> str:
    """What a segment is called: its traits in words; "none" for a missing or empty code."""
    if not isinstance(code, str) or not code:
        return t("segments.none")
    traits, _, place = code.partition("-")
    words = " · ".join(t(f"segments.trait.{trait}") for trait in traits.split("."))
    return t("segments.numbered", name=words, number=place) if place else words
