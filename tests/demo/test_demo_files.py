"""The demo writes what the contract and the city's schemas say, the same bytes for the same seed, and nothing real."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from core import demo
from core.demo import names, places
from core.demo.bank_files import BankFiles
from core.demo.timeline import Streams
from tests.demo.demo_tables import Bank, city

# Tables and columns that the demo writes; a part of core/sources/contract.toml.
CONTRACT = {
    "managers": "manager_id name branch",
    "businesses": "business_id name registration_no industry_code district_code trade_area_code lat lon opened_on "
    "customer_since manager_id employees owner_birth_year status status_on",
    "revenue": "business_id month revenue_krw sales_count",
    "balances": "business_id month deposit_avg_krw inflow_krw outflow_krw card_settlement_krw overdraft_limit_krw "
    "overdraft_used_krw autopay_count logins",
    "loans": "loan_id business_id product_id principal_krw annual_rate opened_on matures_on repayment closed_on",
    "repayments": "loan_id month due_krw paid_krw days_past_due",
    "holdings": "holding_id business_id product_id opened_on ends_on closed_on",
    "contacts": "contact_id business_id at channel topic complaint",
    "interactions": "business_id product_id at action",
    "suitability": "business_id kind recorded_on expires_on",
    "payments": "payment_id customer_id business_id at amount_krw merchant_id merchant_category method succeeded fraud",
}
KEYS = {
    "managers": ["manager_id"],
    "businesses": ["business_id"],
    "revenue": ["business_id", "month"],
    "balances": ["business_id", "month"],
    "loans": ["loan_id"],
    "repayments": ["loan_id", "month"],
    "holdings": ["holding_id"],
    "contacts": ["contact_id"],
    "suitability": ["business_id", "kind", "recorded_on"],
    "payments": ["payment_id"],
}
# Headers of the city's files of 2024 (Seoul Open Data Plaza), where they do not follow from the sales file.
STORES = (
    "기준_년분기_코드 상권_구분_코드 상권_구분_코드_명 상권_코드 상권_코드_명 서비스_업종_코드 "
    "서비스_업종_코드_명 점포_수 유사_업종_점포_수 개업_율 개업_점포_수 폐업_률 폐업_점포_수 프랜차이즈_점포_수"
)
AREAS = (
    "상권_구분_코드 상권_구분_코드_명 상권_코드 상권_코드_명 엑스좌표_값 와이좌표_값 자치구_코드 "
    "자치구_코드_명 행정동_코드 행정동_코드_명 영역_면적"
)


def _digests(raw: Path) -> dict[str, str]:
    files = sorted(path for path in raw.rglob("*") if path.is_file())
    return {str(path.relative_to(raw)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def bank(demo_raw: Path) -> Bank:
    return Bank(demo_raw / "raw")


def test_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path):
    demo.write(tmp_path / "a", 300, seed=5)
    demo.write(tmp_path / "b", 300, seed=5)
    demo.write(tmp_path / "c", 300, seed=6)
    first, again, other = (_digests(tmp_path / name) for name in "abc")
    assert first == again
    assert [name for name in first if first[name] == other[name]] == []


def test_a_second_demo_replaces_the_first(tmp_path: Path):
    demo.write(tmp_path, 400, seed=5)
    # as if the first had been large: its long tables were Parquet
    (tmp_path / "bank" / "revenue.parquet").write_bytes(b"old")
    rows = demo.write(tmp_path, 300, seed=5)
    assert not (tmp_path / "bank" / "revenue.parquet").exists()
    assert len(pd.read_csv(tmp_path / "bank" / "businesses.csv")) == rows["businesses"] == 300


def test_both_folders_say_that_they_are_a_demo(demo_raw: Path):
    for folder in ("bank", "seoul"):
        facts = json.loads((demo_raw / "raw" / folder / "DEMO.json").read_text(encoding="utf-8"))
        assert set(facts) == {"seed", "businesses", "written_by", "note"}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_bank_table_has_the_columns_of_the_contract_and_ends_in_a_newline(name: str, demo_raw: Path):
    content = (demo_raw / "raw" / "bank" / f"{name}.csv").read_bytes()
    assert content.split(b"\n", 1)[0].decode() == ",".join(CONTRACT[name].split())
    assert content.endswith(b"\n")
    assert b"\r" not in content


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique(name: str, bank: Bank):
    assert not bank.table(name).duplicated(KEYS[name]).any()


def test_every_row_belongs_to_a_known_business_or_loan(bank: Bank):
    known = set(bank.businesses["business_id"])
    for name in ("revenue", "balances", "loans", "holdings", "contacts", "interactions", "suitability"):
        assert set(bank.table(name)["business_id"]) <= known, name
    assert set(bank.table("repayments")["loan_id"]) <= set(bank.table("loans")["loan_id"])
    assert set(bank.businesses["manager_id"]) <= set(bank.table("managers")["manager_id"])


def test_nothing_happens_before_the_business_is_a_customer(bank: Bank):
    since = bank.businesses.set_index("business_id")["customer_since"]
    assert (bank.businesses["opened_on"] <= bank.businesses["customer_since"]).all()
    for name, column in (("loans", "opened_on"), ("holdings", "opened_on"), ("contacts", "at"), ("interactions", "at")):
        rows = bank.table(name, parse_dates=[column])
        assert (rows[column] >= rows["business_id"].map(since)).all(), name
        assert (rows[column] < pd.Timestamp("2025-01-01")).all(), name


def test_contracts_end_after_they_begin(bank: Bank):
    for name in ("loans", "holdings"):
        rows = bank.table(name, parse_dates=["opened_on", "closed_on"])
        closed = rows[rows["closed_on"].notna()]
        assert (closed["closed_on"] >= closed["opened_on"]).all()
        assert (closed["closed_on"] <= pd.Timestamp("2024-12-31")).all()


def test_accepted_offers_are_followed_by_the_contract(bank: Bank):
    answers = bank.table("interactions", parse_dates=["at"]).query("action == 'accepted'")
    held = bank.table("holdings", parse_dates=["opened_on"])
    pairs = answers.merge(held, on=["business_id", "product_id"])
    days = (pairs["opened_on"] - pairs["at"].dt.normalize()).dt.days
    soon = pairs[days.between(0, 1)].drop_duplicates(["business_id", "product_id", "at"])
    assert len(soon) == len(answers.drop_duplicates(["business_id", "product_id", "at"]))


def test_each_business_can_be_placed_and_a_fifth_has_no_district(bank: Bank):
    placed = bank.businesses[["district_code", "trade_area_code", "lat"]].notna()
    assert placed.any(axis=1).all()
    # 3,000 draws at .20: three standard errors are .022
    assert placed["district_code"].mean() == pytest.approx(0.80, abs=0.022)


def test_registration_numbers_fail_the_check_digit(bank: Bank):
    digits = bank.businesses["registration_no"].str.replace("-", "").map(list).tolist()
    numbers = np.array(digits, dtype=int)
    assert bank.businesses["registration_no"].str.fullmatch(r"\d{3}-\d{2}-\d{5}").all()
    assert (names.check_digit(numbers[:, :9]) != numbers[:, 9]).all()


def test_the_check_digit_is_the_tax_services():
    # 000-00-0001: weights of the ninth digit 5: t = 5·1 + floor(5·1/10) = 5, so 10 - 5 = 5; all zeros: 0.
    numbers = np.array([[0, 0, 0, 0, 0, 0, 0, 0, 1], [0] * 9])
    assert names.check_digit(numbers).tolist() == [5, 0]


def test_twenty_managers_in_four_branches_have_books_of_similar_size(bank: Bank):
    staff = bank.table("managers")
    assert staff["manager_id"].tolist() == [f"RM{i:03d}" for i in range(1, 21)]
    assert staff["branch"].nunique() == 4
    # 150 each on average; a branch's share and chance: a third around it
    assert bank.businesses["manager_id"].value_counts().between(100, 200).all()


def test_names_vary_and_some_are_long(bank: Bank):
    shops = bank.businesses["name"]
    assert shops.nunique() > 0.8 * len(shops)
    assert shops.str.contains(" ").mean() > 0.4
    assert 0.005 < (shops.str.len() > 25).mean() < 0.08


def test_city_files_have_the_published_headers(demo_raw: Path):
    assert list(city(demo_raw / "raw", "점포")) == STORES.split()
    assert list(city(demo_raw / "raw", "영역")) == AREAS.split()


def test_city_headers_equal_those_of_the_citys_own_samples(demo_raw: Path, shared_data: Path):
    samples = shared_data / "seoul" / "samples"
    for ours, theirs in (
        ("추정매출", "sales_2024"),
        ("점포", "stores_2024"),
        ("길단위인구", "foot_traffic"),
        ("영역", "area"),
    ):
        published = pd.read_csv(samples / f"sample_{theirs}.csv", encoding="utf-8-sig", nrows=1)
        assert list(city(demo_raw / "raw", ours)) == list(published), theirs


def test_city_files_are_quoted_cp949_one_a_year(demo_raw: Path):
    files = sorted((demo_raw / "raw" / "seoul").glob("*추정매출*.csv"))
    assert [path.stem[-5:-1] for path in files] == ["2019", "2020", "2021", "2022", "2023", "2024"]
    assert all(path.read_bytes().startswith('"기준_년분기_코드","'.encode("cp949")) for path in files)


def test_parts_of_sales_add_up_as_in_the_citys_files(demo_raw: Path):
    rows = city(demo_raw / "raw", "2024년")
    total = rows["당월_매출_금액"]
    assert (rows["주중_매출_금액"] + rows["주말_매출_금액"] == total).all()
    assert (rows.filter(regex="^시간대.*금액$").sum(axis=1) == total).all()
    # sex and age leave out what the card companies do not know: 87 % remain
    assert (rows["남성_매출_금액"] + rows["여성_매출_금액"]).sum() / total.sum() == pytest.approx(0.87, abs=0.001)
    assert (rows.filter(regex="^연령대.*금액$").sum(axis=1) <= total).all()


def test_areas_are_made_up_and_lie_in_their_district(demo_raw: Path):
    rows = city(demo_raw / "raw", "영역")
    assert rows["상권_코드_명"].str.startswith("데모 ").all()
    assert rows["상권_코드"].str.fullmatch(r"3[123]9\d{4}|31[123]9\d{3}").all()
    assert rows["상권_코드"].str[:4].isin(["3119", "3129", "3139"]).all()
    assert rows.groupby("자치구_코드").size().between(8, 16).all()
    assert rows["자치구_코드"].nunique() == 25


def test_metres_are_those_of_the_city():
    # 배화여자대학교 and 황학동벼룩시장 in the city's area file: WGS84 and EPSG:5181 of the same point
    east, north = places.epsg5181(np.array([37.580309105528826]), np.array([126.96709188745464]))
    assert (east[0], north[0]) == (197093, 453418)


def test_a_new_table_would_leave_the_others_as_they_are():
    streams = Streams(7)
    before = streams("loans").random()
    streams("a new concern").random()
    assert streams("loans").random() == before


def test_chunks_never_share_ids():
    assert not set(Streams(7, 0).ids("L", 50)) & set(Streams(7, 1).ids("L", 50))


def test_a_large_book_is_parquet_appended_chunk_by_chunk(tmp_path: Path):
    rows = pa.table({"business_id": ["B1"], "month": ["2019-01"]})
    with BankFiles(tmp_path, large=True) as files:
        files.append("businesses", rows)
        files.append("revenue", rows)
        files.append("revenue", rows)
    assert files.rows == {"businesses": 1, "revenue": 2}
    assert parquet.read_table(tmp_path / "revenue.parquet").num_rows == 2
    assert (tmp_path / "businesses.csv").read_text() == "business_id,month\nB1,2019-01\n"
