"""Models shows what the registry and the build hold: 79 cells, forecasts, every model; and says what is missing."""

import json

import pandas as pd
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from core import db
from core.models.registry import Entry
from pages.models import accuracy, hierarchy, registry, training_sample
from pages.models import card as models_card
from pages.shared import text
from pages.shared.read import model_versions
from tests.pages.conftest import LOCALES, click_table, run_page, settle, texts
from tests.pages.test_lending import without

LACKING = (
    "revenue_models", "hierarchy_verdict", "forecast_accuracy", "forecast_coverage", "model_test",
    "model_calibration", "model_importance", "model_exclusions",
)  # fmt: skip
SAMPLE = "from pages.models import training_sample; training_sample.show('payments')"
CARD = "from pages.models import card; from pages.shared import read; card.show(read.model_versions()[{place}])"


def _entry(name: str, version: str, state: str) -> Entry:
    metrics = ({"model": name, "slice": "all", "metric": "roc_auc", "value": 0.8154, "low": 0.77, "high": 0.85},)
    card = {"provenance": "SYNTHETIC", "windows": {"fit": {"from": "2020-03-31", "to": "2023-12-31"}}}
    return Entry(name, version, "2026-01-01T00:00:00", "abc", "def", (), {}, metrics, card, (), (), state, True)


def test_what_serves_comes_first_and_then_the_newest():
    entries = [_entry("churn", "v1", "champion"), *(_entry("default", f"v{n}", "candidate") for n in (1, 3))]
    ordered = registry.ordered([*entries, _entry("default", "v2", "held")])
    assert [(entry.name, entry.version) for entry in ordered] == [
        ("default", "v2"), ("default", "v3"), ("default", "v1"), ("churn", "v1"),
    ]  # fmt: skip


def test_the_key_figure_carries_its_interval():
    assert "0.815" in registry.key_figure(_entry("default", "v1", "champion"))
    assert "0.770" in registry.key_figure(_entry("default", "v1", "champion"))


@pytest.mark.parametrize(
    ("value", "positives", "shown"), [(0.8, 29, False), (0.8, 30, True), (float("nan"), 90, False)]
)
def test_a_slice_with_fewer_than_thirty_events_has_no_figure(value, positives, shown):
    row = pd.Series({"value": value, "low": 0.7, "high": 0.9, "positives": positives})
    assert ("0.800" in accuracy.slice_auc(row)) is shown


def test_a_hierarchy_that_does_not_pay_is_told_so():
    verdict = pd.Series(
        {
            "pays": False,
            "difference": -0.001,
            "low": -0.003,
            "high": 0.001,
            "served": "global",
            "reason": "interval",
            "baseline": "last_value",
        }
    )
    assert "전체 모형 하나" in hierarchy.verdict_words(verdict)
    assert "낫다고 할 수 없습니다" in hierarchy.verdict_words(verdict)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_code_of_the_page_has_words(language):
    known = text.strings(language)
    codes = [f"code.model_state.{state}" for state in ("candidate", "champion", "held", "retired")]
    codes += [f"models.served.{served}" for served in ("combined", "global", "baseline")]
    codes += [f"code.provenance.{origin}" for origin in ("SYNTHETIC", "REAL", "UNKNOWN")]
    codes += [f"code.model_action.{action}" for action in ("promote", "rollback", "release")]
    codes += [f"code.model.{name}" for name in registry.ORDER]
    codes += [f"metric.{metric}" for metric in (*accuracy.DIGITS, *accuracy.AGREEMENTS)]
    assert [code for code in codes if code not in known] == []


