"""The default model from raw tables to probabilities and reasons, on a small bank made for it."""

import json
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from core import db
from core.config import policy
from core.models.classifier import cohorts, model_files
from core.models.classifier.explain import reason_names
from core.models.classifier.model import matrix, sigmoid
from core.models.classifier.score import score
from core.models.classifier.scorer import Scorer
from core.models.classifier.train import REPORT, train
from core.models.default.problem import DEFAULT
from tests.pd_bank import bank

NEWEST, BEFORE = date(2023, 12, 31), date(2023, 11, 30)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models") / "default"


@pytest.fixture(scope="module")
def con(folder):
    """A trained and scored bank of 1,200 businesses; tiers by payment record stand in for the opportunity score."""
    con = bank(1200)
    con.execute(
        "CREATE TABLE opportunity_history AS SELECT business_id, last_day(month) AS as_of,"
        " CASE WHEN overdraft_used_krw > 10000000 THEN 1 ELSE 4 END AS tier FROM balances"
    )
    model = train(DEFAULT, con, folder)
    score(DEFAULT, con, model, BEFORE)
    score(DEFAULT, con, model, NEWEST)
    return con


@pytest.fixture(scope="module")
def report(con, folder):
    return json.loads((folder / REPORT).read_text(encoding="utf-8"))


def value(con, model, piece, metric):
    found = con.execute(
        "SELECT value FROM model_metrics WHERE model = $model AND slice = $slice AND metric = $metric",
        {"model": model, "slice": piece, "metric": metric},
    ).fetchall()
    return found[0][0]


def test_it_ranks_defaults_out_of_time_without_being_too_good(con, report):
    assert report["evaluation"] == "out_of_time"
    assert 0.70 < value(con, "default", "all", "roc_auc") < 0.93


def test_the_average_of_seeds_loses_no_more_than_the_plain_model_and_moves_fewer_bands(report):
    average, plain = report["candidates"]["average"], report["candidates"]["plain"]
    assert average["log_loss"] <= plain["log_loss"]
    assert average["band_changes_on_reseed"] < plain["band_changes_on_reseed"]


def test_before_and_after_the_averaging_are_stored_beside_each_other(con, report):
    for name in ("average", "single", "plain"):
        figures = report["candidates"][name]
        assert value(con, "default", f"candidate:{name}", "band_changes_on_reseed") == figures["band_changes_on_reseed"]
        assert value(con, "default", f"candidate:{name}", "log_loss") == figures["log_loss"]


def test_trial_and_served_model_are_kept_apart(report):
    assert report["trial"]["fit"]["to"] == "2021-06-30"
    assert report["trial"]["test"] == {"from": "2022-07-31", "to": "2022-12-31"}
    assert report["served"]["fit"]["to"] == "2022-12-31"
    assert report["served"]["test"] is None
    assert report["test_read"] == ["trial"]


def test_every_known_business_has_one_row_a_month_and_a_state(con):
    rows = con.execute("FROM pd_scores").df()
    assert not rows.duplicated(["business_id", "as_of"]).any()
    assert (rows["pd_12m"].notna() == (rows["state"] == "OK")).all()
    assert rows["pd_12m"].dropna().between(0, 1).all()
    assert set(rows["pd_basis"]) == {"exposed", "no_exposure"}


def test_bands_follow_the_policy(con):
    rows = con.execute("FROM pd_scores WHERE state = 'OK'").df()
    expected = np.array(list("ABCDE"))[np.digitize(rows["pd_12m"], policy()["default"]["pd_bands"], right=True)]
    assert (rows["band"] == expected).all()


def test_drivers_add_up_to_the_probability_on_the_screen(con):
    rows = con.execute(
        "SELECT s.pd_12m, s.log_odds, any_value(d.base) + sum(d.contribution) AS explained, count(*) AS reasons"
        " FROM pd_scores AS s JOIN drivers AS d USING (business_id)"
        " WHERE s.as_of = DATE '2023-12-31' GROUP BY ALL"
    ).df()
    assert len(rows) > 500
    assert (rows["explained"] - rows["log_odds"]).abs().max() < 1e-6
    assert np.abs(sigmoid(rows["explained"].to_numpy()) - rows["pd_12m"]).max() < 1e-6


