"""Drift counted in customers: how many are in another tier because of it.

Of a score: customers known on both days, their tier then and now. Of a feature: all customers are scored again with
this one feature distributed as it was before (each customer keeps the rank), and those in another tier are counted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.models.classifier.model import matrix
from core.models.classifier.problem import THREADS
from core.watch.populations import KEY, SCORE, Population

Array = np.ndarray


@dataclass(frozen=True)
class TierChanges:
    """Number of customers compared, and of those how many are now in a higher and how many in a lower tier."""

    compared: int
    up: int
    down: int

    @classmethod
    def between(cls, before: Array, now: Array, cuts: tuple[float, ...]) -> "TierChanges":
        """Tier changes from two scores of the same customers; `cuts` are the upper ends of the tiers.

        >>> TierChanges.between(np.array([0.1, 0.5, 0.5]), np.array([0.6, 0.4, 0.1]), (0.3,))
        TierChanges(compared=3, up=1, down=1)
        """
        steps = np.searchsorted(cuts, now) - np.searchsorted(cuts, before)
        return cls(len(steps), int((steps > 0).sum()), int((steps < 0).sum()))


def tier_changes(population: Population, feature: str) -> TierChanges | None:
    """Customers whom the drift of this column puts into another tier; None where this cannot be computed."""
    now, before, model = population.now, population.before, population.model
    if not population.cuts:
        return None
    if feature == SCORE:
        if KEY not in before:
            return None
        both = before[[KEY, SCORE]].merge(now[[KEY, SCORE]], on=KEY, suffixes=("_before", "_now"))
        scores_before, scores_now = (both[f"{SCORE}_{side}"].to_numpy(float) for side in ("before", "now"))
        return TierChanges.between(scores_before, scores_now, population.cuts)
    if model is None or feature not in model.features:
        return None
    as_before = now.assign(**{feature: quantile_mapping(now[feature], before[feature])})
    scores_before = model.probability(matrix(as_before, model.features), THREADS)
    return TierChanges.between(scores_before, now[SCORE].to_numpy(float), population.cuts)


def quantile_mapping(now: pd.Series, before: pd.Series) -> pd.Series:
    """The values of `now` with the distribution of `before`: each keeps its rank, missing values stay missing.

    >>> quantile_mapping(pd.Series([1.0, 2.0, 3.0]), pd.Series([10.0, 20.0, 30.0])).tolist()
    [10.0, 20.0, 30.0]
    """
    values = before.dropna().to_numpy(float)
    if not len(values):
        return now
    # Equal values share the mean of their ranks, so that equal customers stay equal.
    ranks = now.rank(method="average")
    share = (ranks - 1) / max(ranks.max() - 1, 1)
    return pd.Series(np.where(now.isna(), np.nan, np.quantile(values, share.fillna(0))), now.index)
