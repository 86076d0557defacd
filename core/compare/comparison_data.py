"""Input of every candidate: features as numbers, labels, entities and the split, with notices for the reader."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.compare import columns, labels, leaks, splits
from core.compare.columns import Features
from core.compare.pipelines import TrainingPart
from core.compare.table import Notice, Options, Table
from core.errors import DataError

Array = np.ndarray

MANY_ROWS = 4_000  # with so many, three inner folds calibrate as well as five
FEW_ENTITIES = 20  # with fewer, event rates are cross-fitted by rows, not by whole entities


@dataclass(frozen=True)
class ComparisonData:
    """The labelled rows of a table: features, labels (0.0, 1.0), entities, split; `places` in the table as given."""

    table: Table
    options: Options
    rows: pd.DataFrame
    places: Array
    features: Features
    labels: Array
    entities: Array
    times: pd.Series | None
    split: splits.Split
    dropped: list[dict[str, str]]
    notices: list[Notice]

    @property
    def X(self) -> Array:
        """(n, p) values of the features, numbers first, NaN for missing."""
        return self.features.values.to_numpy()

    @property
    def signs(self) -> tuple[int, ...]:
        """Direction of each feature in the bank's recipe, 0 for none; categories have none."""
        numbers = set(self.features.numbers)
        return tuple(self.table.signs.get(name, 0) if name in numbers else 0 for name in self.features.names)

    def part(self, rows: Array) -> TrainingPart:
        """The training part of some rows, with its own inner folds."""
        entities = pd.factorize(self.entities[rows])[0]
        folds = splits.inner_folds(self.labels[rows], entities, self.options.seed, 5 if len(rows) < MANY_ROWS else 3)
        groups = entities if entities.max() + 1 >= FEW_ENTITIES else np.arange(len(rows))
        sizes = tuple(len(self.features.levels.get(name, ())) for name in self.features.names)
        return TrainingPart(self.X[rows], self.labels[rows], groups, folds, sizes, self.signs, self.options.seed)


def prepare(table: Table, options: Options) -> ComparisonData:
    """The table as numbers with its split; useless and leaking columns are left out, with reasons.

    Raises
    ------
    DataError : a named column is not there, a time is no date, too few labels, no feature is left
    """
    _check_names(table, options)
    values = pd.to_numeric(table.rows[table.label], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    places = np.flatnonzero(~np.isnan(values))
    rows, label = table.rows.iloc[places].reset_index(drop=True), values[places]
    labels.check_counts(table.label, label)
    notices = []
    if missing := len(values) - len(places):
        text = f"{missing} rows have no label and are left out"
        notices.append(Notice(table.label, "label_missing", text, missing))
    times = _times(rows, table.time)
    entities = rows[table.entity].map(str).to_numpy() if table.entity else np.arange(len(rows))
    features, dropped, warnings = _features(table, options, rows, label, times)
    split = splits.split(replace(table, rows=rows), label, entities, times, options)
    notices += [*warnings, *split.notices]
    return ComparisonData(table, options, rows, places, features, label, entities, times, split, dropped, notices)


def _check_names(table: Table, options: Options) -> None:
    roles = [table.label, table.entity, table.time, table.fold, *table.features, *options.drop, *options.keep]
    for name in roles:
        if name is not None and name not in table.rows.columns:
            shown = ", ".join(map(str, list(table.rows.columns)[:12]))
            more = " …" if table.rows.shape[1] > 12 else ""
            raise DataError(f"there is no column {name}; the table has {shown}{more}")


def _times(rows: pd.DataFrame, time_column: str | None) -> pd.Series | None:
    if time_column is None:
        return None
    days = columns.times(rows[time_column])
    if days is None or days.isna().any():
        bad = rows[time_column] if days is None else rows[time_column][days.isna()]
        raise DataError(f"time column {time_column} holds {str(bad.iloc[0])!r}, must be a date in every row")
    return days


def _features(
    table: Table, options: Options, rows: pd.DataFrame, label: Array, times: pd.Series | None
) -> tuple[Features, list[dict[str, str]], list[Notice]]:
    roles = {table.label, table.entity, table.time, table.fold}
    names = tuple(name for name in table.features if name not in roles and name not in options.drop)
    features, dropped = columns.features(rows, names, table.categorical, options.keep)
    dropped += [{"column": name, "reason": "left out by --drop"} for name in options.drop]
    notices = leaks.notices(features, label, times)
    maps = {
        notice.column: notice.text
        for notice in notices
        if notice.code == "maps_label" and notice.column not in options.keep
    }
    dropped += [{"column": name, "reason": text} for name, text in maps.items()]
    features = features.without(set(maps))
    if not features.names:
        reasons = "; ".join(f"{row['column']}: {row['reason']}" for row in dropped[:4])
        raise DataError(f"no feature is left to learn from ({reasons})")
    return features, dropped, notices
