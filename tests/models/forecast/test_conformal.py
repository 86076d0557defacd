"""Conformal intervals: width by group, and coverage on rows that they were not calibrated on."""

import json

import numpy as np
import pytest

from core.models.forecast import conformal


def test_the_quantile_is_the_one_that_split_conformal_asks_for() -> None:
    # ceil(10 x 0.8) = 8th of nine; ceil(20 x 0.95) = 19th of nineteen; ceil(19 x 0.95) = 19 of eighteen: unknown
    assert conformal.quantile(np.arange(1.0, 10.0), 0.80) == 8.0
    assert conformal.quantile(np.arange(1.0, 20.0), 0.95) == 19.0
    assert conformal.quantile(np.arange(1.0, 19.0), 0.95) == np.inf


@pytest.mark.parametrize("nominal", conformal.NOMINAL)
def test_coverage_is_as_promised_on_exchangeable_rows_of_uneven_width(nominal: float) -> None:
    random = np.random.default_rng(1)
    sigma = np.exp(random.normal(0, 1, 40_000))
    error = random.standard_t(4, 40_000) * sigma
    group, stratum = np.array(["a", "b"], object)[np.arange(40_000) % 2], np.ones(40_000, int)
    past, new = np.arange(40_000) < 20_000, np.arange(40_000) >= 20_000
    bands = conformal.calibrate(error[past], sigma[past], group[past], stratum[past])
    inside = np.abs(error[new]) <= bands.half_width(group[new], stratum[new], sigma[new], nominal)
    assert inside.mean() == pytest.approx(nominal, abs=0.01)
    assert inside[sigma[new] > 2].mean() == pytest.approx(nominal, abs=0.02)


def test_the_width_of_each_group_comes_from_its_own_errors() -> None:
    group = np.repeat(np.array(["calm", "wild"], object), 500)
    error = np.where(group == "calm", 1.0, 5.0)
    bands = conformal.calibrate(error, np.ones(1000), group, np.ones(1000, int))
    groups = np.array(["calm", "wild"], object)
    assert bands.half_width(groups, np.ones(2, int), np.array([2.0, 2.0]), 0.80).tolist() == [2.0, 10.0]


def test_small_groups_share_one_width_and_never_across_horizons() -> None:
    group = np.array(["big"] * 300 + ["small"] * 100 + ["tiny"] * 50, object)
    # 150 rows are still too few: the next smallest joins.
    assert set(conformal.merged(group, np.ones(450))) == {"other"}
    wide = np.array(["big"] * 300 + ["small"] * 150 + ["tiny"] * 60, object)
    assert set(conformal.merged(wide, np.ones(510))) == {"big", "other"}
    # 255 rows of one horizon stand alone; its 100 of the other do not, whatever the two come to together.
    horizon = np.array([1] * 255 + [2] * 100 + [2] * 300)
    names = conformal.merged(np.array(["a"] * 355 + ["b"] * 300, object), horizon)
    assert set(names[:255]) == {"a"}
    assert set(names[255:355]) == {"other"}


def test_a_new_group_takes_the_widest_interval_of_its_horizon() -> None:
    group = np.repeat(np.array(["calm", "wild"], object), 500)
    bands = conformal.calibrate(np.where(group == "calm", 1.0, 5.0), np.ones(1000), group, np.ones(1000, int))
    assert bands.half_width(np.array(["new"], object), np.array([1]), np.ones(1), 0.80).tolist() == [5.0]
    assert bands.half_width(np.array(["new"], object), np.array([2]), np.ones(1), 0.80).tolist() == [np.inf]


def test_bands_survive_a_file_an_unknown_width_included() -> None:
    bands = conformal.calibrate(np.arange(12.0), np.ones(12), np.array(["a"] * 12, object), np.ones(12, int))
    written = json.dumps(bands.as_rows(), allow_nan=False)
    read = conformal.Bands.from_rows(json.loads(written))
    assert read.q == bands.q
    assert read.q[("1", "other")][0.95] == np.inf