def test_drivers_add_up_in_probability_too(con):
    rows = con.execute(
        "SELECT s.pd_12m, any_value(d.base) AS base, sum(d.contribution_p) AS parts"
        " FROM pd_scores AS s JOIN drivers AS d USING (business_id)"
        " WHERE s.as_of = DATE '2023-12-31' GROUP BY s.business_id, s.pd_12m"
    ).df()
    assert np.abs(rows["parts"] - (rows["pd_12m"] - sigmoid(rows["base"].to_numpy()))).max() < 1e-9


def test_how_steady_the_reasons_are_stands_in_the_card_and_the_metrics(con, folder):
    card = model_files.load(folder).card["stability"]
    assert card["reseeded"]["top1"] == value(con, "default", "all", "top1_reason_agreement") > 0.7
    assert card["reasons_ordered"] == (card["reseeded"]["top1"] >= 0.8)
    assert con.execute("SELECT count(*) FROM feature_boxes WHERE model = 'default'").fetchall()[0][0] == 16


def test_drivers_are_all_reasons_ranked_from_what_raises_most(con, folder):
    rows = con.execute("FROM drivers ORDER BY business_id, rank").df()
    names = reason_names(model_files.load(folder))
    first = rows.groupby("business_id")
    assert (first["reason"].nunique() == len(names)).all()
    assert (first["contribution"].apply(lambda c: c.is_monotonic_decreasing)).all()
    assert (first["rank"].apply(list).apply(lambda ranks: ranks == list(range(1, len(names) + 1)))).all()


def test_a_driver_shows_the_value_of_its_business_and_the_median_of_its_peers(con):
    cohorts.snapshot(con, DEFAULT, NEWEST)
    snapshot = con.execute("FROM cohort_snapshot WHERE state = 'OK'").df().set_index("business_id")
    row = con.execute("FROM drivers WHERE feature = 'deposit_months_covered' LIMIT 1").df().iloc[0]
    peers = snapshot[snapshot["category"] == snapshot.loc[row["business_id"], "category"]]
    assert row["value"] == snapshot.loc[row["business_id"], row["feature"]]
    assert row["peer_median"] == pytest.approx(peers["deposit_months_covered"].median())
    cohorts.drop_snapshot(con, DEFAULT)


def test_no_probe_moves_against_its_sign(con, folder):
    model = model_files.load(folder)
    cohorts.snapshot(con, DEFAULT, NEWEST)
    values = matrix(con.execute("FROM cohort_snapshot WHERE state = 'OK'").df().head(300), model.features)
    cohorts.drop_snapshot(con, DEFAULT)
    spread = np.nanstd(values, axis=0) + 0.1
    for column, sign in enumerate(model.signs):
        higher = values.copy()
        higher[:, column] += spread[column]
        assert sign == 0 or np.nanmin(sign * (model.log_odds(higher) - model.log_odds(values))) >= -1e-12


def test_scoring_again_replaces_the_month_and_keeps_the_other(con, folder):
    before = con.execute("FROM pd_scores ORDER BY as_of, business_id").df()
    score(DEFAULT, con, model_files.load(folder), BEFORE)
    pd.testing.assert_frame_equal(before, con.execute("FROM pd_scores ORDER BY as_of, business_id").df())
    assert db.count(con, "drivers") > 0


def test_batches_of_any_size_give_the_same_answers(con, folder):
    model = model_files.load(folder)
    cohorts.snapshot(con, DEFAULT, NEWEST)
    rows = con.sql("FROM cohort_snapshot WHERE state = 'OK'").to_arrow_table()
    cohorts.drop_snapshot(con, DEFAULT)
    whole, small = (
        pa.Table.from_batches(Scorer.of(model, explain=True)(rows.to_batches(size))) for size in (10_000, 17)
    )
    assert whole.equals(small.combine_chunks().cast(whole.schema))


def test_one_business_is_scored_from_the_files_alone(con, folder):
    model = model_files.load(folder)
    cohorts.snapshot(con, DEFAULT, NEWEST)
    row = con.execute("FROM cohort_snapshot WHERE state = 'OK' ORDER BY business_id LIMIT 1").df()
    cohorts.drop_snapshot(con, DEFAULT)
    stored = con.execute(
        "SELECT pd_12m FROM pd_scores WHERE as_of = DATE '2023-12-31' AND business_id = $id",
        {"id": row["business_id"][0]},
    ).fetchall()
    assert model.probability(matrix(row, model.features))[0] == stored[0][0]


