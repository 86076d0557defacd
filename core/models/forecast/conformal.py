"""Prediction intervals by split conformal prediction: forecast +- q * sigma.

q is the ceil((n + 1) * nominal)-th smallest of the scores |error| / sigma on rows that no model was fitted on. Each
group has its own q (Mondrian); groups of fewer than 200 rows share one. Sources: Vovk et al. (2005), Lei et al. (2018);
docs/models.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.models.forecast.arrays import Array

NOMINAL = (0.80, 0.95)
MIN_ROWS = 200
MERGED = "other"


def percent(nominal: float) -> str:
    """A nominal coverage as it stands in names of columns.

    >>> percent(0.80)
    '80'
    """
    return f"{100 * nominal:.0f}"


def bound_names(nominal: float) -> tuple[str, str]:
    """Columns of the lower and the upper end of an interval.

    >>> bound_names(0.95)
    ('low95', 'high95')
    """
    return f"low{percent(nominal)}", f"high{percent(nominal)}"


def quantile(scores: Array, nominal: float) -> float:
    """The q of one group; infinite when there are too few scores to know it.

    >>> quantile(np.arange(1.0, 10.0), 0.80), quantile(np.arange(1.0, 10.0), 0.95)
    (8.0, inf)
    """
    rank = int(np.ceil((len(scores) + 1) * nominal - 1e-9))  # 10 x 0.8 is 8.000000000000002 in binary
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else np.inf


def merged(group: Array, stratum: Array, min_rows: int = MIN_ROWS) -> Array:
    """Group of each row, those of fewer than `min_rows` rows as `other`; groups of different strata are never merged.

    Where the merged groups together are still too few, the next smallest joins them.

    >>> merged(np.array(["a", "a", "a", "b", "c"]), np.zeros(5), 2).tolist()
    ['a', 'a', 'a', 'other', 'other']
    """
    names = np.asarray(group).astype(object)
    for value in pd.unique(stratum):
        rows = stratum == value
        small = _small(pd.Series(names[rows]).value_counts(), min_rows)
        names[rows] = [MERGED if name in small else name for name in names[rows]]
    return names


def _small(sizes: pd.Series, min_rows: int) -> set[str]:
    """The groups to merge: the smallest first, until they have `min_rows` together or no group is left."""
    ordered = sizes.sort_values(kind="stable")
    small = set(ordered.index[ordered < min_rows])
    for name in ordered.index:
        if not small or ordered[list(small)].sum() >= min_rows:
            break
        small.add(name)
    return small


@dataclass(frozen=True)
class Bands:
    """q by (stratum, group) and nominal coverage. A group that is not there takes the widest q of its stratum."""

    q: Mapping[tuple[str, str], Mapping[float, float]]

    def half_width(self, group: Array, stratum: Array, sigma: Array, nominal: float) -> Array:
        """Half width of the interval of each row, (n,)."""
        keys = pd.Series(list(zip(stratum.astype(str), group.astype(str), strict=True)), dtype=object)
        return keys.map({key: self._of(key, nominal) for key in keys.unique()}).to_numpy(dtype=float) * sigma

    def _of(self, key: tuple[str, str], nominal: float) -> float:
        own = self.q.get(key) or self.q.get((key[0], MERGED))
        same_stratum = [own] if own else [q for (stratum, _), q in self.q.items() if stratum == key[0]]
        return max((q[nominal] for q in same_stratum), default=np.inf)

    def as_rows(self) -> list[dict[str, Any]]:
        """For a JSON file: stratum, group, and q of each nominal coverage; null is infinite."""
        return [
            {
                "within": stratum,
                "group": group,
                "reach": {str(nominal): q if np.isfinite(q) else None for nominal, q in by_nominal.items()},
            }
            for (stratum, group), by_nominal in sorted(self.q.items())
        ]

    @classmethod
    def from_rows(cls, rows: list[dict[str, Any]]) -> "Bands":
        """The inverse of `as_rows`."""
        return cls(
            {
                (row["within"], row["group"]): {
                    float(nominal): np.inf if q is None else q for nominal, q in row["reach"].items()
                }
                for row in rows
            }
        )


def calibrate(error: Array, sigma: Array, group: Array, stratum: Array) -> Bands:
    """The q of every group from out-of-sample errors, all (n,); a stratum is a forecast horizon."""
    scores = pd.DataFrame(
        {"score": np.abs(error) / sigma, "stratum": stratum.astype(str), "group": merged(group, stratum)}
    )
    return Bands(
        {
            (str(stratum), str(group)): {nominal: quantile(rows.to_numpy(), nominal) for nominal in NOMINAL}
            for (stratum, group), rows in scores.groupby(["stratum", "group"])["score"]
        }
    )
