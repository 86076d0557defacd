"""Folds of a table: training and test rows, out of time with a purge, in time-ordered blocks, grouped or given."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from core.compare.table import Notice, Options, Table
from core.errors import DataError

Array = np.ndarray

TEST_SHARE = 0.25  # of the rows, the newest ones, when only one test can be made
MAX_GIVEN = 50  # distinct values of a fold column; more means a wrong column
MIN_TEST = 3  # events and others in the test part of each fold
TRAIN_WORDS = {"train", "training", "tr", "dev", "development", "in"}
TEST_WORDS = {"test", "te", "valid", "validation", "val", "holdout", "oot", "out"}


@dataclass(frozen=True)
class Fold:
    """Numbers of the training rows and of the test rows."""

    name: str
    train: Array
    test: Array


@dataclass(frozen=True)
class Split:
    """The folds, a sentence that describes them, and notices for the reader."""

    scheme: str
    folds: tuple[Fold, ...]
    sentence: str
    purge_months: int = 0
    notices: tuple[Notice, ...] = field(default_factory=tuple)

    def validation(self, times: pd.Series | None) -> dict[str, Any]:
        """The "validation" part of report.json."""
        tested = np.concatenate([fold.test for fold in self.folds])
        return {
            "scheme": self.scheme,
            "folds": len(self.folds),
            "sentence": self.sentence,
            "train": _period(self.folds[-1].train, times),
            "test": _period(tested, times),
            "purge_months": self.purge_months,
        }


def _period(rows: Array, times: pd.Series | None) -> dict[str, Any]:
    if times is None:
        return {"from": None, "to": None, "rows": len(rows)}
    period = times.iloc[rows]
    return {"from": str(period.min().date()), "to": str(period.max().date()), "rows": len(rows)}


def split(table: Table, labels: Array, entities: Array, times: pd.Series | None, options: Options) -> Split:
    """The split that fits the table's roles; `options.scheme` overrides.

    Raises
    ------
    DataError : a fold would have nothing to learn from or nothing to test
    """
    scheme = options.scheme
    if scheme == "auto":
        scheme = "given_folds" if table.fold else "out_of_time" if times is not None else "grouped_folds"
    if scheme == "given_folds":
        result = _given(table, entities, options)
    elif scheme == "grouped_folds":
        result = _grouped(labels, entities, options)
    elif times is None:
        raise DataError(f"scheme {scheme} needs a time column; name it with --time")
    elif scheme == "out_of_time":
        result = _out_of_time(table, labels, times)
    else:
        result = _time_folds(table, times, options.folds)
    for fold in result.folds:
        _check(fold, labels)
    return result


def _check(fold: Fold, labels: Array) -> None:
    for part, rows, least in (("learn from", fold.train, MIN_TEST), ("test", fold.test, 1)):
        events, others = int(labels[rows].sum()), int((labels[rows] == 0).sum())
        if min(events, others) < least:
            raise DataError(
                f"fold {fold.name} would {part} {events} events and {others} others, needs {least} of each; "
                "use fewer folds, another split column or more rows"
            )


def _grouped(labels: Array, entities: Array, options: Options) -> Split:
    groups = pd.factorize(entities)[0]
    repeated = groups.max() + 1 < len(groups)
    events = len(np.unique(groups[labels == 1])), len(np.unique(groups[labels == 0]))
    folds = int(np.clip(min(events) // 2, 2, options.folds))
    parts = enumerate(stratified_folds(labels, groups, folds, options.seed))
    held = "whole entities held out" if repeated else "every row held out once"
    sentence = f"{folds}-fold cross-validation, stratified, {held}; not out of time: no time column was named"
    return Split("grouped_folds", tuple(Fold(str(number), *rows) for number, rows in parts), sentence)


def _given(table: Table, entities: Array, options: Options) -> Split:
    values = table.rows[table.fold].map(_name, na_action="ignore")
    if values.isna().any():
        row = int(np.flatnonzero(values.isna())[0]) + 1
        raise DataError(f"column {table.fold} has no fold in row {row}; every row needs one")
    names = sorted(values.unique())
    if not 2 <= len(names) <= MAX_GIVEN:
        raise DataError(f"column {table.fold} has {len(names)} different values, a fold column has 2 to {MAX_GIVEN}")
    learn = _training_values(names, options.train_fold, str(table.fold))
    if learn is None:
        folds = tuple(Fold(name, _where(values != name), _where(values == name)) for name in names)
        sentence = f"{len(names)} folds given by the column {table.fold}, each tested by models that learned the others"
    else:
        folds = (Fold("test", _where(values.isin(learn)), _where(~values.isin(learn))),)
        sentence = f"given split: learned where {table.fold} is {', '.join(learn)}, tested once on the rest"
    keys = entities.astype(str)
    shared = sum(len(np.intersect1d(keys[fold.train], keys[fold.test])) for fold in folds)
    text = (
        f"{shared} entities stand both in a training and a test part of the given folds; figures are too good for them"
    )
    notices = (Notice("", "entity_on_both_sides", text, shared),) if shared else ()
    return Split("given_folds", folds, sentence, 0, notices)


def _training_values(names: list[str], train_fold: str | None, column: str) -> list[str] | None:
    if train_fold is not None:
        if train_fold not in names:
            raise DataError(f"column {column} never is {train_fold!r}; it has {', '.join(names[:8])}")
        return [train_fold]
    learn = [name for name in names if name.lower() in TRAIN_WORDS]
    all_words = all(name.lower() in TRAIN_WORDS | TEST_WORDS for name in names)
    return learn if all_words and 0 < len(learn) < len(names) else None


def _name(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _where(mask: pd.Series) -> Array:
    return np.flatnonzero(mask.to_numpy())


def _out_of_time(table: Table, labels: Array, times: pd.Series) -> Split:
    purge = table.horizon_months + table.gap_months
    starts = _periods(times)
    if len(starts) < 2:
        raise DataError(f"column {table.time} has one period only; out of time needs at least two")
    shares = np.array([(times >= start).mean() for start in starts[1:]])
    for place in np.argsort(np.abs(shares - TEST_SHARE), kind="stable"):
        fold = _fold_from("test", starts[place + 1], None, times, purge)
        if _has_both_classes(labels[fold.train], MIN_TEST) and _has_both_classes(labels[fold.test], MIN_TEST):
            break
    else:
        raise DataError(
            f"no date of {table.time} leaves both classes before it (less {purge} months of purge) and after it; "
            "shorten --horizon or leave --time out"
        )
    start = starts[place + 1].date()
    sentence = f"out of time: learned from rows known before {start}, tested on the rows from {start} on"
    return Split("out_of_time", (fold,), f"{sentence}, {purge} months purged", purge, _purge_notices(table, purge))


def _time_folds(table: Table, times: pd.Series, folds: int) -> Split:
    purge = table.horizon_months + table.gap_months
    ordered = np.sort(times.to_numpy())
    edges = [pd.Timestamp(ordered[len(ordered) * number // (folds + 1)]) for number in range(1, folds + 1)]
    blocks = enumerate(zip(edges, [*edges[1:], None], strict=True))
    blocks_made = tuple(_fold_from(str(number), start, end, times, purge) for number, (start, end) in blocks)
    sentence = f"{folds} time-ordered folds: each block is tested by models that learned only from earlier rows"
    return Split("time_folds", blocks_made, f"{sentence}, {purge} months purged", purge, _purge_notices(table, purge))


def _purge_notices(table: Table, purge: int) -> tuple[Notice, ...]:
    if purge or table.name != "table":  # the bank's own tables know their windows
        return ()
    text = (
        "the label's window is unknown, so nothing is purged between training and test; "
        "if a label looks months ahead, say so with --horizon (and --gap for the reporting delay)"
    )
    return (Notice(str(table.time), "no_purge", text),)


def _fold_from(name: str, start: pd.Timestamp, end: pd.Timestamp | None, times: pd.Series, purge: int) -> Fold:
    """A fold that tests the rows from `start` to before `end` and learns from labels known by `start`."""
    test = times >= start if end is None else (times >= start) & (times < end)
    train = times + pd.DateOffset(months=purge) <= start if purge else times < start
    return Fold(name, _where(train), _where(test))


def _periods(times: pd.Series) -> list[pd.Timestamp]:
    """Starts at which a test may begin: the months, or the days when there are few months."""
    months = times.dt.to_period("M").dt.start_time
    days = times.dt.normalize()
    return sorted((months if months.nunique() >= 4 else days).unique())


def _has_both_classes(labels: Array, least: int) -> bool:
    return bool(min(labels.sum(), (labels == 0).sum()) >= least)


def inner_folds(labels: Array, entities: Array, seed: int, folds: int) -> list[tuple[Array, Array]]:
    """Folds of the training rows for search and calibration: stratified, an entity in one fold only."""
    groups = pd.factorize(entities)[0]
    least = min(len(np.unique(groups[labels == 1])), len(np.unique(groups[labels == 0])))
    return stratified_folds(labels, groups, int(np.clip(least // 2, 2, folds)), seed)


def stratified_folds(labels: Array, groups: Array, folds: int, seed: int) -> list[tuple[Array, Array]]:
    """Stratified folds; a group is in one fold only."""
    if groups.max() + 1 == len(groups):
        return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels))
    return list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups))
