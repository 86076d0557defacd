"""Tables of a clustering for the pages: profiles, metrics of k, the picture, and counts by tier and district.

The build and a trial on a page use the same functions. No row here is about one business.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats.contingency import association, crosstab
from sklearn.metrics import adjusted_rand_score

from core.models.segments.clustering import Clustering
from core.models.segments.features import DESCRIPTIVE, FEATURES
from core.models.segments.k_choice import best_k

BOX = {"low": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "high": 0.95}
MIN_COUNT = 5  # businesses in a spot of the picture; fewer could be identified
SPOTS = (36, 24)

Array = np.ndarray


def all_tables(views: Mapping[str, Clustering], rows: pd.DataFrame, min_ari: float) -> dict[str, pd.DataFrame]:
    """Every table of some clusterings over the open businesses of segment_inputs, by the table's name."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for view, clustering in views.items():
        complete = rows.dropna(subset=list(clustering.features))
        values = complete[list(clustering.features)].to_numpy(float)
        labels = clustering.labels(values)
        frames = {
            "segment_profiles": profiles(clustering, complete, labels),
            "segment_figures": k_metrics(clustering, min_ari),
            "segment_views": summary(clustering, values, complete["tier"].to_numpy(float), labels),
            "segment_tiers": counts(clustering, complete, labels, "tier"),
            "segment_districts": counts(clustering, complete, labels, "district_code"),
            "segment_cloud": cloud(clustering, values),
        }
        for table, frame in frames.items():
            parts.setdefault(table, []).append(frame.assign(view=view))
    return {table: pd.concat([part for part in frames if len(part)] or frames[:1]) for table, frames in parts.items()}


def profiles(clustering: Clustering, rows: pd.DataFrame, labels: Array) -> pd.DataFrame:
    """Distribution of every feature in every segment, and the centre in standard deviations.

    Columns segment, place, businesses, feature, n, low (5 %), q1, median, q3, high (95 %), z (NaN for features that
    only describe).
    """
    frames = []
    for place, code in enumerate(clustering.codes):
        members = rows.loc[labels == place, [*FEATURES, *DESCRIPTIVE]].astype(float)
        box = members.quantile(list(BOX.values())).T.set_axis(list(BOX), axis=1)
        z = pd.Series(clustering.z[place], clustering.features)
        frames.append(box.assign(segment=code, place=place, businesses=len(members), n=members.count(), z=z))
    return pd.concat(frames).reset_index(names="feature")


def k_metrics(clustering: Clustering, min_ari: float) -> pd.DataFrame:
    """Metrics of each k: k, silhouette, ari, ari_low, proposed, used."""
    if not clustering.metrics:
        return pd.DataFrame(columns=["k", "silhouette", "ari", "ari_low", "proposed", "used"])
    frame = pd.DataFrame(clustering.metrics)
    return frame.assign(proposed=frame["k"] == best_k(clustering.metrics, min_ari), used=frame["k"] == clustering.k)


def summary(clustering: Clustering, values: Array, tiers: Array, labels: Array) -> pd.DataFrame:
    """One row: features, k, n, explained_x and _y, loadings_x and _y, weights, tier_v, tier_ari, kept.

    weights are the shares of the variance that K-means sees: a feature with a small share hardly separates segments.
    """
    projection, variance = clustering.projection, clustering.scale(values).var(0)
    tier_v, tier_ari = tier_agreement(labels, tiers)
    row = {
        "features": ",".join(clustering.features),
        "k": clustering.k,
        "n": len(values),
        "explained_x": float(projection.explained[0]),
        "explained_y": float(projection.explained[1]),
        "loadings_x": _listed(projection.axes[0]),
        "loadings_y": _listed(projection.axes[1]),
        "weights": _listed(variance / variance.sum()),
        "tier_v": tier_v,
        "tier_ari": tier_ari,
        "kept": clustering.share_kept,
    }
    return pd.DataFrame([row])


def _listed(numbers: Array) -> str:
    return ",".join(f"{number:.4f}" for number in numbers)


def tier_agreement(labels: Array, tiers: Array) -> tuple[float, float]:
    """How far segments repeat the tiers: Cramér's V (0 to 1) and the adjusted Rand index, over rows with a tier.

    NaN where there is only one segment or one tier. Source of V: Cramér (1946), Mathematical Methods of Statistics,
    ch. 21.

    >>> tier_agreement(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]))
    (1.0, 1.0)
    """
    has_tier = ~np.isnan(tiers)
    table = crosstab(labels[has_tier], tiers[has_tier]).count
    if min(table.shape) < 2:
        return float("nan"), float("nan")
    v = association(table, method="cramer")
    return round(float(v), 12), float(adjusted_rand_score(labels[has_tier], tiers[has_tier]))


def counts(clustering: Clustering, rows: pd.DataFrame, labels: Array, by: str) -> pd.DataFrame:
    """Businesses of each segment by tier or district: segment, `by`, businesses; rows without `by` are left out."""
    pairs = pd.DataFrame({"segment": np.array(clustering.codes, dtype=object)[labels], by: rows[by].to_numpy()})
    return pairs.dropna().value_counts().rename("businesses").reset_index()


def cloud(clustering: Clustering, values: Array) -> pd.DataFrame:
    """Density of the bank in the picture: x, y (centres of spots), businesses; only spots with MIN_COUNT or more."""
    positions = clustering.positions(values)
    density, x, y = np.histogram2d(positions[:, 0], positions[:, 1], bins=SPOTS)
    column, row = np.nonzero(density >= MIN_COUNT)
    spots = {"x": ((x[1:] + x[:-1]) / 2)[column], "y": ((y[1:] + y[:-1]) / 2)[row]}
    return pd.DataFrame(spots | {"businesses": density[column, row].astype(int)})