def test_everybody_left_out_is_counted(con):
    counts = (
        con.execute("SELECT reason, sum(n) AS n FROM model_exclusions GROUP BY reason").df().set_index("reason")["n"]
    )
    assert {"good", "bad", "indeterminate", "defaulted", "closed", "no_exposure", "overdraft_only"} <= set(counts.index)
    known = con.execute("SELECT count(*) FROM businesses WHERE customer_since <= DATE '2022-12-31'").fetchall()[0][0]
    month = con.execute("SELECT sum(n) FROM model_exclusions WHERE as_of = DATE '2022-12-31'").fetchall()[0][0]
    assert month == known


def test_default_rates_by_tier_use_the_test_rows(con):
    n = con.execute("SELECT sum(n) FROM model_metrics WHERE slice LIKE 'tier:%' AND metric = 'observed'").fetchall()[0][
        0
    ]
    assert n <= db.count(con, "model_test")
    assert value(con, "default", "tier:1", "observed") > value(con, "default", "tier:4", "observed")


def test_calibration_bins_are_stored_for_both_models(con):
    bins = con.execute("SELECT model, count(*) AS n FROM model_calibration GROUP BY model").df().set_index("model")["n"]
    assert dict(bins) == {"default": 10, "default_served": 10}


def test_the_build_keeps_no_working_table(con):
    tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert not tables & {
        "cohort_snapshot",
        "cohort_panel",
        "scored_rows",
        "feature_population",
        "cohort_labels",
        "feature_medians",
    }


def test_an_outcome_planted_in_the_raw_data_stops_the_model_and_not_the_build(tmp_path, monkeypatch):
    """`business_age_months` is overwritten by days to default, as a careless export of collection notes would."""
    con = bank(500, months=48)
    con.execute(
        "UPDATE businesses SET opened_on = DATE '1950-01-01' WHERE business_id IN (SELECT l.business_id FROM loans AS l"
        " JOIN repayments AS r USING (loan_id) WHERE r.days_past_due >= 90)"
    )
    assert train(DEFAULT, con, tmp_path) is None
    report = json.loads((tmp_path / REPORT).read_text(encoding="utf-8"))
    assert report["state"] == "refused"
    assert "business_age_months" in report["reason"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("DELETE FROM repayments", "send revenue and repayments"),
        ("DELETE FROM revenue", "send revenue and repayments"),
        ("DELETE FROM repayments WHERE month > DATE '2020-12-01'", "no outcome of 12 months is complete"),
        ("UPDATE repayments SET days_past_due = 0", "bads"),
    ],
)
def test_a_book_that_cannot_carry_a_model_is_scored_as_unknown(tmp_path, spoil, reason):
    con = bank(150, months=48)
    con.execute(spoil)
    model = train(DEFAULT, con, tmp_path)
    score(DEFAULT, con, model, date(2022, 12, 31))
    assert model is None
    assert reason in json.loads((tmp_path / REPORT).read_text(encoding="utf-8"))["reason"]
    rows = con.execute("FROM pd_scores").df()
    assert len(rows) == 150
    assert rows["pd_12m"].isna().all()
    assert "OK" not in set(rows["state"])
    assert db.count(con, "drivers") == 0


def test_a_history_too_short_for_a_test_says_so_and_still_serves(tmp_path):
    con = bank(900, months=36)
    assert train(DEFAULT, con, tmp_path) is not None
    report = json.loads((tmp_path / REPORT).read_text(encoding="utf-8"))
    assert "too short" in report["evaluation"]
    assert con.execute("SELECT DISTINCT model FROM model_metrics").fetchall() == [("default_served",)]
    shutil.rmtree(tmp_path)


def test_training_twice_gives_the_same_model(con, folder, tmp_path):
    train(DEFAULT, con, tmp_path)
    for seed in policy()["default"]["seeds"]:
        assert (tmp_path / f"seed_{seed}.txt").read_text() == (folder / f"seed_{seed}.txt").read_text()


def test_scored_test_rows_tell_the_same_story_as_the_metrics(con):
    rows = con.execute("FROM model_test").df()
    assert roc_auc_score(rows["label"], rows["p"]) == pytest.approx(value(con, "default", "all", "roc_auc"))
