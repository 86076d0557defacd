"""Who consents: in doubt, nobody."""

from datetime import date
from pathlib import Path

import pytest

from core.errors import DataError
from core.sources.products.consents import COLUMNS, consents

TODAY = date(2026, 11, 20)
HEAD = ",".join(COLUMNS)


def _consents(folder: Path, *lines: str) -> tuple[list[str], list[str]]:
    path = folder / "nh_consents.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    given, refused = consents(path, TODAY)
    return [consent.business_id for consent in given], refused


@pytest.mark.parametrize(
    "line",
    [
        "B1,3020000000000,,2026-01-01,,",
        "B1,3020000000000,9400000000000000,2026-11-20,,",
        "B1,3020000000000,,2026-01-01,2026-11-20,",
        "B1,3020000000000,,2026-01-01,,2026-11-21",
    ],
)
def test_a_consent_holds_from_its_first_to_its_last_day(line: str, tmp_path: Path):
    assert _consents(tmp_path, line) == (["B1"], [])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("B1,3020000000000,,2026-11-21,,", "has not begun"),
        ("B1,3020000000000,,,,", "has not begun"),
        ("B1,3020000000000,,2026-01-01,2026-11-19,", "has expired"),
        ("B1,3020000000000,,2026-01-01,,2026-11-20", "was revoked"),
        ("B1,3020000000000,,yesterday,,", "not YYYY-MM-DD"),
        ("B1,3020000000000,,2026-01-01,soon,", "not YYYY-MM-DD"),
        ("B1,302-0000-0000,,2026-01-01,,", "not digits"),
        ("B1,3020000000000,x,2026-01-01,,", "not digits"),
        (",3020000000000,,2026-01-01,,", "no business_id"),
        ("B1", "not digits"),
    ],
)
def test_a_line_that_is_no_consent_is_named(line: str, why: str, tmp_path: Path):
    given, refused = _consents(tmp_path, line)
    assert given == []
    assert len(refused) == 1
    assert refused[0].startswith("nh_consents.csv line 2: ")
    assert why in refused[0]
    assert "3020000000000" not in refused[0]


def test_of_two_lines_of_a_business_neither_counts(tmp_path: Path):
    line = "B1,3020000000000,,2026-01-01,,"
    given, refused = _consents(tmp_path, line, "B2,3020000000001,,2026-01-01,,", f"{line}2026-02-01")
    assert given == ["B2"]
    assert len(refused) == 2


@pytest.mark.parametrize("content", [None, b"business_id,fin_account\nB1,1\n", "업체".encode("cp949")])
def test_a_list_that_cannot_be_read_is_nobodys_consent(content: bytes | None, tmp_path: Path):
    path = tmp_path / "nh_consents.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError):
        consents(path, TODAY)
