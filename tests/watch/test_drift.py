"""Drift: at most five false alarms in a hundred, half a sigma found in 95, in small and large samples alike."""

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.watch.drift import drift, psi, psi_bound

TRIALS = 100


def _alarms(n: int, shift: float, columns: int = 1, seed: int = 20) -> int:
    """Trials out of a hundred with drift in the first column (in any column when nothing was shifted)."""
    random = np.random.default_rng(seed)
    names = [f"feature_{number}" for number in range(columns)]
    alarms = 0
    for _ in range(TRIALS):
        reference, now = (pd.DataFrame(random.normal(size=(n, columns)), columns=names) for _ in range(2))
        now["feature_0"] += shift
        table = drift(reference, now)
        tested = table[table["feature"] == "feature_0"] if shift else table
        alarms += bool((tested["level"] != "stable").any())
    return alarms


@pytest.mark.parametrize("columns", [1, 5])
def test_two_hundred_rows_without_drift_alarm_at_most_five_times_in_a_hundred(columns: int):
    assert _alarms(200, 0.0, columns) <= 5


@pytest.mark.parametrize("columns", [1, 5])
def test_half_a_standard_deviation_is_found_in_two_hundred_rows(columns: int):
    assert _alarms(200, 0.5, columns) >= 95


@pytest.mark.slow
def test_fifty_thousand_rows_without_drift_alarm_at_most_five_times_in_a_hundred():
    assert _alarms(50_000, 0.0) <= 5


@pytest.mark.slow
def test_half_a_standard_deviation_is_found_in_fifty_thousand_rows():
    assert _alarms(50_000, 0.5) >= 95


def test_a_certain_but_tiny_shift_is_no_drift():
    """0.02 standard deviations: KS is sure of it at this size, D is about 0.01 and nobody would act."""
    random = np.random.default_rng(3)
    reference, now = (pd.DataFrame({"x": random.normal(shift, 1, 200_000)}) for shift in (0.0, 0.02))
    row = drift(reference, now).iloc[0]
    assert row["p_adjusted"] < 1e-4
    assert row["level"] == "stable"


def test_one_shifted_column_of_ten_is_named_and_the_others_are_not():
    random = np.random.default_rng(4)
    names = [f"x{number}" for number in range(10)]
    reference, now = (pd.DataFrame(random.normal(size=(2_000, 10)), columns=names) for _ in range(2))
    now["x7"] += 0.6
    table = drift(reference, now)
    assert table.loc[table["level"] != "stable", "feature"].tolist() == ["x7"]
    assert table["feature"].iloc[0] == "x7"


def test_adjusting_for_many_columns_raises_every_p():
    random = np.random.default_rng(5)
    reference, now = (pd.DataFrame(random.normal(size=(300, 20))) for _ in range(2))
    table = drift(reference, now)
    assert (table["p_adjusted"] >= table["p"]).all()
    # The smallest of twenty is multiplied by twenty, unless a later one caps it.
    assert table["p_adjusted"].min() <= 20 * table["p"].min()


def test_words_that_change_their_shares_drift_and_rare_ones_do_not_count_alone():
    reference = pd.DataFrame({"kind": ["cafe"] * 500 + ["shop"] * 500})
    now = pd.DataFrame({"kind": ["cafe"] * 280 + ["shop"] * 720})
    row = drift(reference, now).iloc[0]
    assert (row["kind"], row["level"]) == ("word", "warning")  # 22 of 100 changed sides
    assert row["d"] == pytest.approx(0.22)
    rare = drift(reference, pd.DataFrame({"kind": ["cafe"] * 500 + ["shop"] * 499 + ["bar"]}))
    assert rare["level"].tolist() == ["stable"]


def test_a_rising_share_of_missing_values_is_a_drift_of_its_own():
    random = np.random.default_rng(6)
    reference, now = (pd.DataFrame({"x": random.normal(size=1_000)}) for _ in range(2))
    now.loc[:99, "x"] = np.nan  # a tenth
    table = drift(reference, now).set_index("kind")
    assert table.loc["missing", "level"] == "watch"
    assert table.loc["missing", "d"] == pytest.approx(0.1)
    assert table.loc["number", "n"] == 900


def test_too_few_known_values_are_not_tested():
    reference = pd.DataFrame({"x": np.arange(100.0)})
    row = drift(reference, pd.DataFrame({"x": np.full(100, np.nan)})).set_index("kind").loc["number"]
    assert np.isnan(row["p"])
    assert row["level"] == "stable"


def test_a_constant_column_does_not_drift():
    same = pd.DataFrame({"x": np.zeros(300)})
    assert drift(same, same)["level"].tolist() == ["stable"]


def test_the_bound_of_psi_is_what_chance_stays_below():
    random = np.random.default_rng(7)
    values = [psi(random.normal(size=400), random.normal(size=200))[0] for _ in range(400)]
    assert np.mean(np.array(values) > psi_bound(200, 400, 10)) == pytest.approx(0.01, abs=0.012)


def test_a_missing_column_is_an_error():
    with pytest.raises(DataError, match="sales"):
        drift(pd.DataFrame({"sales": [1.0]}), pd.DataFrame({"rent": [1.0]}))
