"""Weights of the levels of a hierarchy: gates, shrinkage, and a test whether the hierarchy pays.

Everything is decided on rolling-origin predictions: rows that no model which predicts them was fitted on.

    g = (1 - w) ((1 - v) global + v regional) + w local,   w = gate n / (n + k),   v = gate n / (n + k_r)

A gate is open when the paired difference of losses, global - local, has a one-sided 90 % lower bound above zero and
passes Benjamini-Hochberg over the cells of its level. The differences of one entity are correlated, and so are those of
one period (a holiday hits a whole cell), so the standard error clusters by both: Cameron, Gelbach and Miller (2011).
Why shrinkage and gates: docs/models.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from core.models.forecast.accuracy import ratio_interval
from core.models.forecast.arrays import Array
from core.models.forecast.hierarchy import LEVELS, LevelPredictions, Loss, Rows

CONFIDENCE = 0.90  # one-sided: of a gate's lower bound, and 1 - the false discovery rate
NEVER = np.inf
# Rows of training at which a level gets half of the weight; "never" is among them, so that the weights cannot do harm
# where they are chosen.
SHRINKAGE = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0, NEVER)
DRAWS = 2_000
BIG_CELL = 200  # entities; a cell of this size may not lose more than MAX_LOSS by the hierarchy
MAX_LOSS = 0.02


def clustered(difference: Array, entity: Array, period: Array) -> tuple[float, float, int]:
    """Mean of paired differences, its standard error clustered by entity and period, and its degrees of freedom.

    The variance is by entity + by period - by both; where that falls below the larger of the two, the larger counts.

    >>> mean, error, freedom = clustered(np.array([1.0, 3.0]), np.array(["a", "b"]), np.array([1, 2]))
    >>> mean, round(error, 4), freedom
    (2.0, 1.0, 1)
    """
    mean = float(difference.mean()) if len(difference) else np.nan
    entities, periods = pd.factorize(entity)[0], pd.factorize(period)[0]
    groups = [int(codes.max(initial=-1)) + 1 for codes in (entities, periods)]
    if min(groups) < 2:
        return mean, np.nan, 0
    both = pd.factorize(entities.astype(np.int64) * groups[1] + periods)[0]
    by_entity, by_period, by_both = (_variance(difference - mean, codes) for codes in (entities, periods, both))
    variance = max(by_entity + by_period - by_both, by_entity, by_period)
    return mean, float(np.sqrt(variance)), min(groups) - 1


def _variance(residual: Array, codes: Array) -> float:
    """Variance of the mean from sums within clusters, with the usual G / (G - 1)."""
    sums = np.bincount(codes, residual)
    groups = len(sums)
    return float((sums**2).sum() / len(residual) ** 2 * groups / (groups - 1))


def rejected(p: Array, rate: float) -> Array:
    """Hypotheses that Benjamini-Hochberg rejects at this false discovery rate, (n,) booleans; NaN is no hypothesis.

    >>> rejected(np.array([0.001, 0.04, 0.03, 0.5]), 0.10).tolist()
    [True, True, True, False]
    """
    tested = ~np.isnan(p)
    adjusted = np.full(len(p), np.inf)
    adjusted[tested] = false_discovery_control(p[tested]) if tested.any() else []
    return adjusted <= rate


@dataclass(frozen=True)
class Validation:
    """Rolling-origin predictions with known outcomes; `period` is the period of the outcome, (n,)."""

    rows: Rows
    predictions: LevelPredictions
    loss: Loss
    period: Array

    def losses(self, level: str) -> Array:
        """Loss of each row by one level, NaN where it has no model."""
        return self.loss(self.predictions.of(level))


def gates(validation: Validation, counts: pd.DataFrame) -> pd.DataFrame:
    """`counts` with difference (mean loss, global - own), low (its lower bound), p and gate; one row per cell."""
    gain = {level: validation.losses("global") - validation.losses(level) for level in LEVELS}
    tests = [_test(validation, row, gain[row.level]) for row in counts.itertuples()]
    table = counts.assign(**pd.DataFrame(tests, columns=["difference", "low", "p"], index=counts.index))
    passes = table.groupby("level")["p"].transform(lambda p: rejected(p.to_numpy(), 1 - CONFIDENCE))
    return table.assign(gate=passes.astype(bool) & (table["low"] > 0))


def _test(validation: Validation, row: Any, gain: Array) -> tuple[float, float, float]:
    rows = validation.rows.of((row.region, row.category))
    rows = rows[~np.isnan(gain[rows])]
    if row.level == "global" or not row.fitted or not len(rows):
        return np.nan, np.nan, np.nan
    mean, error, freedom = clustered(gain[rows], validation.rows.entity[rows], validation.period[rows])
    if not freedom or not error > 0:
        return mean, np.nan, np.nan
    return mean, mean - float(student.ppf(CONFIDENCE, freedom)) * error, float(student.sf(mean / error, freedom))


def weight(rows: Array, gate: Array, k: Array | float) -> Array:
    """Weight of a level: gate x n / (n + k), with n rows of training.

    >>> weight(np.array([300.0, 300.0]), np.array([True, False]), 100.0).tolist()
    [0.75, 0.0]
    """
    return np.where(gate, rows / (rows + k), 0.0)


@dataclass(frozen=True)
class Weights:
    """The chosen weights: `table` has one row per cell with gate, weight and the losses of every level."""

    table: pd.DataFrame
    k_regional: float
    k_local: float

    def combined(self, predictions: LevelPredictions, rows: Rows) -> Array:
        """The combined forecast of each row, (n,)."""
        return combine(predictions, self._of_rows("regional", rows), self._of_rows("local", rows))

    def _of_rows(self, level: str, rows: Rows) -> Array:
        weights = np.zeros(len(rows))
        for cell in self.table[(self.table["level"] == level) & (self.table["weight"] > 0)].itertuples():
            weights[rows.of((cell.region, cell.category))] = cell.weight
        return weights

    @property
    def used(self) -> int:
        """Number of models with a weight above zero, the global one among them."""
        return int(self.table["used"].sum())


def combine(predictions: LevelPredictions, regional: Array, local: Array) -> Array:
    """Weighted forecast of each row; a level that has no model for a row has no weight in it.

    >>> ones = np.ones(1)
    >>> combine(LevelPredictions(10 * ones, 20 * ones, 30 * ones), 0.5 * ones, 0.2 * ones).tolist()
    [18.0]
    """
    v = np.where(np.isnan(predictions.regional), 0.0, regional)
    w = np.where(np.isnan(predictions.local), 0.0, local)
    above = (1 - v) * predictions.whole + v * np.nan_to_num(predictions.regional)
    return (1 - w) * above + w * np.nan_to_num(predictions.local)


def decide(validation: Validation, counts: pd.DataFrame) -> Weights:
    """Gates, then the pair of k with the least validation loss, then the weights and losses of all cells.

    Of equal losses the larger k wins. A level whose gates are all shut has weight 0 whatever its k is.
    """
    table = gates(validation, counts)
    open_levels = set(table.loc[table["gate"], "level"])
    regional, local = (SHRINKAGE[::-1] if level in open_levels else SHRINKAGE[-1:] for level in ("regional", "local"))
    candidates = [_weighted(table, k_regional, k_local) for k_regional in regional for k_local in local]
    return _with_losses(min(candidates, key=lambda weights: _mean(_combined_loss(weights, validation))), validation)


def global_only(counts: pd.DataFrame) -> Weights:
    """Weights where nothing could be validated: the global model alone."""
    untested = counts.assign(difference=np.nan, low=np.nan, p=np.nan, gate=False)
    losses = dict.fromkeys([f"loss_{level}" for level in (*LEVELS, "combined")], np.nan)
    weights = _weighted(untested, NEVER, NEVER)
    return Weights(weights.table.assign(k=np.nan, **losses), NEVER, NEVER)


def _weighted(table: pd.DataFrame, k_regional: float, k_local: float) -> Weights:
    k = table["level"].map({"global": np.nan, "regional": k_regional, "local": k_local})
    shrunk = weight(table["rows"].to_numpy(float), table["gate"].to_numpy(bool), k.to_numpy())
    own = np.where(table["level"] == "global", 1.0, shrunk)
    return Weights(table.assign(k=k, weight=own, used=own > 0), k_regional, k_local)


def _combined_loss(weights: Weights, validation: Validation) -> Array:
    return validation.loss(weights.combined(validation.predictions, validation.rows))


def _with_losses(weights: Weights, validation: Validation) -> Weights:
    """The same with loss_global, loss_regional, loss_local and loss_combined of each cell, on the validation rows."""
    losses = {f"loss_{level}": validation.losses(level) for level in LEVELS}
    losses["loss_combined"] = _combined_loss(weights, validation)
    cells = [validation.rows.of((row.region, row.category)) for row in weights.table.itertuples()]
    means = {name: [_mean(loss[rows]) for rows in cells] for name, loss in losses.items()}
    return Weights(weights.table.assign(**means), weights.k_regional, weights.k_local)


def _mean(loss: Array) -> float:
    loss = loss[~np.isnan(loss)]
    return float(loss.mean()) if len(loss) else np.nan


@dataclass(frozen=True)
class Verdict:
    """Does the hierarchy pay? `difference` = mean loss of the plain - of the combined, as a share of the plain's."""

    reason: str
    difference: float = np.nan
    low: float = np.nan
    high: float = np.nan
    worst_cell: str = ""
    worst: float = np.nan  # how much worse the worst big cell is, as a share; negative where all are better

    @property
    def pays(self) -> bool:
        """True when the hierarchy may serve."""
        return self.reason == "pays"


