"""Leaks: columns that contain the outcome. Some are left out, some are kept with a warning.

Left out: a column that alone ranks the label with AUC 0.98 or more, or whose missing values do. No value from before
the outcome ranks it that well, and the column will be empty on the day a score is needed.
Kept, with a warning: above 0.90 (very likely an outcome), above 0.80 (strong: check when the value becomes
available), names of outcomes, dates later than the time column. --keep and --drop take precedence.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import TargetEncoder

from core.compare.column_words import pattern
from core.compare.columns import Features
from core.compare.table import Notice
from core.models.classifier.model import single_auc

Array = np.ndarray

MAPS, LEAK, STRONG = 0.98, 0.90, 0.80
LATE = 0.01  # share of rows with a date after the time column from which the column is named
BINS = 20
SHRINK = 20.0  # rows with the mean rate that are added to each level
CARRIED, MOST_CARRIERS = (
    0.98,
    200,
)  # R2 from which a column carries another; most columns this is computed for
ERRORS = 2.5  # standard errors an AUC must lie above its limit: among 500 columns of 50 rows some are strong by chance


def notices(features: Features, labels: Array, times: pd.Series | None) -> list[Notice]:
    """Notices about features that may contain the outcome, strongest first; "maps_label" leaves a column out."""
    strengths = zip(features.names, *strengths_of(features, labels), strict=True)
    notices = [notice for name, auc, gap in strengths for notice in _strength_notices(name, auc, gap, labels)]
    notices += [notice for name in features.dates for notice in _late(features, name, times)]
    notices += _carriers(features, {notice.column for notice in notices if notice.code in ("maps_label", "leak")})
    return sorted(notices, key=lambda notice: -(notice.value or 0.0))


def _strength_notices(name: str, auc: float, gap: float, labels: Array) -> list[Notice]:
    best = max(auc, gap)
    error = (0.25 / min(labels.sum(), (1 - labels).sum())) ** 0.5 * 2 * (best * (1 - best)) ** 0.5
    sure = best - ERRORS * error
    text = f"{name} is named like an outcome; is it known when the score is made?"
    named = [Notice(name, "outcome_name", text)] if pattern("outcome_name").search(name) else []
    if gap >= MAPS:
        text = f"being missing gives the label away (AUC {gap:.3f}): left out"
        return [Notice(name, "maps_label", text, gap), *named]
    if auc >= MAPS and sure > LEAK:
        return [Notice(name, "maps_label", f"it alone gives the label away (AUC {auc:.3f}): left out", auc), *named]
    if sure > STRONG and auc > LEAK:
        text = f"it alone ranks the label with AUC {auc:.3f}: almost surely an outcome; kept, leave it out with --drop"
        return [Notice(name, "leak", text, auc), *named]
    if auc > STRONG and sure > 0.7:
        text = f"it alone ranks the label with AUC {auc:.3f}: very strong; make sure it is known before the outcome"
        return [Notice(name, "strong", text, auc), *named]
    return named


def strengths_of(features: Features, labels: Array) -> tuple[list[float], list[float]]:
    """AUC of each feature alone (any shape, cross-fitted), and of the flag that its value is missing."""
    values = features.values.to_numpy()
    levels = [_levels(column, name in features.levels) for name, column in zip(features.names, values.T, strict=True)]
    halves = PredefinedSplit(np.random.default_rng(0).permutation(len(labels)) % 2)
    encoder = TargetEncoder(target_type="binary", smooth=SHRINK, cv=halves)
    rates = encoder.fit_transform(np.column_stack(levels), labels) if levels else np.empty((len(labels), 0))
    alone = [float(roc_auc_score(labels, rate)) for rate in rates.T]
    for place, name in enumerate(features.names):
        if name not in features.levels:
            alone[place] = max(alone[place], single_auc(values[:, place], labels))
    return alone, [single_auc(np.isnan(column).astype(float), labels) for column in values.T]


def _levels(column: Array, is_category: bool) -> Array:
    """A column as levels: a number's twentieths; -1 is missing."""
    missing = np.isnan(column)
    if is_category or missing.all():
        return np.where(missing, -1, column)
    edges = np.unique(np.nanquantile(column, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.where(missing, -1, np.digitize(column, edges)).astype(float)


def _carriers(features: Features, leaks: set[str]) -> list[Notice]:
    """Notices about numbers that are the sum of a leaking column and one other."""
    names = features.numbers
    leaking = [place for place, name in enumerate(names) if name in leaks]
    if not leaking or not 2 < len(names) <= MOST_CARRIERS:
        return []
    values = features.values[list(names)].to_numpy()
    filled = np.where(np.isnan(values), np.nanmedian(values, axis=0), values)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = np.nan_to_num(np.corrcoef(filled, rowvar=False))
    notices = []
    for place, name in enumerate(names):
        share, other, leak = max((*_explained(correlations, place, leak), leak) for leak in leaking)
        if name not in leaks and share > CARRIED:
            parts = f"{names[leak]} and {names[other]}"
            text = f"it is made of {parts} (R2 {share:.3f}) and carries the outcome on; leave it out with --drop"
            notices.append(Notice(name, "carries_leak", text, share))
    return notices


def _explained(correlations: Array, place: int, leak: int) -> tuple[float, int]:
    """Largest share of one column's variance that the leak and one other explain, more than that other alone."""
    a, b, c = correlations[place, leak], correlations[place], correlations[leak]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = (a**2 + b**2 - 2 * a * b * c) / (1 - c**2)
    both[[place, leak]] = 0.0
    both = np.where((b**2 > CARRIED) | (c**2 > CARRIED) | ~np.isfinite(both), 0.0, both)
    other = int(np.argmax(both))
    return float(min(both[other], 1.0)), other


def _late(features: Features, name: str, times: pd.Series | None) -> list[Notice]:
    if times is None:
        return []
    days = ((times - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy()
    share = float((features.values[name].to_numpy() > days).mean())
    if share < LATE:
        return []
    text = f"{share:.1%} of its dates lie after the time column: is it known when the score is made?"
    return [Notice(name, "date_after_time", text, share)]
