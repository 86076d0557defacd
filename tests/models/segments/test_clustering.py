"""K-means recovers planted groups, a good k is proposed, and codes stay the same from build to build."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.models.segments import clustering, k_choice
from core.models.segments.model_files import load, save
from core.models.segments.tables import tier_agreement
from core.models.segments.transforms import Projection, Scale

FEATURES = ("income", "growth", "borrowing")
CENTRES = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0], [-2.0, -2.0, -2.0]])


def planted(size: int = 150, spread: float = 0.5, seed: int = 5) -> np.ndarray:
    """Points around four centres, in a random order."""
    random = np.random.default_rng(seed)
    points = np.repeat(CENTRES, size, axis=0) + random.normal(0, spread, (len(CENTRES) * size, 3))
    return points[random.permutation(len(points))]


def test_planted_k_is_proposed():
    metrics = k_choice.evaluate(planted(), range(2, 7))
    assert k_choice.best_k(metrics, 0.8) == 4
    assert {entry.k: entry.ari > 0.98 for entry in metrics}[4]


def test_noise_has_no_stable_k():
    noise = np.random.default_rng(1).normal(0, 1, (600, 6))
    assert max(entry.ari for entry in k_choice.evaluate(noise, range(4, 8))) < 0.8


def test_k_in_use_stays_unless_another_is_clearly_better():
    metrics = [k_choice.KMetrics(3, 0.30, 0.9, 0.8), k_choice.KMetrics(4, 0.31, 0.9, 0.8)]
    assert k_choice.best_k(metrics, 0.8, before=3, margin=0.02) == 3
    assert k_choice.best_k(metrics, 0.8, before=3, margin=0.005) == 4


def test_same_rows_give_the_same_segments():
    first, second = (clustering.fit(planted(), FEATURES, 4) for _ in range(2))
    assert first.codes == second.codes
    assert np.array_equal(first.centres, second.centres)


def test_codes_name_the_traits_of_a_segment_and_are_in_order():
    codes = clustering.fit(planted(), FEATURES, 4).codes
    assert codes[0] == "income_high"
    assert {"growth_high", "borrowing_high"} < {*codes}
    assert codes[-1].startswith("income_low")


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_fit_on_other_months_keeps_codes_and_places(seed):
    before = clustering.fit(planted(), FEATURES, 4)
    after = clustering.fit(planted(seed=seed) + 0.2, FEATURES, 4, before)
    assert after.codes == before.codes
    assert after.share_kept > 0.97


def test_segment_without_its_trait_gets_another_code():
    before = clustering.fit(planted(), FEATURES, 4)
    values = planted()
    values[before.labels(values) == before.codes.index("growth_high"), 1] -= 6.0  # now they shrink
    after = clustering.fit(values, FEATURES, 4, before)
    assert "growth_high" not in after.codes
    assert "borrowing_high" in after.codes


def test_outlier_attracts_no_centre():
    values = planted()
    fitted = clustering.fit(np.vstack([values, [[1e6, 0.0, 0.0]]]), FEATURES, 4)
    assert np.bincount(fitted.labels(values)).min() > 100


def test_feature_with_equal_quartiles_is_scaled_by_its_standard_deviation():
    values = np.c_[planted()[:, 0], np.r_[np.zeros(500), np.full(100, 2.0)], np.ones(600)]
    scale = Scale.fit(values)
    assert scale.spread[1] == pytest.approx(values[:, 1].std())
    assert scale.spread[2] == 1.0


def test_loaded_clustering_gives_the_same_labels_and_positions(tmp_path):
    fitted, values = clustering.fit(planted(), FEATURES, 4), planted(seed=9)
    save({"main": fitted}, {}, tmp_path)
    loaded = load(tmp_path)["main"]
    assert np.array_equal(loaded.labels(values), fitted.labels(values))
    assert np.allclose(loaded.positions(values), fitted.positions(values))


def test_picture_explains_the_share_of_variance_that_it_states():
    values = planted()
    points = Scale.fit(values)(values)
    projection = Projection.fit(points)
    shares = projection(points).var(0) / points.var(0).sum()
    assert shares == pytest.approx(projection.explained, rel=1e-3)


def test_projection_is_that_of_scikit_learn_with_the_largest_loading_positive():
    points = planted()
    projection = Projection.fit(points)
    assert np.allclose(projection(points), PCA(2).fit_transform(points))
    assert (projection.axes[np.arange(2), np.abs(projection.axes).argmax(axis=1)] > 0).all()


def test_no_rows_have_no_labels_and_no_positions():
    fitted = clustering.fit(planted(), FEATURES, 4)
    assert len(fitted.labels(np.empty((0, 3)))) == 0
    assert fitted.positions(np.empty((0, 3))).shape == (0, 2)


def test_groups_by_tier_repeat_the_tiers_and_random_groups_do_not():
    random = np.random.default_rng(2)
    tiers = random.integers(1, 6, 3000).astype(float)
    assert tier_agreement((tiers > 2).astype(int), tiers)[0] == pytest.approx(1.0)
    assert tier_agreement(random.integers(0, 3, 3000), tiers)[0] < 0.06


@pytest.mark.parametrize("tiers", [[], [np.nan, np.nan, np.nan], [1.0, 1.0, 1.0]])
def test_agreement_is_unknown_with_fewer_than_two_tiers(tiers):
    assert np.isnan(tier_agreement(np.arange(len(tiers)), np.array(tiers, float))).all()
