"""Drift: which columns of a population are distributed differently from a reference? For any two frames.

A column has drifted when two things hold. *Chance* is ruled out: the p-values of all columns are adjusted together
(Benjamini and Hochberg). And the difference *matters*: a shift of 0.02 standard deviations is certain at 50,000 rows
and means nothing.

- Numbers: the smaller p of Kolmogorov-Smirnov and Mann-Whitney, times two because two tests are made. The first sees
  any change of shape; at 200 rows it alone misses half a standard deviation in one of ten columns one time in ten,
  both together one in twenty. Effect: D >= 0.10, or PSI above both 0.10 and its bound.
- Words: chi-square on the counts. Effect: total variation (the D of words) or PSI, with the same limits.
- Missing values: chi-square on the shares. Effect: five percentage points more or less.

PSI has ten bins, the deciles of the reference, and one more for missing values. Without drift PSI is about
(1/n + 1/m) chi-square with bins - 1 degrees of freedom (Potgieter et al., arXiv 2307.11878), so the usual limits 0.10
and 0.25 raise false alarms in small samples. The bound is the 99th percentile of that distribution.
"""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import chi2, chi2_contingency, false_discovery_control, ks_2samp, mannwhitneyu

from core.errors import DataError

Array = np.ndarray
Kind = Literal["number", "word", "missing"]
Level = Literal["stable", "watch", "warning"]

# Not .05: of ten columns of 200 rows without drift one raised an alarm in 4.3 % of trials, too close to the 5 % that
# are allowed. With .03 it is 1.3 %, and half a standard deviation is found in 99 % of single columns, 96 % of one in
# ten.
ALPHA = 0.03
EFFECT_D, STRONG_D = 0.10, 0.20
EFFECT_PSI, STRONG_PSI = 0.10, 0.25
EFFECT_MISSING, STRONG_MISSING = 0.05, 0.15
BINS = 10
PSEUDO_COUNT = 0.5  # rows added to each bin: keeps the logarithm finite
EXACT_ROWS = 500  # above it the asymptotic distribution of D is as good and much faster
MIN_VALUES = 20  # on both sides, missing values left out; a column with fewer is not tested
UNKNOWN = (np.nan, np.nan, np.nan, np.nan)
LEVELS = ("warning", "watch", "stable")  # the gravest first

Figures = tuple[float, float, float, float]  # d, p, psi, psi_bound


@dataclass(frozen=True)
class ColumnDrift:
    """One column compared; n counts the new rows, m those of the reference, both without missing values.

    `d` is the largest gap between the distribution functions; of words the total variation; of missing values the gap
    between the shares.
    """

    feature: str
    kind: Kind
    n: int
    m: int
    d: float
    p: float
    psi: float
    psi_bound: float
    missing_now: float
    missing_reference: float


