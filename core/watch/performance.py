"""How well do the models do, as far as outcomes are certain? Figures by week and month, with gates.

An outcome that may still come is not a good one: months whose window has not ended have no figure but the day when
they will have one. Until then stands an early sign: who is 30 days late within three months.

A gate is missed when chance is ruled out: the whole 95 % interval lies below it, so thirty payments alarm nobody.
Figures are those of the trial model, the same recipe stopped before these rows: the served one has learned from them.

Reads  model_test, pd_scores, repayments, loans
Writes watch_performance
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from core.calendar import month_end, month_ends
from core.models.classifier import metrics
from core.payments.metrics import confusion

COLUMNS = (
    *("model", "unit", "from_on", "to_on", "state", "known_on", "n", "positives"),
    *("metric", "value", "low", "high", "gate", "missed"),
)
Z = float(norm.ppf(0.975))
DRAWS = 100
FEWEST = 30  # events below which a ranking figure is no figure (domain notes A.2)
ROLLING_DAYS = 7
SHARES = ("accuracy", "precision", "recall", "failure_recall")
OF_MONTHS = ("roc_auc", "pr_auc", "base_rate", "brier_skill", "expected_to_observed")
EXPECTED_TO_OBSERVED = (0.8, 1.25)  # domain notes H.4

Row = dict[str, Any]


def wilson(part: float, whole: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); unknown without rows.

    >>> [round(end, 3) for end in wilson(90, 100)]
    [0.826, 0.945]
    """
    if not whole:
        return np.nan, np.nan
    centre = (part + Z * Z / 2) / (whole + Z * Z)
    reach = Z / (whole + Z * Z) * np.sqrt(part * (whole - part) / whole + Z * Z / 4)
    return float(centre - reach), float(centre + reach)


def window(payments: pd.DataFrame, cut: float, gates: dict[str, float], pr_auc_gate: float) -> list[Row]:
    """Figures of the payments of one window beside their gates; a row a metric.

    Parameters
    ----------
    payments : entity_id, p, label (1 succeeded)
    cut : chance of success from which success is expected
    pr_auc_gate : PR-AUC of the failures must reach this many times their base rate
    """
    shares = counted(payments, cut)
    rows: list[Row] = [
        {"metric": name, "value": value, "low": low, "high": high, "gate": gates.get(name)}
        for name, (value, low, high) in shares.items()
    ]
    failures = int((payments["label"] == 0).sum())
    low, high = wilson(failures, len(payments))
    base = {"metric": "base_rate_failure", "value": failures / len(payments), "low": low, "high": high, "gate": None}
    rows += [*_resampled(payments, cut, gates, pr_auc_gate), base]
    return [row | {"missed": missed(row["high"], row["gate"])} for row in rows]


def counted(payments: pd.DataFrame, cut: float) -> dict[str, tuple[float, float, float]]:
    """accuracy, precision, recall, failure_recall at the cut: value and Wilson's interval."""
    expected, came = payments["p"].to_numpy() >= cut, payments["label"].to_numpy() > 0
    tp, fp = int((expected & came).sum()), int((expected & ~came).sum())
    fn, tn = int((~expected & came).sum()), int((~expected & ~came).sum())
    parts = ((tp + tn, len(came)), (tp, tp + fp), (tp, tp + fn), (tn, tn + fp))
    return {
        name: (part / whole if whole else np.nan, *wilson(part, whole))
        for name, (part, whole) in zip(SHARES, parts, strict=True)
    }


def _resampled(payments: pd.DataFrame, cut: float, gates: dict[str, float], pr_auc_gate: float) -> list[Row]:
    """Balanced accuracy, MCC and PR-AUC of failures, intervals over resampled customers; none with few failures."""
    failures = int((payments["label"] == 0).sum())
    if failures < FEWEST:
        return []
    ranked = metrics.Ranked.of(
        payments["p"].to_numpy(), payments["label"].to_numpy(float), payments["entity_id"].to_numpy()
    )

    failing = metrics.Ranked.of(-ranked.p, 1 - ranked.label, ranked.cluster)
    order = np.argsort(-ranked.p, kind="stable")

    def measure(rows: metrics.Ranked, weights: np.ndarray | None) -> dict[str, float]:
        weight = np.ones(len(rows.p)) if weights is None else weights
        return _at_cut(rows, weight, cut) | {"pr_auc_failure": metrics.ranking(failing, weight[order])["pr_auc"]}

    found = metrics.with_intervals(ranked, measure, DRAWS)
    base = failures / len(payments)
    wanted = {name: gates.get(name) for name in ("balanced_accuracy", "mcc")} | {"pr_auc_failure": pr_auc_gate * base}
    return [row._asdict() | {"gate": wanted[row.metric]} for row in found.itertuples(index=False)]


def _at_cut(rows: metrics.Ranked, weight: np.ndarray, cut: float) -> dict[str, float]:
    expected, came = rows.p >= cut, rows.label > 0
    cells = (expected & came, expected & ~came, ~expected & came, ~expected & ~came)
    found = confusion(*(float(weight[cell].sum()) for cell in cells))
    return {name: found[name] for name in ("balanced_accuracy", "mcc")}


