"""The payments model: learned in order of time, tested beside the rule that every payment succeeds."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core import db
from core.compare import bank_tables
from core.errors import DataError
from core.features.catalogue import catalogue
from core.models.classifier import model_files
from core.models.classifier.model import matrix
from core.models.classifier.time_blocks import BLOCKS, assert_after, divided
from core.models.classifier.train import REPORT, train
from core.payments import build_step, features
from core.payments.success import SUCCESS, count_tested
from tests.payments.test_features import stored


def shop(n: int = 12_000, customers: int = 60, signal: float = 4.0, seed: int = 1):
    """Payments that fail by chance, by method, and again and again while a customer has no funds that week."""
    random = np.random.default_rng(seed)
    at = pd.Timestamp("2022-01-01") + pd.to_timedelta(np.sort(random.integers(0, 730 * 86_400, n)), unit="s")
    payer = random.integers(0, customers, n)
    week = ((at - at[0]).days // 7).to_numpy()
    broke = random.random((customers, week.max() + 1))[payer, week] < 0.05
    method = random.choice(["card", "transfer"], n)
    logit = -4 + signal * broke + 0.4 * signal * (method == "transfer")
    made = {
        "payment_id": [f"P{number:06d}" for number in range(n)],
        "customer_id": [f"U{number:03d}" for number in payer],
        "at": at,
        "amount_krw": (1000 * np.exp(random.normal(3, 1, n))).astype(int),
        "merchant_id": [f"M{number}" for number in random.integers(0, 30, n)],
        "merchant_category": "cafe",
        "method": method,
        "succeeded": (random.random(n) > 1 / (1 + np.exp(-logit))).astype(int),
    }
    return stored(pd.DataFrame(made))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A shop's payments, its model and the folder it was saved in."""
    con, folder = shop(), tmp_path_factory.mktemp("payments")
    return con, train(SUCCESS, con, folder), folder


def figures(con, part="all", model="payments") -> pd.Series:
    """Metrics of one slice."""
    asked = "SELECT metric, value FROM model_metrics WHERE model = $model AND slice = $part"
    return con.execute(asked, {"model": model, "part": part}).df().set_index("metric")["value"]


@pytest.mark.slow
def test_the_model_beats_saying_that_every_payment_succeeds(trained):
    seen, trivial = figures(trained[0]), figures(trained[0], "always_succeeds")
    assert seen["pr_auc_failure"] > 2 * trivial["pr_auc_failure"]
    assert trivial["pr_auc_failure"] == pytest.approx(seen["base_rate_failure"])
    assert seen["balanced_accuracy"] > trivial["balanced_accuracy"] == 0.5
    assert seen["mcc"] > trivial["mcc"] == 0
    assert trivial["accuracy"] == pytest.approx(seen["base_rate"])


@pytest.mark.slow
def test_the_confusion_matrix_adds_up_to_the_payments_judged(trained):
    con, _, _ = trained
    seen = figures(con)
    assert seen[["tp", "fp", "fn", "tn"]].sum() == count_tested(con)
    assert seen["recall"] == pytest.approx(seen["tp"] / (seen["tp"] + seen["fn"]))


@pytest.mark.slow
def test_the_test_block_comes_after_everything_the_trial_model_saw(trained):
    trial = json.loads((trained[2] / REPORT).read_text())["trial"]
    assert trial["fit"]["to"] < trial["calibration_window"]["from"]
    assert trial["calibration_window"]["to"] < trial["test"]["from"]


@pytest.mark.slow
def test_every_gate_is_reported_with_the_value_seen(trained):
    found = json.loads((trained[2] / REPORT).read_text())["gates"]
    assert set(found) == {"accuracy", "precision", "recall", "balanced_accuracy", "mcc", "pr_auc_failure"}
    assert all(gate["passed"] == (gate["value"] >= gate["gate"] and gate["value"] > 0) for gate in found.values())


@pytest.mark.slow
def test_the_saved_model_is_text_and_gives_the_same_chances(trained):
    con, model, folder = trained
    values = matrix(features.rows(con)[:500], model.features)
    np.testing.assert_array_equal(model_files.load(folder).probability(values), model.probability(values))
    assert {path.suffix for path in folder.iterdir()} == {
        ".txt",
        ".json",
        ".csv",
    }  # csv: for the watch