UNTESTED = Verdict("untested")


def verdict(plain: Array, combined: Array, rows: Rows, period: Array, draws: int = DRAWS) -> Verdict:
    """Paired bootstrap of out-of-time losses: the hierarchy pays only if the 95 % interval lies above zero and no cell
    of 200 entities or more is worse by over 2 %.

    plain, combined : (n,) losses of the same rows without and with the hierarchy
    """
    low, high = ratio_interval(plain - combined, plain, rows.entity, period, draws)
    worst_cell, worst = _worst(plain, combined, rows)
    if np.array_equal(plain, combined):
        reason = "same"  # every gate is shut
    elif not low > 0:
        reason = "interval"
    else:
        reason = "cell" if worst > MAX_LOSS else "pays"
    return Verdict(reason, float((plain - combined).sum() / plain.sum()), low, high, worst_cell, worst)


def _worst(plain: Array, combined: Array, rows: Rows) -> tuple[str, float]:
    """Name and relative loss of the worst cell with BIG_CELL entities; NaN where no cell is so big."""
    losses = pd.DataFrame({"plain": plain, "combined": combined, "entity": rows.entity})
    by_cell = losses.groupby([rows.region, rows.category])
    sums = by_cell[["plain", "combined"]].sum()[by_cell["entity"].nunique() >= BIG_CELL]
    if sums.empty:
        return "", np.nan
    worse = sums["combined"] / sums["plain"] - 1
    return "_".join(worse.idxmax()), float(worse.max())
