"""How far around a forecast must the interval reach? As far as it had to in the rolling-origin past.

Split conformal: the interval is forecast +- q x sigma, with q the ceil((n + 1)(1 - alpha))-th smallest of the scores
|error| / sigma of rows no model had learned from. Each group has its own q (Mondrian); groups of fewer than 200 rows
share one. Nothing here knows what is forecast. Source: domain notes A.3; Vovk et al. (2005), Lei et al. (2018).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

Array = np.ndarray

NOMINAL = (0.80, 0.95)
MIN_ROWS = 200
MERGED = "other"


def quantile(scores: Array, nominal: float) -> float:
    """The score an interval of this nominal coverage must reach; infinite when there are too few scores to know.

    >>> quantile(np.arange(1.0, 10.0), 0.80), quantile(np.arange(1.0, 10.0), 0.95)
    (8.0, inf)
    """
    place = int(np.ceil((len(scores) + 1) * nominal - 1e-9))  # 10 x 0.8 is 8.000000000000002 in binary
    return float(np.partition(scores, place - 1)[place - 1]) if place <= len(scores) else float("inf")


def merged(group: Array, within: Array, least: int = MIN_ROWS) -> Array:
    """Groups as words, those of fewer than `least` rows as `other`; never across the strata of `within`.

    Where the others together are still too few, the next smallest joins them.

    >>> merged(np.array(["a", "a", "a", "b", "c"]), np.zeros(5), 2).tolist()
    ['a', 'a', 'a', 'other', 'other']
    """
    words = np.asarray(group).astype(object)
    for stratum in pd.unique(within):
        inside = np.flatnonzero(within == stratum)
        small = _small(pd.Series(words[inside]).value_counts(), least)
        words[inside] = [MERGED if word in small else word for word in words[inside]]
    return words


def _small(sizes: pd.Series, least: int) -> set[str]:
    """Which groups share: the smallest first, until nobody is below `least` (or all share)."""
    ordered = sizes.sort_values(kind="stable")
    small = set(ordered.index[ordered < least])
    for name in ordered.index:
        if not small or ordered[list(small)].sum() >= least:
            break
        small.add(name)
    return small


@dataclass(frozen=True)
class Bands:
    """The reach of intervals: (stratum, group) -> nominal -> q. A group never met takes its stratum's widest."""

    reach: Mapping[tuple[str, str], Mapping[float, float]]

    def half(self, group: Array, within: Array, sigma: Array, nominal: float) -> Array:
        """Half width of each row's interval, (n,)."""
        keys = pd.Series(list(zip(within.astype(str), group.astype(str), strict=True)), dtype=object)
        q = {key: self._reach(key, nominal) for key in keys.unique()}
        return keys.map(q).to_numpy(dtype=float) * sigma

    def _reach(self, key: tuple[str, str], nominal: float) -> float:
        for known in (key, (key[0], MERGED)):
            if known in self.reach:
                return self.reach[known][nominal]
        same = [reach[nominal] for (stratum, _), reach in self.reach.items() if stratum == key[0]]
        return max(same, default=float("inf"))

    def as_rows(self) -> list[dict[str, object]]:
        """For a model's card: stratum, group, and q of each nominal coverage."""
        return [
            {"within": key[0], "group": key[1], "reach": {str(nominal): q for nominal, q in reach.items()}}
            for key, reach in sorted(self.reach.items())
        ]

    @classmethod
    def of_rows(cls, rows: list[dict]) -> "Bands":
        """The inverse of `as_rows`."""
        found = {(row["within"], row["group"]): {float(name): q for name, q in row["reach"].items()} for row in rows}
        return cls(found)


def calibrate(error: Array, sigma: Array, group: Array, within: Array, nominals: tuple[float, ...] = NOMINAL) -> Bands:
    """Reach of the intervals from out-of-sample errors, (n,); `within` keeps strata (a horizon) apart."""
    scores = np.abs(error) / sigma
    frame = pd.DataFrame({"score": scores, "within": within.astype(str), "group": merged(group, within)})
    return Bands(
        {
            (str(stratum), str(name)): {nominal: quantile(rows["score"].to_numpy(), nominal) for nominal in nominals}
            for (stratum, name), rows in frame.groupby(["within", "group"])
        }
    )
