"""The catalogue: curated rows that say where they come from, overwritten by what was fetched."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core import db
from core.config import REFERENCE
from core.demo import catalogue as demo
from core.sources import products
from core.sources.products import finlife
from core.sources.products.fetch import fetch
from core.sources.products.keys import Keys
from pages.shared.text import STRINGS
from tests.sources.products.servers import (
    FINLIFE_KEY,
    FakeFinlife,
    Server,
    deposit_option,
    deposit_row,
    loan_option,
    loan_row,
)

CODES = [
    "L01", "L02", "L03", "L04", "L05", "L06", "P01", "P02", "P03", "P04", "A01", "A02", "D01", "D02", "D03",
    "I01", "I02", "I03", "G01",
]  # fmt: skip
KINDS = {"loan", "guarantee", "policy", "referral", "right", "deposit", "investment", "mutual_aid"}
DEPOSITS, LOANS = "depositProductsSearch", "busiLoanProductsSearch"


def _catalogue(external: Path) -> pd.DataFrame:
    con = db.connect()
    products.load(con, external)
    return con.execute("FROM products").df().set_index("product_id")


@pytest.fixture
def curated(tmp_path: Path) -> pd.DataFrame:
    return _catalogue(tmp_path)


def test_the_catalogue_has_every_product_of_the_domain_notes_once(curated: pd.DataFrame):
    assert curated.index.tolist() == CODES
    assert set(curated["kind"]) == KINDS
    assert curated[["name_ko", "name_en", "purpose"]].notna().all().all()


def test_every_row_says_where_it_comes_from_when_and_whether_it_is_verified(curated: pd.DataFrame):
    assert curated[["source", "as_of", "verified", "is_sale"]].notna().all().all()
    assert (curated["source"].str.len() > 20).all()
    # Nobody has compared a row with its issuer's own terms yet; the first who does changes this line too.
    assert curated.index[curated["verified"] == 1].tolist() == []


def test_referrals_and_rights_are_no_sale_and_have_no_price(curated: pd.DataFrame):
    referrals = curated[curated["kind"].isin(["referral", "right"])]
    assert (referrals["is_sale"] == 0).all()
    assert referrals[["limit_krw", "rate_min", "rate_max"]].isna().all().all()
    assert (curated.drop(referrals.index)["is_sale"] == 1).all()


def test_spreads_stand_on_the_base_rate_and_say_of_which_day(curated: pd.DataFrame):
    # 2.50 % + 3.0 to 5.5 points
    assert curated.loc["L01", ["rate_min", "rate_max"]].tolist() == [0.055, 0.08]
    on_base = curated[curated["rate_basis"] == "base_rate"]
    assert on_base.index.tolist() == ["L01", "L02", "L03", "L06"]
    assert set(on_base["rate_as_of"].astype(str)) == {"2026-02-26"}
    base = pd.read_csv(REFERENCE / "base_rate.csv")
    assert base[["rate", "verified"]].to_numpy().tolist() == [[0.025, 0.0]]
    assert base["source"].str.len().min() > 20


def test_ends_of_ranges_are_in_order(curated: pd.DataFrame):
    for low, high in (("rate_min", "rate_max"), ("term_months_min", "term_months_max"), ("score_min", "score_max")):
        both = curated[[low, high]].dropna()
        assert (both[low] <= both[high]).all()


def test_a_rate_that_the_notes_do_not_give_is_empty(curated: pd.DataFrame):
    without = curated.index[curated["rate_min"].isna()].tolist()
    assert without == ["L05", "P01", "P02", "P03", "P04", "A01", "A02", "D01", "D02", "D03", "I01", "I02", "I03", "G01"]
    assert curated.loc[without, "rate_source"].isna().all()


def test_what_the_demo_bank_sells_is_in_the_catalogue(curated: pd.DataFrame):
    assert set(demo.CODES) <= set(curated.index)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_product_has_one_name_in_the_catalogue_and_on_the_pages(language: str, curated: pd.DataFrame):
    strings = STRINGS / language / "codes.toml"
    words = tomllib.loads(strings.read_text(encoding="utf-8"))["code"]["product"]
    named = curated[f"name_{language}"].to_dict()
    assert {code: named[code] for code in words} == words


def test_every_product_that_is_fed_exists_and_asks_for_a_service(curated: pd.DataFrame):
    feed = pd.read_csv(REFERENCE / "product_feed.csv", keep_default_na=False)
    assert set(feed["product_id"]) <= set(curated.index)
    assert set(feed["service"]) <= set(finlife.spec()["services"])
    assert set(feed["whose"]) == {"own", "any"}


def _fetched(external: Path, server: Server, company: str = "") -> pd.DataFrame:
    keys = Keys(finlife_key=FINLIFE_KEY, finlife_url=server.url, fetch_timeout=2, fetch_pause=0.01)
    fetch(external, replace(keys, finlife_company=company))
    return _catalogue(external)


def test_without_a_bank_of_its_own_a_deposit_shows_the_range_over_all_banks(
    fss: FakeFinlife, fss_server: Server, tmp_path: Path
):
    fss.add(DEPOSITS, deposit_row("0010001"), deposit_option("6", 2.0, 2.4, "0010001"))
    fss.add(DEPOSITS, deposit_row("0010927"), deposit_option("12", 2.5, 3.1, "0010927"))
    fss.add(
        DEPOSITS, deposit_row("0020000"), deposit_option("60", 9.0, 9.0, "0020000"), group="030300"
    )  # a savings bank
    product = _fetched(tmp_path, fss_server).loc["D01"]
    assert (product["rate_min"], product["rate_max"], product["term_months_min"], product["term_months_max"]) == (
        0.02, 0.031, 6, 12,
    )  # fmt: skip
    assert "FSS finlife depositProductsSearch, range over 2 banks, 2 offers" in product["source"]
    assert (product["rate_source"], str(product["rate_as_of"])[:10]) == ("finlife", "2026-08-31")


def test_the_own_banks_offers_win_over_the_others(fss: FakeFinlife, fss_server: Server, tmp_path: Path):
    fss.add(DEPOSITS, deposit_row("0010001"), deposit_option("6", 2.0, 2.4, "0010001"))
    fss.add(DEPOSITS, deposit_row("0010927", kor_co_nm="농협은행주식회사"), deposit_option("12", 2.5, 3.1, "0010927"))
    product = _fetched(tmp_path, fss_server, "농협은행").loc["D01"]
    assert (product["rate_min"], product["rate_max"]) == (0.025, 0.031)
    assert "own bank, 1 offers" in product["source"]


def test_another_banks_loan_never_prices_ours(fss: FakeFinlife, fss_server: Server, tmp_path: Path):
    fss.add(LOANS, loan_row("0010001", use_way="시설자금"), loan_option(9.0, 12.0, 9.0, company="0010001"))
    assert _fetched(tmp_path, fss_server).loc["L06", "rate_source"] == "base_rate"


def test_the_own_banks_loan_replaces_the_spread_but_not_the_limit(fss: FakeFinlife, fss_server: Server, tmp_path: Path):
    fss.add(LOANS, loan_row(fin_prdt_nm="사장님 마이너스대출"), loan_option(4.5, 9.0, 4.5, 9.0))
    products = _fetched(tmp_path, fss_server, "0010001")
    assert products.loc["L03", ["rate_min", "rate_max", "limit_krw"]].tolist() == [0.045, 0.09, 30_000_000]
    assert products.loc["L03", "source"].endswith("own design (docs/models.md)")
    assert products.loc["L01", "rate_source"] == "base_rate"


def test_a_loan_feeds_one_product_only(fss: FakeFinlife, fss_server: Server, tmp_path: Path):
    fss.add(LOANS, loan_row(fin_prdt_nm="보증서 시설대출"), loan_option(4.5, 9.0, 4.5))
    rate_sources = _fetched(tmp_path, fss_server, "0010001")["rate_source"]
    assert (rate_sources["L04"], rate_sources["L06"]) == ("finlife", "base_rate")


def test_a_file_that_cannot_be_read_leaves_the_curated_catalogue_and_says_so(
    tmp_path: Path, curated: pd.DataFrame, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "finlife_offers.parquet").write_bytes(b"no parquet")
    pd.testing.assert_frame_equal(_catalogue(tmp_path), curated)
    assert "fetch products" in caplog.text


def test_the_pages_can_say_how_old_the_catalogue_is(fss: FakeFinlife, fss_server: Server, tmp_path: Path):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    _fetched(tmp_path, fss_server)
    con = db.connect()
    products.load(con, tmp_path)
    counts = db.query(con, "pages/offers/sql/product_catalogue").iloc[0]
    assert (counts["products"], counts["with_finlife_rates"], counts["verified"]) == (19, 1, 0)
    assert [str(counts[day])[:10] for day in ("oldest_as_of", "newest_as_of", "finlife_as_of")] == [
        "2025-06-30", "2026-11-21", "2026-08-31",
    ]  # fmt: skip
