"""A division of the book into segments, ready to show: a view of the build, or one that the reader tries."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import policy
from core.models.segments.features import FEATURES
from pages.shared import state
from pages.shared.read import cluster, read, read_uncached
from pages.shared.text import Number, money, number, percent, t, unknown

VIEWS = ("main", "three", "three_plain")
CUSTOM = "custom"
NO_LOAN = 0.05  # months of sales; less would be shown as 0.0
MOST_POINTS = 1_500  # own businesses in the scatter; with more the points cover each other and clicks are slow

Form = Callable[[float], str]


@dataclass(frozen=True)
class Kind:
    """How the values of a feature are shown.

    natural : from the stored scale to the scale that is shown
    form : a value on that scale in words
    is_log : the axis of the feature is logarithmic
    """

    natural: Callable[[float], float]
    form: Form
    is_log: bool = False


def _same(value: float) -> float:
    return value


def _count(value: float) -> str:
    return number(value, 1)


def _borrowing(value: float) -> str:
    return t("segments.times_sales", times=number(value, 1)) if value >= NO_LOAN else t("segments.no_loan")


def _growth(value: float) -> str:
    return percent(value, 0, signed=True)


KINDS: dict[str, Kind] = {
    "income": Kind(math.exp, money, True),
    "spend": Kind(math.exp, money, True),
    "risk": Kind(_same, lambda value: t("segments.points", points=number(value))),
    "growth": Kind(math.expm1, _growth),
    "borrowing": Kind(math.expm1, _borrowing),
    "cushion": Kind(math.exp, lambda value: t("segments.months", months=number(value, 1)), True),
    "volatility": Kind(_same, lambda value: percent(value, 0)),
    "ticket": Kind(math.exp, money, True),
    "logins": Kind(math.expm1, _count),
    "products": Kind(_same, _count),
    "pd_12m": Kind(_same, percent),
    "churn_3m": Kind(_same, percent),
}


def value_words(feature: str, value: Number) -> str:
    """A stored value of a feature on its natural scale, in words."""
    return t("text.unknown_short") if unknown(value) else KINDS[feature].form(KINDS[feature].natural(float(value)))


def feature_word(feature: str) -> str:
    """Short name of a feature."""
    return t(f"segments.feature.{feature}")


@dataclass(frozen=True)
class Division:
    """A division of the bank's businesses, and the businesses of the reader's book in it.

    tables : as core.models.segments writes them, by name
    own : at most MOST_POINTS businesses of the book: business_id, name, tier, score, segment, x, y
    own_counts : segment, state, tier, district_code, businesses of the book
    """

    view: str
    tables: Mapping[str, pd.DataFrame]
    own: pd.DataFrame
    own_counts: pd.DataFrame

    @property
    def summary(self) -> pd.Series:
        """Figures of the whole division."""
        row: pd.Series = self.tables["segment_views"].iloc[0]
        return row

    @property
    def profiles(self) -> pd.DataFrame:
        """Distribution of every feature in every segment."""
        return self.tables["segment_profiles"]

    @property
    def codes(self) -> list[str]:
        """Segments in their order."""
        return list(dict.fromkeys(self.profiles.sort_values("place")["segment"]))

    @property
    def features(self) -> list[str]:
        """Features by which the book is divided."""
        return str(self.summary["features"]).split(",")

    def own_by(self, column: str) -> pd.DataFrame:
        """Own businesses by segment and tier or district."""
        counts = self.own_counts.dropna(subset=["segment", column])
        return counts.groupby(["segment", column], as_index=False)["businesses"].sum()

    def own_sizes(self) -> "pd.Series[int]":
        """Number of own businesses in each segment."""
        sizes: pd.Series[int] = self.own_counts.groupby("segment")["businesses"].sum()
        return sizes.reindex(self.codes, fill_value=0)


def of_build(view: str) -> Division:
    """A view that the build has computed."""
    names = ("profiles", "figures", "tiers", "districts", "cloud")
    of_view = {f"segment_{name}": read(f"segments/{name}", view=view) for name in names}
    views = read("segments/views")
    params: dict[str, object] = {"manager_ids": state.manager_ids(), "view": view}
    return Division(
        view,
        of_view | {"segment_views": views[views["view"] == view]},
        read("segments/own_businesses", **params, rows=MOST_POINTS),
        read("segments/own_counts", **params),
    )


def of_features(features: tuple[str, ...], k: int | None, progress: Callable[[str, float], None]) -> Division:
    """A division by other features, or into another number of segments; k None: the number is proposed.

    The clusters are those of the whole bank; the businesses are those of the reader's book.

    Raises
    ------
    DataError : too few businesses have all these features
    """
    clustering, of_bank = cluster(features, k, progress)
    rows = read_uncached("segments/own_inputs", manager_ids=state.manager_ids())
    complete = rows[list(features)].notna().all(axis=1).to_numpy()
    values = rows.loc[complete, list(features)].to_numpy(float)
    rows = rows.assign(segment=None, state=np.where(complete, "OK", "SHORT"))
    rows.loc[complete, "segment"] = np.array(clustering.codes, dtype=object)[clustering.labels(values)]
    rows.loc[complete, ["x", "y"]] = clustering.positions(values)
    counts = rows.groupby(["segment", "state", "tier", "district_code"], as_index=False, dropna=False).size()
    return Division(CUSTOM, of_bank, rows[complete].head(MOST_POINTS), counts.rename(columns={"size": "businesses"}))


def features_to_try() -> list[str]:
    """Features that enough businesses of the bank have, in their order."""
    fewest = policy()["segments"]["min_businesses"]
    frequent = set(read("segments/features", fewest=fewest)["feature"])
    return [feature for feature in FEATURES if feature in frequent]
