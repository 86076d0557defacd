"""What a shift means in customers: how many stand in another tier because of it.

Of a score: customers known on both days, tier then and now. Of a feature: everybody is scored again with this one
feature as it was distributed before (each keeps the rank), and those who would stand in another tier are counted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.models.classifier.model import matrix
from core.models.classifier.problem import THREADS
from core.watch.populations import KEY, SCORE, Population

Array = np.ndarray


@dataclass(frozen=True)
class Moved:
    """Customers compared, and of those in another tier how many stand in a higher and in a lower one."""

    compared: int
    up: int
    down: int

    @classmethod
    def between(cls, before: Array, now: Array, cuts: tuple[float, ...]) -> "Moved":
        """Tiers of two scores of the same customers.

        >>> Moved.between(np.array([0.1, 0.5, 0.5]), np.array([0.6, 0.4, 0.1]), (0.3,))
        Moved(compared=3, up=1, down=1)
        """
        steps = np.searchsorted(cuts, now) - np.searchsorted(cuts, before)
        return cls(len(steps), int((steps > 0).sum()), int((steps < 0).sum()))


def moved(asked: Population, feature: str) -> Moved | None:
    """Customers whom this column's shift puts into another tier; None where that cannot be asked."""
    if not asked.cuts:
        return None
    if feature == SCORE:
        return _of_score(asked) if KEY in asked.before else None
    if asked.model is None or feature not in asked.model.features:
        return None
    as_before = asked.now.assign(**{feature: like(asked.now[feature], asked.before[feature])})
    then = asked.model.probability(matrix(as_before, asked.model.features), THREADS)
    return Moved.between(then, asked.now[SCORE].to_numpy(float), asked.cuts)


def _of_score(asked: Population) -> Moved:
    both = asked.before[[KEY, SCORE]].merge(asked.now[[KEY, SCORE]], on=KEY, suffixes=("_before", "_now"))
    return Moved.between(both[f"{SCORE}_before"].to_numpy(float), both[f"{SCORE}_now"].to_numpy(float), asked.cuts)


def like(now: pd.Series, before: pd.Series) -> pd.Series:
    """The values of `now` with the distribution of `before`: each keeps its rank, what is missing stays missing.

    >>> like(pd.Series([1.0, 2.0, 3.0]), pd.Series([10.0, 20.0, 30.0])).tolist()
    [10.0, 20.0, 30.0]
    """
    known = before.dropna().to_numpy(float)
    if not len(known):
        return now
    # Equal values share a rank, the middle of theirs: customers who were alike stay alike.
    ranks = now.rank(method="average")
    share = (ranks - 1) / max(ranks.max() - 1, 1)
    return pd.Series(np.where(now.isna(), np.nan, np.quantile(known, share.fillna(0))), now.index)
