"""Customers who consent that the bank reads their NH account.

Reads the bank's list, a CSV file with the columns of COLUMNS. A line that cannot be read is no consent.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from core.errors import DataError

FILE = "nh_consents.csv"
COLUMNS = ("business_id", "fin_account", "fin_card", "consented_on", "expires_on", "revoked_on")


@dataclass(frozen=True)
class Consent:
    """The valid consent of a customer, with NH's FinTech numbers of the account and of the card ("" without a card).

    `since` and `until`: its first and its last day, None where the list has none.
    """

    business_id: str
    fin_account: str = field(repr=False)
    fin_card: str = field(repr=False)
    since: date | None = None
    until: date | None = None

    def without_numbers(self, text: str) -> str:
        """The text without the numbers: a server may repeat them in a message."""
        for number in (self.fin_account, self.fin_card):
            text = text.replace(number, "***") if number else text
        return text


def consents(path: Path, today: date) -> tuple[list[Consent], list[str]]:
    """Consents that are valid today, and a sentence for each line that is not one.

    Raises
    ------
    DataError : the file is missing or unreadable, or lacks a column
    """
    rows = _rows(path)
    times = Counter(row["business_id"] for row in rows)
    valid: list[Consent] = []
    refused: list[str] = []
    for number, row in enumerate(rows, 2):
        # It is not known which of several lines of a business is right.
        why = "its business has several lines" if times[row["business_id"]] > 1 else _fault(row, today)
        if why:
            refused.append(f"{path.name} line {number}: {why}")
        else:
            days = (_day(row[name]) for name in ("consented_on", "expires_on"))
            valid.append(Consent(row["business_id"], row["fin_account"], row["fin_card"], *days))
    return valid, refused


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        # Not strict: the error of a strict decoder contains the file with its account numbers.
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        raise DataError(f"there is no list of consents in {path}") from None
    if "\ufffd" in text:
        raise DataError(f"{path} is not UTF-8 text; nobody counts as consenting")
    lines = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (lines.fieldnames or ())]
    if missing:
        raise DataError(f"{path} lacks the columns {', '.join(missing)}; nobody counts as consenting")
    return [{name: (row[name] or "").strip() for name in COLUMNS} for row in lines]


def _fault(row: dict[str, str], today: date) -> str:
    """Why a line is no consent today; empty if it is one. It is valid on its last day, not on the day it is revoked."""
    if not row["business_id"] or not row["fin_account"].isdigit():
        return "no business_id, or fin_account is not digits"
    if row["fin_card"] and not row["fin_card"].isdigit():
        return "fin_card is not digits"
    try:
        begin, end, revoked = (_day(row[name]) for name in ("consented_on", "expires_on", "revoked_on"))
    except ValueError:
        return "a date is not YYYY-MM-DD"
    if begin is None or begin > today:
        return "the consent has not begun"
    if revoked is not None and revoked <= today:
        return "the consent was revoked"
    return "the consent has expired" if end is not None and end < today else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
