"""What pages show of a clustering: profiles with boxes, what speaks for k, and how segments lie on tiers and districts.

One way for the build and for a clustering that somebody tries on a page. Nothing in here names a business.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.models.segments.clustering import Clustering
from core.models.segments.clusters import proposed, restated

# In the order of pages; the last three are told of a segment, but nothing is clustered on them.
FEATURES = (
    "income",
    "spend",
    "risk",
    "growth",
    "borrowing",
    "cushion",
    "volatility",
    "ticket",
    "logins",
    "products",
)
TOLD = ("pd_12m", "churn_3m")
WHISKERS = (0.05, 0.25, 0.5, 0.75, 0.95)
FEWEST_SEEN = 5  # businesses in a spot of the picture's background; fewer could be recognised
SPOTS = (36, 24)

Array = np.ndarray


def profiles(view: str, clustering: Clustering, rows: pd.DataFrame, labels: Array) -> pd.DataFrame:
    """Distribution of every feature in every segment, and the centre in standard deviations where it is clustered on.

    Columns view, segment, place, businesses, feature, n, low (5 %), q1, median, q3, high (95 %), z (NaN for features
    that only describe).
    """
    z = {feature: clustering.z[:, number] for number, feature in enumerate(clustering.features)}
    found = []
    for place, code in enumerate(clustering.codes):
        members = rows[labels == place]
        for feature in (*FEATURES, *TOLD):
            known = members[feature].dropna().to_numpy(float)
            box = np.quantile(known, WHISKERS) if len(known) else np.full(len(WHISKERS), np.nan)
            centre = float(z[feature][place]) if feature in z else np.nan
            found.append((view, code, place, len(members), feature, len(known), *box, centre))
    names = ["view", "segment", "place", "businesses", "feature", "n", "low", "q1", "median", "q3", "high", "z"]
    return pd.DataFrame(found, columns=names)


def figures(view: str, clustering: Clustering, min_ari: float) -> pd.DataFrame:
    """What speaks for each k: view, k, silhouette, ari, ari_low, proposed, used."""
    if not clustering.figures:
        return pd.DataFrame(columns=["view", "k", "silhouette", "ari", "ari_low", "proposed", "used"])
    best = proposed(clustering.figures, min_ari)
    found = pd.DataFrame([vars(figure) for figure in clustering.figures])
    return found.assign(view=view, proposed=found["k"] == best, used=found["k"] == clustering.k)


def summary(view: str, clustering: Clustering, rows: pd.DataFrame, labels: Array) -> pd.DataFrame:
    """One row on a view: features, k, n, explained_x and _y, loadings_x and _y, weights, tier_v, tier_ari, kept.

    weights are the shares of the variance that K-means sees: a feature with little of it hardly divides.
    """
    v, ari = restated(labels, rows["tier"].to_numpy(float))
    plane = clustering.plane
    variance = clustering.scale(rows[list(clustering.features)].to_numpy(float)).var(0)
    return pd.DataFrame(
        {
            "view": [view],
            "features": [",".join(clustering.features)],
            "k": [clustering.k],
            "n": [len(rows)],
            "explained_x": [float(plane.explained[0])],
            "explained_y": [float(plane.explained[1])],
            "loadings_x": [_listed(plane.axes[0])],
            "loadings_y": [_listed(plane.axes[1])],
            "weights": [_listed(variance / variance.sum())],
            "tier_v": [v],
            "tier_ari": [ari],
            "kept": [clustering.kept],
        }
    )


def _listed(numbers: Array) -> str:
    return ",".join(f"{number:.4f}" for number in numbers)


def crossed(view: str, clustering: Clustering, rows: pd.DataFrame, labels: Array, by: str) -> pd.DataFrame:
    """Businesses of each segment by tier or district: view, segment, `by`, businesses; unknown ones are left out."""
    pairs = pd.DataFrame({"segment": np.array(clustering.codes, dtype=object)[labels], by: rows[by].to_numpy()})
    found = pairs.dropna().groupby(["segment", by], as_index=False).size().rename(columns={"size": "businesses"})
    return found.assign(view=view)


def cloud(view: str, clustering: Clustering, rows: pd.DataFrame) -> pd.DataFrame:
    """Where the bank's businesses lie in the picture: view, x, y (middles of spots), businesses; no spot of a few."""
    places = clustering.drawn(rows[list(clustering.features)].to_numpy(float))
    counts, x, y = np.histogram2d(places[:, 0], places[:, 1], bins=SPOTS)
    column, row = np.nonzero(counts >= FEWEST_SEEN)
    middle_x, middle_y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
    seen = {"x": middle_x[column], "y": middle_y[row], "businesses": counts[column, row].astype(int)}
    return pd.DataFrame(seen).assign(view=view)


def of(
    views: Mapping[str, Clustering], rows: pd.DataFrame, min_ari: float, only: Sequence[str] | None = None
) -> dict[str, pd.DataFrame]:
    """Every table of some clusterings over the open businesses of segment_inputs, by the table's name."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for view in only or list(views):
        clustering = views[view]
        complete = rows[rows[list(clustering.features)].notna().all(axis=1)]
        labels = clustering.assigned(complete[list(clustering.features)].to_numpy(float))
        told = {
            "segment_profiles": profiles(view, clustering, complete, labels),
            "segment_figures": figures(view, clustering, min_ari),
            "segment_views": summary(view, clustering, complete, labels),
            "segment_tiers": crossed(view, clustering, complete, labels, "tier"),
            "segment_districts": crossed(view, clustering, complete, labels, "district_code"),
            "segment_cloud": cloud(view, clustering, complete),
        }
        for table, frame in told.items():
            parts.setdefault(table, []).append(frame)
    return {table: pd.concat([one for one in found if len(one)] or found[:1]) for table, found in parts.items()}
