"""Churn shows one manager's book: who may leave, whom to call, who came and went; nobody else's, and nothing untold."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import streamlit as st

from core import db
from core.features.catalogue import catalogue
from pages.churn import call_list, charts, flow, levels
from pages.shared import selection, text, widget_keys
from pages.shared.parts import export
from pages.shared.read import read
from pages.shared.text import churn, reasons, strings
from tests.pages.conftest import run_page, texts

BOTH = pytest.mark.parametrize("language", text.LANGUAGES)
SCORED = "SELECT business_id, churn_3m FROM business_scores WHERE manager_id = $m AND churn_3m IS NOT NULL"


@pytest.fixture
def korean():
    st.session_state[text.LANGUAGE] = "ko"
    yield
    del st.session_state[text.LANGUAGE]


def months(**columns: list) -> pd.DataFrame:
    plain = {
        "month": pd.to_datetime(["2024-08-01", "2024-09-01", "2024-10-01"]),
        "new": [1, 2, 3], "reactivated": [0, 1, 0], "churned": [2, 0, 1], "closed": [0, 1, 0],
        "retention": [0.98, 0.99, 0.97], "provisional": [False, False, True],
    }  # fmt: skip
    return pd.DataFrame(plain | columns)


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@BOTH
def test_the_page_is_drawn_in_both_languages(language, caplog):
    at = run_page("churn", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "이탈", "en": "Churn"}[language]


@pytest.mark.slow
def test_the_list_is_the_highest_chances_of_the_own_book(query, manager):
    best = query(SCORED + " ORDER BY churn_3m DESC, business_id LIMIT 10", m=manager)
    shown = run_page("churn").dataframe[0].value
    assert list(shown["churn_3m"]) == [chance for _, chance in best]


@pytest.mark.slow
def test_more_capacity_shows_more_businesses(query, manager):
    at = run_page("churn")
    at.select_slider(key=widget_keys.CHURN_CAPACITY).set_value(20).run()
    assert len(at.dataframe[0].value) == min(20, len(query(SCORED, m=manager)))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("order", call_list.ORDERS)
def test_every_order_is_known_to_the_query(order):
    column = {"chance": "churn_3m", "stake": "deposit_at_stake_krw", "deposit": "deposit_avg_krw"}[order]
    rows = read("churn/list", manager_ids=["RM001"], order=order, rows=30)
    assert rows[column].dropna().is_monotonic_decreasing


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("name", ["churn/book", "churn/reasons", "churn/flows", "churn/list"])
def test_a_query_without_the_manager_finds_nothing(name):
    more = {"churn/list": {"order": "chance", "rows": 9}, "churn/book": {"edges": [0.5]}}.get(name, {})
    assert not read(name, manager_ids=["RM001"], **more).empty
    assert read(name, manager_ids=["RM999"], **more).empty


@pytest.mark.slow
def test_levels_count_every_active_customer_once(query, manager):
    book = read("churn/book", manager_ids=[manager], edges=levels.steps())
    counted = book.loc[book["level"].notna(), "businesses"].sum()
    assert counted == len(query(SCORED, m=manager))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_identity_of_the_month_is_on_the_page_and_true():
    sentence = next(words for words in texts(run_page("churn")) if " = 월초" in words)
    end, start, new, back, left, closed = (int(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]*", sentence))
    assert end == start + new + back - left - closed


Altered = Callable[[str], None]
UNKNOWN_TO_OLDER = ("churn_scores", "churn_flows", "churn_causes", "anomalies", "revenue_forecast",
                    "model_inputs_default", "model_inputs_churn")  # fmt: skip


@pytest.fixture
def altered(demo_build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Altered:
    """Serve a copy of the demo build that some SQL has changed."""

    def alter(sql: str) -> None:
        name = db.current_build(demo_build / "builds")
        (tmp_path / "builds" / name).mkdir(parents=True)
        for file in ("builds/CURRENT", f"builds/{name}/bank.duckdb"):
            shutil.copyfile(demo_build / file, tmp_path / file)
        with duckdb.connect(str(tmp_path / "builds" / name / "bank.duckdb")) as con:
            con.execute(sql)
        monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))

    return alter


@pytest.mark.slow
def test_a_build_without_churn_says_so_and_the_other_pages_go_on(query, altered):
    altered("; ".join(f"DROP TABLE {table}" for table in UNKNOWN_TO_OLDER))
    business_id, manager_id = query("SELECT business_id, manager_id FROM business_scores WHERE state = 'OK' LIMIT 1")[0]
    assert "이탈 자료가 없습니다" in run_page("churn").info[0].value
    for at in (run_page("businesses"), run_page("business", id=business_id, rm=manager_id)):
        assert not at.exception
        assert not [words for words in texts(at) if "이탈" in words]


@pytest.mark.slow
def test_a_book_that_cannot_carry_a_model_is_told_so(altered):
    altered("UPDATE business_scores SET churn_3m = NULL, churn_level = NULL, churn_state = 'NO_MODEL'")
    at = run_page("churn")
    assert "이탈 모형을 만들 수 없었습니다" in at.info[0].value
    assert not at.dataframe


@pytest.mark.slow
def test_reasons_whose_order_would_not_last_are_shown_without_one(query, altered):
    sql = "SELECT business_id, manager_id FROM business_scores WHERE churn_3m > 0 ORDER BY churn_3m DESC LIMIT 1"
    business_id, manager_id = query(sql)[0]
    ranked = [words for words in texts(run_page("business", id=business_id, rm=manager_id)) if "위험을 높임 ×" in words]
    altered("UPDATE model_metrics SET value = 0.79 WHERE metric = 'top1_reason_agreement'")
    lines = texts(run_page("business", id=business_id, rm=manager_id))
    assert ranked
    assert not [words for words in lines if "위험을 높임 ×" in words]
    assert [words for words in lines if "79%뿐이어서" in words]


@pytest.mark.slow
def test_the_file_holds_every_active_customer_in_words(query, manager, korean):
    rows = call_list.file_rows([manager], "chance")(export.MAX_CSV_ROWS)
    written = export.to_csv(rows, export.Note("a", "b", ())).decode("utf-8-sig")
    file_rows = list(csv.DictReader(io.StringIO(written)))
    assert len(file_rows) == len(query(SCORED, m=manager))
    assert all(any("가" <= char <= "힣" for char in row["첫째 이유"]) for row in file_rows)
    assert {row["이탈 단계"] for row in file_rows} <= {churn.level_word(level) for level in selection.CHURN_LEVELS}


@BOTH
def test_every_reason_of_leaving_has_a_sentence_with_its_value(language):
    words = strings(language)
    keys = {f.feature: f"reason.churn.{f.feature}" for f in catalogue("churn")}
    sentences = {name: words.get(key, words.get(f"reason.default.{name}", "")) for name, key in keys.items()}
    assert [name for name, sentence in sentences.items() if "{value}" not in sentence] == []
    assert {f.feature for f in catalogue("churn")} <= set(reasons.value_formats())
    assert [f.reason for f in catalogue("churn") if f"reason.group.{f.reason}" not in words] == []


def test_bands_of_the_levels_meet_without_a_gap(korean):
    assert [churn.band(level) for level in selection.CHURN_LEVELS] == ["15% 미만", "15%~30%", "30%~50%", "50% 이상"]


@pytest.mark.parametrize(
    ("ending", "payments", "card", "sentence"),
    [
        (0, 0.0, 0.0, "–"),
        (2, -0.5, -0.1, "만기 2건"),
        (0, -1.6, None, "자동이체 -2건"),
        (1, -0.9, -0.34, "만기 1건 · 자동이체 -1건 · 카드 정산 -34.0%p"),
        (None, None, None, "–"),
    ],
)
def test_signals_of_the_contracts_are_put_in_words(ending, payments, card, sentence, korean):
    row = {"products_ending_90d": ending, "loans_ending_90d": 0, "autopay_last_month": payments}
    assert call_list.signal_words(pd.Series(row | {"card_share_change": card}, dtype=object)) == sentence


def test_provisional_months_are_hatched_and_leavers_lie_below_zero():
    figure = charts.flows(months(), {"new": "n", "churned": "c"})
    assert figure.data[0].marker.pattern.shape == ("", "", "/")
    assert list(figure.data[1].y) == [-2, 0, -1]


def test_retention_is_dotted_from_the_last_certain_month():
    certain, provisional = charts.retention(months(), ("a", "b")).data
    assert certain.y == (0.98, 0.99, None)
    assert provisional.y == (None, 0.99, 0.97)


def test_the_page_opens_on_the_newest_certain_month():
    assert flow._newest_certain(months()) == 1  # counted from the newest
    assert flow._newest_certain(months(provisional=[True, True, True])) == 0
