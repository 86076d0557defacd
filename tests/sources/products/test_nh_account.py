"""The NH account of a customer is shown while the customer consents, and to nobody else."""

from datetime import date
from pathlib import Path

import pytest

from core.sources.products import nh_rows, store
from core.sources.products.consents import COLUMNS, FILE
from core.sources.products.keys import Keys
from core.sources.products.nh_account import NhAccount, current_consent, nh_account

TODAY = date(2026, 11, 20)
WHERE = {"source": "NH", "fetched_at": "2026-11-19T01:00:00+00:00", "payload_sha256": "0"}


def _move(business: str, day: str, won: int, *, cancelled: bool = False) -> dict:
    moved = {"day": date.fromisoformat(day), "time": "1000", "serial": day, "amount_krw": won, "balance_krw": 1}
    return {"business_id": business, "is_cancelled": cancelled} | moved | WHERE


def _fetched(external: Path, consents: str) -> None:
    folder = external / store.FOLDER
    balances = [
        {"business_id": business_id, "ledger_krw": won, "available_krw": won - 1} | WHERE
        for business_id, won in (("B1", 500), ("B2", 9))
    ]
    moves = [
        _move("B1", "2026-10-05", 300), _move("B1", "2026-10-25", -100), _move("B1", "2026-11-02", 70),
        _move("B1", "2026-11-03", 999, cancelled=True), _move("B2", "2026-11-04", 5),
    ]  # fmt: skip
    for name, rows in (("nh_balances", balances), ("nh_transactions", moves), ("nh_cards", [])):
        store.write_rows(folder / f"{name}.parquet", rows, nh_rows.TABLES[name])
    (folder / FILE).write_text(f"{','.join(COLUMNS)}\n{consents}\n", encoding="utf-8")


def _shown(external: Path, business: str = "B1", today: date = TODAY) -> NhAccount | None:
    given = current_consent(external, Keys(), business, today)
    return nh_account(external, given) if given else None


def test_balance_months_and_the_days_of_the_consent_are_those_of_the_customer(tmp_path: Path):
    _fetched(tmp_path, "B1,302,,2026-01-01,2026-12-31,")
    account = _shown(tmp_path)
    assert account is not None
    assert (account.ledger_krw, account.available_krw) == (500, 499)
    assert (account.consent.since, account.consent.until) == (date(2026, 1, 1), date(2026, 12, 31))
    months = [(f"{row.month:%Y-%m}", row.in_krw, row.out_krw) for row in account.months.itertuples()]
    assert months == [("2026-11", 70, 0), ("2026-10", 300, 100)]  # the cancelled one is not counted


@pytest.mark.parametrize(
    "line", ["B2,302,,2026-01-01,,", "B1,302,,2026-01-01,,2026-11-20", "B1,302,,2026-01-01,2026-11-19,"]
)
def test_without_a_consent_of_today_nothing_is_shown_though_rows_are_still_there(tmp_path: Path, line: str):
    _fetched(tmp_path, line)
    assert _shown(tmp_path) is None


def test_without_a_card_in_the_consent_its_use_is_unknown_and_not_zero(tmp_path: Path):
    cards = {}
    for card in ("", "94"):
        _fetched(tmp_path, f"B1,302,{card},2026-01-01,,")
        account = _shown(tmp_path)
        assert account is not None
        cards[card] = list(account.months["card_krw"].isna())
    assert cards == {"": [True, True], "94": [False, False]}


def test_without_a_list_nobody_consents(tmp_path: Path):
    assert _shown(tmp_path) is None


def test_a_consent_before_the_first_fetch_has_no_balance(tmp_path: Path):
    _fetched(tmp_path, "B3,302,,2026-01-01,,")
    account = _shown(tmp_path, "B3")
    assert account is not None
    assert (account.ledger_krw, account.fetched_at, len(account.months)) == (None, None, 0)
