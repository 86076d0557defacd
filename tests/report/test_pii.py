"""Numbers of people and accounts are seen however they are written; figures and dates are not taken for them."""

import pytest

from core.report import pii


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("registration", "사업자번호 123-45-67890"),
        ("registration", "사업자번호 1234567890"),
        ("registration", "123 45 67890"),
        ("phone", "010-1234-5678"),
        ("phone", "01012345678"),
        ("phone", "02-123-4567"),
        ("phone", "+82 10-1234-5678"),
        ("resident", "800101-1234567"),
        ("resident", "8001011234567"),
        ("account", "계좌 301-0123-4567-81"),
        ("account", "계좌 3010123456781"),
        ("email", "kim@example.com"),
    ],
)
def test_an_identifier_is_found(kind, text):
    assert kind in pii.found(text)


@pytest.mark.parametrize(
    "text", ["2024-12-31", "1억 2,345만 원", "₩123.5M", "80000000", "123450000", "12.3%", "36개월"]
)
def test_a_figure_is_no_identifier(text):
    assert pii.found(text) == []
