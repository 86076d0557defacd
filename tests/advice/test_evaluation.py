"""recommend-eval: the test is used at the end only, and a planted taste is found."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.advice import evaluation
from core.errors import DataError
from tests.conftest import core

ITEMS = 30


def _split(users: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Users take five items of their own group of ten, and items 0 to 4 of everybody's, one of them later."""
    rng = np.random.default_rng(5)
    train, test = [], []
    for user in range(users):
        group = np.arange(10 * (user % 3), 10 * (user % 3) + 10)
        taken = rng.permutation(group)[:5]
        often = rng.permutation(5)[:2]
        train += [(f"u{user}", f"i{item}", user % 3) for item in {*taken[:4], *often}]
        test.append((f"u{user}", f"i{taken[4]}", user % 3))
    columns = ["user_id", "item_id", "segment"]
    return pd.DataFrame(train, columns=columns), pd.DataFrame(test, columns=columns)


def test_a_planted_taste_beats_popularity_and_chance():
    train, test = _split()
    models = evaluation.report(train, test, k=5)["models"]
    for model in ("ease", "item_knn", "segment_popularity"):
        assert models[model]["ndcg"] > models["popularity"]["ndcg"] + 0.1 > models["random"]["ndcg"]


def test_the_choice_of_the_ridge_never_sees_the_test():
    train, test = _split(200)
    other = test.assign(item_id=test["item_id"].sample(frac=1, random_state=1).to_numpy())
    assert evaluation.report(train, test, 5)["chosen"] == evaluation.report(train, other, 5)["chosen"]


def test_the_ridge_is_at_least_as_good_as_its_neighbours():
    train, _ = _split()
    ridge, ndcg_by_ridge = evaluation.choose_ridge(evaluation.holdings(train).matrix, 5)
    place = evaluation.RIDGES.index(ridge)
    around = evaluation.RIDGES[max(place - 1, 0) : place + 2]
    assert {f"{neighbour:g}" for neighbour in around} <= set(ndcg_by_ridge)
    assert max(ndcg_by_ridge.values()) == ndcg_by_ridge[f"{ridge:g}"]


def test_cold_users_get_what_is_popular_and_are_evaluated_apart():
    train, test = _split(200)
    most = train["item_id"].value_counts().index[0]
    stranger = pd.DataFrame([("new", most, 0), ("new2", "never seen", 0)], columns=test.columns)
    both = evaluation.report(train, pd.concat([test, stranger]), 1)
    alone = evaluation.report(train, test, 1)
    assert both["cold"]["users"] == 2
    assert both["cold"]["recall"] == 0.5
    # Without the strangers the others' figures are the same.
    assert both["models"]["ease"]["ndcg"] == alone["models"]["ease"]["ndcg"]
    assert both["test"]["users_judged"] == alone["test"]["users_judged"]


def test_pairs_that_the_user_had_before_are_left_out():
    train, test = _split(200)
    again = pd.concat([test, train.head(50)])
    new = set(zip(test["user_id"], test["item_id"], strict=True)) - set(
        zip(train["user_id"], train["item_id"], strict=True)
    )
    assert evaluation.report(train, again, 5)["test"]["pairs_judged"] == len(new) < len(test)


def test_items_the_training_never_met_count_as_missed():
    train, test = _split(200)
    unseen = test.assign(item_id="never seen")
    with_unseen = evaluation.report(train, pd.concat([test, unseen]), 5)["models"]["ease"]["recall"]
    # Every user wants one item more that nobody can recommend: whoever had a new item before has half the recall now.
    new = len(
        set(zip(test["user_id"], test["item_id"], strict=True))
        - set(zip(train["user_id"], train["item_id"], strict=True))
    )
    assert with_unseen * 200 == pytest.approx(evaluation.report(train, test, 5)["models"]["ease"]["recall"] * new / 2)


def test_blocks_of_users_change_nothing(monkeypatch: pytest.MonkeyPatch):
    train, test = _split(200)
    whole = evaluation.report(train, test, 5)["models"]
    monkeypatch.setattr(evaluation, "BLOCK", 7)
    parts = evaluation.report(train, test, 5)["models"]
    assert [parts[name]["ndcg"] for name in ("ease", "als")] == [whole[name]["ndcg"] for name in ("ease", "als")]


def test_two_files_of_different_people_are_refused():
    train, test = _split(50)
    with pytest.raises(DataError, match="no pair of the test"):
        evaluation.report(train, test.assign(user_id="x" + test["user_id"]), 5)


def test_the_command_writes_the_report(tmp_path: Path):
    train, test = _split(100)
    train.drop(columns="segment").to_parquet(tmp_path / "a.parquet")
    test.drop(columns="segment").to_csv(tmp_path / "b.csv", index=False)
    options = ("--train", f"{tmp_path}/a.parquet", "--test", f"{tmp_path}/b.csv", "--out", f"{tmp_path}/deep/r.json")
    process = core(tmp_path, "recommend-eval", *options, "--k", "3")
    assert process.returncode == 0, process.stderr
    assert "Warning" not in process.stderr
    report = json.loads((tmp_path / "deep" / "r.json").read_text(encoding="utf-8"))
    assert report["k"] == 3
    assert set(report["models"]) == {"ease", "item_knn", "als", "bpr", "popularity", "random"}


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"gone\.parquet does not exist"):
        evaluation.read(tmp_path / "gone.parquet")
