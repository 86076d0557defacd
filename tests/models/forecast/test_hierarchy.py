"""The hierarchy: who gets a model, when a gate opens, what weights do, and when the whole is called worth having."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.models.forecast import hierarchy
from core.models.forecast import hierarchy_weights as weights
from core.models.forecast.hierarchy import Recipe, Rows, Said

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


def seen(asked: Rows, said: Said) -> weights.Validation:
    return weights.Validation(asked, said, lambda forecast: np.abs(forecast - asked.target), asked.period)


def counts(asked: Rows) -> pd.DataFrame:
    return hierarchy.grid(replace(SMALL, min_entities=5, min_periods=1), asked, REGIONS, CATEGORIES)


def test_six_regions_and_twelve_categories_make_79_models() -> None:
    assert len(hierarchy.cells(REGIONS, CATEGORIES)) == 1 + 6 + 72


def test_benjamini_hochberg_steps_up_from_the_largest_p_that_passes() -> None:
    # rate x place / 3 = 0.033, 0.067, 0.100: only the third passes, and takes the first two along.
    assert weights.benjamini_hochberg(np.array([0.08, 0.06, 0.07]), 0.10).tolist() == [True, True, True]
    # 0.025, 0.05, 0.075, 0.1: the third of four fails at 0.09, so only the first two are rejected.
    assert weights.benjamini_hochberg(np.array([0.01, 0.09, 0.04, 0.5]), 0.10).tolist() == [True, False, True, False]


def test_an_untested_cell_does_not_count_as_a_hypothesis() -> None:
    # With the NaN counted, 0.06 would be held against 0.05 and fail.
    assert weights.benjamini_hochberg(np.array([0.06, np.nan]), 0.10).tolist() == [True, False]


def test_the_standard_error_counts_an_entity_once_however_often_it_comes() -> None:
    # Sums by entity -2 and 2: (4 + 4) / 4^2 x 2/1 = 1. By block 0. The larger counts.
    mean, error, freedom = weights.clustered(np.array([1.0, 1, 3, 3]), np.array(list("aabb")), np.array([1, 2, 1, 2]))
    assert (mean, error, freedom) == (2.0, 1.0, 1)


def test_a_shock_that_hits_a_whole_block_widens_the_standard_error() -> None:
    # The same with the roles of entity and block exchanged.
    _, error, _ = weights.clustered(np.array([1.0, 1, 3, 3]), np.array([1, 2, 1, 2]), np.array(list("aabb")))
    assert error == 1.0


def test_the_weight_of_a_level_is_n_over_n_plus_k_behind_its_gate() -> None:
    # 300 / (300 + 100) and 100 / (100 + 100)
    assert weights.weight(np.array([300.0, 100.0, 300.0]), np.array([1, 1, 0], bool), 100.0).tolist() == [0.75, 0.5, 0]
    assert weights.weight(np.array([300.0]), np.array([True]), weights.NEVER).tolist() == [0.0]


def test_levels_are_combined_as_the_formula_says_and_a_missing_one_has_no_say() -> None:
    said = Said(np.array([10.0, 10.0]), np.array([20.0, 20.0]), np.array([30.0, np.nan]))
    half, fifth = np.array([0.5, 0.5]), np.array([0.2, 0.2])
    # 0.8 x (0.5 x 10 + 0.5 x 20) + 0.2 x 30 = 18; without the local model 15
    assert weights.combine(said, half, fifth).tolist() == [18.0, 15.0]


@pytest.fixture(scope="module")
def planted() -> tuple[hierarchy.Hierarchy, Rows, Said]:
    """Models grown on eight periods and asked for four more, one cell of 72 behaving the other way round."""
    everything = rows(72 * 70, 12, odd_cell=("R2", "c05"))
    models = hierarchy.fit(SMALL, everything.where(everything.period < 8), REGIONS, CATEGORIES)
    asked = everything.where(everything.period >= 8)
    return models, asked, hierarchy.predict(models, asked)


def test_a_cell_that_differs_opens_its_gate_and_gains(planted: tuple[hierarchy.Hierarchy, Rows, Said]) -> None:
    models, asked, said = planted
    found = weights.decide(seen(asked, said), models.counts).table.set_index("model_id")
    odd = found.loc["local_R2_c05"]
    assert odd["gate"]
    assert odd["weight"] > 0.3
    assert odd["loss_combined"] < 0.8 * odd["loss_global"]
    assert found["gate"].sum() <= 3  # a tenth of the opened gates may be false ones


def test_a_local_model_cannot_see_which_cell_it_is(planted: tuple[hierarchy.Hierarchy, Rows, Said]) -> None:
    models, _, _ = planted
    names = [*SMALL.features, *hierarchy.KEYS]
    splits = {
        cell: dict(zip(names, booster.feature_importance(), strict=True)) for cell, booster in models.boosters.items()
    }
    assert splits[hierarchy.WHOLE]["region"] > 0
    assert splits[hierarchy.WHOLE]["category"] > 0
    assert splits[("R2", "")]["region"] == 0
    assert splits[("R2", "")]["category"] > 0
    assert splits[("R2", "c05")]["region"] == splits[("R2", "c05")]["category"] == 0


def test_a_small_cell_gets_no_model_and_says_from_whom_it_inherits() -> None:
    few = rows(72 * 10, 12)
    found = hierarchy.grid(replace(SMALL, min_entities=60), few, REGIONS, CATEGORIES).set_index("model_id")
    assert found.loc["regional_R1", "entities"] == 120
    assert found.loc["regional_R1", "fitted"]
    assert found.loc["local_R1_c00", "entities"] == 10
    assert not found.loc["local_R1_c00", "fitted"]
    assert found.loc["local_R1_c00", "inherits"] == "region"


def test_the_number_of_threads_does_not_change_a_forecast() -> None:
    few = rows(72 * 10, 8)
    one, two = (hierarchy.fit(replace(SMALL, threads=threads), few, REGIONS, CATEGORIES) for threads in (1, 2))
    assert np.array_equal(hierarchy.predict(one, few).whole, hierarchy.predict(two, few).whole)


def test_corrections_on_top_of_the_global_model_start_from_what_it_says() -> None:
    everything = rows(72 * 10, 8)
    models = hierarchy.fit(replace(SMALL, onto_global=True), everything, REGIONS, CATEGORIES)
    said = hierarchy.predict(models, everything)
    # Twenty small trees on noise move little; without the global start they would have to find 0.5 x first.
    assert np.abs(said.regional - said.whole).mean() < 0.05


def noise(seed: int, shocks: float = 0.0) -> tuple[Rows, Said]:
    """72 cells of 20 entities in 12 periods; regional and local say what the global says, plus noise of their own."""
    asked, random = rows(72 * 20, 12, seed), np.random.default_rng(1_000 + seed)
    cell = asked.entity % 72
    common = random.normal(0, shocks, (72, 12))[cell, asked.period]
    whole = asked.target + random.normal(0, 0.3, len(asked))
    # Same size of error on both sides of the truth: neither is better.
    local = asked.target + (common + np.abs(whole - asked.target)) * random.choice([-1, 1], len(asked))
    noisy = local + 0.05 * random.normal(size=len(asked))
    return asked, Said(whole, noisy, noisy)


@pytest.mark.parametrize("shocks", [0.0, 0.1])
def test_gates_stay_shut_when_the_cells_do_not_differ(shocks: float) -> None:
    opened = [weights.gates(seen(*noise(seed, shocks)), counts(noise(seed)[0]))["gate"].sum() for seed in range(15)]
    # A false discovery rate of 10 % with nothing to discover: one run in ten opens any gate at all.
    assert np.mean(opened) / 78 < 0.005
    assert np.mean(np.array(opened) > 0) <= 0.3


def test_shut_gates_leave_the_global_forecast_as_it_is() -> None:
    asked, said = noise(3)
    worse = Said(said.whole, said.regional + 1.0, said.local + 1.0)
    found = weights.decide(seen(asked, worse), counts(asked))
    assert found.used == 1
    assert np.array_equal(found.combined(worse, asked), said.whole)
    assert np.allclose(found.table["loss_combined"], found.table["loss_global"])


@pytest.mark.parametrize("seed", range(5))
def test_weights_never_lose_to_the_global_model_where_they_were_chosen(seed: int) -> None:
    asked, said = noise(seed)
    better = Said(said.whole, said.regional, np.where(asked.region == "R1", asked.target, said.local))
    found = weights.decide(seen(asked, better), counts(asked)).table.set_index("model_id").loc["global"]
    assert found["loss_combined"] <= found["loss_global"]


def judged(gain: Callable[[Rows], np.ndarray | float]) -> weights.Verdict:
    """Verdict on losses around 1 that the hierarchy lowers by `gain` of the rows; each cell has 210 entities."""
    asked = rows(72 * 210, 2)
    plain = 1 + 0.1 * np.random.default_rng(5).normal(size=len(asked))
    return weights.verdict(plain, plain - gain(asked), asked, asked.period, draws=200)


def test_a_hierarchy_that_gains_everywhere_pays() -> None:
    found = judged(lambda _: 0.02)
    assert found.pays
    assert found.reason == "pays"
    assert found.low > 0
    assert found.difference == pytest.approx(0.02, abs=0.001)


def test_a_hierarchy_that_changes_nothing_does_not_pay_and_says_so() -> None:
    assert judged(lambda _: 0.0).reason == "same"


def test_a_hierarchy_that_ruins_one_big_cell_does_not_pay() -> None:
    found = judged(lambda asked: np.where((asked.region == "R3") & (asked.category == "c07"), -0.05, 0.02))
    assert not found.pays
    assert found.reason == "cell"
    assert found.worst_cell == "R3_c07"
    assert found.worst == pytest.approx(0.05, abs=0.005)


def test_a_gain_of_one_month_only_does_not_pay() -> None:
    # All of the gain comes in one of two periods: drawn again, the other may stand alone.
    assert judged(lambda asked: np.where(asked.period == 0, 0.02, -0.0001)).reason == "interval"
