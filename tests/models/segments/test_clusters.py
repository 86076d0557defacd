"""Groups that were planted are found, k is proposed for reasons, and nothing turns when it is done again."""

import numpy as np
import pytest

from core.models.segments import clusters
from core.models.segments.clustering import clustered, load, save

FEATURES = ("income", "growth", "borrowing")
CENTRES = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0], [-2.0, -2.0, -2.0]])


def planted(each: int = 150, spread: float = 0.5, seed: int = 5) -> np.ndarray:
    """Points around four centres, in a mixed order."""
    random = np.random.default_rng(seed)
    points = np.repeat(CENTRES, each, axis=0) + random.normal(0, spread, (len(CENTRES) * each, 3))
    return points[random.permutation(len(points))]


def test_the_k_that_was_planted_is_proposed():
    figures = clusters.judged(planted(), range(2, 7))
    assert clusters.proposed(figures, 0.8) == 4
    assert {figure.k: figure.ari > 0.98 for figure in figures}[4]


def test_noise_has_no_k_that_lasts():
    noise = np.random.default_rng(1).normal(0, 1, (600, 6))
    assert max(figure.ari for figure in clusters.judged(noise, range(4, 8))) < 0.8


def test_the_k_in_use_stays_unless_another_is_clearly_better():
    figures = [clusters.Figure(3, 0.30, 0.9, 0.8), clusters.Figure(4, 0.31, 0.9, 0.8)]
    assert clusters.proposed(figures, 0.8, before=3, margin=0.02) == 3
    assert clusters.proposed(figures, 0.8, before=3, margin=0.005) == 4


def test_done_again_the_same_rows_give_the_same_segments():
    one, other = (clustered(planted(), FEATURES, 4) for _ in range(2))
    assert one.codes == other.codes
    assert np.array_equal(one.points, other.points)


def test_codes_say_what_sets_a_segment_apart_and_stand_in_order():
    found = clustered(planted(), FEATURES, 4)
    assert found.codes[0] == "income_high"
    assert {"growth_high", "borrowing_high"} < {*found.codes}
    assert found.codes[-1].startswith("income_low")


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_a_retrain_on_other_months_keeps_names_and_places(seed):
    before = clustered(planted(), FEATURES, 4)
    after = clustered(planted(seed=seed) + 0.2, FEATURES, 4, before)
    assert after.codes == before.codes
    assert after.kept > 0.97


def test_a_segment_whose_trait_is_gone_gets_another_name():
    before = clustered(planted(), FEATURES, 4)
    values = planted()
    values[before.assigned(values) == before.codes.index("growth_high"), 1] -= 6.0  # now they shrink
    after = clustered(values, FEATURES, 4, before)
    assert "growth_high" not in after.codes
    assert "borrowing_high" in after.codes


def test_one_in_a_thousand_times_as_large_draws_no_centre():
    values = planted()
    found = clustered(np.vstack([values, [[1e6, 0.0, 0.0]]]), FEATURES, 4)
    sizes = np.bincount(found.assigned(values))
    assert sizes.min() > 100


def test_a_feature_that_most_lack_is_scaled_by_its_deviation():
    values = np.c_[planted()[:, 0], np.r_[np.zeros(500), np.full(100, 2.0)]]
    scale = clusters.Scale.of(values)
    assert scale.spread[1] == pytest.approx(values[:, 1].std())


def test_read_back_from_its_file_it_assigns_everyone_the_same(tmp_path):
    found, values = clustered(planted(), FEATURES, 4), planted(seed=9)
    save({"main": found}, {}, tmp_path)
    again = load(tmp_path)["main"]
    assert np.array_equal(again.assigned(values), found.assigned(values))
    assert np.allclose(again.drawn(values), found.drawn(values))


def test_the_picture_explains_what_it_says():
    values = planted()
    points = clusters.Scale.of(values)(values)
    plane = clusters.Plane.of(points)
    shares = plane(points).var(0) / points.var(0).sum()
    assert shares == pytest.approx(plane.explained, rel=1e-3)


def test_groups_made_of_tiers_repeat_them_and_groups_made_by_chance_do_not():
    random = np.random.default_rng(2)
    tiers = random.integers(1, 6, 3000).astype(float)
    assert clusters.restated((tiers > 2).astype(int), tiers)[0] == pytest.approx(1.0)
    assert clusters.restated(random.integers(0, 3, 3000), tiers)[0] < 0.06
