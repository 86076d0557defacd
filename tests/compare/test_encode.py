"""What an encoder learns comes from its training rows alone, and from a row's own label never."""

import numpy as np
import pandas as pd
import pytest

from core.compare import columns, encode
from tests.compare.tables import loans


def sheet_of(frame: pd.DataFrame) -> columns.Sheet:
    return columns.sheet(frame, tuple(frame.columns), ())[0]


def test_a_category_without_meaning_gets_no_meaning_from_its_own_labels() -> None:
    # 200 levels of five rows each, labels by chance: rates with the own label would rank them far above 0.5.
    random = np.random.default_rng(0)
    sheet = sheet_of(pd.DataFrame({"city": [f"c{number}" for number in np.arange(1000) % 200]}))
    labels = random.integers(0, 2, 1000).astype(float)
    _, own = encode.fitted("trees", sheet, labels, np.arange(1000), 0)
    gap = own[labels == 1].mean() - own[labels == 0].mean()
    naive = encode.rates(sheet.codes[:, 0], labels, 200)[sheet.codes[:, 0]]
    assert naive[labels == 1].mean() - naive[labels == 0].mean() > 0.1
    assert gap < 0.05


def test_rows_of_one_entity_do_not_tell_each_other_their_label() -> None:
    frame = pd.DataFrame({"city": np.repeat([f"c{number}" for number in range(100)], 5)})
    labels = np.repeat(np.random.default_rng(0).integers(0, 2, 100), 5).astype(float)
    _, own = encode.fitted("trees", sheet_of(frame), labels, np.repeat(np.arange(100), 5), 0)
    # each city is one entity: nothing is known about it from elsewhere, so every row has the mean of the others
    assert np.ptp(own) < 0.5


@pytest.mark.parametrize("kind", ["linear", "bent", "trees", "whole", "native"])
def test_the_rows_to_be_scored_change_nothing_that_is_learned(kind: encode.Kind) -> None:
    sheet = sheet_of(loans().drop(columns="bad"))
    labels = loans()["bad"].to_numpy(float)
    learn = np.arange(300)
    encoder, _ = encode.fitted(kind, sheet.take(learn), labels[learn], learn, 0)
    before = str(encoder.state)
    encoder.transform(sheet.take(np.arange(300, 400)))
    assert str(encoder.state) == before


@pytest.mark.parametrize("kind", ["linear", "bent", "whole"])
def test_nothing_is_missing_where_the_model_cannot_bear_it(kind: encode.Kind) -> None:
    sheet = sheet_of(loans().drop(columns="bad"))
    encoder, matrix = encode.fitted(kind, sheet, loans()["bad"].to_numpy(float), np.arange(400), 0)
    assert np.isfinite(matrix).all()
    assert matrix.shape[1] == len(encoder.names) == len(encoder.sources)


def test_a_level_never_seen_is_an_average_one() -> None:
    labels = np.array([1.0] * 30 + [0.0] * 30)
    found = encode.rates(np.repeat([0, 1], 30), labels, 3)
    assert found[0] > 0.5
    assert found[2] == 0.0
