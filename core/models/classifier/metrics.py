"""How good are probabilities? Discrimination, calibration and their uncertainty, from frames alone.

Intervals resample businesses, not rows: one business stands in many cohorts with nearly the same features, and a
bootstrap over rows would call that evidence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta

from core.models.classifier.model import logistic

Array = np.ndarray

DRAWS = 200
MIN_EVENTS = 30  # the standard error of an AUC with six events is about 0.12: no figure is better than that one
BINS = 10
GROUPS = 400  # rows of neighbouring p are pooled for the resampled calibration lines: 30 times faster, same to 1e-3


@dataclass(frozen=True)
class Ranked:
    """Scored rows sorted by p, the form in which every metric is a running sum."""

    p: Array
    label: Array
    cluster: Array
    starts: Array  # first row of each run of equal p: ties must count once

    @classmethod
    def of(cls, p: Array, label: Array, entity: Array) -> "Ranked":
        """Rows in ascending order of p."""
        order = np.argsort(p, kind="stable")
        codes = pd.factorize(entity[order])[0]
        ranked = p[order]
        starts = np.flatnonzero(np.append(True, np.diff(ranked) > 0))
        return cls(ranked, label[order].astype(float), codes, starts)

    def draws(self, draws: int, seed: int = 0) -> Iterator[Array]:
        """Row weights of `draws` resamples of whole businesses."""
        random = np.random.default_rng(seed)
        businesses = int(self.cluster.max()) + 1
        for _ in range(draws):
            yield np.bincount(random.integers(0, businesses, businesses), minlength=businesses)[self.cluster].astype(
                float
            )


def metrics(rows: Ranked, weights: Array | None = None) -> dict[str, float]:
    """Every metric of the scored rows; `weights` count rows (resampling)."""
    weight = np.ones(len(rows.p)) if weights is None else weights
    return (
        ranking(rows, weight) | probability_quality(rows, weight) | calibration_line(rows, weight, weights is not None)
    )


def ranking(rows: Ranked, weight: Array) -> dict[str, float]:
    """ROC-AUC, Gini, KS and PR-AUC (average precision) with its base rate."""
    event = np.add.reduceat(weight * rows.label, rows.starts)
    other = np.add.reduceat(weight * (1 - rows.label), rows.starts)
    events, others = event.sum(), other.sum()
    if not events or not others:
        return dict.fromkeys(("roc_auc", "gini", "ks", "pr_auc", "base_rate"), np.nan)
    below_event, below_other = np.cumsum(event), np.cumsum(other)
    auc = float((event * (below_other - other / 2)).sum() / (events * others))
    above_event, above = np.cumsum(event[::-1]), np.cumsum((event + other)[::-1])
    precision = np.divide(above_event, above, out=np.zeros_like(above), where=above > 0)
    return {
        "roc_auc": auc,
        "gini": 2 * auc - 1,
        "ks": float(np.abs(below_other / others - below_event / events).max()),
        "pr_auc": float((precision * event[::-1]).sum() / events),
        "base_rate": float(events / (events + others)),
    }


def probability_quality(rows: Ranked, weight: Array) -> dict[str, float]:
    """Brier score and skill, log loss, mean p over observed, and ECE over bins of equal mass."""
    total = weight.sum()
    rate, mean = (weight * rows.label).sum() / total, (weight * rows.p).sum() / total
    brier = float((weight * (rows.p - rows.label) ** 2).sum() / total)
    p = np.clip(rows.p, 1e-12, 1 - 1e-12)
    loss = -(weight * np.where(rows.label > 0, np.log(p), np.log1p(-p))).sum() / total
    cell = np.minimum((np.cumsum(weight) - weight / 2) / total * BINS, BINS - 1e-9).astype(int)
    gap = np.bincount(cell, weight * (rows.p - rows.label), BINS)
    return {
        "brier": brier,
        "brier_skill": float(1 - brier / (rate * (1 - rate))) if 0 < rate < 1 else np.nan,
        "log_loss": float(loss),
        "expected_to_observed": float(mean / rate) if rate else np.nan,
        "ece": float(np.abs(gap).sum() / total),
    }


def calibration_line(rows: Ranked, weight: Array, pooled: bool) -> dict[str, float]:
    """Slope and intercept of the logistic regression of outcomes on log-odds: 1 and 0 when calibrated."""
    p = np.clip(rows.p, 1e-12, 1 - 1e-12)
    scores, label = np.log(p / (1 - p)), rows.label
    if pooled and len(p) > 10 * GROUPS:
        starts = np.linspace(0, len(p), GROUPS, endpoint=False).astype(int)
        scores = np.add.reduceat(scores, starts) / np.diff(np.append(starts, len(p)))
        sums, weight = np.add.reduceat(weight * label, starts), np.add.reduceat(weight, starts)
        label = np.divide(sums, weight, out=np.zeros_like(sums), where=weight > 0)
    if not 0 < (weight * label).sum() < weight.sum():
        return {"calibration_slope": np.nan, "calibration_intercept": np.nan}
    slope, intercept = logistic(scores, label, weight)
    return {"calibration_slope": slope, "calibration_intercept": intercept}


def with_intervals(
    rows: Ranked, measure: Callable[[Ranked, Array | None], dict[str, float]] = metrics, draws: int = DRAWS
) -> pd.DataFrame:
    """Metrics with 95 % intervals over resampled businesses: columns metric, value, low, high."""
    point = measure(rows, None)
    resampled = pd.DataFrame([measure(rows, weight) for weight in rows.draws(draws)])
    low, high = resampled.quantile(0.025), resampled.quantile(0.975)
    return pd.DataFrame(
        [(name, value, float(low[name]), float(high[name])) for name, value in point.items()],
        columns=["metric", "value", "low", "high"],
    )


def table(scored: pd.DataFrame, slices: list[str], entity: str = "business_id") -> pd.DataFrame:
    """All metrics of the whole, AUC of each slice, expected and observed of each cohort.

    Parameters
    ----------
    scored : entity, as_of, p, label and one column for each name in `slices`

    Columns slice, metric, value, low, high, n, positives. A slice with fewer than 30 events keeps its counts and has
    no value.
    """
    whole = _sized(with_intervals(_ranked(scored, entity)), "all", scored)
    parts = [whole]
    for column in slices:
        for name, rows in scored.groupby(column, observed=True):
            parts.append(_slice(rows, f"{column}:{name}", entity))
    for cohort, rows in scored.groupby("as_of"):
        parts.append(_cohort(rows, f"as_of:{pd.Timestamp(cohort).date()}"))
    return pd.concat(parts, ignore_index=True)


def _ranked(scored: pd.DataFrame, entity: str) -> Ranked:
    return Ranked.of(scored["p"].to_numpy(), scored["label"].to_numpy(float), scored[entity].to_numpy())


def _sized(figures: pd.DataFrame, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return figures.assign(slice=name, n=len(rows), positives=int(rows["label"].sum()))


def _slice(rows: pd.DataFrame, name: str, entity: str) -> pd.DataFrame:
    if rows["label"].sum() < MIN_EVENTS or rows["label"].all():
        unknown = pd.DataFrame({"metric": ["roc_auc"], "value": [np.nan], "low": [np.nan], "high": [np.nan]})
        return _sized(unknown, name, rows)
    return _sized(with_intervals(_ranked(rows, entity), _auc_only), name, rows)


def _auc_only(rows: Ranked, weights: Array | None) -> dict[str, float]:
    weight = np.ones(len(rows.p)) if weights is None else weights
    return {"roc_auc": ranking(rows, weight)["roc_auc"]}


def _cohort(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    events, n = int(rows["label"].sum()), len(rows)
    low, high = jeffreys(events, n)
    figures = [("mean_p", rows["p"].mean(), np.nan, np.nan), ("observed", events / n, low, high)]
    return _sized(pd.DataFrame(figures, columns=["metric", "value", "low", "high"]), name, rows)


def calibration_table(p: Array, label: Array, bins: int = BINS) -> pd.DataFrame:
    """Mean p and observed rate in bins of equal mass: bin, n, mean_p, observed, low, high (Jeffreys, 95 %)."""
    order = np.argsort(p, kind="stable")
    rows = []
    for number, members in enumerate(np.array_split(order, min(bins, len(p))), start=1):
        low, high = jeffreys(int(label[members].sum()), len(members))
        rows.append((number, len(members), float(p[members].mean()), float(label[members].mean()), low, high))
    return pd.DataFrame(rows, columns=["bin", "n", "mean_p", "observed", "low", "high"])


def jeffreys(events: int, n: int) -> tuple[float, float]:
    """95 % Jeffreys interval of a rate; 0 and 1 are its ends when no row or every row had the event.

    >>> [round(end, 3) for end in jeffreys(2, 200)]
    [0.002, 0.032]
    """
    low = 0.0 if events == 0 else float(beta.ppf(0.025, events + 0.5, n - events + 0.5))
    high = 1.0 if events == n else float(beta.ppf(0.975, events + 0.5, n - events + 0.5))
    return low, high


def rates(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Observed rate with its Jeffreys interval, and mean p, for each value of `by`, in the shape of `table`."""
    parts = [_cohort(members, f"{by}:{value}") for value, members in rows.groupby(by)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
