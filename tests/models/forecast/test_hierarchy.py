"""The hierarchy of models: which cells get a model, when a gate opens, what weights do, and when it pays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.models.forecast import hierarchy
from core.models.forecast import hierarchy_weights as weights
from core.models.forecast.hierarchy import LevelPredictions, Recipe, Rows

REGIONS = tuple(f"R{number}" for number in range(1, 7))
CATEGORIES = tuple(f"c{number:02d}" for number in range(12))
SMALL = Recipe(("x", "z"), rounds={"global": 30, "regional": 20, "local": 20}, min_periods=6)


def rows(entities: int, periods: int, seed: int = 0, odd_cell: tuple[str, str] | None = None) -> Rows:
    """Every entity in every period; the target is 0.5 x everywhere, but -0.5 x in the odd cell."""
    random = np.random.default_rng(seed)
    entity, period = (axis.ravel() for axis in np.meshgrid(np.arange(entities), np.arange(periods), indexing="ij"))
    region, category = np.array(REGIONS, object)[entity % 6], np.array(CATEGORIES, object)[entity // 6 % 12]
    values = random.normal(size=(len(entity), 2))
    odd = np.zeros(len(entity), bool) if odd_cell is None else (region == odd_cell[0]) & (category == odd_cell[1])
    target = np.where(odd, -0.5, 0.5) * values[:, 0] + random.normal(0, 0.2, len(entity))
    return Rows(values, target, entity, period, region, category)


def validation(rows: Rows, predictions: LevelPredictions) -> weights.Validation:
    return weights.Validation(rows, predictions, lambda forecast: np.abs(forecast - rows.target), rows.period)


def counts(rows: Rows) -> pd.DataFrame:
    return hierarchy.grid(replace(SMALL, min_entities=5, min_periods=1), rows, REGIONS, CATEGORIES)


def test_six_regions_and_twelve_categories_make_79_models() -> None:
    assert len(hierarchy.cells(REGIONS, CATEGORIES)) == 1 + 6 + 72


def test_benjamini_hochberg_steps_up_from_the_largest_p_that_passes() -> None:
    # rate x place / 3 = 0.033, 0.067, 0.100: only the third passes, and takes the first two along.
    assert weights.rejected(np.array([0.08, 0.06, 0.07]), 0.10).tolist() == [True, True, True]
    # 0.025, 0.05, 0.075, 0.1: the third of four fails at 0.09, so only the first two are rejected.
    assert weights.rejected(np.array([0.01, 0.09, 0.04, 0.5]), 0.10).tolist() == [True, False, True, False]


def test_an_untested_cell_does_not_count_as_a_hypothesis() -> None:
    # With the NaN counted, 0.06 would be held against 0.05 and fail.
    assert weights.rejected(np.array([0.06, np.nan]), 0.10).tolist() == [True, False]


def test_the_standard_error_counts_an_entity_once_however_often_it_comes() -> None:
    # Sums by entity -2 and 2: (4 + 4) / 4^2 x 2/1 = 1. By period 0. The larger counts.
    mean, error, freedom = weights.clustered(np.array([1.0, 1, 3, 3]), np.array(list("aabb")), np.array([1, 2, 1, 2]))
    assert (mean, error, freedom) == (2.0, 1.0, 1)


def test_a_shock_that_hits_a_whole_period_widens_the_standard_error() -> None:
    # The same with the roles of entity and period exchanged.
    _, error, _ = weights.clustered(np.array([1.0, 1, 3, 3]), np.array([1, 2, 1, 2]), np.array(list("aabb")))
    assert error == 1.0


def test_the_weight_of_a_level_is_n_over_n_plus_k_behind_its_gate() -> None:
    # 300 / (300 + 100) and 100 / (100 + 100)
    assert weights.weight(np.array([300.0, 100.0, 300.0]), np.array([1, 1, 0], bool), 100.0).tolist() == [0.75, 0.5, 0]
    assert weights.weight(np.array([300.0]), np.array([True]), weights.NEVER).tolist() == [0.0]


def test_levels_are_combined_by_the_formula_and_a_missing_one_has_no_weight() -> None:
    predictions = LevelPredictions(np.array([10.0, 10.0]), np.array([20.0, 20.0]), np.array([30.0, np.nan]))
    half, fifth = np.array([0.5, 0.5]), np.array([0.2, 0.2])
    # 0.8 x (0.5 x 10 + 0.5 x 20) + 0.2 x 30 = 18; without the local model 15
    assert weights.combine(predictions, half, fifth).tolist() == [18.0, 15.0]


@pytest.fixture(scope="module")
def planted() -> tuple[hierarchy.Hierarchy, Rows, LevelPredictions]:
    """Models fitted on eight periods, and predictions of four more; the slope of one cell of 72 is the opposite."""
    everything = rows(72 * 70, 12, odd_cell=("R2", "c05"))
    models = hierarchy.fit(SMALL, everything.select(everything.period < 8), REGIONS, CATEGORIES)
    ahead = everything.select(everything.period >= 8)
    return models, ahead, hierarchy.predict(models, ahead)


def test_a_cell_that_differs_opens_its_gate_and_gains(
    planted: tuple[hierarchy.Hierarchy, Rows, LevelPredictions],
) -> None:
    models, ahead, predictions = planted
    table = weights.decide(validation(ahead, predictions), models.counts).table.set_index("model_id")
    odd = table.loc["local_R2_c05"]
    assert odd["gate"]
    assert odd["weight"] > 0.3
    assert odd["loss_combined"] < 0.8 * odd["loss_global"]
    assert table["gate"].sum() <= 3  # a tenth of the opened gates may be false ones


def test_a_local_model_cannot_see_which_cell_it_is(planted: tuple[hierarchy.Hierarchy, Rows, LevelPredictions]) -> None:
    models, _, _ = planted
    names = [*SMALL.features, *hierarchy.KEYS]
    splits = {
        cell: dict(zip(names, booster.feature_importance(), strict=True)) for cell, booster in models.boosters.items()
    }
    assert splits[hierarchy.GLOBAL]["region"] > 0
    assert splits[hierarchy.GLOBAL]["category"] > 0
    assert splits[("R2", "")]["region"] == 0
    assert splits[("R2", "")]["category"] > 0
    assert splits[("R2", "c05")]["region"] == splits[("R2", "c05")]["category"] == 0


def test_a_small_cell_gets_no_model_and_names_the_level_it_inherits() -> None:
    few = rows(72 * 10, 12)
    table = hierarchy.grid(replace(SMALL, min_entities=60), few, REGIONS, CATEGORIES).set_index("model_id")
    assert table.loc["regional_R1", "entities"] == 120
    assert table.loc["regional_R1", "fitted"]
    assert table.loc["local_R1_c00", "entities"] == 10
    assert not table.loc["local_R1_c00", "fitted"]
    assert table.loc["local_R1_c00", "inherits"] == "region"


def test_the_number_of_threads_does_not_change_a_forecast() -> None:
    few = rows(72 * 10, 8)
    first, second = (hierarchy.fit(replace(SMALL, threads=threads), few, REGIONS, CATEGORIES) for threads in (1, 2))
    assert np.array_equal(hierarchy.predict(first, few).whole, hierarchy.predict(second, few).whole)


def test_corrections_on_top_of_the_global_model_start_from_its_predictions() -> None:
    everything = rows(72 * 10, 8)
    models = hierarchy.fit(replace(SMALL, onto_global=True), everything, REGIONS, CATEGORIES)
    predictions = hierarchy.predict(models, everything)
    # Twenty small trees on noise move little; without the global start they would have to find 0.5 x first.
    assert np.abs(predictions.regional - predictions.whole).mean() < 0.05


def noise(seed: int, shocks: float = 0.0) -> tuple[Rows, LevelPredictions]:
    """72 cells of 20 entities in 12 periods; regional and local predictions are no better than global ones."""
    ahead, random = rows(72 * 20, 12, seed), np.random.default_rng(1_000 + seed)
    cell = ahead.entity % 72
    common = random.normal(0, shocks, (72, 12))[cell, ahead.period]
    whole = ahead.target + random.normal(0, 0.3, len(ahead))
    # Same size of error on both sides of the truth: neither is better.
    local = ahead.target + (common + np.abs(whole - ahead.target)) * random.choice([-1, 1], len(ahead))
    noisy = local + 0.05 * random.normal(size=len(ahead))
    return ahead, LevelPredictions(whole, noisy, noisy)


@pytest.mark.parametrize("shocks", [0.0, 0.1])
def test_gates_stay_shut_when_the_cells_do_not_differ(shocks: float) -> None:
    opened = [
        weights.gates(validation(*noise(seed, shocks)), counts(noise(seed)[0]))["gate"].sum() for seed in range(15)
    ]
    # A false discovery rate of 10 % with nothing to discover: one run in ten opens any gate at all.
    assert np.mean(opened) / 78 < 0.005
    assert np.mean(np.array(opened) > 0) <= 0.3


def test_shut_gates_leave_the_global_forecast_as_it_is() -> None:
    ahead, predictions = noise(3)
    worse = LevelPredictions(predictions.whole, predictions.regional + 1.0, predictions.local + 1.0)
    chosen = weights.decide(validation(ahead, worse), counts(ahead))
    assert chosen.used == 1
    assert np.array_equal(chosen.combined(worse, ahead), predictions.whole)
    assert np.allclose(chosen.table["loss_combined"], chosen.table["loss_global"])


@pytest.mark.parametrize("seed", range(5))
def test_weights_never_lose_to_the_global_model_where_they_were_chosen(seed: int) -> None:
    ahead, predictions = noise(seed)
    better = LevelPredictions(
        predictions.whole, predictions.regional, np.where(ahead.region == "R1", ahead.target, predictions.local)
    )
    whole = weights.decide(validation(ahead, better), counts(ahead)).table.set_index("model_id").loc["global"]
    assert whole["loss_combined"] <= whole["loss_global"]


def verdict(gain: Callable[[Rows], np.ndarray | float]) -> weights.Verdict:
    """Verdict on losses around 1, which the hierarchy lowers by `gain`; each cell has 210 entities."""
    ahead = rows(72 * 210, 2)
    plain = 1 + 0.1 * np.random.default_rng(5).normal(size=len(ahead))
    return weights.verdict(plain, plain - gain(ahead), ahead, ahead.period, draws=200)


def test_a_hierarchy_that_gains_everywhere_pays() -> None:
    result = verdict(lambda _: 0.02)
    assert result.pays
    assert result.reason == "pays"
    assert result.low > 0
    assert result.difference == pytest.approx(0.02, abs=0.001)


def test_a_hierarchy_that_changes_nothing_does_not_pay() -> None:
    assert verdict(lambda _: 0.0).reason == "same"


def test_a_hierarchy_that_ruins_one_big_cell_does_not_pay() -> None:
    result = verdict(lambda rows: np.where((rows.region == "R3") & (rows.category == "c07"), -0.05, 0.02))
    assert not result.pays
    assert result.reason == "cell"
    assert result.worst_cell == "R3_c07"
    assert result.worst == pytest.approx(0.05, abs=0.005)


def test_a_gain_of_one_month_only_does_not_pay() -> None:
    # All of the gain comes from one of two periods: a resample may hold the other one alone.
    assert verdict(lambda rows: np.where(rows.period == 0, 0.02, -0.0001)).reason == "interval"