@pytest.mark.slow
def test_payments_without_any_pattern_are_not_called_predictable(tmp_path):
    train(SUCCESS, shop(signal=0.0), tmp_path)
    report = json.loads((tmp_path / REPORT).read_text())
    # Either the ranks are upside down on the calibration block, or the failures are found no better than by chance.
    refused = report["state"] == "refused" and "backwards" in report["reason"]
    assert refused or not report["gates"]["pr_auc_failure"]["passed"]


def test_a_bank_without_payments_is_served_without_this_model(tmp_path):
    con = shop(n=10)
    con.execute("DELETE FROM payments")
    assert train(SUCCESS, con, tmp_path) is None
    assert count_tested(con) == 0
    assert "0 failures in 0 payments" in (tmp_path / REPORT).read_text()


def test_demo_labels_are_called_synthetic_and_a_banks_own_real():
    con = db.connect()
    con.execute("CREATE TABLE source_files AS SELECT 'payments' AS source_table, TRUE AS is_demo")
    assert features.provenance(con) == "SYNTHETIC"
    con.execute("UPDATE source_files SET is_demo = FALSE")
    assert features.provenance(con) == "REAL"


def test_no_instant_lies_in_two_blocks_of_time():
    con = shop(n=1200)
    con.execute('UPDATE payments SET "at" = date_trunc(\'week\', "at")')  # many payments at one instant
    features.make_temp_tables(con)
    starts = features.block_starts(con)
    blocks = divided(features.rows(con), starts)
    assert (len(starts), sum(map(len, blocks))) == (BLOCKS - 1, 1200)
    assert all(block["at"].max() < following["at"].min() for block, following in pairwise(blocks))
    assert [block["at"].min() for block in blocks[1:]] == starts


def test_calibrating_on_the_past_is_refused():
    block = pd.DataFrame({"at": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    with pytest.raises(DataError, match="before the past ends"):
        assert_after(block, block)


def test_a_large_book_is_learned_from_by_whole_customers():
    con = shop(n=4000, customers=400)
    con.execute("UPDATE payments SET succeeded = 0 WHERE hash(payment_id) % 10 = 0")
    features.make_temp_tables(con)
    rows = features.rows(con, features.sample(con, 1000))
    assert 600 < len(rows) < 1400
    drawn = rows["customer_id"].unique().tolist()
    query = "SELECT count(*) FROM payments WHERE customer_id IN (SELECT unnest($drawn))"
    assert con.execute(query, {"drawn": drawn}).fetchall() == [(len(rows),)]


def test_what_is_served_covers_all_customers_also_where_the_model_learned_from_a_sample(tmp_path, monkeypatch):
    """A bank with more payments than are learned from: risk, usual amounts and blocks are those of everybody."""
    monkeypatch.setattr(features, "ROW_CAP", 1500)
    con = shop(n=6000, customers=200)
    con.execute("ALTER TABLE payments ADD COLUMN fraud INTEGER")
    con.execute("ALTER TABLE payments ADD COLUMN business_id VARCHAR")
    (tmp_path / "models").mkdir()
    train(SUCCESS, con, tmp_path / "models" / SUCCESS.name)
    report = json.loads((tmp_path / "models" / SUCCESS.name / REPORT).read_text())
    assert report["sampled"]
    assert report["rows"] < 2500
    newest = con.execute("SELECT count(*), count(DISTINCT customer_id) FROM payment_features WHERE \"at\" >= $at",
                         {"at": features.block_starts(con)[-1]}).fetchall()[0]  # fmt: skip
    assert build_step.build(con, tmp_path) == newest[0] == 1000
    assert con.execute("SELECT count(*), count(DISTINCT customer_id) FROM payment_risk").fetchall()[0] == newest
    merchants = {row[0] for row in con.execute("SELECT DISTINCT merchant_id FROM payments").fetchall()}
    usual = json.loads((tmp_path / "stream" / "usual.json").read_text())
    assert set(usual[max(usual)]["merchants"]) == merchants


def test_the_table_of_the_comparison_holds_whole_payments_in_order_of_time():
    con = shop(n=4000)
    con.execute("UPDATE payments SET succeeded = 0 WHERE hash(payment_id) % 10 = 0")
    table = bank_tables.payments_table(con)
    assert table.rows["at"].is_monotonic_increasing
    assert (len(table.rows), table.label, table.entity, table.time) == (4000, "succeeded", "customer_id", "at")
    assert table.features == tuple(feature.feature for feature in catalogue("payments"))
