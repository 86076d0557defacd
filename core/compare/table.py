"""Inputs of a comparison: a table with the roles of its columns, and the options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Scheme = Literal["auto", "out_of_time", "time_folds", "grouped_folds", "given_folds"]
Progress = Callable[[str, float], None]

# A refused good customer costs a margin, an accepted bad one the loan: 5 to 1 is the cost matrix published with the
# Statlog German credit data, the only public one; a bank passes its own.
COST_FP, COST_FN = 1.0, 10.0


@dataclass(frozen=True)
class Table:
    """Rows with their roles. `label` holds 0 and 1; `features` are columns of `rows`.

    `categorical` features are codes even where their values are numbers. `signs` (+1 may only raise the chance, -1 only
    lower it) make the bank's own recipe a candidate. `horizon_months` and `gap_months` say when a label is known.
    """

    rows: pd.DataFrame
    label: str
    entity: str | None
    time: str | None
    features: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    fold: str | None = None
    signs: Mapping[str, int] = field(default_factory=dict)
    horizon_months: int = 0
    gap_months: int = 0
    name: str = "table"


@dataclass(frozen=True)
class Options:
    """How to train. `seconds` limits what may be cut: search, models with SMOTE, explanations."""

    scheme: Scheme = "auto"
    folds: int = 5
    train_fold: str | None = None  # the value of the fold column to learn from; the rest is tested once
    seconds: float = 80.0
    cost_fp: float = COST_FP
    cost_fn: float = COST_FN
    seed: int = 0
    smote: bool = True
    blend: bool = True
    explain: bool = True
    calibrate: bool = True
    search: bool = True  # without: each model's first setting; logistic regression then has no penalty
    models: tuple[str, ...] = ("logistic", "forest", "boosting", "lightgbm")
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    threads: int = 2

    @property
    def threshold(self) -> float:
        """Calibrated probability above which acting costs less than not acting.

        >>> round(Options(cost_fp=1, cost_fn=4).threshold, 2)
        0.2
        """
        return self.cost_fp / (self.cost_fp + self.cost_fn)


@dataclass(frozen=True)
class Notice:
    """A warning or note about a column (or, with column "", about the table)."""

    column: str
    code: str
    text: str
    value: float | None = None

    @property
    def row(self) -> dict[str, object]:
        """The notice as report.json holds it."""
        return {"column": self.column, "code": self.code, "text": self.text, "value": self.value}
