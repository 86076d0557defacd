"""Six groups of trade areas: the region of the district where it is known, else clusters of similar areas (D8).

Clusters are found on data before the forecast quarter and numbered by size: the same data give the same names.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import RobustScaler

from core.models.forecast.arrays import Array
from core.models.forecast.city.panel import SHARES, Panel

GROUPS = 6
SEED = 11
MIN_SERIES = 60 * GROUPS  # enough for a model of each group


def regions(panel: Panel) -> Array:
    """Region of each series, (n_series,): R1.. from districts, G1.. from clusters, '' where neither is known."""
    region = panel.series["region"].to_numpy(object)
    if (region != "").any() or len(region) < MIN_SERIES:
        return region
    cluster = KMeans(GROUPS, n_init=10, random_state=SEED).fit_predict(_facts(panel))
    order = np.argsort(np.argsort(-np.bincount(cluster, minlength=GROUPS), kind="stable"), kind="stable")
    return np.array([f"G{number + 1}" for number in order[cluster]], dtype=object)


def _facts(panel: Panel) -> Array:
    """Sales, purchases, people and shares of the newest quarter, robustly scaled, (n_series, n_facts).

    Each is centred on its category, so that 0 is the middle, where unknown values go.
    """
    facts = [panel.centred(name)[:, -1] for name in ("sales", "purchases", "people", *SHARES)]
    scaled = RobustScaler(with_centering=False).fit_transform(np.nan_to_num(np.column_stack(facts)))
    return np.clip(scaled, -3, 3)
