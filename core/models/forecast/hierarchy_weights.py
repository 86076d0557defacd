"""How much each level of a hierarchy is believed: gates, weights, and whether the whole pays.

Everything is decided on rolling-origin predictions: rows that no model which speaks of them has learned from.

    g = (1 - w) ((1 - v) global + v regional) + w local,   w = gate n / (n + k),   v = gate n / (n + k_r)

A gate opens when the paired difference of losses, global - local, has a 90 % lower bound above zero after
Benjamini-Hochberg over the cells of its level. Differences of one entity hang together, and so do those of one period
(a holiday hits a whole cell), so the standard error counts both as clusters. Source: domain notes A.3; two-way
clustering after Cameron, Gelbach and Miller (2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from core.models.forecast.hierarchy import LEVELS, Array, Loss, Rows, Said

CONFIDENCE = 0.90  # one-sided: of a gate's lower bound, and 1 - the false discovery rate
NEVER = float("inf")
# Rows of training at which a level is believed by half; "never" is among them, so that weights cannot do harm where
# they are chosen.
SHRINKAGE = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0, NEVER)
DRAWS = 2_000
BIG_CELL = 200  # entities; a cell of this size may not lose more than WORSE by the hierarchy
WORSE = 0.02


def clustered(difference: Array, entity: Array, block: Array) -> tuple[float, float, int]:
    """Mean of paired differences, its standard error with two ways of clustering, and its degrees of freedom.

    The variance is by entity + by block - by both; where that falls below the larger of the two, the larger counts.

    >>> mean, error, freedom = clustered(np.array([1.0, 3.0]), np.array(["a", "b"]), np.array([1, 2]))
    >>> mean, round(error, 4), freedom
    (2.0, 1.0, 1)
    """
    n = len(difference)
    mean = float(difference.mean()) if n else np.nan
    entities, blocks = pd.factorize(entity)[0], pd.factorize(block)[0]
    groups = [int(codes.max()) + 1 if n else 0 for codes in (entities, blocks)]
    if min(groups) < 2:
        return mean, np.nan, 0
    off = difference - mean
    both = entities.astype(np.int64) * groups[1] + blocks
    by_entity, by_block, by_both = (_variance(off, codes) for codes in (entities, blocks, pd.factorize(both)[0]))
    variance = max(by_entity + by_block - by_both, by_entity, by_block)
    return mean, float(np.sqrt(variance)), min(groups) - 1


def _variance(off: Array, codes: Array) -> float:
    """Variance of the mean from sums within clusters, with the usual G / (G - 1)."""
    sums = np.bincount(codes, off)
    groups = len(sums)
    return float((sums**2).sum() / len(off) ** 2 * groups / (groups - 1))


def benjamini_hochberg(p: Array, rate: float) -> Array:
    """Which hypotheses are rejected at this false discovery rate, (n,); a NaN is no hypothesis.

    >>> benjamini_hochberg(np.array([0.001, 0.04, 0.03, 0.5]), 0.10).tolist()
    [True, True, True, False]
    """
    rejected = np.zeros(len(p), dtype=bool)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(order) + 1) / max(len(order), 1))
    if len(passed):
        rejected[order[: passed[-1] + 1]] = True
    return rejected


@dataclass(frozen=True)
class Validation:
    """Rolling-origin predictions and what came of them: the evidence. `block` is the period that came, (n,)."""

    rows: Rows
    said: Said
    loss: Loss
    block: Array

    def losses(self, level: str) -> Array:
        """Loss of each row by one level, NaN where it has no model."""
        return self.loss(self.said.of(level))


def gates(seen: Validation, counts: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """`counts` with difference (global - own, mean loss), low (its lower bound), p, gate; one row a cell.

    Benjamini-Hochberg runs within a level: over the regions, and over the local cells.
    """
    whole, own = seen.losses("global"), {level: seen.losses(level) for level in LEVELS}
    found = [_tested(seen, row, whole - own[row.level], confidence) for row in counts.itertuples()]
    table = counts.assign(**pd.DataFrame(found, columns=["difference", "low", "p"], index=counts.index))
    gate = np.zeros(len(table), dtype=bool)
    for level in ("regional", "local"):
        at = np.flatnonzero(table["level"] == level)
        gate[at] = benjamini_hochberg(table["p"].to_numpy()[at], 1 - confidence)
    return table.assign(gate=gate & (table["low"] > 0))


def _tested(seen: Validation, row: Any, difference: Array, confidence: float) -> tuple[float, float, float]:
    own = seen.rows.of((row.region, row.category))
    own = own[~np.isnan(difference[own])]
    if row.level == "global" or not row.fitted or not len(own):
        return np.nan, np.nan, np.nan
    mean, error, freedom = clustered(difference[own], seen.rows.entity[own], seen.block[own])
    if not freedom or not error > 0:
        return mean, np.nan, np.nan
    return mean, mean - float(student.ppf(confidence, freedom)) * error, float(student.sf(mean / error, freedom))


def weight(rows: Array, gate: Array, k: float) -> Array:
    """Weight of a level: gate x n / (n + k), with n rows of training.

    >>> weight(np.array([300.0, 300.0]), np.array([True, False]), 100.0).tolist()
    [0.75, 0.0]
    """
    return np.where(gate, rows / (rows + k), 0.0) if np.isfinite(k) else np.zeros(len(rows))


@dataclass(frozen=True)
class Weights:
    """The decided hierarchy: `table` has one row a cell with gate, weight and the losses of every level."""

    table: pd.DataFrame
    k_regional: float
    k_local: float

    def combined(self, said: Said, rows: Rows) -> Array:
        """The combined forecast of each row, (n,)."""
        return combine(said, _of_rows(self.table, "regional", rows), _of_rows(self.table, "local", rows))

    @property
    def used(self) -> int:
        """How many of the models have any say: the global one and those with a weight above zero."""
        return int(self.table["used"].sum())


def combine(said: Said, regional: Array, local: Array) -> Array:
    """Weighted forecast of each row; a level that is missing for a row has no say in it.

    >>> one = np.ones(1)
    >>> combine(Said(10 * one, 20 * one, 30 * one), 0.5 * one, 0.2 * one).tolist()
    [18.0]
    """
    v = np.where(np.isnan(said.regional), 0.0, regional)
    w = np.where(np.isnan(said.local), 0.0, local)
    above = (1 - v) * said.whole + v * np.nan_to_num(said.regional)
    return (1 - w) * above + w * np.nan_to_num(said.local)


def _of_rows(table: pd.DataFrame, level: str, rows: Rows) -> Array:
    own = table[(table["level"] == level) & (table["weight"] > 0)]
    found = np.zeros(len(rows))
    for cell in own.itertuples():
        found[rows.of((cell.region, cell.category))] = cell.weight
    return found


def decide(seen: Validation, counts: pd.DataFrame, shrinkage: Sequence[float] = SHRINKAGE) -> Weights:
    """Gates, then the pair of k with the least validation loss (the first of equals), then the weights of all cells."""
    table = gates(seen, counts)
    best = (np.inf, NEVER, NEVER)
    for k_regional in reversed(shrinkage):
        for k_local in reversed(shrinkage):
            weights = _weighted(table, k_regional, k_local)
            loss = float(np.nanmean(seen.loss(weights.combined(seen.said, seen.rows))))
            best = min(best, (loss, k_regional, k_local), key=lambda found: found[0])
            if not (table["gate"] & (table["level"] == "local")).any():
                break
        if not (table["gate"] & (table["level"] == "regional")).any():
            break
    return with_losses(_weighted(table, best[1], best[2]), seen)


def _weighted(table: pd.DataFrame, k_regional: float, k_local: float) -> Weights:
    rows, gate = table["rows"].to_numpy(float), table["gate"].to_numpy(bool)
    level = table["level"].to_numpy()
    k = np.where(level == "regional", k_regional, k_local)
    own = np.where(level == "regional", weight(rows, gate, k_regional), weight(rows, gate, k_local))
    own = np.where(level == "global", 1.0, own)
    return Weights(
        table.assign(k=np.where(level == "global", np.nan, k), weight=own, used=own > 0), k_regional, k_local
    )


def with_losses(weights: Weights, seen: Validation) -> Weights:
    """The same with loss_global, loss_regional, loss_local, loss_combined of each cell, on the validation rows."""
    losses = {f"loss_{level}": seen.losses(level) for level in LEVELS}
    losses["loss_combined"] = seen.loss(weights.combined(seen.said, seen.rows))
    found: dict[str, list[float]] = {name: [] for name in losses}
    for row in weights.table.itertuples():
        own = seen.rows.of((row.region, row.category))
        for name, loss in losses.items():
            found[name].append(_mean(loss[own]))
    return Weights(weights.table.assign(**found), weights.k_regional, weights.k_local)


def _mean(loss: Array) -> float:
    known = loss[~np.isnan(loss)]
    return float(known.mean()) if len(known) else np.nan


@dataclass(frozen=True)
class Verdict:
    """Does the hierarchy pay? `difference` = mean loss of the plain - of the combined, as a share of the plain's."""

    pays: bool
    difference: float
    low: float
    high: float
    worst_cell: str
    worst: float  # how much worse the worst big cell is, as a share; negative where every one gains
    reason: str


