"""Which rows may learn when which rows are tested."""

import numpy as np
import pandas as pd
import pytest

from core.compare import splits
from core.compare.table import Options
from core.errors import DataError
from tests.compare.tables import loans, table


def monthly(months: int = 24, each: int = 30) -> pd.DataFrame:
    frame = loans(months * each)
    return frame.assign(as_of=np.repeat(pd.date_range("2022-01-31", periods=months, freq="ME"), each))


def split_of(frame: pd.DataFrame, options: Options | None = None, **roles: object) -> splits.Split:
    made = table(frame, **roles)
    entities = frame[made.entity].to_numpy() if made.entity else np.arange(len(frame))
    times = frame[made.time] if made.time else None
    return splits.split(made, frame["bad"].to_numpy(float), entities, times, options or Options())


def test_a_label_known_only_after_the_test_began_does_not_learn() -> None:
    frame = monthly()
    split = split_of(frame, time="as_of", horizon_months=3, gap_months=1)
    (fold,) = split.folds
    start = frame["as_of"].iloc[fold.test].min()
    # four months before the first test month: its label is complete on the day the test begins
    assert frame["as_of"].iloc[fold.train].max() + pd.DateOffset(months=4) <= start
    assert split.purge_months == 4
    assert len(fold.train) + len(fold.test) < len(frame)


def test_without_a_horizon_the_reader_is_told_that_nothing_is_purged() -> None:
    assert [notice.code for notice in split_of(monthly(), time="as_of").notices] == ["no_purge"]


def test_time_folds_learn_only_from_earlier_rows() -> None:
    frame = monthly()
    split = split_of(frame, Options(scheme="time_folds"), time="as_of")
    assert len(split.folds) == 5
    for fold in split.folds:
        assert frame["as_of"].iloc[fold.train].max() < frame["as_of"].iloc[fold.test].min()


def test_an_entity_never_stands_on_both_sides_of_a_fold() -> None:
    frame = loans(600).assign(owner=np.arange(600) % 150)
    for fold in split_of(frame, entity="owner").folds:
        assert not set(frame["owner"].iloc[fold.train]) & set(frame["owner"].iloc[fold.test])


def test_every_row_is_tested_once_in_cross_validation() -> None:
    tested = np.concatenate([fold.test for fold in split_of(loans(403)).folds])
    assert sorted(tested) == list(range(403))


def test_given_folds_are_kept_as_they_are() -> None:
    frame = loans(300).assign(part=np.arange(300) % 3)
    for fold in split_of(frame, fold="part").folds:
        assert set(frame["part"].iloc[fold.test]) == {int(fold.name)}
        assert int(fold.name) not in set(frame["part"].iloc[fold.train])


def test_the_words_train_and_test_are_one_split() -> None:
    frame = loans(300).assign(part=np.where(np.arange(300) < 200, "train", "test"))
    (fold,) = split_of(frame, fold="part").folds
    assert (len(fold.train), len(fold.test)) == (200, 100)


def test_a_fold_column_with_a_hole_is_refused_with_its_row() -> None:
    frame = loans(300).assign(part=[None] + [1, 2] * 149 + [1])
    with pytest.raises(DataError, match="part has no fold in row 1"):
        split_of(frame, fold="part")


def test_entities_on_both_sides_of_given_folds_are_told() -> None:
    frame = loans(300).assign(part=np.arange(300) % 3, owner=np.arange(300) // 3)
    assert split_of(frame, fold="part", entity="owner").notices[0].code == "entity_on_both_sides"


def test_a_fold_without_events_is_refused() -> None:
    frame = loans(300).assign(part="a").sort_values("bad", ignore_index=True)
    frame.loc[frame.index[:50], "part"] = "b"
    with pytest.raises(DataError, match="0 events"):
        split_of(frame, fold="part")
