"""Columns that know the outcome: what is left out, and what is kept with a warning.

Left out: a column that alone maps the label (AUC 0.98 or more), or whose being missing does. Nothing known before the
outcome ranks it that well, and a model that uses it is worth nothing on the day it is needed.
Kept, with a warning: above 0.90 (very likely an outcome), above 0.80 (strong: look when it becomes known), names that
sound like outcomes, dates later than the time column. --keep and --drop overrule all of it.
"""

import numpy as np
import pandas as pd

from core.compare.column_words import pattern
from core.compare.columns import Sheet
from core.compare.encode import rates
from core.compare.table import Notice
from core.models.classifier.model import single_auc

Array = np.ndarray

MAPS, LEAK, STRONG = 0.98, 0.90, 0.80
LATE = 0.01  # share of rows with a date after the time column from which the column is named
BINS = 20
CARRIED, MOST_CARRIERS = 0.98, 200  # R2 from which a column is another in disguise; columns for which it is tried
ERRORS = 2.5  # standard errors a figure must lie above its limit: 500 columns of 50 rows look strong by chance


def notices(sheet: Sheet, labels: Array, times: pd.Series | None) -> list[Notice]:
    """What each feature gives away, strongest first; code "maps_label" is the one that leaves a column out."""
    found = [notice for name in sheet.names for notice in _of_column(sheet, name, labels)]
    found += [notice for name in sheet.dates for notice in _late(sheet, name, times)]
    found += _carriers(sheet, {notice.column for notice in found if notice.code in ("maps_label", "leak")})
    return sorted(found, key=lambda notice: -(notice.value or 0.0))


def _of_column(sheet: Sheet, name: str, labels: Array) -> list[Notice]:
    auc, gap = strengths(sheet, name, labels)
    error = (0.25 / min(labels.sum(), (1 - labels).sum())) ** 0.5 * 2 * (max(auc, gap) * (1 - max(auc, gap))) ** 0.5
    sure = max(auc, gap) - ERRORS * error
    named = [Notice(name, "outcome_name", f"{name} is named like an outcome; is it known when the score is made?")]
    named = named if pattern("outcome_name").search(name) else []
    if gap >= MAPS:
        return [
            Notice(name, "maps_label", f"being missing gives the label away (AUC {gap:.3f}): left out", gap),
            *named,
        ]
    if auc >= MAPS and sure > LEAK:
        return [Notice(name, "maps_label", f"it alone gives the label away (AUC {auc:.3f}): left out", auc), *named]
    if sure > STRONG and auc > LEAK:
        text = f"it alone ranks the label with AUC {auc:.3f}: almost surely an outcome; kept, leave it out with --drop"
        return [Notice(name, "leak", text, auc), *named]
    if auc > STRONG and sure > 0.7:
        text = f"it alone ranks the label with AUC {auc:.3f}: very strong; make sure it is known before the outcome"
        return [Notice(name, "strong", text, auc), *named]
    return named


def strengths(sheet: Sheet, name: str, labels: Array) -> tuple[float, float]:
    """AUC of one feature alone (any shape, cross-fitted), and of its being missing."""
    if name in sheet.code_names:
        codes = sheet.codes[:, sheet.code_names.index(name)]
        return _rated_auc(codes, labels), single_auc((codes < 0).astype(float), labels)
    values = sheet.numbers[:, sheet.number_names.index(name)]
    missing = np.isnan(values)
    gap = single_auc(missing.astype(float), labels)
    known = values[~missing]
    if not len(known):
        return gap, gap
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    codes = np.where(missing, -1, np.digitize(values, edges)).astype(int)
    return max(single_auc(values, labels), _rated_auc(codes, labels)), gap


def _rated_auc(codes: Array, labels: Array) -> float:
    levels = int(codes.max()) + 1
    half = np.random.default_rng(0).permutation(len(codes)) % 2
    scores = np.empty(len(codes))
    for side in (0, 1):
        own = half == side
        scores[own] = rates(codes[~own], labels[~own], levels)[codes[own]]
    ranks = pd.Series(scores).rank().to_numpy()
    events = labels.sum()
    return float((ranks[labels == 1].sum() - events * (events + 1) / 2) / (events * (len(labels) - events)))


def _carriers(sheet: Sheet, known: set[str]) -> list[Notice]:
    """Numbers that are a sum of a column that gives the label away and one other: they carry it on."""
    leaking = [place for place, name in enumerate(sheet.number_names) if name in known]
    if not leaking or not 2 < len(sheet.number_names) <= MOST_CARRIERS:
        return []
    filled = np.where(np.isnan(sheet.numbers), np.nanmedian(sheet.numbers, axis=0), sheet.numbers)
    with np.errstate(divide="ignore", invalid="ignore"):
        related = np.nan_to_num(np.corrcoef(filled, rowvar=False))
    found = []
    for place, name in enumerate(sheet.number_names):
        made = [(share, leak, other) for leak in leaking for share, other in [_explained(related, place, leak)]]
        share, leak, other = max(made)
        if name not in known and share > CARRIED:
            parts = f"{sheet.number_names[leak]} and {sheet.number_names[other]}"
            text = f"it is made of {parts} (R2 {share:.3f}) and carries the outcome on; leave it out with --drop"
            found.append(Notice(name, "carries_leak", text, share))
    return found


def _explained(related: Array, place: int, leak: int) -> tuple[float, int]:
    """Largest share of one column's variance that the leak and one other explain, more than that other alone."""
    a, b, c = related[place, leak], related[place], related[leak]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = (a**2 + b**2 - 2 * a * b * c) / (1 - c**2)
    both[[place, leak]] = 0.0
    both = np.where((b**2 > CARRIED) | (c**2 > CARRIED) | ~np.isfinite(both), 0.0, both)
    other = int(np.argmax(both))
    return float(min(both[other], 1.0)), other


def _late(sheet: Sheet, name: str, times: pd.Series | None) -> list[Notice]:
    if times is None or name not in sheet.number_names:
        return []
    days = ((times - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy()
    values = sheet.numbers[:, sheet.number_names.index(name)]
    share = float((values > days).mean())
    if share < LATE:
        return []
    text = f"{share:.1%} of its dates lie after the time column: is it known when the score is made?"
    return [Notice(name, "date_after_time", text, share)]