def verdict(plain: Array, combined: Array, rows: Rows, block: Array, draws: int = DRAWS, seed: int = 0) -> Verdict:
    """Paired bootstrap over entities x blocks of out-of-time losses: pays only if the 95 % interval lies above zero
    and no cell of 200 entities or more is worse by over 2 %.

    plain, combined : (n,) losses of the same rows without and with the hierarchy
    """
    difference, low, high = _resampled(plain, combined, rows.entity, block, draws, seed)
    worst_cell, worst = _worst(plain, combined, rows)
    reason = "pays"
    if np.array_equal(plain, combined):
        reason = "same"  # every gate is shut
    elif not low > 0:
        reason = "interval"
    elif worst > WORSE:
        reason = "cell"
    return Verdict(reason == "pays", difference, low, high, worst_cell, worst, reason)


def _resampled(
    plain: Array, combined: Array, entity: Array, block: Array, draws: int, seed: int
) -> tuple[float, float, float]:
    entities, blocks = pd.factorize(entity)[0], pd.factorize(block)[0]
    shape = (int(entities.max()) + 1, int(blocks.max()) + 1)
    gain, base = (_sums(values, entities, blocks, shape) for values in (plain - combined, plain))
    random = np.random.default_rng(seed)
    found = np.empty(draws)
    for draw in range(draws):
        who = np.bincount(random.integers(0, shape[0], shape[0]), minlength=shape[0])
        when = np.bincount(random.integers(0, shape[1], shape[1]), minlength=shape[1])
        found[draw] = (who @ gain @ when) / max(float(who @ base @ when), np.finfo(float).tiny)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(gain.sum() / base.sum()), float(low), float(high)


def _sums(values: Array, entities: Array, blocks: Array, shape: tuple[int, int]) -> Array:
    return np.bincount(entities * shape[1] + blocks, values, shape[0] * shape[1]).reshape(shape)


def _worst(plain: Array, combined: Array, rows: Rows) -> tuple[str, float]:
    losses = pd.DataFrame({"plain": plain, "combined": combined, "entity": rows.entity})
    by_cell = losses.groupby([rows.region, rows.category])
    sums = by_cell[["plain", "combined"]].sum()[by_cell["entity"].nunique() >= BIG_CELL]
    if sums.empty:
        return "", float("-inf")
    worse = sums["combined"] / sums["plain"] - 1
    return "_".join(worse.idxmax()), float(worse.max())
