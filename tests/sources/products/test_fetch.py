"""A fetch stores the answers that came and leaves the stored ones of questions that failed."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.errors import BusyError, ConfigError
from core.sources.products import finlife, store
from core.sources.products.fetch import Report, fetch
from core.sources.products.keys import Keys
from tests.sources.products.servers import (
    FINLIFE_KEY,
    NH_TOKEN,
    FakeFinlife,
    FakeNh,
    Reply,
    Server,
    deposit_option,
    deposit_row,
    error_answer,
    loan_option,
    loan_row,
    transaction,
)

DEPOSITS, LOANS = "depositProductsSearch", "busiLoanProductsSearch"
QUESTIONS = 40  # 8 services, 5 groups of companies
ACCOUNT, OTHER = "3020000000000", "3020000000001"
LINE = "{},{},,2026-01-01,,{}\n"
HEAD = "business_id,fin_account,fin_card,consented_on,expires_on,revoked_on\n"

Fetch = Callable[..., Report]


@pytest.fixture
def keys(fss_server: Server, nh_server: Server) -> Keys:
    """The addresses of the local servers; a test adds the keys it needs."""
    return Keys(finlife_url=f"{fss_server.url}/finlifeapi", nh_url=nh_server.url, fetch_timeout=0.4, fetch_pause=0.01)


@pytest.fixture
def with_finlife(keys: Keys, tmp_path: Path) -> Fetch:
    return lambda **options: fetch(tmp_path, replace(keys, finlife_key=FINLIFE_KEY), **options)


@pytest.fixture
def with_nh(keys: Keys, tmp_path: Path) -> Fetch:
    return lambda **options: fetch(tmp_path, replace(keys, nh_token=NH_TOKEN, nh_iscd="900001"), **options)


def _states(report: Report, source: str = "finlife") -> dict[str, int]:
    states = [entry.state for entry in report.outcomes if entry.source == source]
    return {state: states.count(state) for state in states}


def _rows(folder: Path, name: str) -> list[dict]:
    return pq.read_table(folder / "products" / f"{name}.parquet").to_pylist()


def test_without_keys_nothing_is_asked_and_the_date_of_the_catalogue_is_said(
    keys: Keys, fss_server: Server, nh_server: Server, tmp_path: Path
):
    report = fetch(tmp_path, keys)
    assert (fss_server.requests, nh_server.requests, report.failed) == ([], [], [])
    assert "curated catalogue of 2026-11-21 is used" in report.sentence
    assert [entry.why for entry in report.outcomes] == ["BEACON_FINLIFE_KEY is not set", "BEACON_NH_TOKEN is not set"]


def test_every_service_is_asked_for_every_group(with_finlife: Fetch, fss_server: Server):
    assert _states(with_finlife()) == {"fetched": QUESTIONS}
    questions = {(entry.path, entry.params["topFinGrpNo"]) for entry in fss_server.requests}
    services, groups = finlife.spec()["services"], finlife.spec()["groups"]
    assert questions == {(f"/finlifeapi/{service}.json", group) for service in services for group in groups}


def test_what_came_is_kept_with_source_time_and_hash(with_finlife: Fetch, fss: FakeFinlife, tmp_path: Path):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    fss.add(LOANS, loan_row(), loan_option(4.5, 9.0, 4.5, 9.0))
    with_finlife()
    offers = {row["kind"]: row for row in _rows(tmp_path, "finlife_offers")}
    assert (offers["deposit"]["rate_max"], offers["business_loan"]["rate_min"]) == (0.03, 0.045)
    origin, _ = store.read_json(tmp_path / "products" / "finlife" / f"{DEPOSITS}-020000.json") or (None, None)
    assert origin is not None
    assert (offers["deposit"]["source"], offers["deposit"]["fetched_at"], offers["deposit"]["payload_sha256"]) == (
        f"FSS finlife {DEPOSITS} 020000",
        origin.fetched_at,
        origin.payload_sha256,
    )
    assert len(origin.payload_sha256) == 64


def test_what_is_fresh_is_not_asked_again_unless_told_to(with_finlife: Fetch, fss_server: Server):
    with_finlife()
    assert _states(with_finlife()) == {"kept": QUESTIONS}
    assert len(fss_server.requests) == QUESTIONS
    assert _states(with_finlife(fresh=True)) == {"fetched": QUESTIONS}


def test_another_company_is_another_question(with_finlife: Fetch, fss_server: Server):
    with_finlife()
    assert _states(with_finlife(company="0010927")) == {"fetched": QUESTIONS}
    assert fss_server.requests[-1].params["financeCd"] == "0010927"


def test_a_service_that_fails_leaves_the_others_and_what_was_kept(
    with_finlife: Fetch, fss: FakeFinlife, fss_server: Server, tmp_path: Path
):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    with_finlife()
    fss.products[DEPOSITS, "020000"][0][0].pop("fin_prdt_nm")
    report = with_finlife(fresh=True)
    assert _states(report) == {"fetched": QUESTIONS - 1, "failed": 1}
    assert "fin_prdt_nm" in report.failed[0].why
    assert [row["rate_min"] for row in _rows(tmp_path, "finlife_offers")] == [0.025]


def test_the_known_fault_of_the_annuities_is_said_and_fails_nothing(
    with_finlife: Fetch, fss: FakeFinlife, tmp_path: Path
):
    fss.add("annuitySavingProductsSearch", loan_row(), loan_option(4.5, 9.0, 4.5))
    report = with_finlife()
    assert _states(report) == {"fetched": QUESTIONS - 1, "skipped": 1}
    assert [entry.why.count("pnsn_kind") for entry in report.outcomes if entry.state == "skipped"] == [1, 0]
    assert _rows(tmp_path, "finlife_offers") == []


@pytest.mark.parametrize("code", ["010", "020"])
def test_after_a_refused_key_or_a_used_up_quota_nothing_more_is_asked(
    code: str, with_finlife: Fetch, fss_server: Server
):
    fss_server.queued_replies.append(Reply(error_answer(code, "")))
    report = with_finlife()
    assert _states(report) == {"failed": 1, "skipped": QUESTIONS - 1}
    assert len(fss_server.requests) == 1


def test_a_service_that_is_down_is_not_waited_for_forty_times(with_finlife: Fetch, fss_server: Server):
    fss_server.queued_replies += [Reply(b"", 503)] * 200
    assert _states(with_finlife()) == {"failed": 1, "skipped": QUESTIONS - 1}
    assert len(fss_server.requests) == 4


def test_a_broken_file_of_an_earlier_run_is_asked_for_again(with_finlife: Fetch, tmp_path: Path):
    with_finlife()
    (tmp_path / "products" / "finlife" / f"{DEPOSITS}-020000.json").write_text('{"source": ', encoding="utf-8")
    assert _states(with_finlife()) == {"kept": QUESTIONS - 1, "fetched": 1}


def test_a_bank_that_finlife_does_not_know_is_said(keys: Keys, tmp_path: Path):
    report = fetch(tmp_path, replace(keys, finlife_key=FINLIFE_KEY, finlife_company="없는은행"))
    assert "BEACON_FINLIFE_COMPANY" in report.outcomes[QUESTIONS].why


def test_no_key_and_no_token_is_in_any_file(keys: Keys, bank: FakeNh, tmp_path: Path):
    bank.transactions[ACCOUNT] = [transaction("20261101", 1)]
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""))
    fetch(tmp_path, replace(keys, finlife_key=FINLIFE_KEY, nh_token=NH_TOKEN, nh_iscd="900001"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > QUESTIONS
    secrets = [secret.encode() for secret in (FINLIFE_KEY, NH_TOKEN)]
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_two_runs_at_once_do_not_write_over_each_other(keys: Keys, tmp_path: Path):
    with store.locked(tmp_path / "products"), pytest.raises(BusyError, match="another fetch"):
        fetch(tmp_path, keys)


def _consent(folder: Path, *lines: str) -> None:
    path = folder / "products" / "nh_consents.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "".join(lines), encoding="utf-8")


def test_only_customers_who_consent_are_asked_for(with_nh: Fetch, bank: FakeNh, nh_server: Server, tmp_path: Path):
    bank.transactions = {ACCOUNT: [transaction("20261101", 1)], OTHER: [transaction("20261101", 2)]}
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""), LINE.format("B2", OTHER, "2026-02-01"))
    report = with_nh()
    assert _states(report, "nh") == {"fetched": 1}
    assert report.outcomes[-1].left_out == ("nh_consents.csv line 3: the consent was revoked",)
    assert {request.body["FinAcno"] for request in nh_server.requests} == {ACCOUNT}
    assert [row["business_id"] for row in _rows(tmp_path, "nh_balances")] == ["B1"]


def test_nobody_is_asked_for_without_a_list_of_consents(with_nh: Fetch, nh_server: Server):
    report = with_nh()
    assert _states(report, "nh") == {"skipped": 1}
    assert "no list of consents" in report.outcomes[-1].why
    assert nh_server.requests == []


@pytest.mark.parametrize("has_token", [True, False])
def test_a_revoked_consent_takes_its_rows_with_it(
    has_token: bool, with_nh: Fetch, keys: Keys, bank: FakeNh, tmp_path: Path
):
    bank.transactions = {ACCOUNT: [transaction("20261101", 1)], OTHER: [transaction("20261101", 2)]}
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""), LINE.format("B2", OTHER, ""))
    with_nh()
    assert len(_rows(tmp_path, "nh_balances")) == 2
    _consent(tmp_path, LINE.format("B1", ACCOUNT, "2026-02-01"), LINE.format("B2", OTHER, ""))
    with_nh() if has_token else fetch(tmp_path, keys)
    assert [row["business_id"] for row in _rows(tmp_path, "nh_transactions")] == ["B2"]


def test_files_of_accounts_are_readable_by_their_owner_only(with_nh: Fetch, bank: FakeNh, tmp_path: Path):
    bank.transactions[ACCOUNT] = [transaction("20261101", 1)]
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""))
    with_nh()
    mode = (tmp_path / "products" / "nh_transactions.parquet").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_customer_whom_nh_refuses_keeps_the_rows_of_before(with_nh: Fetch, bank: FakeNh, tmp_path: Path):
    bank.transactions = {ACCOUNT: [transaction("20261101", 1)], OTHER: [transaction("20261101", 2)]}
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""), LINE.format("B2", OTHER, ""))
    with_nh()
    bank.refused = {ACCOUNT}
    bank.transactions[OTHER].append(transaction("20261102", 3))
    report = with_nh(fresh=True)
    assert _states(report, "nh") == {"fetched": 1, "failed": 1}
    # The server repeats the account's number in its message; we do not.
    assert "T0003 (조회할 수 없는 계좌 ***)" in report.failed[0].why
    amounts = sorted((row["business_id"], row["amount_krw"]) for row in _rows(tmp_path, "nh_transactions"))
    assert amounts == [("B1", 1), ("B2", 2), ("B2", 3)]


def test_the_same_refusal_again_and_again_ends_the_questions(
    with_nh: Fetch, bank: FakeNh, nh_server: Server, tmp_path: Path
):
    numbers = [str(int(ACCOUNT) + number) for number in range(10)]
    bank.refused = set(numbers)
    _consent(tmp_path, *[LINE.format(f"B{number}", number, "") for number in numbers])
    report = with_nh()
    assert report.failed[0].rows == 10
    assert len(nh_server.requests) == 3


def test_an_institution_code_that_is_none_is_said_before_anybody_is_asked(
    keys: Keys, nh_server: Server, tmp_path: Path
):
    _consent(tmp_path, LINE.format("B1", ACCOUNT, ""))
    report = fetch(tmp_path, replace(keys, nh_token=NH_TOKEN, nh_iscd="9"))
    assert "six digits" in report.failed[0].why
    assert nh_server.requests == []


@pytest.mark.parametrize("name", ["BEACON_FINLIFE_URL", "BEACON_NH_URL"])
def test_a_key_does_not_travel_in_the_clear(name: str):
    with pytest.raises(ConfigError, match=f"{name} must start with https"):
        Keys.from_env({name: "http://finlife.fss.or.kr/finlifeapi"})


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "1e9"])
def test_a_time_limit_that_is_no_time_is_refused(value: str):
    with pytest.raises(ConfigError, match="BEACON_FETCH_TIMEOUT"):
        Keys.from_env({"BEACON_FETCH_TIMEOUT": value})


def test_keys_are_not_in_the_words_of_an_object():
    keys = Keys.from_env({"BEACON_FINLIFE_KEY": FINLIFE_KEY, "BEACON_NH_TOKEN": NH_TOKEN})
    assert keys.secrets == (FINLIFE_KEY, NH_TOKEN)
    assert FINLIFE_KEY not in repr(keys)
    assert NH_TOKEN not in repr(keys)


def test_the_pages_as_sent_are_kept_for_a_later_version_of_the_code(
    with_finlife: Fetch, fss: FakeFinlife, tmp_path: Path
):
    fss.add(DEPOSITS, deposit_row(etc_note="월 50만원 이내"), deposit_option("12", 2.5, 3.0))
    with_finlife()
    stored = json.loads((tmp_path / "products" / "finlife" / f"{DEPOSITS}-020000.json").read_text(encoding="utf-8"))
    assert stored["content"]["pages"][0]["baseList"][0]["etc_note"] == "월 50만원 이내"
