"""Columns as users have them become numbers, categories, or are left out with a reason."""

import numpy as np
import pandas as pd

from core.compare import columns


def sorted_(frame: pd.DataFrame, **more: tuple[str, ...]) -> tuple[columns.Sheet, dict[str, str]]:
    sheet, dropped = columns.sheet(frame, tuple(frame.columns), more.get("categorical", ()), more.get("keep", ()))
    return sheet, {each["column"]: each["reason"] for each in dropped}


def test_money_in_words_is_a_number() -> None:
    sheet, _ = sorted_(pd.DataFrame({"amount [$]": ["$50,000.00 ", "1,234", " ", "(7)"] * 10}))
    assert sheet.number_names == ("amount [$]",)
    assert sheet.numbers[:4, 0].tolist()[:2] == [50000.0, 1234.0]
    assert np.isnan(sheet.numbers[2, 0])
    assert sheet.numbers[3, 0] == -7


def test_text_dates_are_days() -> None:
    sheet, _ = sorted_(pd.DataFrame({"opened": ["28-Feb-97", "01-Mar-97"] * 20}))
    assert sheet.numbers[1, 0] - sheet.numbers[0, 0] == 1
    assert sheet.dates == ("opened",)


def test_post_codes_with_leading_zeros_stay_categories() -> None:
    sheet, _ = sorted_(pd.DataFrame({"zip": ["00501", "10001"] * 20}))
    assert sheet.code_names == ("zip",)


def test_constant_and_empty_columns_are_left_out_with_a_reason() -> None:
    _, dropped = sorted_(pd.DataFrame({"a": [1] * 50, "b": [None] * 50, "c": list(range(25)) * 2}))
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
    sheet, dropped = sorted_(frame)
    assert set(dropped) == {"row", "customer_id", "name"}
    assert sheet.number_names == ("income", "balance")


def test_a_key_that_is_asked_for_is_kept() -> None:
    sheet, _ = sorted_(pd.DataFrame({"customer_id": np.random.default_rng(0).permutation(500)}), keep=("customer_id",))
    assert sheet.number_names == ("customer_id",)


def test_numbers_named_categorical_are_codes() -> None:
    sheet, _ = sorted_(pd.DataFrame({"branch": [1, 2, None] * 20}), categorical=("branch",))
    assert sheet.levels == (("1", "2"),)
    assert sheet.codes[2, 0] == -1


def test_booleans_and_infinities_are_numbers() -> None:
    sheet, _ = sorted_(pd.DataFrame({"flag": [True, False] * 20, "ratio": [1.0, np.inf] * 20}))
    assert sheet.numbers[0].tolist() == [1.0, 1.0]
    assert np.isnan(sheet.numbers[1, 1])


def test_time_columns_of_every_kind_are_read() -> None:
    for values in ([20240131, 20240229], [202401, 202402], ["2024-01-31", "2024-02-29"], [2023, 2024]):
        found = columns.times(pd.Series(values))
        assert found is not None
        assert found[0] < found[1]
