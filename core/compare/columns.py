"""Kind of each column of a user's table: a number, a date, a category, or left out with the reason.

The label is never read here, so all rows may be read, those of the test part too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.compare.column_words import pattern, words

Array = np.ndarray

PARSED = 0.95  # share of a text column's values that must parse as numbers (or dates) to make it numbers (or dates)
IDENTIFIER = 0.9  # share of distinct values from which a text column is an identifier of the rows
MIN_ROWS_IDENTIFIER = 30
# Lowest and highest value and format of whole numbers that are dates.
DATE_NUMBERS = ((19000101, 21991231, "%Y%m%d"), (190001, 219912, "%Y%m"), (1900, 2199, "%Y"))


@dataclass(frozen=True)
class Column:
    """One column's values as float64 with NaN for missing; a category's are the positions of its `levels`."""

    values: Array
    levels: tuple[str, ...] = ()
    is_date: bool = False


@dataclass(frozen=True)
class Features:
    """Feature values: (n, p) float64 with NaN for missing, numbers first; the levels of each category; the dates."""

    values: pd.DataFrame
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every feature, numbers first."""
        return tuple(self.values.columns)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The features that are numbers or dates."""
        return tuple(name for name in self.names if name not in self.levels)

    def without(self, names: set[str]) -> "Features":
        """The features without some of them."""
        levels = {name: levels for name, levels in self.levels.items() if name not in names}
        dates = tuple(name for name in self.dates if name not in names)
        return Features(self.values.drop(columns=list(names)), levels, dates)


def features(
    rows: pd.DataFrame, names: tuple[str, ...], categorical: tuple[str, ...], keep: tuple[str, ...] = ()
) -> tuple[Features, list[dict[str, str]]]:
    """The named columns of `rows` as numbers, and those left out with their reasons."""
    columns = {str(name): column(rows[name], str(name), name in categorical, name in keep) for name in names}
    read = {name: result for name, result in columns.items() if isinstance(result, Column)}
    ordered = sorted(read, key=lambda name: bool(read[name].levels))
    values = pd.DataFrame({name: read[name].values for name in ordered}, index=range(len(rows)), dtype=float)
    levels = {name: read[name].levels for name in ordered if read[name].levels}
    dates = tuple(name for name in ordered if read[name].is_date)
    dropped = [{"column": name, "reason": reason} for name, reason in columns.items() if isinstance(reason, str)]
    return Features(values, levels, dates), dropped


def column(values: pd.Series, name: str, categorical: bool, keep: bool) -> Column | str:
    """One column as a model may use it, or the reason why it may not."""
    present = values.dropna()
    if present.empty:
        return "every value is missing"
    if present.map(str).nunique() == 1 and len(present) == len(values):
        return f"constant: always {str(present.iloc[0])[:40]}"
    if pd.api.types.is_datetime64_any_dtype(values):
        return Column(days(values), is_date=True)
    if categorical:
        return _category(values, keep=True)
    numbers = as_numbers(values)
    if numbers is not None:
        return (None if keep else number_identifier(numbers, name)) or _number(numbers, name)
    dates = as_dates(present)
    return _category(values, keep) if dates is None else Column(days(dates.reindex(values.index)), is_date=True)


def _number(numbers: Array, name: str) -> Column:
    is_date = _compact_dates(numbers[~np.isnan(numbers)], name)
    if is_date:
        numbers = days(pd.to_datetime(_whole_text(numbers), format="%Y%m%d", errors="coerce"))
    is_date = is_date or bool(pattern("date_name").search(name))
    return Column(np.where(np.isinf(numbers), np.nan, numbers), is_date=is_date)


def _compact_dates(whole: Array, name: str) -> bool:
    """Whether numbers such as 20240131 stand in a column that is named like a date."""
    if not (pattern("date_name").search(name) or "day" in name.lower()) or not len(whole):
        return False
    if whole.min() < DATE_NUMBERS[0][0] or whole.max() > DATE_NUMBERS[0][1] or (whole % 1).any():
        return False
    return bool(np.mean((whole % 100 >= 1) & (whole % 100 <= 31) & (whole // 100 % 100 <= 12)) >= PARSED)


def _whole_text(numbers: Array) -> pd.Series:
    return pd.Series(numbers).map(lambda value: "" if np.isnan(value) else str(int(value)))


def _category(values: pd.Series, keep: bool) -> Column | str:
    cells = values.map(_cell, na_action="ignore")
    cells = cells.mask(cells == "")
    codes, levels = pd.factorize(cells, sort=True)
    count = int((codes >= 0).sum())
    if not count:
        return "every value is missing"
    if len(levels) == 1 and count == len(codes):
        return f"constant: always {levels[0][:40]}"
    if not keep and count >= MIN_ROWS_IDENTIFIER and len(levels) >= IDENTIFIER * count:
        return f"identifier-like: {len(levels):,} different texts in {count:,} rows"
    return Column(np.where(codes < 0, np.nan, codes), tuple(str(level) for level in levels))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def as_numbers(values: pd.Series) -> Array | None:
    """A column as float64 with NaN, or None when it is not made of numbers.

    >>> as_numbers(pd.Series(["$50,000.00 ", "(1,234)", " ", "7%"])).tolist()
    [50000.0, -1234.0, nan, 7.0]
    """
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return None
    kinds = pd.unique(values.dropna())
    if all(isinstance(kind, (bool, int, float, np.number)) for kind in kinds):
        return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if len(kinds) > 200 and np.mean([not np.isnan(_parsed(str(kind))) for kind in kinds[:200]]) < PARSED / 2:
        return None  # names and texts: no need to look at the rest
    text = [str(kind) for kind in kinds]
    if _leading_zeros(text):
        return None
    numbers = values.map({kind: _parsed(word) for kind, word in zip(kinds, text, strict=True)})
    blank = values.isna() | values.isin([kind for kind in kinds if not str(kind).strip()])
    return numbers.to_numpy(dtype=float, na_value=np.nan) if numbers[~blank].notna().mean() >= PARSED else None


def _leading_zeros(text: list[str]) -> bool:
    """Codes such as 00501: digits of one length, some beginning with 0."""
    digits = [word.strip() for word in text if word.strip().isdigit()]
    long = len(digits) >= PARSED * len(text) and len({len(word) for word in digits}) == 1
    return bool(long and len(digits[0]) > 1 and any(word.startswith("0") for word in digits))


def _parsed(word: str) -> float:
    bare = pattern("number_noise").sub("", word)
    negative = bare.startswith("(") and bare.endswith(")")
    try:
        value = float(bare.strip("()"))
    except ValueError:
        return float("nan")
    return -value if negative else value


def as_dates(values: pd.Series) -> pd.Series | None:
    """Values, none missing, as dates by the first usual format that parses nearly all of them, or None."""
    text = values.map(str).str.strip()
    if isinstance(values.dtype, pd.CategoricalDtype) or not text.head(200).str.contains(r"\d").mean() > PARSED:
        return None
    for form in words()["date_formats"]:
        if pd.to_datetime(text.head(200).str.slice(0, 19), format=form, errors="coerce").notna().mean() < PARSED:
            continue
        dates = pd.to_datetime(text.str.slice(0, 19), format=form, errors="coerce")
        if dates.notna().mean() >= PARSED:
            return dates
    return None


def days(dates: pd.Series) -> Array:
    """Days since 1970, NaN where unknown.

    >>> days(pd.to_datetime(pd.Series(["1970-01-02", None]))).tolist()
    [1.0, nan]
    """
    plain = dates.dt.tz_localize(None) if dates.dt.tz is not None else dates
    return ((plain - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float, na_value=np.nan)


def number_identifier(numbers: Array, name: str) -> str | None:
    """Why a column of numbers is an identifier of the rows, or None."""
    present = numbers[~np.isnan(numbers)]
    if not np.isfinite(present).all():
        return None
    different = len(np.unique(present))
    if len(present) < MIN_ROWS_IDENTIFIER or (present % 1).any() or different < 0.995 * len(present):
        return None
    if len(present) == len(numbers) and (np.diff(present) == 1).all():
        return "identifier-like: it counts the rows"
    parts = set(re.split(r"[^\w]+|_", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    if parts & set(words()["key_words"]) or any(part in name.lower().replace("_", "") for part in words()["key_parts"]):
        return f"identifier-like: {different:,} different whole numbers and a name like a key"
    if present.min() > 10**7 and len({len(str(int(value))) for value in present[:1000]}) == 1:
        return f"identifier-like: {different:,} different whole numbers of one length"
    return None


def times(values: pd.Series) -> pd.Series | None:
    """A time column as timestamps without a zone: dates, text dates, 20240131, 202401, years, days; else None."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None) if values.dt.tz is not None else values
    present = values.dropna()
    if present.empty:
        return None
    if not pd.api.types.is_numeric_dtype(values):
        dates = as_dates(present)
        return None if dates is None else dates.reindex(values.index)
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    form = next((form for least, most, form in DATE_NUMBERS if least <= low and high <= most), None)
    if form is None:  # any other number still orders the rows, as days
        return pd.to_datetime(numbers, unit="D", errors="coerce").to_series(index=values.index)
    return pd.to_datetime(_whole_text(numbers), format=form, errors="coerce").set_axis(values.index)
