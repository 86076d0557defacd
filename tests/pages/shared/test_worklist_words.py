"""What the work list says: every code has words, no word promises, and the ledger names the part that moved."""

import re

import pandas as pd
import pytest

from core import db
from core.features.catalogue import catalogue
from core.score import ledger
from pages.shared.text import LANGUAGES, in_language, strings, worklist
from pages.shared.text.reasons import COMPONENTS

BOTH = pytest.mark.parametrize("language", LANGUAGES)
ROW = {
    "rule": "tier_down",
    "state": "OK",
    "tier": 2,
    "score": 34,
    "top_reason": "trend",
    "top_reason_model": "score",
    "due_on": None,
    "change": -7,
    "own": -9,
    "market": 2,
    "model": 0,
    "offer_product_id": None,
    "offer_is_relief": False,
    "offer_suitability": "not_needed",
    "offer_name_ko": "정기예금",
    "offer_name_en": "Term deposit",
    "days_past_due": 0,
    "value_krw": 0,
    "loss_avoided_krw": None,
    "offer_value_krw": None,
}
# What a call must not say: a decision, a promise, the bank's own rating.
FORBIDDEN = {
    "ko": r"승인|보장|약속|확정|해 드리|드리겠|가능합니다|등급|점수|부도|위험",
    "en": r"approv|guarantee|promis|will give|we can offer|score|tier|default|risk|rating",
}


@BOTH
def test_no_opening_line_promises_or_tells_the_rating(language):
    lines = {key: words for key, words in strings(language).items() if key.startswith(("work.hello.", "work.ask."))}
    assert len(lines) > 25
    assert [key for key, words in lines.items() if re.search(FORBIDDEN[language], words)] == []


@BOTH
def test_every_reason_opens_a_talk(language):
    codes = {feature.reason for feature in catalogue()} | set(COMPONENTS) | set(worklist.RULE_OPENINGS.values())
    assert [code for code in codes if f"work.hello.{code}" not in strings(language)] == []


@BOTH
def test_every_part_that_is_0_says_why(language):
    for basis in (ledger.FIRST, ledger.NOT_SHOWN, ledger.UNFIT):
        assert f"work.basis.{basis}" in strings(language)


@BOTH
def test_every_why_not_of_the_query_has_words(language):
    sql = db.sql("pages/today/sql/worklist") + db.sql("core/marts/sql/worklist")
    codes = {"later", "capacity", "contacted", "workout"}
    assert codes <= set(re.findall(r"'(\w+)'", sql))
    row = pd.Series({"days_since_contact": 5, "days_past_due": 130, "turn": 12, "gap_krw": 30_000})
    with in_language(language):
        sentences = [worklist.why_not(row.to_dict() | {"why_not": code}, 10) for code in sorted(codes)]
    assert len(set(sentences)) == 4
    assert not [words for words in sentences if "{" in words or words.startswith("work.")]


def test_the_ledger_names_the_part_that_pulled_the_way_the_score_went():
    with in_language("en"):
        assert worklist.score_change(ROW) == "Down 7 points since last month, mainly by its own figures"
        assert worklist.change_parts(ROW) == "own −9 · market +2 · model 0"
        # up by the market although the own figures moved more, downwards
        up = ROW | {"change": 1, "own": -3, "market": 4}
        assert worklist.score_change(up).endswith("mainly by the market")
        assert "score" in worklist.score_change(ROW | {"change": 0, "own": -2, "market": 2})
        assert worklist.score_change(ROW | {"change": None}).startswith("No score last month")


def test_a_strength_is_no_opening():
    assert worklist.opening_code(ROW) == "trend"
    assert worklist.opening_code(ROW | {"tier": 4}) == "greeting"
    assert (
        worklist.opening_code(ROW | {"tier": 4, "top_reason": "cash_flow", "top_reason_model": "default"})
        == "cash_flow"
    )
    assert worklist.opening_code(ROW | {"state": "SUSPENDED"}) == "suspended"


def test_an_offer_without_its_record_is_information_and_a_name_is_safe():
    with in_language("en"):
        assert worklist.offer(ROW).startswith("Nothing to offer now")
        assert worklist.offer(ROW | {"days_past_due": 20}).startswith("Nothing is offered until")
        missing = ROW | {"offer_product_id": "X9", "offer_name_en": "**[a](b)**", "offer_suitability": "record_missing"}
        assert "no suitability record" in worklist.offer(missing)
        assert "[a](b)" not in worklist.offer(missing)


def test_a_visits_worth_leaves_out_what_is_unknown():
    with in_language("en"):
        assert worklist.visit_value(ROW) == "No amount for a visit"
        loss = ROW | {"value_krw": 1_000_000, "loss_avoided_krw": 1_000_000}
        assert worklist.visit_value(loss) == "A visit: loss avoided ₩1.0M"
        both = loss | {"value_krw": 1_500_000, "offer_value_krw": 500_000}
        assert worklist.visit_value(both) == "A visit is worth ₩1.5M: loss avoided ₩1.0M · first offer's value ₩500.0K"


def test_a_rules_record_tells_right_wrong_and_how_early():
    judged = {"judged": 40, "hits": 6, "horizon_months": 12, "lead_median": 4.5}
    with in_language("en"):
        sentence = worklist.rule_record(judged)
        assert "40 earlier" in sentence
        assert "6 were 90 days late" in sentence
        assert "34 were not" in sentence
        assert "4.5 months ahead" in sentence
        assert "ahead" not in worklist.rule_record(judged | {"hits": 0, "lead_median": None})
