"""Six groups of trade areas: the district's region where it is known, else areas that live alike (D8).

Groups are found on data before the forecast quarter and numbered by size, so that the same data give the same names.
"""

import numpy as np
from sklearn.cluster import KMeans

from core.models.forecast.city.features import centred
from core.models.forecast.city.panel import SHARES, Array, Panel

GROUPS = 6
SEED = 11
# Every group should be able to teach a model of its own.
MIN_AREAS = 60 * GROUPS


def regions(panel: Panel) -> Array:
    """Region of each series, (n_series,): R1.. from districts, G1.. from clusters, '' where neither is known."""
    known = panel.series["region"].to_numpy(object)
    if (known != "").any() or len(panel.series) < MIN_AREAS:
        return known
    facts = _described(panel)
    found = KMeans(GROUPS, n_init=10, random_state=SEED).fit_predict(facts)
    order = np.argsort(np.argsort(-np.bincount(found, minlength=GROUPS), kind="stable"), kind="stable")
    return np.array([f"G{number + 1}" for number in order[found]], dtype=object)


def _described(panel: Panel) -> Array:
    """Who comes when and how much is sold, robustly scaled; the middle where unknown, (n_series, n_facts)."""
    logs = [centred(panel, name)[:, -1] for name in ("sales", "purchases", "people")]
    shares = [centred(panel, name)[:, -1] for name in SHARES]
    facts = np.column_stack([*logs, *shares])
    low, high = np.nanquantile(np.where(np.isfinite(facts), facts, 0.0), [0.25, 0.75], axis=0)
    return np.nan_to_num(np.clip(facts / np.where(high > low, high - low, 1.0), -3, 3))
