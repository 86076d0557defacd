"""Payments shows the own book's payments, the riskiest first, one in full, and what a day of looking finds."""

import json

import pandas as pd
import pytest
import streamlit as st

from core import db
from core.payments.risk_index import PARTS
from pages.payments import live_feed
from pages.payments import text as payment_text
from pages.shared import text
from tests.pages.conftest import run_page, texts

RISK = {"index": 0.7, "level": "high", "action": "additional_authentication", "contribution": {"pattern": 0.3}}
OWN = (
    "SELECT payment_id, level, risk_index FROM payment_risk JOIN business_scores USING (business_id)"
    ' WHERE manager_id = $m AND "at" > (SELECT max("at") FROM payment_risk) - INTERVAL 90 DAY'
)


@pytest.fixture
def english():
    st.session_state[text.LANGUAGE] = "en"
    yield
    del st.session_state[text.LANGUAGE]


def answer(payment_id: str, business_id: str | None, level: str = "low") -> dict:
    return {
        "payment_id": payment_id,
        "business_id": business_id,
        "at": "2024-12-31T10:20:30",
        "amount_krw": 12_000,
        "p_success": 0.95,
        "risk": RISK | {"level": level},
        "reasons": None,
    }


@pytest.mark.usefixtures("english")
def test_the_heaviest_part_says_why():
    assert (
        payment_text.why({"fraud": 0.1, "pattern": 0.3, "amount": float("nan")}, None) == "Pattern (75% of the index)"
    )


@pytest.mark.usefixtures("english")
def test_a_chance_of_fraud_brings_its_first_reason():
    packed = json.dumps({"fraud": [{"feature": "first_merchant", "value": 1.0}, {"feature": "hour", "value": 3.0}]})
    assert payment_text.why({"fraud": 0.4, "pattern": 0.3}, packed).endswith(": yes")


@pytest.mark.usefixtures("english")
def test_a_payment_without_any_part_has_no_reason():
    assert payment_text.why(dict.fromkeys(PARTS, float("nan")), None) == "–"


def test_alerts_stand_before_what_came_later():
    rows = [{"level": level} for level in ("low", "medium", "very_high", "low", "high")]
    assert [row["level"] for row in live_feed.alerts_first(rows)] == ["very_high", "high", "medium", "low", "low"]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("language", text.LANGUAGES)
def test_the_page_is_drawn_in_both_languages(language, caplog):
    at = run_page("payments", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "결제", "en": "Payments"}[language]


@pytest.mark.slow
def test_another_managers_payment_is_not_shown(query, manager):
    foreign = query(
        "SELECT payment_id, name FROM payment_risk JOIN business_scores USING (business_id) WHERE manager_id <> $m"
        " AND level = 'high' LIMIT 1",
        m=manager,
    )[0]
    words = " ".join([*texts(at := run_page("payments", "en", payment=foreign[0]))])
    assert "not of a business of the chosen manager" in words
    assert not [table for table in at.dataframe if "name" in table.value and foreign[1] in set(table.value["name"])]


@pytest.mark.slow
def test_the_chosen_payment_is_explained(query, manager):
    chosen = query(OWN + " ORDER BY risk_index DESC NULLS LAST LIMIT 1", m=manager)[0]
    at = run_page("payments", "en", payment=chosen[0])
    assert f"(index {chosen[2]:,.2f})" in " ".join(texts(at))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_feed_keeps_the_own_businesses_only(query, manager):
    own = query("SELECT business_id FROM business_scores WHERE manager_id = $m LIMIT 1", m=manager)[0][0]
    other = query("SELECT business_id FROM business_scores WHERE manager_id <> $m LIMIT 1", m=manager)[0][0]
    rows = live_feed.own([answer("P1", own), answer("P2", other), answer("P3", None)], [manager])
    assert len(rows) == 1


@pytest.mark.slow
def test_precision_at_capacity_is_what_the_rows_say(query):
    rows = pd.DataFrame(
        query('SELECT CAST("at" AS DATE), risk_index, fraud, payment_id FROM payment_risk'),
        columns=["day", "index", "fraud", "id"],
    )
    known = rows.groupby("day").filter(lambda day: day["fraud"].notna().any())
    best = known.sort_values(["day", "index", "id"], ascending=[True, False, True]).groupby("day").head(3)
    expected = best[best["fraud"].notna()].groupby("day")["fraud"].mean().mean()
    figures = payments_found(query, 3)
    assert figures["index"] == pytest.approx(expected)


def payments_found(query, capacity: int) -> dict[str, float]:
    params = {"capacity": capacity, "review_krw": 1, "loss_share": 1.0}
    rows = query(db.sql("pages/payments/sql/capacity"), **params)
    return {row[0]: row[9] for row in rows}
