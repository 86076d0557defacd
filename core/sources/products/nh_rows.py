"""Rows of the NH account of one customer: without account and card numbers and without names of payers and shops.

Nothing in the product needs those, so they are not stored.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from core import calendar
from core.sources.products import nh, store
from core.sources.products.consents import Consent
from core.sources.products.http import SchemaError
from core.sources.products.offers import ORIGIN

HISTORY = timedelta(days=365)  # NH answers for one year back
IN, OUT = ("1", "2"), ("3", "4")  # MnrcDrotDsnc: new deposit, deposit; withdrawal, closing withdrawal


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([("business_id", pa.string()), *columns.items(), *ORIGIN])


_MOVE = {"day": pa.date32(), "time": pa.string(), "serial": pa.string(), "amount_krw": pa.int64()}
TABLES: dict[str, pa.Schema] = {
    "nh_balances": _schema(ledger_krw=pa.int64(), available_krw=pa.int64()),
    "nh_transactions": _schema(**_MOVE, balance_krw=pa.int64(), is_cancelled=pa.bool_()),
    "nh_cards": _schema(**_MOVE, is_cancelled=pa.bool_()),
}


def customer(client: nh.Client, consent: Consent) -> dict[str, list[dict]]:
    """Rows of every table of TABLES for one customer, the last year until today.

    Raises
    ------
    SourceError : NH refuses, is out of reach or sends something else than it documents
    """
    last = client.clock().date()
    first = last - HISTORY
    whose = {"business_id": consent.business_id}
    balance, sent = client.balance(consent.fin_account)
    amounts = {"ledger_krw": _won(balance, "Ldbl"), "available_krw": _won(balance, "RlpmAbamt")}
    pages = client.transactions(consent.fin_account, first, last)
    moves = [whose | _move(row) | _origin("InquireTransactionHistory", body) for rows, body in pages for row in rows]
    pages = client.card(consent.fin_card, first, last) if consent.fin_card else iter(())
    uses = [
        whose | _use(row) | _origin("InquireCreditCardAuthorizationHistory", body)
        for rows, body in pages
        for row in rows
    ]
    return {
        "nh_balances": [whose | amounts | _origin("InquireBalance", sent)],
        "nh_transactions": _distinct(moves),
        "nh_cards": _distinct(uses),
    }


def _origin(api: str, sent: bytes) -> dict[str, Any]:
    return asdict(store.origin(f"NH {api}", sent))


def _move(row: dict) -> dict[str, Any]:
    """A transaction; money out is negative."""
    direction = row.get("MnrcDrotDsnc")
    if direction not in IN + OUT:
        raise SchemaError(f"NH: MnrcDrotDsnc is {direction!r}, expected 1 to 4")
    amount, balance = _won(row, "Tram"), _won(row, "AftrBlnc")
    signs = {
        "amount_krw": amount if direction in IN else -amount,
        "balance_krw": -balance if row.get("TrnsAfAcntBlncSmblCd") == "-" else balance,
    }
    return _when(row, "Tuno") | signs | {"is_cancelled": row.get("Ccyn") == "1"}


def _use(row: dict) -> dict[str, Any]:
    """An authorisation of a card."""
    return _when(row, "CardAthzNo") | {"amount_krw": _won(row, "Usam"), "is_cancelled": row.get("Ccyn") == "1"}


def _when(row: dict, serial: str) -> dict[str, Any]:
    return {"day": _day(row), "time": str(row.get("Txtm", "")), "serial": str(row.get(serial, ""))}


def _day(row: dict) -> date:
    day = str(row.get("Trdd", ""))
    try:
        return datetime.strptime(day, "%Y%m%d").replace(tzinfo=calendar.SEOUL).date()
    except ValueError:
        raise SchemaError(f"NH: Trdd is {day!r}, expected YYYYMMDD") from None


def _won(row: dict, name: str) -> int:
    """Won, which NH sends as text."""
    text = str(row.get(name, "")).strip()
    if not text.removeprefix("-").isdigit():
        raise SchemaError(f"NH: {name} is missing or not a whole number of won")
    return int(text)


def _distinct(rows: list[dict]) -> list[dict]:
    """Each row once: a page that was requested twice may repeat rows."""
    origin = {name for name, _ in ORIGIN}
    return list({tuple(value for name, value in row.items() if name not in origin): row for row in rows}.values())
