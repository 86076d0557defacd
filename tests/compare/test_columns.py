"""Columns as users have them become numbers, categories, or are left out with a reason."""

import numpy as np
import pandas as pd

from core.compare import columns


def features_of(frame: pd.DataFrame, **more: tuple[str, ...]) -> tuple[columns.Features, dict[str, str]]:
    names = tuple(frame.columns)
    features, dropped = columns.features(frame, names, more.get("categorical", ()), more.get("keep", ()))
    return features, {row["column"]: row["reason"] for row in dropped}


def test_money_in_words_is_a_number() -> None:
    features, _ = features_of(pd.DataFrame({"amount [$]": ["$50,000.00 ", "1,234", " ", "(7)"] * 10}))
    assert features.numbers == ("amount [$]",)
    assert features.values["amount [$]"].tolist()[:2] == [50000.0, 1234.0]
    assert np.isnan(features.values.iloc[2, 0])
    assert features.values.iloc[3, 0] == -7


def test_text_dates_are_days() -> None:
    features, _ = features_of(pd.DataFrame({"opened": ["28-Feb-97", "01-Mar-97"] * 20}))
    assert features.values.iloc[1, 0] - features.values.iloc[0, 0] == 1
    assert features.dates == ("opened",)


def test_post_codes_with_leading_zeros_stay_categories() -> None:
    features, _ = features_of(pd.DataFrame({"zip": ["00501", "10001"] * 20}))
    assert features.numbers == ()
    assert tuple(features.levels) == ("zip",)


def test_constant_and_empty_columns_are_left_out_with_a_reason() -> None:
    _, dropped = features_of(pd.DataFrame({"a": [1] * 50, "b": [None] * 50, "c": list(range(25)) * 2}))
    assert dropped == {"a": "constant: always 1", "b": "every value is missing"}


def test_keys_are_left_out_and_amounts_are_not() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "row": range(500),
            "customer_id": random.permutation(10_000)[:500],
            "name": [f"shop {number}" for number in range(500)],
            "income": random.normal(size=500),
            "balance": random.permutation(90_000)[:500],
        }
    )
    features, dropped = features_of(frame)
    assert set(dropped) == {"row", "customer_id", "name"}
    assert features.numbers == ("income", "balance")


def test_a_key_that_is_asked_for_is_kept() -> None:
    features, _ = features_of(
        pd.DataFrame({"customer_id": np.random.default_rng(0).permutation(500)}), keep=("customer_id",)
    )
    assert features.numbers == ("customer_id",)


def test_numbers_named_categorical_are_codes() -> None:
    features, _ = features_of(pd.DataFrame({"branch": [1, 2, None] * 20}), categorical=("branch",))
    assert features.levels == {"branch": ("1", "2")}
    assert np.isnan(features.values.iloc[2, 0])


def test_booleans_and_infinities_are_numbers() -> None:
    features, _ = features_of(pd.DataFrame({"flag": [True, False] * 20, "ratio": [1.0, np.inf] * 20}))
    assert features.values.iloc[0].tolist() == [1.0, 1.0]
    assert np.isnan(features.values.iloc[1, 1])


def test_time_columns_of_every_kind_are_read() -> None:
    for values in ([20240131, 20240229], [202401, 202402], ["2024-01-31", "2024-02-29"], [2023, 2024]):
        times = columns.times(pd.Series(values))
        assert times is not None
        assert times[0] < times[1]
