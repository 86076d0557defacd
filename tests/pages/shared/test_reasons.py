"""Every reason becomes one sentence in both languages, and the reasons add up to what they explain."""

import re
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from core import db
from core.features.catalogue import catalogue
from core.sources import importer
from core.sources.contract import TABLES
from core.sources.quarantine import fault_sentences
from pages.shared import text
from pages.shared.parts import chips
from pages.shared.text import escape, reasons, strings

VALUES = {"days": 34.0, "months": 7.0, "share": 0.63, "ratio": 1.3, "log ratio": -0.21, "count": 3.0, "log won": 16.2}
BOTH = pytest.mark.parametrize("language", text.LANGUAGES)


@pytest.fixture
def spoken(request):
    """Korean unless the test asks for another language."""
    st.session_state[text.LANGUAGE] = getattr(request, "param", "ko")
    yield
    del st.session_state[text.LANGUAGE]


def card(**changes: object) -> pd.Series:
    """A fair business: points 15, 10, 20, 7.5, 7.5 of 30, 20, 20, 15, 15; only the trend is above its middle."""
    plain = {
        "points_change": 15.0, "points_volatility": 10.0, "points_trend": 20.0, "points_season": 7.5,
        "points_industry": 7.5, "change_raw": 0.0, "vol_raw": 0.15, "trend_raw": 0.36, "season_raw": 0.0,
        "u_industry": 0.5, "score_raw": 60.0, "points_shrink": 0.0, "cap": None, "tier": 3, "score": 60, "state": "OK",
        "flags": "", "peers": 64, "days_past_due": 0, "peer_change": 0.01, "peer_volatility": 0.15, "peer_trend": 0.0,
        "peer_season": 0.0,
    }  # fmt: skip
    return pd.Series(plain | changes)


def drivers(*contributions: float) -> pd.DataFrame:
    features = list(dict.fromkeys(feature.reason for feature in catalogue()))
    first = {reason: next(f.feature for f in catalogue() if f.reason == reason) for reason in features}
    return pd.DataFrame(
        [
            {"reason": r, "feature": first[r], "contribution": c, "value": 0.5, "peer_median": 0.4, "base": -4.0}
            for r, c in zip(features, contributions, strict=False)
        ]
    )


@BOTH
def test_every_reason_has_a_sentence(language):
    assert [key for key in reasons.string_keys() if key not in strings(language)] == []


@BOTH
def test_every_feature_names_its_value(language):
    patterns = [strings(language)[f"reason.default.{feature.feature}"] for feature in catalogue()]
    assert [pattern for pattern in patterns if "{value}" not in pattern] == []


@pytest.mark.parametrize("spoken", text.LANGUAGES, indirect=True)
@pytest.mark.parametrize("feature", catalogue(), ids=lambda feature: feature.feature)
@pytest.mark.usefixtures("spoken")
def test_every_feature_is_put_in_words(feature):
    value = VALUES.get(feature.unit, 0.4)
    sentence = reasons.feature_sentence(feature.reason, feature.feature, value)
    assert "{" not in sentence
    assert any(char.isdigit() for char in sentence)
    missing = reasons.feature_sentence(feature.reason, feature.feature, None)
    assert missing not in ("", sentence)
    assert "{" not in missing


@BOTH
def test_every_rule_of_the_work_list_has_words(language):
    sql = db.sql("core/marts/sql/worklist").split("AS rule")[0]
    rules = set(re.findall(r"THEN '(\w+)'", sql))
    assert len(rules) > 5
    assert [rule for rule in rules if f"today.rule.{rule}" not in strings(language)] == []
    assert [rule for rule in rules if f"work.ask.{rule}" not in strings(language)] == []


@BOTH
def test_every_state_and_flag_of_the_score_has_words(language):
    sql = db.sql("core/score/sql/opportunity_history")
    flags = set(re.findall(r"'([A-Z][A-Z0-9_]+)'", sql)) - {"OK", "CLOSED", "INSUFFICIENT"}
    assert [flag for flag in flags if f"business.flag.{flag}" not in strings(language)] == []
    states = ("INSUFFICIENT", "INSUFFICIENT_WEIGHT", "CLOSED", "SUSPENDED", "ZERO_2M", "ZERO_SALES")
    assert [state for state in states if f"business.state.{state}" not in strings(language)] == []


@BOTH
def test_every_fault_of_a_file_has_words(language):
    folder = Path(importer.__file__).parent
    refused = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'RefusedError\(\s*"(\w+)"', file.read_text("utf-8"))
    }
    assert len(refused) > 3
    assert [code for code in {*fault_sentences(), *refused} if f"quarantine.code.{code}" not in strings(language)] == []


@BOTH
def test_every_table_says_who_misses_it(language):
    assert [table for table in TABLES if f"data.needs.{table}" not in strings(language)] == []


