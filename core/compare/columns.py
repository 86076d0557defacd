"""What each column of a user's table is: a number, a date, a category, or nothing a model may use, with the reason.

Looks at the columns alone, never at the label, so that it may look at all rows.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.compare.column_words import pattern, words

Array = np.ndarray

PARSED = 0.95  # share of the known values that must read as numbers or dates before a text column counts as one
IDENTIFIER = 0.9  # share of distinct values from which a text column names rows instead of describing them
MIN_ROWS_IDENTIFIER = 30


@dataclass(frozen=True)
class Sheet:
    """Feature values in two blocks: `numbers` (n, p) with NaN for missing, `codes` (n, c) of categories, -1 missing."""

    numbers: Array
    number_names: tuple[str, ...]
    codes: Array
    code_names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    dates: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """Every feature, numbers first."""
        return self.number_names + self.code_names

    def take(self, rows: Array) -> "Sheet":
        """The sheet of some rows."""
        return Sheet(self.numbers[rows], self.number_names, self.codes[rows], self.code_names, self.levels, self.dates)

    def without(self, names: set[str]) -> "Sheet":
        """The sheet less some features."""
        kept = [place for place, name in enumerate(self.number_names) if name not in names]
        coded = [place for place, name in enumerate(self.code_names) if name not in names]
        return Sheet(
            self.numbers[:, kept],
            tuple(self.number_names[place] for place in kept),
            self.codes[:, coded],
            tuple(self.code_names[place] for place in coded),
            tuple(self.levels[place] for place in coded),
            tuple(name for name in self.dates if name not in names),
        )


@dataclass
class Found:
    """Columns sorted into kinds while the table is walked through."""

    numbers: dict[str, Array] = field(default_factory=dict)
    codes: dict[str, tuple[Array, tuple[str, ...]]] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)
    dropped: list[dict[str, str]] = field(default_factory=list)


def sheet(
    rows: pd.DataFrame, features: tuple[str, ...], categorical: tuple[str, ...], keep: tuple[str, ...] = ()
) -> tuple[Sheet, list[dict[str, str]]]:
    """The features of `rows` as numbers and codes, and the columns left out with their reasons."""
    found = Found()
    for name in features:
        _sort(rows[name], str(name), found, name in categorical, name in keep)
    numbers = np.column_stack(list(found.numbers.values())) if found.numbers else np.empty((len(rows), 0))
    codes = np.column_stack([code for code, _ in found.codes.values()]) if found.codes else np.empty((len(rows), 0))
    levels = tuple(levels for _, levels in found.codes.values())
    made = Sheet(
        np.ascontiguousarray(numbers, float),
        tuple(found.numbers),
        np.ascontiguousarray(codes).astype(np.int32),
        tuple(found.codes),
        levels,
        tuple(found.dates),
    )
    return made, found.dropped


def _sort(values: pd.Series, name: str, found: Found, categorical: bool, keep: bool) -> None:
    """Put one column where it belongs."""
    known = values.dropna()
    reason = _useless(values, known)
    if reason is None and pd.api.types.is_datetime64_any_dtype(values):
        found.numbers[name], found.dates = days(values), [*found.dates, name]
        return
    if reason is None and not categorical:
        numbers = as_numbers(values)
        if numbers is not None:
            reason = None if keep else number_identifier(numbers, name)
            if reason is None:
                _put_number(numbers, name, found)
                return
        elif (dates := as_dates(known)) is not None:
            found.numbers[name], found.dates = days(dates.reindex(values.index)), [*found.dates, name]
            return
    if reason is None:
        _put_code(values, name, found, keep or categorical)
        return
    found.dropped.append({"column": name, "reason": reason})


def _useless(values: pd.Series, known: pd.Series) -> str | None:
    if known.empty:
        return "every value is missing"
    if known.map(str).nunique() == 1 and len(known) == len(values):
        return f"constant: always {str(known.iloc[0])[:40]}"
    return None


def _put_number(numbers: Array, name: str, found: Found) -> None:
    whole = numbers[~np.isnan(numbers)]
    as_date = _compact_dates(whole, name)
    if as_date:
        text = pd.Series(numbers).map(lambda value: "" if np.isnan(value) else str(int(value)))
        numbers = days(pd.to_datetime(text, format="%Y%m%d", errors="coerce"))
    if as_date or pattern("date_name").search(name):
        found.dates.append(name)
    found.numbers[name] = np.where(np.isinf(numbers), np.nan, numbers)


def _compact_dates(whole: Array, name: str) -> bool:
    """Numbers such as 20240131, in a column that says it is a date."""
    if not (pattern("date_name").search(name) or "day" in name.lower()) or not len(whole):
        return False
    if whole.min() < 19000101 or whole.max() > 21991231 or (whole % 1).any():
        return False
    return bool(np.mean((whole % 100 >= 1) & (whole % 100 <= 31) & (whole // 100 % 100 <= 12)) >= PARSED)


def _put_code(values: pd.Series, name: str, found: Found, keep: bool) -> None:
    cells = values.map(_cell, na_action="ignore")
    cells = cells.mask(cells == "")
    codes, levels = pd.factorize(cells, sort=True)
    known = int((codes >= 0).sum())
    if not known:
        found.dropped.append({"column": name, "reason": "every value is missing"})
    elif len(levels) == 1 and known == len(codes):
        found.dropped.append({"column": name, "reason": f"constant: always {levels[0][:40]}"})
    elif not keep and known >= MIN_ROWS_IDENTIFIER and len(levels) >= IDENTIFIER * known:
        reason = f"identifier-like: {len(levels):,} different texts in {known:,} rows"
        found.dropped.append({"column": name, "reason": reason})
    else:
        found.codes[name] = (codes, tuple(str(level) for level in levels))


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
    if len(kinds) > 200 and _share_of_numbers(kinds[:200]) < PARSED / 2:
        return None  # names and texts: no need to look at the rest
    text = [str(kind) for kind in kinds]
    if _leading_zeros(text):
        return None
    parsed = {kind: _number(word) for kind, word in zip(kinds, text, strict=True)}
    numbers = values.map(parsed).to_numpy(dtype=float, na_value=np.nan)
    blank = values.isna() | values.isin([kind for kind in kinds if not str(kind).strip()])
    return numbers if np.mean(~np.isnan(numbers[~blank])) >= PARSED else None


def _share_of_numbers(kinds: Array) -> float:
    return float(np.mean([not np.isnan(_number(str(kind))) for kind in kinds]))


def _leading_zeros(text: list[str]) -> bool:
    """Codes such as 00501: digits of one length, some beginning with 0."""
    digits = [word.strip() for word in text if word.strip().isdigit()]
    long = len(digits) >= PARSED * len(text) and len({len(word) for word in digits}) == 1
    return bool(long and len(digits[0]) > 1 and any(word.startswith("0") for word in digits))


def _number(word: str) -> float:
    bare = pattern("number_noise").sub("", word)
    negative = bare.startswith("(") and bare.endswith(")")
    try:
        value = float(bare.strip("()"))
    except ValueError:
        return float("nan")
    return -value if negative else value


def as_dates(known: pd.Series) -> pd.Series | None:
    """The known values as dates when one usual format reads nearly all of them; the earliest format that does."""
    text = known.map(str).str.strip()
    if isinstance(known.dtype, pd.CategoricalDtype) or not text.head(200).str.contains(r"\d").mean() > PARSED:
        return None
    sample = text.head(200).str.slice(0, 19)
    for form in words()["date_formats"]:
        if pd.to_datetime(sample, format=form, errors="coerce").notna().mean() < PARSED:
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
    """Why a column of numbers names rows instead of describing them, or None."""
    known = numbers[~np.isnan(numbers)]
    if not np.isfinite(known).all():
        return None
    if len(known) < MIN_ROWS_IDENTIFIER or (known % 1).any() or len(np.unique(known)) < 0.995 * len(known):
        return None
    steps = np.diff(known)
    if len(known) == len(numbers) and (steps == 1).all():
        return "identifier-like: it counts the rows"
    parts = set(re.split(r"[^\w]+|_", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    if parts & set(words()["key_words"]) or any(part in name.lower().replace("_", "") for part in words()["key_parts"]):
        return f"identifier-like: {len(np.unique(known)):,} different whole numbers and a name like a key"
    if known.min() > 10**7 and len({len(str(int(value))) for value in known[:1000]}) == 1:
        return f"identifier-like: {len(np.unique(known)):,} different whole numbers of one length"
    return None


def times(values: pd.Series) -> pd.Series | None:
    """A time column as timestamps without a zone: dates, text dates, 20240131, 202401, years, days; else None."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None) if values.dt.tz is not None else values
    known = values.dropna()
    numbers = as_numbers(values) if pd.api.types.is_numeric_dtype(values) else None
    if numbers is not None and len(known):
        whole = pd.Series(numbers).map(lambda value: "" if np.isnan(value) else str(int(value)))
        form = _number_form(numbers[~np.isnan(numbers)])
        if form is None:  # any other number still orders the rows, as days
            return pd.to_datetime(numbers, unit="D", errors="coerce").to_series(index=values.index)
        return pd.to_datetime(whole, format=form, errors="coerce").set_axis(values.index)
    dates = as_dates(known) if len(known) else None
    return None if dates is None else dates.reindex(values.index)


def _number_form(known: Array) -> str | None:
    for low, high, form in ((19000101, 21991231, "%Y%m%d"), (190001, 219912, "%Y%m"), (1900, 2199, "%Y")):
        if low <= known.min() and known.max() <= high:
            return form
    return None