@pytest.mark.parametrize("name", ["default", "churn"])
@pytest.mark.parametrize(("language", "words"), [("ko", "월말 자료 150,000건"), ("en", "150,000 rows")])
def test_a_sample_of_businesses_is_said_with_its_size(name, language, words):
    with text.in_language(language):
        assert words in training_sample.sentence(name, {"sampled": True, "rows": 150_000})
        assert words in training_sample.sentence(name, {"sampled": True, "served": {"fit_rows": 150_000}})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "words"), [("ko", "결제 {total}건 가운데"), ("en", "1,000 of {total} payments were drawn at random")]
)
def test_a_sample_of_payments_is_said_beside_how_many_there_are(
    language, words, demo_build, tmp_path, monkeypatch, query
):
    data_dir = without(demo_build, tmp_path)
    file = data_dir / "builds" / db.current_build(data_dir / "builds") / "models" / "payments" / "model_report.json"
    report = json.loads(file.read_text(encoding="utf-8")) | {"sampled": True, "rows": 1_000}
    file.write_text(json.dumps(report), encoding="utf-8")
    monkeypatch.setenv("BEACON_DATA_DIR", str(data_dir))
    at = AppTest.from_string(SAMPLE, default_timeout=60)
    at.context = {"locale": LOCALES[language]}
    total = query("SELECT count(*) FROM payments")[0][0]
    assert words.format(total=f"{total:,}") in at.run().caption[0].value


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_model_that_learned_from_all_rows_says_nothing_of_a_sample():
    assert not AppTest.from_string(SAMPLE, default_timeout=60).run().caption


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_model_is_drawn_in_both_languages(language, caplog, query):
    at = run_page("models", language)
    assert at.title[0].value == {"ko": "모형", "en": "Models"}[language]
    for (name,) in query("SELECT DISTINCT model FROM model_metrics WHERE NOT ends_with(model, '_served')"):
        at.session_state["fold_explained"] = at.session_state["fold_excluded"] = True
        at.segmented_control(key="judged").set_value(name).run()
        assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_codes_of_the_build_have_words(query):
    known = text.strings("ko")
    metrics = query("SELECT DISTINCT metric FROM model_metrics WHERE slice = 'all' AND length(metric) > 2")
    reasons = query("SELECT DISTINCT reason FROM model_exclusions")
    wanted = [f"metric.{code}" for (code,) in metrics] + [f"code.exclusion.{code}" for (code,) in reasons]
    assert [code for code in wanted if code not in known] == []


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_registry_lists_every_version_and_marks_what_scored_this_build():
    shown = run_page("models", "en").dataframe[0].value
    assert len(shown) == len(model_versions()) > 0
    assert "●" in set(shown["This build"])


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_card_has_every_field_of_the_law(language, caplog):
    fields = [text.words(language, f"card.{field}") for field in models_card.TEXTS]
    for place in range(len(model_versions())):
        at = AppTest.from_string(CARD.format(place=place), default_timeout=60)
        at.context = {"locale": {"ko": "ko-KR", "en": "en-US"}[language]}
        words = " ".join(texts(at.run()))
        assert not at.exception
        assert [field for field in fields if field not in words] == []
        assert "SYNTHETIC" in words
    assert not [record for record in caplog.records if "words for" in record.message]


@pytest.mark.slow
def test_a_build_without_these_tables_says_so(demo_build, tmp_path, monkeypatch):
    monkeypatch.setenv("BEACON_DATA_DIR", str(without(demo_build, tmp_path, *LACKING)))
    at = run_page("models", "en")
    words = " ".join(texts(at))
    assert not at.exception
    assert [table for table in ("revenue_models", "forecast_accuracy", "model_test") if table not in words] == []
    assert any("No model is registered yet" in message.value for message in at.info)


@pytest.mark.slow
def test_a_click_on_a_version_shows_its_card(tab, server):
    tab.goto(f"{server.url}/models")
    settle(tab)
    card = tab.get_by_text("쓰지 말아야 할 곳").first
    click_table(tab, 15, 52, card.is_visible)  # the check box of the first row
    expect(tab.get_by_test_id("stMarkdownContainer").get_by_text("이 빌드를 채점").first).to_be_visible()