@BOTH
def test_every_check_of_the_build_has_words(language):
    sql = db.sql("core/marts/sql/checks")
    names = re.findall(r"^    '(\w+)'(?: AS check_name)?,$", sql, re.MULTILINE)
    assert len(names) > 4
    assert [name for name in names if f"data.checked.{name}" not in strings(language)] == []


@pytest.mark.usefixtures("spoken")
def test_gained_and_lost_points_are_the_weights():
    parts = reasons.components(card())
    assert [round(part.gained + part.lost, 9) for part in parts] == [30, 20, 20, 15, 15]
    assert sum(part.gained for part in parts) == 60.0


@pytest.mark.usefixtures("spoken")
def test_a_missing_component_leaves_its_weight_to_the_others():
    parts = reasons.components(card(points_industry=None, u_industry=None))
    assert len(parts) == 4
    assert round(sum(part.gained + part.lost for part in parts), 9) == 100


@pytest.mark.usefixtures("spoken")
def test_a_weak_score_names_what_it_lost_and_the_worst_first():
    weak = card(points_change=0.0, points_season=3.0, score=41, score_raw=48.0, change_raw=-0.25)
    shown, part, whole = reasons.score_reasons(weak)
    # Below its middle are change (0 of 30) and season (3 of 15) only; lost in all: 30 + 10 + 0 + 12 + 7.5.
    assert [reason.code for reason in shown] == ["change", "season"]
    assert (part, whole) == (42.0, 59.5)
    assert "22.1% 감소" in shown[0].sentence  # exp(-0.25) - 1


@pytest.mark.usefixtures("spoken")
def test_a_good_score_names_what_carries_it():
    shown, part, _ = reasons.score_reasons(card(tier=5, score=85))
    assert shown[0].code == "trend"
    assert shown[0].weight == part == 20.0


@pytest.mark.usefixtures("spoken")
def test_a_cap_that_cuts_is_the_first_reason():
    shown, part, whole = reasons.score_reasons(card(cap=20, score=20, tier=1, state="SUSPENDED"))
    assert (shown[0].code, shown[0].weight) == ("cap", -40.0)
    assert shown[0].sentence == "휴업 중인 업체"
    assert part <= whole == 80.0  # 100 - 20


@pytest.mark.usefixtures("spoken")
def test_a_cap_above_the_score_is_no_reason():
    assert reasons.cap_cut(card(cap=70)) == 0


@pytest.mark.usefixtures("spoken")
def test_four_reasons_at_most_and_what_raises_the_risk_first():
    shown, share = reasons.model_reasons(drivers(0.2, -0.9, 0.4, 0.01, 0.3, -0.1))
    assert [round(reason.weight, 2) for reason in shown] == [0.4, 0.3, 0.2, -0.9]
    assert round(share, 6) == round(1.8 / 1.91, 6)


@pytest.mark.usefixtures("spoken")
def test_a_group_that_moves_nothing_is_no_reason():
    shown, _ = reasons.model_reasons(drivers(0.5, 0.02, -0.01))
    assert len(shown) == 1


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
@pytest.mark.usefixtures("spoken")
def test_english_says_up_and_down():
    assert "down 18.9%" in reasons.feature_sentence("revenue_trend", "revenue_change_yoy", -0.21)


@pytest.mark.usefixtures("spoken")
def test_never_late_is_no_number_of_months():
    assert reasons.feature_sentence("repayment_record", "months_since_late", 24) == "최근 24개월간 5일 이상 연체 없음"


@pytest.mark.parametrize(
    "name",
    [
        "**굵게** _x_",
        "[a](http://x.com)",
        "<b>x</b>",
        ":red[x] :smile:",
        "$E=mc^2$",
        "# 제목",
        "`code`",
        "1. 목록",
        "a|b",
    ],
)
def test_a_hostile_name_is_text(name):
    shown = escape.safe(name)
    # Every character that Markdown could read has a backslash before it.
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)
    assert re.search(r"[!-/:-@\[-`{-~]", bare) is None
    assert re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", shown.replace(escape.JOINER, "")) == name


def test_a_name_is_short_and_turns_nothing_around():
    assert len(escape.clean("가" * 5_000)) == escape.MAX_NAME_LENGTH
    assert escape.clean("식\u200b당\u202e\n system:") == "식당 system:"


@pytest.mark.usefixtures("spoken")
def test_a_tier_chip_escapes_and_has_colour_word_and_score():
    chip = chips.tier_chip(2, 34)
    assert "위험군 34점" in chip
    assert "#F0A35B" in chip
    assert "평가보류" in chips.tier_chip(None, None, "INSUFFICIENT")


def test_a_sparkline_has_gaps_and_needs_three_months():
    assert chips.sparkline([1.0, None, None, 2.0]) == ""
    assert chips.sparkline([1.0, 2.0, None, 3.0, 2.0]).count("M") == 2
