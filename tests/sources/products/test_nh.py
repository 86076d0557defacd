"""The NH client against a server that speaks as NH's platform does."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from core import calendar
from core.sources.products import nh, nh_rows
from core.sources.products.consents import Consent
from core.sources.products.http import RefusedError, SchemaError
from tests.conftest import ROOT
from tests.sources.products.conftest import NOON
from tests.sources.products.servers import NH_TOKEN, FakeNh, Reply, Server, card_use, transaction

ACCOUNT, CARD = "3020000000000", "9400000000000000"
YEAR = date(2025, 11, 20), date(2026, 11, 20)


def _moves(client: nh.Client, first: date = YEAR[0], last: date = YEAR[1]) -> list[dict]:
    return [row for rows, _ in client.transactions(ACCOUNT, first, last) for row in rows]


def test_a_question_carries_the_documented_header(nh_server: Server, nh_client: nh.Client):
    balance, _ = nh_client.balance(ACCOUNT)
    assert (balance["Ldbl"], balance["RlpmAbamt"]) == ("1500000", "1400000")
    header = nh_server.requests[0].body["Header"]
    serial = header.pop("IsTuno")
    assert header == {
        "ApiNm": "InquireBalance",
        "Tsymd": "20261120",
        "Trtm": "120000",
        "Iscd": "900001",
        "FintechApsno": "001",
        "ApiSvcCd": "ReceivedTransferA",
        "AccessToken": NH_TOKEN,
    }
    assert serial.startswith("20261120")
    assert len(serial) == 20
    assert nh_server.requests[0].path == "/InquireBalance.nh"


def test_pages_are_read_as_long_as_more_is_announced(bank: FakeNh, nh_server: Server, nh_client: nh.Client):
    bank.transactions[ACCOUNT] = [transaction("20261101", number, serial=str(number)) for number in range(250)]
    rows = _moves(nh_client, date(2026, 11, 1), date(2026, 11, 20))
    assert [row["Tram"] for row in rows] == [str(number) for number in range(250)]
    assert [request.body["PageNo"] for request in nh_server.requests] == ["1", "2", "3"]


def test_a_year_is_asked_for_in_spans_of_three_months_without_a_gap(
    bank: FakeNh, nh_server: Server, nh_client: nh.Client
):
    days = [YEAR[0] + timedelta(days=number) for number in range(366)]
    bank.transactions[ACCOUNT] = [transaction(f"{day:%Y%m%d}", 1, serial=str(day)) for day in days]
    # The server refuses longer spans; every day of the year comes exactly once.
    assert [row["Trdd"] for row in _moves(nh_client)] == [f"{day:%Y%m%d}" for day in days]
    assert len({request.body["Insymd"] for request in nh_server.requests}) == 5


@pytest.mark.parametrize("first", [date(2025, 1, 31), date(2024, 11, 30), date(2024, 12, 1), date(2026, 2, 1)])
def test_no_span_is_longer_than_three_months_whatever_the_months(first: date, bank: FakeNh, nh_client: nh.Client):
    bank.transactions[ACCOUNT] = []
    assert _moves(nh_client, first, first + timedelta(days=365)) == []


def test_the_card_service_is_read_with_its_blank_in_a_key_and_its_wrong_name(bank: FakeNh, nh_client: nh.Client):
    bank.uses[CARD] = [card_use("20261101", number, str(number)) for number in range(20)]
    uses = [row for rows, _ in nh_client.card(CARD, *YEAR) for row in rows]
    assert [row["Usam"] for row in uses] == [str(number) for number in range(20)]


def test_a_message_under_a_key_with_a_blank_is_read(nh_server: Server, nh_client: nh.Client):
    nh_server.queued_replies.append(Reply({"Header": {"Rpcd": "T0009", "Rsms ": "점검 중"}}))
    with pytest.raises(RefusedError, match=r"T0009 \(점검 중\)"):
        nh_client.balance(ACCOUNT)


def test_every_code_but_success_is_a_refusal_and_not_asked_again(nh_server: Server, nh_client: nh.Client):
    wrong = replace(nh_client, token="ab" * 32)
    with pytest.raises(RefusedError, match="T0002") as caught:
        wrong.balance(ACCOUNT)
    assert caught.value.code == "T0002"
    assert len(nh_server.requests) == 1


def test_every_try_has_a_number_of_its_own(nh_server: Server, nh_client: nh.Client):
    nh_server.queued_replies += [Reply(b"", 503), Reply(b"", late=0.6)]
    nh_client.balance(ACCOUNT)
    assert len({request.body["Header"]["IsTuno"] for request in nh_server.requests}) == 3


def test_numbers_go_on_after_a_restart_even_if_the_clock_is_set_back(tmp_path: Path):
    path = tmp_path / "serial"
    first = [nh.reserve(path, NOON) for _ in range(3)]
    again = [nh.reserve(path, NOON - timedelta(hours=1)) for _ in range(3)]
    assert len({*first, *again}) == 6
    assert sorted(first + again) == first + again


def test_numbers_go_on_after_the_file_is_lost(tmp_path: Path):
    path = tmp_path / "serial"
    first = [nh.reserve(path, NOON) for _ in range(3)]
    path.unlink()
    assert nh.reserve(path, NOON + timedelta(seconds=1)) > max(first)


def test_a_file_of_rubbish_and_a_new_day_are_no_hindrance(tmp_path: Path):
    path = tmp_path / "serial"
    path.write_text("rubbish", encoding="utf-8")
    today = nh.reserve(path, NOON)
    tomorrow = nh.reserve(path, datetime(2026, 11, 21, 0, 0, tzinfo=calendar.SEOUL))
    assert (today[:8], tomorrow) == ("20261120", "20261121000000000000")


@pytest.mark.slow
def test_processes_at_once_never_share_a_number(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from core import calendar; from core.sources.products import nh\n"
        "for _ in range(200): print(nh.reserve(Path(sys.argv[1]), calendar.now()))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "serial")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    numbers = [number for process in running for number in process.communicate(timeout=60)[0].split()]
    assert len(set(numbers)) == len(numbers) == 600


HEADER = {"Rpcd": "00000", "Rsms": "정상"}
WRONG = {
    "no header": {"REC": []},
    "list": {"Header": HEADER, "CtntDataYn": "N", "REC": {"Trdd": "1"}},
    "more": {"Header": HEADER, "REC": []},
    "count": {"Header": HEADER, "CtntDataYn": "N", "Iqtcnt": "2", "REC": [transaction("20261101", 1)]},
    "endless": {"Header": HEADER, "CtntDataYn": "Y", "Iqtcnt": "0", "REC": []},
    "another": {"Header": HEADER | {"IsTuno": "20261120000000000001"}, "CtntDataYn": "N", "REC": []},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_of_another_form_is_refused(wrong: str, nh_server: Server, nh_client: nh.Client):
    nh_server.queued_replies.append(Reply(WRONG[wrong]))
    with pytest.raises(SchemaError):
        _moves(nh_client, date(2026, 11, 1), date(2026, 11, 20))


def test_amounts_out_are_negative_and_an_overdrawn_balance_too(bank: FakeNh, nh_client: nh.Client):
    bank.transactions[ACCOUNT] = [
        transaction("20261101", 12_990, serial="1"),
        transaction("20261102", 5_000, out=True, serial="2", balance=-300),
    ]
    rows = nh_rows.customer(nh_client, Consent("B1", ACCOUNT, ""))
    amounts = [(row["amount_krw"], row["balance_krw"]) for row in rows["nh_transactions"]]
    assert amounts == [(12_990, 1_000_000), (-5_000, -300)]
    assert rows["nh_balances"][0]["ledger_krw"] == 1_500_000


def test_a_row_that_comes_on_two_pages_counts_once(bank: FakeNh, nh_client: nh.Client):
    twice = transaction("20261101", 12_990, serial="1")
    bank.transactions[ACCOUNT] = [twice, twice, transaction("20261101", 12_990, serial="2")]
    assert len(nh_rows.customer(nh_client, Consent("B1", ACCOUNT, ""))["nh_transactions"]) == 2


@pytest.mark.parametrize("wrong", [{"Tram": "12,990"}, {"Tram": None}, {"Trdd": "20261332"}, {"MnrcDrotDsnc": "9"}])
def test_a_row_of_a_wrong_form_and_nothing_of_the_customer_is_used(wrong: dict, bank: FakeNh, nh_client: nh.Client):
    bank.transactions[ACCOUNT] = [transaction("20261101", 1) | wrong]
    if wrong.get("Trdd"):
        bank.transactions[ACCOUNT][0]["Trdd"] = "20261101x"  # within the span as text, no day
    with pytest.raises(SchemaError):
        nh_rows.customer(nh_client, Consent("B1", ACCOUNT, ""))


def test_no_names_and_no_account_numbers_are_kept(bank: FakeNh, nh_client: nh.Client):
    bank.transactions[ACCOUNT] = [transaction("20261101", 1)]
    bank.uses[CARD] = [card_use("20261101", 1)]
    text = str(nh_rows.customer(nh_client, Consent("B1", ACCOUNT, CARD)))
    assert not [secret for secret in (ACCOUNT, CARD, "김사장", "어느 가게") if secret in text]
