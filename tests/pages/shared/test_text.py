"""Both languages say the same things, and numbers read as a banker of each writes them."""

import string
import tomllib

import pytest

from pages.shared import text
from pages.shared.text.language import _flat


def _placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys():
    assert text.strings("ko").keys() == text.strings("en").keys()


def test_both_languages_fill_the_same_blanks():
    korean, english = text.strings("ko"), text.strings("en")
    assert [key for key in korean if _placeholders(korean[key]) != _placeholders(english[key])] == []


def test_no_key_is_defined_twice():
    for language in text.LANGUAGES:
        files = (text.STRINGS / language).glob("*.toml")
        keys = [key for file in files for key in _flat(tomllib.loads(file.read_text(encoding="utf-8")))]
        assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize(
    ("won", "words"),
    [
        (0, "0원"),
        (9_999, "9,999원"),
        (10_000, "1만 원"),
        (99_999_999, "1억 원"),  # rounds up to the next unit, never "10,000만"
        (100_004_999, "1억 원"),
        (123_456_789, "1억 2,346만 원"),
        (1_000_000_000_000, "1조 원"),
        (999_999_999_999, "1조 원"),
        (-35_000_000, "-3,500만 원"),
    ],
)
def test_won_in_korean_units(won, words):
    assert text.money_ko(won) == words


@pytest.mark.parametrize(
    ("won", "words"),
    [(0, "₩0"), (999, "₩999"), (1_000, "₩1.0K"), (999_950, "₩1.0M"), (1_250_000_000, "₩1.2B"), (-2_000_000, "-₩2.0M")],
)
def test_won_in_english_units(won, words):
    assert text.money_en(won) == words