def drift(reference: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Every column of `reference` compared with `now`, the largest drift first.

    Columns: those of ColumnDrift, p_adjusted and level (stable, watch, warning). A column with missing values on either
    side has a second row, of kind missing.

    Raises
    ------
    DataError : a column is not in `now`

    >>> before = pd.DataFrame({"sales": np.arange(1000.0)})
    >>> drift(before, before + 300)[["feature", "level"]].to_dict("records")
    [{'feature': 'sales', 'level': 'warning'}]
    """
    missing = reference.columns.difference(now.columns)
    if len(missing):
        raise DataError(f"the new rows lack {list(missing)}; both sides must have the same columns")
    columns = [row for name in reference for row in _column_drift(reference[name], now[name], str(name))]
    table = pd.DataFrame([asdict(row) for row in columns], columns=list(ColumnDrift.__dataclass_fields__))
    table["p_adjusted"] = _adjusted(table["p"].to_numpy(float))
    table["level"] = [level(row.kind, row.p_adjusted, row.d, row.psi, row.psi_bound) for row in table.itertuples()]
    order = np.lexsort(
        (-table["d"].fillna(-1.0), table["level"].map(LEVELS.index))
    )  # the last key is the first to sort
    return table.iloc[order].reset_index(drop=True)


def _column_drift(reference: pd.Series, now: pd.Series, feature: str) -> list[ColumnDrift]:
    """One row for the values of a column, and one for its missing values where there are any."""
    shares = float(now.isna().mean()), float(reference.isna().mean())
    old, new = reference.dropna(), now.dropna()
    is_number = pd.api.types.is_numeric_dtype(reference) and not pd.api.types.is_bool_dtype(reference)
    if min(len(old), len(new)) < MIN_VALUES:
        figures = UNKNOWN
    else:
        figures = _of_numbers(reference, now) if is_number else _of_words(old, new)
    rows = [ColumnDrift(feature, "number" if is_number else "word", len(new), len(old), *figures, *shares)]
    if max(shares) > 0:
        counts = np.array([[side.isna().sum(), side.notna().sum()] for side in (reference, now)], dtype=float)
        figures = (abs(shares[0] - shares[1]), _chi_square(counts), np.nan, np.nan)
        rows.append(ColumnDrift(feature, "missing", len(now), len(reference), *figures, *shares))
    return rows


def _of_numbers(reference: pd.Series, now: pd.Series) -> Figures:
    old, new = (side.dropna().to_numpy(float) for side in (reference, now))
    exact = max(len(old), len(new)) <= EXACT_ROWS
    gap = ks_2samp(old, new, method="exact" if exact else "asymp")
    # Mann-Whitney divides by zero when all values are equal.
    is_constant = old.min() >= max(old.max(), new.max())
    shift = 1.0 if is_constant else mannwhitneyu(old, new, method="asymptotic").pvalue
    return (
        float(gap.statistic),
        min(1.0, 2 * float(min(gap.pvalue, shift))),
        *psi(reference.to_numpy(float), now.to_numpy(float)),
    )


def _of_words(old: pd.Series, new: pd.Series) -> Figures:
    table = pd.concat([old.astype(str).value_counts(), new.astype(str).value_counts()], axis=1).fillna(0.0)
    counts = table.to_numpy(float).T
    variation = 0.5 * float(np.abs(counts[0] / counts[0].sum() - counts[1] / counts[1].sum()).sum())
    bound = psi_bound(len(new), len(old), counts.shape[1])
    return variation, _chi_square(counts), _psi_of_counts(counts[0], counts[1]), bound


def _chi_square(counts: Array) -> float:
    """p-value of equal shares; words so rare that chi-square does not hold are counted together."""
    rows, totals = counts.sum(axis=1), counts.sum(axis=0)
    rare = totals * rows.min() / rows.sum() < 5
    pooled = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)]) if rare.any() else counts
    pooled = pooled[:, pooled.sum(axis=0) > 0]
    return float(chi2_contingency(pooled, correction=False).pvalue) if pooled.shape[1] > 1 else 1.0


def psi(reference: Array, now: Array, bins: int = BINS) -> tuple[float, float]:
    """Population stability index in nats, and its 99th percentile in samples of these sizes without drift.

    >>> value, bound = psi(np.arange(200.0), np.arange(200.0))
    >>> value, round(bound, 3)
    (0.0, 0.217)
    """
    values = reference[~np.isnan(reference)]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])) if len(values) else np.empty(0)
    expected, actual = _counts(reference, edges), _counts(now, edges)
    used = (expected + actual) > 0
    return _psi_of_counts(expected[used], actual[used]), psi_bound(len(now), len(reference), int(used.sum()))


def psi_bound(n: int, m: int, bins: int) -> float:
    """99th percentile of PSI without drift: (1/n + 1/m) times that of chi-square.

    >>> round(psi_bound(50_000, 50_000, 10), 5)
    0.00087
    """
    return float((1 / n + 1 / m) * chi2.ppf(0.99, max(bins - 1, 1)))


def _counts(values: Array, edges: Array) -> Array:
    """Rows per bin, missing values last: (edges + 2,). A value on an edge belongs to the lower bin, as in quantiles."""
    present = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return np.append(counts, len(values) - len(present)).astype(float)


def _psi_of_counts(expected: Array, actual: Array) -> float:
    e, a = ((side + PSEUDO_COUNT) / (side + PSEUDO_COUNT).sum() for side in (expected, actual))
    return float(np.sum((a - e) * np.log(a / e)))


def _adjusted(p: Array) -> Array:
    """p-values adjusted for the number of tests (Benjamini and Hochberg 1995); unknown ones stay unknown.

    >>> _adjusted(np.array([0.01, 0.04, 0.03, np.nan])).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    adjusted, tested = np.full(len(p), np.nan), ~np.isnan(p)
    adjusted[tested] = false_discovery_control(p[tested], method="bh")
    return adjusted


def level(kind: str, p_adjusted: float, d: float, psi_value: float, bound: float) -> Level:
    """stable, unless chance is ruled out and the difference matters.

    >>> level("number", 1e-9, 0.02, 0.001, 0.0009), level("number", 1e-9, 0.12, 0.05, 0.01)
    ('stable', 'watch')
    """
    if np.isnan(p_adjusted) or p_adjusted >= ALPHA:
        return "stable"
    if kind == "missing":
        matters, is_strong = d >= EFFECT_MISSING, d >= STRONG_MISSING
    else:
        matters = d >= EFFECT_D or psi_value >= max(EFFECT_PSI, bound)
        is_strong = d >= STRONG_D or psi_value >= max(STRONG_PSI, bound)
    return "warning" if is_strong else "watch" if matters else "stable"
