"""The whole of a training, on small tables and on two public ones with published results."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.compare import training
from core.compare.table import Options, Table
from core.errors import DataError
from tests.compare.tables import QUICK, loans, table


def test_a_report_holds_every_model_and_every_figure(tmp_path: Path) -> None:
    training.train(table(loans()), tmp_path, replace(QUICK, seconds=90, smote=True, explain=True))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(report["models"]) == {"logistic", "lightgbm", "blend", "logistic_smote", "lightgbm_smote"}
    for metrics in report["models"].values():
        names = {"roc_auc", "pr_auc", "brier", "log_loss", "calibration_slope", "seconds", "ks", "lift", "intervals"}
        assert names <= set(metrics)
    assert report["champion"] == min(report["models"], key=lambda key: report["models"][key]["log_loss"])
    assert report["importance"]["lightgbm"][0]["feature"] in ("debt", "sales")
    assert len(report["beeswarm"]) == 4 * 400


def test_the_predictions_are_those_the_champion_is_judged_by(tmp_path: Path) -> None:
    from sklearn.metrics import log_loss

    frame = loans().assign(shop=[f"s{number}" for number in range(400)])
    report = training.train(table(frame, entity="shop"), tmp_path, QUICK)
    predictions = pd.read_parquet(tmp_path / "predictions.parquet")
    assert predictions["entity"].tolist() == frame["shop"].tolist()
    assert log_loss(frame["bad"], predictions["p"]) == pytest.approx(report["models"][report["champion"]]["log_loss"])


def test_the_same_seed_gives_the_same_predictions(tmp_path: Path) -> None:
    for name in ("a", "b"):
        training.train(table(loans()), tmp_path / name, QUICK)
    a, b = (pd.read_parquet(tmp_path / name / "predictions.parquet") for name in ("a", "b"))
    pd.testing.assert_frame_equal(a, b)


def test_a_tested_row_has_no_say_in_its_own_chance(tmp_path: Path) -> None:
    # turn one tested label round: a chance that moves has seen it
    frame = loans().assign(part=np.where(np.arange(400) < 300, "train", "test"))
    turned = frame.copy()
    turned.loc[399, "bad"] = 1 - turned.loc[399, "bad"]
    options = replace(QUICK, smote=True, seconds=90)  # enough for every setting: a search cut short may differ
    p = {}
    for name, rows in (("as_is", frame), ("turned", turned)):
        training.train(table(rows, fold="part"), tmp_path / name, options)
        p[name] = pd.read_parquet(tmp_path / name / "predictions.parquet")["p"]
    np.testing.assert_array_equal(p["as_is"], p["turned"])


@pytest.mark.parametrize(("rows", "columns"), [(50, 3), (60, 500)])
def test_few_rows_and_many_columns_are_trained(rows: int, columns: int, tmp_path: Path) -> None:
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(rows, columns))).add_prefix("v")
    report = training.train(table(pd.concat([loans(rows), noise], axis=1)), tmp_path, QUICK)
    assert report["models"][report["champion"]]["log_loss"] < 0.75


def test_names_that_json_or_lightgbm_refuse_are_no_obstacle(tmp_path: Path) -> None:
    odd = {"debt": 'a "quoted", {name}: [1]', "sales": "월 매출 (원)", "branch": "<b>\\", "noise": "a,b"}
    frame = loans().rename(columns=odd)
    training.train(table(frame), tmp_path, QUICK)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(report["table"]["features"]) == set(odd.values())


def test_a_table_of_keys_alone_is_refused_with_the_reasons(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": [f"n{number}" for number in range(60)], "bad": np.arange(60) % 2})
    with pytest.raises(DataError, match=r"no feature is left .*name: identifier-like"):
        training.train(table(frame), tmp_path, QUICK)


def test_rows_without_a_label_are_left_out_and_counted(tmp_path: Path) -> None:
    frame = loans().astype({"bad": float})
    frame.loc[:9, "bad"] = np.nan
    report = training.train(table(frame), tmp_path, QUICK)
    assert report["table"]["rows"] == 390
    assert {"label_missing"} <= {warning["code"] for warning in report["table"]["warnings"]}
    assert pd.read_parquet(tmp_path / "predictions.parquet")["row"].min() == 10


def test_the_recipe_takes_part_where_signs_are_given(tmp_path: Path) -> None:
    report = training.train(table(loans(), signs={"debt": 1, "sales": -1}), tmp_path, QUICK)
    assert report["models"]["recipe"]["roc_auc"] > 0.7


def public(shared_data: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared_data / "public" / name)


def test_the_papers_regression_makes_the_papers_errors(shared_data: Path, tmp_path: Path) -> None:
    # Li, Mickel, Taylor (2018): learned where Selected = 1, 324 + 14 errors of 1,050 on the rest, AUC .735
    frame = public(shared_data, "sba_california_case.csv")
    five = ("RealEstate", "Recession", "Portion", "New", "SBA_Appv")
    textbook = Options(train_fold="1", models=("logistic",), search=False, calibrate=False, smote=False, cost_fn=1.0)
    made = Table(frame, "Default", None, None, five, fold="Selected")
    report = training.train(made, tmp_path, replace(textbook, explain=False))
    metrics: dict[str, Any] = report["models"]["logistic"]
    assert round((1 - metrics["accuracy"]) * 1050) == 338
    assert metrics["roc_auc"] == pytest.approx(0.735, abs=0.0015)


@pytest.mark.slow
def test_small_data_let_the_simple_models_win(shared_data: Path, tmp_path: Path) -> None:
    frame = public(shared_data, "german_credit.csv")
    frame["20"] = frame["20"] - 1
    features = tuple(str(place) for place in range(20))
    options = Options(seconds=25, smote=False, explain=False)
    report = training.train(Table(frame, "20", None, None, features), tmp_path, options)
    champion = report["models"][report["champion"]]
    assert champion["roc_auc"] >= 0.79
    assert 0.9 <= champion["calibration_slope"] <= 1.1
