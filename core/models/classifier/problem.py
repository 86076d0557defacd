"""What a yes-or-no question to the book consists of: whom it is asked about, what was known, what became of them.

One trainer (train.py) answers every such question; a Problem is all that differs between two of them. The SQL of a
problem lies in its folder; it finds and leaves the rows of one as_of in tables of fixed names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from core import db
from core.config import policy
from core.features.catalogue import Feature, catalogue
from core.models.classifier.model import Recipe

THREADS = 2

Further = Callable[[db.Connection, pd.DataFrame], list[pd.DataFrame]]


def nothing_to_lay(_: db.Connection) -> None:
    """A problem whose SQL reads the checked tables alone."""


def nothing_further(_: db.Connection, __: pd.DataFrame) -> list[pd.DataFrame]:
    """No further figures of the test rows."""
    return []


@dataclass(frozen=True)
class Problem:
    """A question with a yes or no that time answers, and the folder of its SQL.

    `families` (SQL files of features) are made in this order at each as_of. In <folder>/sql, `cohort_snapshot` joins
    them
    to one row a business with a `state`, `OK` where the model may speak; `cohort_labels` gives an `outcome` to those
    rows,
    `cohort_panel` turns it into `bad` (0 or 1); `model_exclusions` counts who was left out and why; `span` finds the
    first and the last month, `members` the number of businesses; the file named as `score_table` writes the scores.
    """

    name: str
    label: str  # what the card says a "yes" is
    event: str  # plural, in sentences: "17 bads in …"
    needs: str  # what the book lacks when there is no span
    folder: str
    families: tuple[str, ...]
    score_table: str
    probability: str  # its column
    bands: str  # key of the ends of bands in the policy's section …
    band_names: tuple[str, ...]  # … and what the SQL of the scores calls them
    unclear: tuple[str, ...]  # outcomes that are neither yes nor no: tested on, not learned from
    borrowed: tuple[tuple[str, str], ...] = ()  # (section, key) of decisions that its SQL needs from other sections
    plain_candidate: bool = True
    one_in: int = 1  # of the rows without the event, one in so many is fitted on
    lay: Callable[[db.Connection], None] = nothing_to_lay
    further: Further = nothing_further

    def query(self, name: str) -> str:
        """A SQL file of this problem's folder."""
        return f"{self.folder}/sql/{name}"

    @property
    def module(self) -> str:
        """The module that holds this problem: its code version is that of everything it imports and runs."""
        return f"{self.folder.replace('/', '.')}.problem"

    @property
    def served(self) -> str:
        """Name of the figures of the served model, which nobody has tested out of time."""
        return f"{self.name}_served"

    @property
    def decisions(self) -> dict[str, Any]:
        """The bank's decisions on this problem."""
        others = {key: policy()[section][key] for section, key in self.borrowed}
        return {**policy()[self.name], **others}

    @property
    def window_months(self) -> tuple[int, int]:
        """Months after the as_of in which the window of the outcome begins and ends."""
        lead = self.decisions.get("lead_months", 0)
        return lead, lead + self.decisions["horizon_months"]

    @property
    def known_after_months(self) -> int:
        """Months after the as_of when every outcome is certain."""
        return self.window_months[1] + int(self.decisions.get("confirm_months", 0))

    @property
    def cuts(self) -> list[float]:
        """Upper ends of the bands of the probability."""
        return list(self.decisions[self.bands])

    @property
    def features(self) -> tuple[Feature, ...]:
        """Catalogue of this problem's features."""
        return catalogue(self.name)

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in the order of the catalogue."""
        return [feature.feature for feature in self.features]

    @property
    def recipe(self) -> Recipe:
        """Features and signs of the catalogue, seeds of the policy."""
        known = self.features
        return Recipe(
            tuple(feature.feature for feature in known),
            tuple(feature.sign for feature in known),
            tuple(feature.reason for feature in known),
            tuple(self.decisions["seeds"]),
            threads=THREADS,
        )


@dataclass(frozen=True)
class Span:
    """First cohort with enough history, and the last month whose outcomes are in the book."""

    first: date
    covered: date
