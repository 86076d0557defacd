"""Offers shows whom each product may be offered to in the own book; a campaign leaves out whom it must, and counts."""

import csv
import io
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pandas as pd
import pytest
import streamlit as st

from core import db
from core.advice import evaluation
from core.config import policy
from pages.churn import offers as retention
from pages.offers import accuracy, campaign
from pages.offers.campaign import STATES, Campaign
from pages.shared import text
from pages.shared.parts import export
from pages.shared.read import read
from pages.shared.text import offers
from tests.pages.conftest import run_page, texts

BOTH = pytest.mark.parametrize("language", text.LANGUAGES)
ALL = 100_000


@pytest.fixture
def korean():
    st.session_state[text.LANGUAGE] = "ko"
    yield
    del st.session_state[text.LANGUAGE]


@pytest.fixture
def everyone(query) -> list[str]:
    """All managers: enough businesses for every kind of row."""
    return [manager for (manager,) in query("SELECT manager_id FROM managers ORDER BY manager_id")]


def listed(chosen: Campaign) -> pd.DataFrame:
    return read("offers/list", **chosen.params, rows=ALL)


def written(rows: pd.DataFrame) -> list[dict[str, str]]:
    """The rows as a CSV file holds them."""
    data = export.to_csv(rows, export.Note("a", "b", ())).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(data)))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@BOTH
def test_the_page_is_drawn_in_both_languages(language, caplog):
    at = run_page("offers", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "상품 제안", "en": "Offers"}[language]


@BOTH
def test_every_way_of_ordering_has_words_and_few_customers_have_no_share(language, caplog):
    ways = [*evaluation.CHALLENGERS, "ease", "segment_popularity", "category_popularity", "cold_start", "served"]
    judged = pd.DataFrame({"model": ways, "recall": 0.5, "ndcg": 0.4, "n": 30})
    few = pd.DataFrame({"segment": ["income_high", ""], "n": [30, 29]})
    few = few.assign(ease=0.5, segment_popularity=0.5, popularity=0.5)
    with text.in_language(language):
        assert accuracy.models(judged).nunique().iloc[0] == len(ways)
        shares = accuracy.by_segment(few).iloc[:, 1]
        assert list(shares) == [text.percent(0.5), text.t("text.too_few", n="29")]
    assert not [record for record in caplog.records if "words for" in record.message]


@pytest.mark.slow
def test_the_table_counts_recommendations_and_blocked_businesses_of_the_own_book(query, manager):
    sql = "SELECT product_id, count(*) FROM recommendations WHERE manager_id = $m GROUP BY product_id"
    rows = read("offers/products", manager_ids=[manager]).set_index("product_id")
    shown = rows["recommended"]
    assert {code: n for code, n in shown.items() if n} == dict(query(sql, m=manager))
    assert (rows["may_recommend"] + rows["information"] == shown).all()
    open_ones = "SELECT count(*) FROM advice_facts JOIN advice_conditions USING (number) WHERE manager_id = $m"
    assert set(rows["businesses"]) == {query(f"{open_ones} AND NOT is_closed", m=manager)[0][0]}
    assert rows["blocked_share"].between(0, 1).all()


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize(
    "name", ["offers/products", "offers/blocking_rules", "offers/list", "churn/offers", "churn/choices"]
)
def test_a_query_of_another_manager_finds_nothing(name, query):
    business, product = query("SELECT business_id, product_id FROM recommendations LIMIT 1")[0]
    more = {
        "offers/blocking_rules": {"product_id": product},
        "offers/list": Campaign(product, (), STATES, "x", 0.0).params | {"rows": 9},
        "churn/offers": {"rows": 9},
        "churn/choices": {"business_id": business},
    }.get(name, {})
    assert read(name, **(more | {"manager_ids": ["RM999"]})).empty


