"""The churn model from raw tables to chances, levels and reasons, and the books that cannot carry one."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import db, tables
from core.compare.bank_tables import PROBLEMS
from core.config import CORE, policy
from core.features.catalogue import catalogue
from core.models.churn import spells
from core.models.churn.flows import flows
from core.models.churn.problem import CAUSES, CHURN
from core.models.classifier import cohorts, model_files
from core.models.classifier import model as classify
from core.models.classifier.explain import reason_names
from core.models.classifier.score import score
from core.models.classifier.scorer import SCORE_FIELDS
from core.models.classifier.train import REPORT, train
from tests.churn_bank import bank

NEWEST = date(2023, 12, 31)


@pytest.mark.parametrize(
    ("chance", "level"),
    [(0.0, "normal"), (0.1499, "normal"), (0.15, "watch"), (0.2999, "watch"), (0.30, "risk"), (0.4999, "risk"),
     (0.50, "severe"), (1.0, "severe")],
)  # fmt: skip
def test_a_level_begins_at_its_boundary(chance, level):
    con = bank("A")
    spells.make_temp_tables(con)
    cohorts.snapshot(con, CHURN, NEWEST)
    scored = pa.record_batch(
        {"business_id": ["A"], "log_odds": [0.0], "probability": [chance]}, pa.schema(SCORE_FIELDS)
    )
    tables.keep_batches(con, "scored_rows", scored.schema, iter([scored]))
    ends = dict(zip(CHURN.band_names, CHURN.cuts, strict=True))
    assert db.query(con, "core/models/churn/sql/churn_scores", ends)["level"].tolist() == [level]


def test_an_outcome_is_certain_when_the_last_sign_of_the_window_can_be_seen():
    # one month ahead, three months of window, three more until a drained deposit has stayed drained
    assert CHURN.window_months == (1, 4)
    assert CHURN.known_after_months == 7


def test_detection_is_counted_by_cause_in_the_tenth_of_each_month():
    p = np.linspace(1, 0, 20)
    scored = pd.DataFrame({"as_of": "2023-01-31", "p": p, "label": 0, "cause": None})
    scored.loc[[0, 1, 2], "label"] = 1  # the first two of twenty are the top tenth, the third is not
    scored.loc[[0, 1, 2], "cause"] = ["outflow", "inactivity", "outflow"]
    found = pd.concat(CHURN.test_metrics(bank(), scored)).set_index("slice")["value"]
    assert found.to_dict() == {"all": 2 / 3, "cause:inactivity": 1.0, "cause:outflow": 0.5}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("DELETE FROM balances", "send balances and revenue"),
        ("DELETE FROM revenue", "send balances and revenue"),
        ("DELETE FROM balances WHERE month > DATE '2022-06-01'", "no outcome of 7 months is complete"),
        ("UPDATE holdings SET closed_on = NULL", "0 leavers in"),
    ],
)
def test_a_book_that_cannot_carry_a_model_is_refused_with_a_reason_and_scored_as_unknown(tmp_path, spoil, reason):
    con = bank("A", "B")
    con.execute(spoil)
    model = train(CHURN, con, tmp_path)
    score(CHURN, con, model, NEWEST)
    assert model is None
    assert reason in json.loads((tmp_path / REPORT).read_text(encoding="utf-8"))["reason"]
    rows = con.execute("FROM churn_scores").df()
    assert len(rows) == 2
    assert rows["churn_3m"].isna().all()
    assert set(rows["state"]) <= {"NO_MODEL", "NO_ACCOUNT", "LEFT"}
    flows(con)
    assert db.count(con, "drivers") == 0


@pytest.fixture(scope="module")
def served(demo_build):
    """The build of the demo bank, with a writable database in front of it."""
    folder = demo_build / "builds" / db.current_build(demo_build / "builds")
    with db.connect() as con:
        con.execute(f"ATTACH '{folder / db.DATABASE}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        yield con, folder


def figure(con, piece, metric, model="churn"):
    found = con.execute(
        "SELECT value, low, high FROM model_metrics WHERE model = $model AND slice = $slice AND metric = $metric",
        {"model": model, "slice": piece, "metric": metric},
    ).fetchall()
    return found[0]


@pytest.mark.slow
def test_it_ranks_leavers_out_of_time_without_being_too_good(served):
    con, folder = served
    report = json.loads((folder / "models" / "churn" / REPORT).read_text(encoding="utf-8"))
    assert report["evaluation"] == "out_of_time"
    assert report["test_read"] == ["trial"]
    value, low, high = figure(con, "all", "roc_auc")
    assert 0.6 < low < value < high
    assert value < 0.92


@pytest.mark.slow
def test_its_chances_are_calibrated_as_far_as_the_test_can_tell(served):
    con, _ = served
    _, low, high = figure(con, "all", "calibration_slope")
    assert low < 1.2
    assert high > 0.8
    _, low, high = figure(con, "all", "expected_to_observed")
    assert low < 1 < high


@pytest.mark.slow
def test_the_trial_knew_nothing_of_the_test_months(served):
    _, folder = served
    trial = json.loads((folder / "models" / "churn" / REPORT).read_text(encoding="utf-8"))["trial"]
    last = max(trial["fit"]["to"], trial["calibration_window"]["to"])
    first = pd.Timestamp(trial["test"]["from"])
    assert pd.Timestamp(last) + pd.offsets.MonthEnd(8) <= first  # seven months until certain, one until reported


@pytest.mark.slow
def test_scored_test_rows_tell_the_same_story_as_the_metrics(served):
    con, _ = served
    rows = con.execute("FROM model_test WHERE model = 'churn'").df()
    auc = classify.single_auc(rows["p"].to_numpy(), rows["label"].to_numpy(float))
    assert auc == pytest.approx(figure(con, "all", "roc_auc")[0])
    assert set(rows["outcome"]) == {"stayed", "churned", "business_closed"}


@pytest.mark.slow
def test_every_known_business_has_a_chance_with_its_level_or_a_reason_for_none(served):
    con, _ = served
    rows = con.execute("FROM churn_scores").df()
    assert not rows.duplicated(["business_id", "as_of"]).any()
    assert (rows["churn_3m"].notna() == (rows["state"] == "OK")).all()
    known = rows.dropna(subset="churn_3m")
    expected = np.array(["normal", "watch", "risk", "severe"])[
        np.digitize(known["churn_3m"], policy()["churn"]["levels"])
    ]
    assert (known["level"] == expected).all()


@pytest.mark.slow
def test_drivers_and_inputs_belong_to_the_chance_on_the_screen(served):
    con, folder = served
    model = model_files.load(folder / "models" / "churn")
    inputs = con.execute("FROM model_inputs_churn").df()
    assert inputs.columns.tolist() == ["business_id", *[feature.feature for feature in catalogue("churn")]]
    assert inputs["business_id"].is_monotonic_increasing
    chances = con.execute(
        "SELECT s.business_id, s.churn_3m FROM churn_scores AS s JOIN model_inputs_churn USING (business_id)"
        " WHERE s.as_of = (SELECT max(as_of) FROM churn_scores) ORDER BY s.business_id"
    ).df()
    again = model.probability(classify.matrix(inputs, model.features))
    assert np.abs(again - chances["churn_3m"]).max() < 1e-12
    counted = con.execute("SELECT count(*), count(DISTINCT business_id) FROM drivers WHERE model = 'churn'").fetchall()
    assert counted == [(len(inputs) * len(reason_names(model)), len(inputs))]


@pytest.mark.slow
def test_the_demo_bank_leaves_by_all_four_causes_and_every_month_adds_up(served):
    con, _ = served
    shares = dict(con.execute("SELECT cause, share FROM churn_causes WHERE period = 'all'").fetchall())
    assert shares.pop("business_closed") is None
    assert set(shares) == set(CAUSES)
    assert sum(shares.values()) == pytest.approx(1)
    wrong = con.execute(
        "SELECT count(*) FROM churn_flows WHERE active_end <> active_start + new + reactivated - churned - closed"
    ).fetchall()
    assert wrong == [(0,)]
    assert con.execute("SELECT count(DISTINCT month) FROM churn_flows WHERE provisional").fetchall() == [(3,)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "churn"])
def test_a_problem_is_a_table_for_the_comparison(served, name):
    con, _ = served
    table = PROBLEMS[name](con)
    assert set(table.features) <= set(table.rows.columns)
    assert set(table.rows["label"]) == {0, 1}
    assert not table.rows.duplicated(["business_id", "as_of"]).any()
    assert not {"outcome", "cause"} & set(table.features)


def test_the_trainer_has_no_word_about_either_problem():
    for file in (CORE / "models" / "classifier").rglob("*.*"):
        if file.suffix in (".py", ".sql"):
            text = file.read_text(encoding="utf-8")
            assert "pd_" not in text
            assert "churn" not in text


def test_every_leaver_is_learned_from_and_each_other_business_in_one_cohort_of_three():
    panel = pd.DataFrame(
        [
            (name, month, int(name == "B1"))
            for month in ("2023-01", "2023-04", "2023-07")
            for name in ("B1", "B2", "B3")
        ],
        columns=["business_id", "as_of", "label"],
    )
    kept = cohorts.thinned(panel, 3).groupby("business_id")["as_of"].nunique()
    assert kept.to_dict() == {"B1": 3, "B2": 1, "B3": 1}
    assert cohorts.thinned(panel, 1) is panel
