"""Lending shows the figures of the build, compares when there is a comparison, and never a traceback when not."""

import json
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from core.advice import lending
from core.compare.table import Options, Table
from core.compare.training import train
from core.features.catalogue import catalogue
from pages.lending import features
from pages.shared import text
from pages.shared.charts import models
from pages.shared.parts import application, model_comparison, threshold
from pages.shared.read import read
from tests.pages.conftest import run_page, settle, texts

COUNTS = {"tp": 30, "fp": 70, "fn": 20, "tn": 880}
OPENED = "fold_apply"


def without(data_dir: Path, tmp_path: Path, *tables: str) -> Path:
    """A copy of the build that lacks some tables, as a build of another version would."""
    shutil.copytree(data_dir / "builds", tmp_path / "builds")
    current = (tmp_path / "builds" / "CURRENT").read_text(encoding="utf-8").strip()
    with duckdb.connect(str(tmp_path / "builds" / current / "bank.duckdb")) as con:
        for table in tables:
            con.execute(f"DROP TABLE IF EXISTS {table}")
    return tmp_path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A comparison by the real harness: logistic regression with and without SMOTE on six hundred rows."""
    random = np.random.default_rng(5)
    rows = pd.DataFrame(random.normal(size=(600, 2)), columns=["a", "b"])
    rows["bad"] = (random.random(600) < 1 / (1 + np.exp(2.5 - rows["a"]))).astype(int)
    table = Table(rows.assign(who=[f"e{i}" for i in range(600)]), "bad", "who", None, ("a", "b"))
    options = Options(folds=2, models=("logistic",), search=False, explain=False, cost_fn=10.0)
    out = tmp_path_factory.mktemp("comparison")
    train(table, out, options)
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def compared(demo_build, tmp_path, report, monkeypatch) -> Path:
    """The build beside that comparison."""
    folder = without(demo_build, tmp_path) / "models" / "default" / "comparison"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    monkeypatch.setenv("BEACON_DATA_DIR", str(tmp_path))
    return tmp_path


def test_the_threshold_follows_from_the_two_costs():
    assert threshold.cost_threshold(10) == pytest.approx(1 / 11)
    assert threshold.cost_threshold(1) == 0.5


def test_rates_of_a_confusion_worked_out_by_hand():
    rates = threshold.rates(pd.Series(COUNTS), 10)
    assert rates["precision"] == pytest.approx(0.3)  # 30 of 100 warned
    assert rates["recall"] == pytest.approx(0.6)  # 30 of 50 defaults
    assert rates["cost"] == pytest.approx(27.0)  # (70 + 10 x 20) / 1000 x 100
    assert rates["nobody"] == pytest.approx(50.0)


def test_a_warning_of_nobody_has_no_precision():
    assert threshold.rates(pd.Series({"tp": 0, "fp": 0, "fn": 1, "tn": 9}), 5)["precision"] is None


def test_a_matrix_is_made_whole_from_half_its_pairs():
    pairs = pd.DataFrame([("a", "b", 0.2), ("b", "c", -0.4)], columns=["feature_a", "feature_b", "correlation"])
    whole = features.square(pairs)
    assert whole.loc["c", "b"] == whole.loc["b", "c"] == -0.4
    assert whole.isna().loc["a", "c"]


def test_rare_events_are_drawn_on_logarithmic_axes_and_common_ones_are_not():
    bins = pd.DataFrame({"mean_p": [0.01], "observed": [0.02], "low": [0.01], "high": [0.03], "n": [100]})
    for factor, kind in ((1, "log"), (30, None)):
        figure = models.calibration(bins * [factor, factor, factor, factor, 1], "", [], ("", "", ""), str)
        assert figure.layout.xaxis.type == kind


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_code_of_the_page_has_words(language):
    known = text.strings(language)
    codes = [f"code.feature.{feature.feature}" for feature in (*catalogue(), *catalogue("payments"))]
    codes += [f"code.algorithm.{key}" for key in ("logistic", "forest", "boosting", "lightgbm", "blend", "recipe")]
    codes += [f"metric.{metric}" for metric in model_comparison.FIGURES]
    codes += [f"lending.scheme.{scheme}" for scheme in ("out_of_time", "time_folds", "grouped_folds", "given_folds")]
    caps = ("cash_flow", "product_limit", "need", "annual_sales", "lti")
    codes += [f"apply.cap.{cap}" for cap in caps] + ["apply.NO_CAPACITY", "apply.BELOW_MINIMUM"]
    codes += [f"apply.repayment_{code}" for code in application.REPAYMENTS]
    codes += [f"apply.fault.{code}" for code in ("sales", "grace", "overdraft", "replaced")]
    assert [code for code in codes if code not in known] == []


def test_the_caps_in_words_are_those_of_the_core():
    earner, request = lending.Borrower(1e7, 0.2), lending.LoanRequest(0.05, 36, 1e7, 1e8)
    assert set(lending.max_loan(earner, request).caps) <= {"cash_flow", "product_limit", "need", "annual_sales", "lti"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("demo_build")
def test_lending_is_drawn_in_both_languages(language, caplog):
    at = run_page("lending", language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert at.title[0].value == {"ko": "여신", "en": "Lending"}[language]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_without_a_comparison_the_page_names_the_command_and_keeps_the_champions_figures(query):
    at = run_page("lending", "en")
    auc = query("SELECT value FROM model_metrics WHERE model = 'default' AND slice = 'all' AND metric = 'roc_auc'")
    assert "python -m core train --model default" in [code.value for code in at.code]
    assert any(f"{auc[0][0]:.3f}" in words for words in texts(at))


@pytest.mark.slow
@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_comparison_shows_every_algorithm_and_says_why_not_smote(report, language):
    at = run_page("lending", language)
    table = next(frame.value for frame in at.dataframe if len(frame.value) == len(report["models"]))
    assert not at.exception
    assert table.iloc[0, 0].startswith("★")
    assert sum("SMOTE" in name for name in table.iloc[:, 0]) == 1
    assert any("SMOTE" in words for words in texts(at) if words.startswith("**SMOTE") or words.startswith("**Why"))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_confusion_counts_every_test_row(query):
    rows = query("SELECT count(*), sum(label) FROM model_test WHERE model = 'default'")[0]
    for limit in (0.0, 1 / 11, 2.0):
        counts = read("shared/model_confusion", model="default", threshold=limit).iloc[0]
        assert (counts[["tp", "fp", "fn", "tn"]].sum(), counts["tp"] + counts["fn"]) == rows


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_no_threshold_is_cheaper_than_the_best(query):
    best = read("shared/model_best_threshold", model="default", cost_fn=10.0, cost_fp=1.0).iloc[0]
    for (p,) in query("SELECT p FROM model_test WHERE model = 'default' ORDER BY hash(entity_id) LIMIT 8"):
        counts = read("shared/model_confusion", model="default", threshold=p).iloc[0]
        assert best["cost"] <= counts["fp"] + 10 * counts["fn"]


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_drawn_roc_has_the_area_that_is_quoted(query):
    points = read("shared/model_curve", model="default")
    x = [0.0, *points["fp"] / points["negatives"]]
    y = [0.0, *points["tp"] / points["positives"]]
    quoted = query("SELECT value FROM model_metrics WHERE model = 'default' AND slice = 'all' AND metric = 'roc_auc'")
    assert len(points) <= 201
    assert np.trapezoid(y, x) == pytest.approx(quoted[0][0], abs=0.01)


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_a_higher_cost_of_a_missed_default_warns_more():
    at = run_page("lending", "en")
    before = next(element.value for element in at.table).to_numpy().tolist()
    at.slider(key="cost_ratio").set_value(40).run()
    assert any("2.4%" in words for words in texts(at))
    assert next(element.value for element in at.table).to_numpy().tolist() != before


@pytest.mark.slow
def test_a_build_of_another_version_gives_no_traceback(demo_build, tmp_path, monkeypatch):
    lacking = ("model_test", "model_calibration", "feature_boxes", "feature_correlation", "model_inputs_default")
    monkeypatch.setenv("BEACON_DATA_DIR", str(without(demo_build, tmp_path, *lacking, "model_metrics")))
    at = run_page("lending")
    assert not at.exception
    assert any("model_test" in words for words in texts(at))


TYPED = {
    "category": "dining", "need": 1e8, "rate": 5.0, "months": 36, "repayment": "equal_payment", "grace": 0,
    "limit": None, "sales": 2e7, "change": None, "margin": None, "inflow": None, "outflow": None, "deposit": None,
    "age": None, "tenure": None, "debt": 2e7, "instalment": 5e5, "replaced": 0.0, "line": 0.0, "used": 0.0,
    "late_days": 0, "late_times": 0,
}  # fmt: skip


def _answer(language: str, **changes: float) -> AppTest:
    script = f"from pages.shared.parts import application as a; a.show_result({TYPED | changes!r})"
    at = AppTest.from_string(script, default_timeout=60)
    at.context = {"locale": {"ko": "ko-KR", "en": "en-US"}[language]}
    return at.run()


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_application_gets_a_probability_reasons_and_the_cap_that_binds(language, caplog):
    at = _answer(language)
    assert not at.exception
    assert not [record for record in caplog.records if "words for" in record.message]
    assert {"ko": "상환능력", "en": "Capacity"}[language] in at.success[0].value
    assert any("%" in words and "####" in words for words in texts(at))


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_without_capacity_nothing_is_lent():
    at = _answer("en", sales=5e6, instalment=2e6)
    assert at.error[0].value.startswith("Not enough capacity")
    assert "#### ₩0" in texts(at)


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_figures_that_cannot_be_are_told_and_not_scored():
    at = _answer("en", used=1e6)
    assert at.error[0].value == "More of the overdraft is used than its limit."
    assert not at.success


@pytest.mark.slow
@pytest.mark.usefixtures("demo_build")
def test_the_form_asks_for_won_in_ten_thousands():
    at = AppTest.from_string("from pages.shared.parts import application as a; a.show()", default_timeout=60)
    at.session_state[OPENED] = True
    at.run()
    at.number_input(key="apply_need").set_value(500)
    at.button[0].click().run()
    assert not at.exception
    assert "500만 원" in at.success[0].value


@pytest.mark.slow
def test_the_slider_moves_the_confusion_and_the_folds_draw_offline(tab, server):
    tab.goto(f"{server.url}/lending")
    settle(tab)
    expect(tab.get_by_text("9.1% 이상일 때").first).to_be_visible()
    tab.get_by_role("slider").first.press("ArrowRight")
    settle(tab)
    expect(tab.get_by_text("8.3% 이상일 때").first).to_be_visible()
    tab.get_by_text("변수 사이의 상관").first.click()
    settle(tab)
    expect(tab.get_by_test_id("stExpander").nth(1).locator(".heatmaplayer image").first).to_be_visible()
