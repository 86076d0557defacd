"""Diagnostics of a model: figures that follow from its contributions, the same for the same rows."""

import numpy as np
import pandas as pd
import pytest

from core import db
from core.models.classifier import diagnostics
from core.models.classifier.explain import contributions
from core.models.classifier.model import Model, Recipe, fit, matrix, sigmoid

FEATURES = ("delay", "growth", "noise")
REASONS = ("record", "trend", "chance")
RECIPE = Recipe(FEATURES, (1, -1, 0), REASONS, (1, 2, 3, 4), rounds=30)


def table(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.normal(size=(n, 3)), columns=list(FEATURES))
    rows.loc[random.random(n) < 0.1, "growth"] = np.nan
    rows["business_id"] = [f"{seed}-{number}" for number in range(n)]
    strength = rows["delay"] * (1 + 0.8 * (rows["growth"] < 0)) - rows["growth"].fillna(0)
    rows["label"] = (random.random(n) < sigmoid(strength - 2.5)).astype(int)
    return rows


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(RECIPE, table(6000, 1), table(3000, 2)).model


@pytest.fixture(scope="module")
def drawn(model: Model) -> tuple[db.Connection, pd.DataFrame, diagnostics.Diagnostics]:
    con, rows = db.connect(), table(3000, 3)
    return con, rows, diagnostics.write(con, "toy", model, rows, "label")


def test_importance_is_the_mean_size_of_contributions_heaviest_first(drawn, model):
    con, rows, _ = drawn
    found = con.execute("SELECT feature, mean_abs FROM model_importance").df()
    sample = diagnostics._sample(rows, diagnostics.ROWS)
    expected = np.abs(contributions(model, matrix(sample, FEATURES))[:, :-1]).mean(axis=0)
    assert found["mean_abs"].is_monotonic_decreasing
    assert dict(zip(FEATURES, expected, strict=True)) == pytest.approx(found.set_index("feature")["mean_abs"].to_dict())


def test_the_beeswarm_has_a_point_a_row_and_feature_and_ranks_values(drawn):
    points = drawn[0].execute("FROM model_beeswarm").df()
    assert points.groupby("feature")["row"].nunique().eq(diagnostics.SWARM_ROWS).all()
    known = points.dropna(subset="value").sort_values(["feature", "value"])
    assert known.groupby("feature")["value_pct"].apply(lambda ranks: ranks.is_monotonic_increasing).all()
    assert points.loc[points["value"].isna(), "value_pct"].isna().all()


def test_interaction_values_add_up_to_the_contributions_also_where_values_are_missing(model):
    values = matrix(table(200, 5), FEATURES)
    assert np.isnan(values).any()
    cells = diagnostics.interaction_values(model, values)
    assert np.abs(cells.sum(axis=2) - contributions(model, values)[:, :-1]).max() < 1e-6


def test_the_planted_interaction_is_the_strongest_pair(drawn):
    first = drawn[0].execute("FROM model_interactions ORDER BY strength DESC").df().iloc[0]
    assert {first["feature_a"], first["feature_b"]} == {"delay", "growth"}


def test_correlation_is_spearmans_both_ways_round(drawn):
    table_ = drawn[0].execute("FROM feature_correlation").df()
    wide = table_.pivot(index="feature_a", columns="feature_b", values="correlation")
    assert np.allclose(wide.to_numpy(), wide.to_numpy().T)
    assert np.allclose(np.diag(wide), 1.0)
    curved = diagnostics.correlation(np.column_stack([np.arange(50.0), np.exp(np.arange(50.0))]), ("a", "b"))
    assert curved["correlation"].eq(1.0).all()


def test_boxes_are_quantiles_of_each_outcome():
    rows = pd.DataFrame({"label": [0] * 101 + [1] * 3, "x": [*map(float, range(101)), 5.0, 7.0, np.nan]})
    good, bad = diagnostics.boxes(rows, ["x"], "label").to_dict("records")
    assert (good["low"], good["q1"], good["median"], good["q3"], good["high"], good["n"]) == (5, 25, 50, 75, 95, 101)
    assert (bad["median"], bad["n"]) == (6.0, 2)


def test_the_same_rows_draw_the_same_diagnostics(drawn, model):
    con = db.connect()
    diagnostics.write(con, "toy", model, drawn[1], "label")
    for name in ("model_importance", "model_beeswarm", "model_interactions", "feature_boxes"):
        pd.testing.assert_frame_equal(
            con.execute(f"FROM {name} ORDER BY ALL").df(), drawn[0].execute(f"FROM {name} ORDER BY ALL").df()
        )


def test_two_models_share_the_tables_and_a_second_run_replaces_its_own_rows(model):
    con, rows = db.connect(), table(600, 4)
    for name in ("one", "two", "one"):
        diagnostics.write(con, name, model, rows, "label")
    assert con.execute("SELECT model, count(*) FROM model_importance GROUP BY ALL ORDER BY 1").fetchall() == [
        ("one", 3),
        ("two", 3),
    ]


def test_models_of_the_same_seeds_agree_on_every_reason(model):
    same = diagnostics.stability(model, matrix(table(300, 6), FEATURES), pair=(model, model))[-1]
    assert (same.between, same.top1, same.top3, same.ordered) == ("reseeded", 1.0, 1.0, True)


def test_reasons_that_chance_decides_lose_their_order(model):
    by_chance = np.random.default_rng(8).normal(size=(4, 900, 3))
    found = diagnostics.stability(model, matrix(table(9, 6), FEATURES), by_chance)
    assert [one.between for one in found] == ["seeds", "halves"]
    assert all(abs(one.top1 - 1 / 3) < 0.08 and not one.ordered for one in found)  # three groups, picked at random


def test_top_three_counts_as_a_set(model):
    # four groups would be needed for the sets to differ; of three groups every order is the same set
    by_chance = np.random.default_rng(8).normal(size=(2, 100, 3))
    assert diagnostics.stability(model, matrix(table(9, 6), FEATURES), by_chance)[-1].top3 == 1.0


def test_the_figure_to_go_by_stands_among_the_metrics_and_in_the_card(drawn):
    told = drawn[2]
    first = told.metrics.set_index(["slice", "metric"])["value"]
    assert first["all", "top1_reason_agreement"] == first["stability:halves", "top1_reason_agreement"]
    assert told.card["halves"]["top1"] == first["all", "top1_reason_agreement"]
    assert told.card["reasons_ordered"] == (told.card["halves"]["top1"] >= 0.8)