def missed(high: float, gate: float | None) -> bool:
    """Is the gate missed beyond chance? MCC's gate of 0 as the others.

    >>> missed(0.84, 0.85), missed(0.86, 0.85), missed(0.1, None)
    (True, False, False)
    """
    return gate is not None and not np.isnan(high) and high < gate


def of_payments(scored: pd.DataFrame, cut: float, decided: dict[str, Any]) -> pd.DataFrame:
    """Every week of the scored payments, and every day's last seven days (the three gated shares alone).

    Parameters
    ----------
    scored : entity_id, as_of (day), p, label
    decided : the policy's section [payments]
    """
    days = pd.to_datetime(scored["as_of"])
    rows = []
    for monday, week in scored.groupby(days - pd.to_timedelta(days.dt.weekday, unit="D")):
        found = window(week, cut, decided["gates"], decided["gate_pr_auc"])
        rows += _placed(found, week, "payments", "week", monday.date(), monday.date() + timedelta(6))
    for last, week in rolling(scored.assign(day=days)):
        gated = {name: gate for name, gate in decided["gates"].items() if name in SHARES}
        found = [row for row in _shares(week, cut, gated) if row["gate"] is not None]
        rows += _placed(found, week, "payments", "rolling", last - timedelta(ROLLING_DAYS - 1), last)
    return pd.DataFrame(rows, columns=COLUMNS)


def rolling(scored: pd.DataFrame) -> list[tuple[date, pd.DataFrame]]:
    """The last seven days before and with each day that has payments, once seven days are in sight."""
    ordered = scored.sort_values("day", kind="stable")
    at = ordered["day"].to_numpy()
    days = np.unique(at)
    days = days[days >= days[0] + np.timedelta64(ROLLING_DAYS - 1, "D")] if len(days) else days
    starts = np.searchsorted(at, days - np.timedelta64(ROLLING_DAYS - 1, "D"))
    ends = np.searchsorted(at, days, side="right")
    return [
        (pd.Timestamp(day).date(), ordered.iloc[low:high]) for day, low, high in zip(days, starts, ends, strict=True)
    ]


def _shares(payments: pd.DataFrame, cut: float, gates: dict[str, float]) -> list[Row]:
    return [
        {"metric": name, "value": value, "low": low, "high": high, "gate": gates.get(name)}
        | {"missed": missed(high, gates.get(name))}
        for name, (value, low, high) in counted(payments, cut).items()
    ]


def _placed(found: list[Row], rows: pd.DataFrame, model: str, unit: str, first: date, last: date) -> list[Row]:
    place = {"model": model, "unit": unit, "from_on": first, "to_on": last, "state": "matured", "known_on": last}
    sizes = {"n": len(rows), "positives": int(rows["label"].sum())}
    return [place | sizes | row for row in found]


def of_months(scored: pd.DataFrame, model: str, newest: date, known_after: int, min_auc: float) -> pd.DataFrame:
    """Every month end up to `newest`: figures where outcomes are certain, else the month end when they will be.

    Parameters
    ----------
    scored : entity_id, as_of (month end), p, label
    known_after : months after a month end until each of its outcomes is certain
    """
    rows: list[Row] = []
    by_day = {pd.Timestamp(day).date(): part for day, part in scored.groupby("as_of")}
    first = min(by_day, default=newest)
    for day in month_ends(newest, (newest.year - first.year) * 12 + newest.month - first.month + 1):
        known_on = month_end(day, -known_after)
        place = {"model": model, "unit": "month", "from_on": day, "to_on": day, "known_on": known_on}
        if day in by_day and known_on <= newest:
            rows += [place | row for row in _month(by_day[day], min_auc)]
        else:
            state = "immature" if known_on > newest else "unscored"
            rows.append(place | {"state": state, "metric": "roc_auc", "missed": False})
    return pd.DataFrame(rows, columns=COLUMNS)


def _month(rows: pd.DataFrame, min_auc: float) -> list[Row]:
    events = int(rows["label"].sum())
    sizes = {"n": len(rows), "positives": events}
    if events < FEWEST:
        return [sizes | {"state": "few", "metric": "roc_auc", "missed": False}]
    ranked = metrics.Ranked.of(rows["p"].to_numpy(), rows["label"].to_numpy(float), rows["entity_id"].to_numpy())
    found = metrics.with_intervals(ranked, _plain, DRAWS)
    return [sizes | {"state": "matured"} | _gated(row._asdict(), min_auc) for row in found.itertuples(index=False)]


def _plain(rows: metrics.Ranked, weights: np.ndarray | None) -> dict[str, float]:
    weight = np.ones(len(rows.p)) if weights is None else weights
    found = metrics.ranking(rows, weight) | metrics.probability_quality(rows, weight)
    return {name: found[name] for name in OF_MONTHS}


def _gated(row: Row, min_auc: float) -> Row:
    if row["metric"] == "roc_auc":
        return row | {"gate": min_auc, "missed": missed(row["high"], min_auc)}
    if row["metric"] == "expected_to_observed":
        least, most = EXPECTED_TO_OBSERVED
        return row | {"gate": 1.0, "missed": bool(row["high"] < least or row["low"] > most)}
    return row | {"gate": None, "missed": False}
