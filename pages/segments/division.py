"""One way of dividing the book, ready to show: a view of the build, or one that is tried on the page."""

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
NO_LOAN = 0.05  # months of sales that would read 0.0
MOST_POINTS = 1_500  # own businesses in the picture; more are a blot and slow to click

Form = Callable[[float], str]


@dataclass(frozen=True)
class Kind:
    """How a feature is shown: from what is stored to what is read, in which words, on which axis."""

    natural: Callable[[float], float]
    form: Form
    is_log: bool = False


def _same(value: float) -> float:
    return value


def _count(value: float) -> str:
    return number(value, 1)


def _borrowed(value: float) -> str:
    return t("segments.times_sales", times=number(value, 1)) if value >= NO_LOAN else t("segments.no_loan")


def _growth(value: float) -> str:
    return percent(value, 0, signed=True)


KINDS: dict[str, Kind] = {
    "income": Kind(math.exp, money, True),
    "spend": Kind(math.exp, money, True),
    "risk": Kind(_same, lambda value: t("segments.points", points=number(value))),
    "growth": Kind(math.expm1, _growth),
    "borrowing": Kind(math.expm1, _borrowed),
    "cushion": Kind(math.exp, lambda value: t("segments.months", months=number(value, 1)), True),
    "volatility": Kind(_same, lambda value: percent(value, 0)),
    "ticket": Kind(math.exp, money, True),
    "logins": Kind(math.expm1, _count),
    "products": Kind(_same, _count),
    "pd_12m": Kind(_same, percent),
    "churn_3m": Kind(_same, percent),
}


def shown(feature: str, value: Number) -> str:
    """A stored value of a feature as a banker reads it."""
    return t("text.unknown_short") if unknown(value) else KINDS[feature].form(KINDS[feature].natural(float(value)))


def feature_word(feature: str) -> str:
    """Short name of a feature."""
    return t(f"segments.feature.{feature}")


@dataclass(frozen=True)
class Shown:
    """One way of dividing the book: the tables of core.models.segments.tables, and the reader's own businesses.

    own : at most MOST_POINTS businesses: business_id, name, tier, score, segment, x, y
    own_counts : segment, state, tier, district_code, businesses of the own book
    """

    view: str
    tables: Mapping[str, pd.DataFrame]
    own: pd.DataFrame
    own_counts: pd.DataFrame

    @property
    def summary(self) -> pd.Series:
        """Figures of the whole division."""
        found: pd.Series = self.tables["segment_views"].iloc[0]
        return found

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
        """What the book is divided by."""
        return str(self.summary["features"]).split(",")

    def own_by(self, column: str) -> pd.DataFrame:
        """Own businesses by segment and tier or district."""
        known = self.own_counts.dropna(subset=["segment", column])
        return known.groupby(["segment", column], as_index=False)["businesses"].sum()

    def own_number(self) -> "pd.Series[int]":
        """Own businesses of each segment."""
        counted: pd.Series[int] = self.own_counts.groupby("segment")["businesses"].sum()
        return counted.reindex(self.codes, fill_value=0)


def of_build(view: str) -> Shown:
    """A view that the build made."""
    names = ("segment_profiles", "segment_figures", "segment_tiers", "segment_districts", "segment_cloud")
    found = {table: read(f"segments/{table.removeprefix('segment_')}", view=view) for table in names}
    views = read("segments/views")
    asked: dict[str, object] = {"manager_ids": state.manager_ids(), "view": view}
    return Shown(
        view,
        found | {"segment_views": views[views["view"] == view]},
        read("segments/own", **asked, rows=MOST_POINTS),
        read("segments/own_crossed", **asked),
    )


def of_trial(features: tuple[str, ...], k: int | None, tell: Callable[[str, float], None]) -> Shown:
    """The book divided by other features or into another number; the whole bank divides, the own book is shown.

    Raises
    ------
    DataError : too few businesses have all these features
    """
    clustering, found = cluster(features, k, tell)
    rows = read_uncached("segments/own_inputs", manager_ids=state.manager_ids())
    complete = rows[list(features)].notna().all(axis=1).to_numpy()
    values = rows.loc[complete, list(features)].to_numpy(float)
    rows = rows.assign(segment=None, state=np.where(complete, "OK", "SHORT"))
    rows.loc[complete, "segment"] = np.array(clustering.codes, dtype=object)[clustering.labels(values)]
    rows.loc[complete, ["x", "y"]] = clustering.positions(values)
    counts = rows.groupby(["segment", "state", "tier", "district_code"], as_index=False, dropna=False).size()
    return Shown(CUSTOM, found, rows[complete].head(MOST_POINTS), counts.rename(columns={"size": "businesses"}))


def features_to_try() -> list[str]:
    """Features that enough of the bank's businesses have."""
    fewest = policy()["segments"]["min_businesses"]
    known = set(read("segments/features", fewest=fewest)["feature"])
    return [feature for feature in FEATURES if feature in known]
