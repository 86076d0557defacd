"""Risk index of a payment: its four parts, its level, and the action that follows (docs/models.md).

    index = 0.4 fraud + 0.3 pattern + 0.2 amount + 0.1 time        each part in [0, 1], 1 = riskiest

It is an index, not a probability. A part that is unknown is left out: the weights of the others are scaled to add up
to one, and the part is named in `missing`. With no part at all there is no index: the level is "not_assessable" and a
person looks. Weights, levels and actions are the bank's and stand in policy.toml [payment_risk].

Other modules use `composite` (one payment), `composites` (many), and the four functions that make the parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.config import policy

Array = np.ndarray

PARTS = ("fraud", "pattern", "amount", "time")
LEVELS = ("low", "medium", "high", "very_high")  # in the order of the policy's level_starts
NOT_ASSESSABLE = "not_assessable"
# 0.4 + 0.2 is a hair above 0.6 in floating point, 0.3 x 1.0 sums may lie a hair below 0.3: the level must not feel it.
PLACES = 12


@dataclass(frozen=True)
class Risk:
    """The risk of one payment; `index` is None when nothing was known.

    `contribution` has the share of each known part in the index: weight x part over the sum of known weights. They add
    up to the index.
    """

    index: float | None
    level: str
    action: str
    contribution: Mapping[str, float]
    missing: tuple[str, ...]

    @property
    def is_reweighted(self) -> bool:
        """Was a part unknown, but not all?"""
        return bool(self.missing) and self.index is not None


def composite(fraud: float | None, pattern: float | None, amount: float | None, time: float | None) -> Risk:
    """The risk of one payment; None or NaN is an unknown part.

    Raises
    ------
    ValueError : a part lies outside [0, 1]

    >>> risk = composite(0.9, 0.5, 0.2, 0.0)
    >>> round(risk.index, 3), risk.level, risk.action
    (0.55, 'medium', 'manual_review')
    >>> composite(None, 0.5, 0.5, 0.5).missing
    ('fraud',)
    >>> composite(None, None, None, None).level
    'not_assessable'
    """
    given = [np.nan if part is None else float(part) for part in (fraud, pattern, amount, time)]
    return risks(np.array([given]))[0]


def risks(parts: Array) -> list[Risk]:
    """The risk of each row of `parts`, (n, 4) in the order of PARTS, NaN unknown."""
    index, contribution = composites(parts)
    parts_of_rows = zip(index.tolist(), level(index), contribution.tolist(), np.isnan(parts).tolist(), strict=True)
    return [_risk(*row) for row in parts_of_rows]


def _risk(index: float, level: str, contribution: list[float], unknown: list[bool]) -> Risk:
    known = {name: part for name, part, gone in zip(PARTS, contribution, unknown, strict=True) if not gone}
    missing = tuple(name for name, gone in zip(PARTS, unknown, strict=True) if gone)
    return Risk(index if known else None, level, action(level), known, missing)


def composites(parts: Array) -> tuple[Array, Array]:
    """Index (n,) and contributions (n, 4) of many payments; the index is NaN where no part is known.

    Parameters
    ----------
    parts : (n, 4) in the order of PARTS, each in [0, 1], NaN unknown

    Raises
    ------
    ValueError : a part lies outside [0, 1]

    >>> index, contribution = composites(np.array([[1.0, 1.0, np.nan, 0.0]]))
    >>> index.round(3).tolist(), contribution.round(3).tolist()
    ([0.875], [[0.5, 0.375, 0.0, 0.0]])
    """
    if not np.all((parts >= 0) & (parts <= 1) | np.isnan(parts)):
        raise ValueError(f"a part of the risk lies outside 0 to 1: {parts[(parts < 0) | (parts > 1)][0]}")
    known = ~np.isnan(parts)
    weight = known * _weights()
    whole = weight.sum(axis=1, keepdims=True)
    contribution = np.where(known, parts, 0.0) * weight / np.where(whole == 0, 1.0, whole)
    index = np.where(whole[:, 0] == 0, np.nan, contribution.sum(axis=1).clip(0, 1))
    return index.round(PLACES), contribution


def level(index: Array) -> list[str]:
    """Level of each index; a boundary belongs to the upper level.

    >>> level(np.array([0.2999, 0.3, 0.6, 0.8, np.nan]))
    ['low', 'medium', 'high', 'very_high', 'not_assessable']
    """
    known = ~np.isnan(index)
    places = np.searchsorted(policy()["payment_risk"]["level_starts"], index, side="right")
    return [LEVELS[place] if is_known else NOT_ASSESSABLE for place, is_known in zip(places, known, strict=True)]


def action(level: str) -> str:
    """What the bank does with a payment of this level: auto_approve, manual_review or additional_authentication.

    >>> action("low"), action("not_assessable")
    ('auto_approve', 'manual_review')
    """
    return str(policy()["payment_risk"]["actions"][level])


@cache
def _weights() -> Array:
    weights = policy()["payment_risk"]["weights"]
    return np.array([weights[name] for name in PARTS])


def ranked(percentile: Array) -> Array:
    """Part of a percentile on the reference: nothing up to the median, then straight to 1.

    A calibrated chance of fraud is near zero for everybody; its rank is what the index can use.

    >>> ranked(np.array([0.2, 0.5, 0.75, 1.0])).tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    return np.maximum(0.0, (np.asarray(percentile, float) - 0.5) / 0.5)


def amount_part(robust_z: Array) -> Array:
    """Part of an amount's distance from the customer's median, in deviations: 0 at 0, 0.5 at 3, 1 from 6.

    >>> amount_part(np.array([-2.0, 0.0, 3.0, 4.5, 9.0])).tolist()
    [0.0, 0.0, 0.5, 0.75, 1.0]
    """
    return np.clip(np.asarray(robust_z, float) / 6.0, 0.0, 1.0)


def time_part(habit: Array, most: Array) -> Array:
    """Part of an hour: one less its share among the customer's payments over that of the customer's favourite hour.

    >>> time_part(np.array([0.05, 0.2]), np.array([0.2, 0.2])).tolist()
    [0.75, 0.0]
    """
    return 1.0 - np.asarray(habit, float) / np.asarray(most, float)
