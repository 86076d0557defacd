"""The NH account of one customer who consents today: balance, and money in and out by month.

It is read from the fetched files for each view and is part of no build, so a revoked consent has its effect at once,
although the rows stay in the files until the next fetch.

Reads  the list of consents, <data_dir>/external/products/nh_{balances,transactions,cards}.parquet
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from core import db
from core.errors import DataError
from core.sources.products import nh_rows, store
from core.sources.products.consents import FILE, Consent, consents
from core.sources.products.keys import Keys


@dataclass(frozen=True)
class NhAccount:
    """A valid consent and the account that was fetched with it; the balance is None where nothing was fetched yet.

    months : month, in_krw, out_krw, card_krw, newest first; cancelled moves are not counted; card_krw is missing
        where the consent names no card
    """

    consent: Consent
    ledger_krw: int | None
    available_krw: int | None
    fetched_at: datetime | None
    months: pd.DataFrame


def current_consent(external: Path, keys: Keys, business_id: str, today: date) -> Consent | None:
    """The consent of this business that is valid today; None without one, and where the list cannot be read."""
    folder = external / store.FOLDER
    path = Path(keys.nh_consents) if keys.nh_consents else folder / FILE
    try:
        valid, _ = consents(path, today)
    except DataError:
        return None
    return next((consent for consent in valid if consent.business_id == business_id), None)


def nh_account(external: Path, consent: Consent) -> NhAccount:
    """The account of the customer of this consent."""
    folder = external / store.FOLDER
    rows = {
        name: store.read_rows(folder / f"{name}.parquet", schema, consent.business_id)
        for name, schema in nh_rows.TABLES.items()
    }
    balance = rows["nh_balances"][-1] if rows["nh_balances"] else {}
    fetched_at = datetime.fromisoformat(balance["fetched_at"]) if balance else None
    months = _months(rows["nh_transactions"], rows["nh_cards"])
    if not consent.fin_card:
        months["card_krw"] = pd.NA  # unknown, not zero
    return NhAccount(consent, balance.get("ledger_krw"), balance.get("available_krw"), fetched_at, months)


def _months(moves: list[dict], uses: list[dict]) -> pd.DataFrame:
    """Sums by month; a month without a move is not there."""
    con = db.connect()
    for table, rows in (("moves", moves), ("uses", uses)):
        con.register(table, pd.DataFrame(rows, columns=["day", "amount_krw", "is_cancelled"]))
    return db.query(con, "core/sources/products/sql/nh_account")