@pytest.mark.slow
@pytest.mark.parametrize("by", ["segment", "tier", "category", "district"])
def test_groups_hold_every_open_business_once(by, query, manager):
    rows = read("offers/groups", manager_ids=[manager], product_id="G01", by=by)
    sql = "SELECT count(*) FROM business_scores WHERE manager_id = $m AND state <> 'CLOSED'"
    assert rows["businesses"].sum() == query(sql, m=manager)[0][0]
    assert (rows["recommended"] <= rows["businesses"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("product", ["A01", "G01"])
def test_groups_and_the_closed_add_up_to_the_recommended(product, everyone):
    listed = read("offers/products", manager_ids=everyone).set_index("product_id").loc[product]
    groups = read("offers/groups", manager_ids=everyone, product_id=product, by="tier")
    assert groups["recommended"].sum() + listed["closed"] == listed["recommended"]
    assert (product == "A01") == (listed["closed"] > 0)


@pytest.mark.slow
def test_a_product_of_the_link_is_chosen_and_a_strange_one_is_not(query):
    product = query("SELECT product_id FROM recommendations ORDER BY product_id LIMIT 1")[0][0]
    assert run_page("offers", product=product).selectbox(key="choose_product").value == product
    assert run_page("offers", product="X99").selectbox(key="choose_product").value != "X99"


@pytest.mark.slow
def test_a_campaign_adds_up_and_asks_nobody_without_a_record(everyone, query):
    loans = query("SELECT product_id FROM recommendations WHERE suitability = 'record_missing' GROUP BY 1 LIMIT 3")
    for (product,) in loans:
        rows = listed(Campaign(product, tuple(everyone), STATES[:2], "spring", 0.2))
        counts = rows.iloc[0]
        out = counts[["left_record", "left_retention", "left_campaign"]].sum()
        assert counts["recommended"] == len(rows) == counts["kept"] + out
        assert counts["kept"] == rows["left_out"].isna().sum()
        assert set(rows.loc[rows["left_out"].isna(), "suitability"]) <= {"ready", "not_needed"}


@pytest.mark.slow
def test_a_hold_out_is_the_same_for_the_same_name_and_another_for_another(everyone):
    spring = Campaign("G01", tuple(everyone), STATES, "spring", 0.2)
    drawn = [set(rows.loc[rows["left_out"] == "campaign", "business_id"]) for rows in (listed(spring), listed(spring))]
    other = listed(replace(spring, name="summer"))
    assert drawn[0] == drawn[1]
    assert drawn[0] != set(other.loc[other["left_out"] == "campaign", "business_id"])
    share = len(drawn[0]) / len(other)
    assert 0.1 < share < 0.3  # several hundred draws at .2


@pytest.mark.slow
def test_nobody_is_held_out_of_relief_and_rights(everyone, query):
    for product in ("A01", "A02"):
        rows = listed(Campaign(product, tuple(everyone), STATES, "spring", 0.3))
        assert rows.empty or rows["left_out"].isna().all()
    relief = {row for (row,) in query("SELECT business_id FROM recommendations WHERE is_relief AND product_id = 'P02'")}
    rows = listed(Campaign("P02", tuple(everyone), STATES, "spring", 0.3))
    assert rows.loc[rows["business_id"].isin(relief), "left_out"].isna().all()


@pytest.mark.slow
def test_whoever_is_held_out_of_the_retention_offers_is_in_no_campaign(everyone, query):
    held = {row for (row,) in query("SELECT business_id FROM retention_offers WHERE holdout")}
    for (product,) in query("SELECT DISTINCT product_id FROM recommendations WHERE NOT is_relief"):
        rows = listed(Campaign(product, tuple(everyone), STATES, "spring", 0.0))
        rest = rows[rows["left_out"].isna() & rows["business_id"].isin(held)]
        sold = query("SELECT is_sale FROM products WHERE product_id = $p", p=product)[0][0]
        assert not sold or not len(rest) or set(rest["reasons"].map(lambda codes: codes[0])) == {"relief_first"}


@pytest.mark.slow
def test_the_file_masks_numbers_and_tells_suitability_and_tying_of_every_row(everyone, korean, query):
    spring = Campaign("L04", tuple(everyone), STATES, "spring", 0.1)
    rows = written(campaign.file_rows(spring)(export.MAX_CSV_ROWS))
    count = listed(spring)["left_out"].isna().sum()
    assert len(rows) == count
    assert {row["적합성"] for row in rows} <= {text.words("ko", f"suitability.{code}") for code in STATES}
    assert all(row["꺾기 제한"] and row["추천 이유"] and row["상품"] for row in rows)
    known = query("SELECT registration_no FROM businesses WHERE registration_no IS NOT NULL")
    cells = " ".join(" ".join(row.values()) for row in rows).replace("-", "")
    assert not {digits for (digits,) in known} & set(re.findall(r"\d{10}", cells))
    assert {row["사업자등록번호(가림)"][-6:] for row in rows} <= {"-*****", ""}


@pytest.mark.slow
def test_the_file_of_retention_offers_holds_nobody_of_the_hold_out(everyone, korean, query):
    rows = written(retention.file_rows(everyone)(export.MAX_CSV_ROWS))
    offered = "SELECT business_id FROM retention_offers WHERE offer IS NOT NULL AND NOT holdout"
    assert {row["업체번호"] for row in rows} == {business for (business,) in query(offered)}
    assert {row["효과"] for row in rows} <= {"효과 미검증"}


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@BOTH
def test_churn_says_that_no_effect_is_verified(language):
    page = " ".join(texts(run_page("churn", language)))
    assert text.words(language, "retention.unverified") in page
    assert text.words(language, "retention.unverified_help") in page


def row(**changed: object) -> pd.DataFrame:
    """One line of a campaign's list."""
    plain: dict[str, object] = {
        "business_id": "B1", "name": "=HYPERLINK(1)", "registration_no": "1234567890", "district_code": "11110",
        "industry_code": "CS100001", "segment": None, "tier": 3, "score": 50, "product_id": "L04", "reasons": [],
        "confirm": [], "suitability": "record_missing", "suitability_on": None, "loan_within_31_days": True,
        "planned_loan_on": None, "tying_until": date(2025, 1, 20), "left_out": None, "last_contact_on": None,
    }  # fmt: skip
    return pd.DataFrame([plain | changed])


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_hostile_name_runs_in_no_spreadsheet(korean):
    rows = campaign.in_words(row())[["name", "registration_no", "tying"]]
    note = export.Note("목록", "안내", (("캠페인", "=1+1"),))
    assert written(rows)[0]["name"] == "'=HYPERLINK(1)"
    sheet = openpyxl.load_workbook(io.BytesIO(export.to_xlsx(rows, note)))
    cells = [cell for page in sheet for line in page.iter_rows() for cell in line]
    assert not [cell.value for cell in cells if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "2025-01-20까지 예금·투자·공제 권유 금지"),
        ({"planned_loan_on": date(2025, 1, 3)}, "대출 실행 예정: 예금·투자·공제 권유 금지"),
        ({"loan_within_31_days": False}, "해당 없음(31일 내 대출 없음)"),
        ({"loan_within_31_days": None}, "자료 부족"),
    ],
)
def test_the_tying_block_is_put_in_words(changed, sentence, korean):
    assert offers.tied_sales_block(row(**changed).iloc[0]) == sentence


def test_a_registration_number_keeps_five_digits_only():
    assert export.masked_registration("1234567890") == "123-45-*****"
    assert export.masked_registration(None) is None


def test_a_campaign_draws_as_the_retention_offers_do():
    """The same customers stay without an offer when a campaign has the same name."""
    for query in ("core/advice/sql/retention_offers", "pages/offers/sql/list"):
        assert re.search(r"is_held_out\((recommendations\.)?business_id, \$campaign, \$holdout_share\)", db.sql(query))
    assert policy()["retention"]["holdout_share"] in campaign.SHARES


@BOTH
def test_every_state_and_reason_of_being_left_out_has_words(language):
    words = text.strings(language)
    keys = [f"suitability.{code}" for code in STATES]
    keys += [f"offers.out_{code}" for code in ("record", "retention", "campaign")]
    keys += [f"retention.{code}" for code in ("holdout", "none")]
    keys += [f"offers.by_{code}" for code in ("segment", "tier", "category", "district")]
    assert [key for key in keys if key not in words] == []
