"""A yes-or-no question that time answers, and the rows that answer it: what the trainer is given.

A Problem says what is asked and with which features and settings a model is fitted. Its `source` finds the rows: by
monthly cohorts of businesses (cohorts.py) or by blocks of time of single events (time_blocks.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from core import db
from core.config import policy
from core.features.catalogue import Feature, catalogue
from core.models.classifier.model import Recipe
from core.models.classifier.time_splits import Sealed
from core.progress import Progress

THREADS = 2
LABEL = "label"


@dataclass(frozen=True)
class Parts:
    """Rows by use: features, `label` (0 or 1), entity, time and whatever the figures are sliced by.

    fit : the rows that the trees learn from
    calibration : later rows that set slope and intercept
    test : later rows that nothing has seen, to be read once; None where a model serves untested
    sample : rows that stand for what was learned from, kept to be compared with later data
    windows : what the card says of the periods: fit, calibration_window, test
    """

    fit: pd.DataFrame
    calibration: pd.DataFrame
    test: Sealed[pd.DataFrame] | None
    sample: pd.DataFrame
    windows: Mapping[str, Any]


class Source(Protocol):
    """The rows of one training run."""

    def trial(self) -> Parts | None:
        """Rows with a test that is out of time; None when the history is too short (the report says so)."""

    def served(self) -> Parts | None:
        """The same through the newest rows, for the model that serves; None where the trial's model serves."""

    def close(self) -> None:
        """Remove the temporary tables that the rows came from."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What every problem has.

    name : of the model in every table, file and page
    meaning : what the card says a "yes" is
    event : the rows with a "yes", plural, in sentences: "17 bads in …"
    module : the module that defines the problem: the version of its code is that of all it imports and runs
    slices : columns by which the test's figures are shown
    compared : further candidates beside the champion ("single" seed, "plain" trees)
    cross_fitted : calibrate on scores of models that have not learned from the same entity
    """

    name: str
    meaning: str
    event: str
    module: str
    entity: str = "business_id"
    time: str = "as_of"
    slices: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    cross_fitted: bool = True
    with_diagnostics: bool = True

    @property
    def served_name(self) -> str:
        """Name of the figures of the served model, which nobody has tested out of time."""
        return f"{self.name}_served"

    @property
    def decisions(self) -> dict[str, Any]:
        """The bank's decisions on this problem."""
        return dict(policy()[self.name])

    @property
    def features(self) -> tuple[Feature, ...]:
        """Catalogue of this problem's features."""
        return catalogue(self.name)

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in the order of the catalogue."""
        return [feature.feature for feature in self.features]

    @property
    def cuts(self) -> list[float]:
        """Upper ends of the bands of the probability; none where it is not shown in bands."""
        return []

    @property
    def recipe(self) -> Recipe:
        """Features and signs of the catalogue, seeds of the policy."""
        features = self.features
        return Recipe(
            tuple(feature.feature for feature in features),
            tuple(feature.sign for feature in features),
            tuple(feature.reason for feature in features),
            tuple(self.decisions["seeds"]),
            threads=THREADS,
            cross_fitted=self.cross_fitted,
        )

    def source(self, con: db.Connection, report: dict[str, Any], tick: Progress) -> Source:
        """Find the rows; notes on them go into `report`.

        Raises
        ------
        DataError : the book lacks what the problem needs
        """
        raise NotImplementedError

    def test_rows(self, scored: pd.DataFrame, learned: pd.DataFrame) -> pd.DataFrame:
        """The scored test rows with the columns of `slices`; `learned` are the rows that the model was fitted on."""
        del learned
        return scored

    def extra_metrics(self, con: db.Connection, scored: pd.DataFrame, *, is_test: bool) -> list[pd.DataFrame]:
        """Further figures of scored rows, in the shape of metrics.table."""
        del con, scored, is_test
        return []

    def outcomes(self, scored: pd.DataFrame) -> pd.DataFrame:
        """The scored test rows as they are kept: entity_id, as_of, p, label, outcome."""
        return pd.DataFrame(
            {
                "entity_id": scored[self.entity],
                "as_of": scored["as_of"],
                "p": scored["p"],
                "label": scored[LABEL].astype(int),
                "outcome": scored["outcome"],
            }
        )

    def verdict(self, figures: pd.DataFrame) -> dict[str, Any]:
        """What the report says of the test's figures."""
        del figures
        return {}

    def facts(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Further entries of the card."""
        del report
        return {}
