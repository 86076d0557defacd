"""Is a payment fraud? A probability learned from confirmed cases, and how unlike other payments its pace and partners
are.

Kept apart from the success model (success.py): fraud labels are few, come weeks late, and only for cases somebody
reported or looked into. A payment without a label is not clean: it is left out of fitting and of figures.

Payments are cut in six blocks of time. The probability is fitted on the first four and calibrated on the fifth, which
is also the frozen reference of both percentiles; the sixth, which neither has seen, is what is shown and tested
(build_step.py). Labels of the newest weeks are missing there only. The version that serves is the one that was tested.

- `percentile of the probability`: a calibrated probability of fraud is near zero for everybody; the risk index takes
its   rank.
- `percentile of the pattern`: an isolation forest on pace, partners and failures, without amount and hour, which are
  parts of the index of their own. It has no truth to learn from.

Reads  payment_features, payment_habit, payments
Writes rows of model `fraud` (block six) in model_metrics, model_calibration, model_test;
       models/fraud/{seed_<n>.txt, model.json, forest.txt, reference.json, model_report.json}
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, files
from core.config import policy
from core.errors import DataError
from core.features.catalogue import catalogue
from core.models.classifier import model_files
from core.models.classifier.model import SMALL, Model, Recipe, matrix
from core.models.classifier.time_blocks import BLOCKS, BlockProblem, divided
from core.models.classifier.train import REPORT
from core.models.classifier.train import train as train_classifier
from core.models.isolation_forest import Forest, export, fit
from core.payments import features

Array = np.ndarray

NAME = "fraud"
FOREST, REFERENCE = "forest.txt", "reference.json"
MIN_FRAUDS = 60  # in the blocks that are fitted
MIN_REFERENCE = 500
FIT_ROWS = 100_000  # newest of the labelled payments before the calibration block
ROUNDS = 60
TREES, SAMPLES = 100, 512
SEED = 11
QUANTILES = 2_001
PATTERN = (
    *("count_10m", "count_1h", "count_24h", "count_7d", "ln_seconds_since", "gap_ratio", "failed_1h", "failed_24h"),
    *("same_failed_1h", "merchants_24h", "first_merchant", "first_method"),
)


class FraudProblem(BlockProblem):
    """Payments whose fraud label is known."""

    @property
    def decisions(self) -> dict[str, Any]:
        """Those of the success model."""
        return dict(policy()["payments"])

    @property
    def recipe(self) -> Recipe:
        """The features of the success model; no sign is laid down: what raises a failure need not raise fraud."""
        plain = super().recipe
        params = SMALL | {"min_data_in_leaf": 20}
        return replace(plain, signs=(0,) * len(plain.features), params=params, rounds=ROUNDS, monotone=False)

    def blocks(self, con: db.Connection, report: dict[str, Any]) -> list[pd.DataFrame]:
        """Labelled payments."""
        report |= {"labels": features.provenance(con)}
        return self.labelled(known_payments(con))

    def labelled(self, blocks: list[pd.DataFrame]) -> list[pd.DataFrame]:
        """The labelled payments of blocks of all payments, with what the trainer reads."""
        parts = [block[block["fraud"].notna()] for block in blocks]
        frauds = sum(part["fraud"].sum() for part in parts[:-2])
        if frauds < MIN_FRAUDS or not len(parts[-2]):
            raise DataError(f"{frauds:.0f} confirmed frauds; a chance of fraud needs {MIN_FRAUDS}")
        return [
            part.assign(
                label=part["fraud"],
                as_of=features.month_end(part["at"]),
                outcome=part["fraud"].map({1: "fraud", 0: "no_fraud"}),
            )
            for part in parts
        ]

    def outcomes(self, scored: pd.DataFrame) -> pd.DataFrame:
        """Test payments by their day."""
        return super().outcomes(scored.assign(as_of=scored["at"].dt.date))


FRAUD = FraudProblem(
    name=NAME,
    meaning="the payment was fraud",
    event="confirmed frauds",
    module=__name__,
    with_diagnostics=False,
    fit_rows=FIT_ROWS,
    is_refitted=False,
    counted=(1, "frauds"),
)


@dataclass(frozen=True)
class Percentiles:
    """The frozen reference: quantiles of the chance (None without a model of it) and of the pattern's strangeness."""

    chance: Array | None
    pattern: Array

    def of_chance(self, p: Array) -> Array:
        """Share of the reference with a smaller chance of fraud, (n,)."""
        if self.chance is None:
            return np.full(len(p), np.nan)
        return _percentile(p, self.chance)

    def of_pattern(self, strangeness: Array) -> Array:
        """Share of the reference that is less strange, (n,)."""
        return _percentile(strangeness, self.pattern)


@dataclass(frozen=True)
class Fraud:
    """What scores fraud: the chance (None: too few cases to learn from), the forest, the reference."""

    chance: Model | None
    forest: Forest
    reference: Percentiles

    def probability(self, values: Array, features: tuple[str, ...], threads: int = 1) -> Array:
        """Calibrated chance of fraud, (n,), NaN without a model; `values` has the columns `features`."""
        if self.chance is None:
            return np.full(len(values), np.nan)
        return self.chance.probability(_columns(values, features, self.chance.features), threads)

    def strangeness(self, values: Array, features: tuple[str, ...], threads: int = 1) -> Array:
        """Strangeness of pace and partners in (0, 1), (n,); NaN where one of them is unknown."""
        seen = _columns(values, features, PATTERN)
        known = ~np.isnan(seen).any(axis=1)
        strangeness = np.full(len(values), np.nan)
        strangeness[known] = self.forest.score(self.forest.depth(seen[known], threads))
        return strangeness


def _columns(values: Array, features: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
    return np.ascontiguousarray(values[:, [features.index(name) for name in wanted]])


def _percentile(values: Array, quantiles: Array) -> Array:
    """Place in the reference, 0 to 1; values that many share take the middle of their places."""
    places = (np.searchsorted(quantiles, values, "left") + np.searchsorted(quantiles, values, "right")) / 2
    return np.where(np.isnan(values), np.nan, places / len(quantiles))


def known_payments(con: db.Connection) -> list[pd.DataFrame]:
    """Payments with features and what is known of fraud, in blocks of time, of the customers that models learn from."""
    last_slice = features.slice_for(db.count(con, "payment_features"))
    params = {"first_at": features.ALWAYS, "last_slice": last_slice}
    return divided(db.query(con, "core/payments/sql/payment_known", params), features.block_starts(con))


def train(con: db.Connection, folder: Path) -> Fraud | None:
    """Train, test and save; None when there are too few payments for a reference (the report says so)."""
    chance = train_classifier(FRAUD, con, folder)
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    if chance is None:
        # Without confirmed cases the index goes on without this part, and says so.
        report["chance_refused"] = report.pop("reason")
    model = None
    try:
        model = _with_forest(chance, known_payments(con))
        _save(model, folder)
        report["state"] = "trained"
    except DataError as refusal:
        report |= {"state": "refused", "reason": str(refusal)}
    files.write_json(folder / REPORT, report)
    return model


def _with_forest(chance: Model | None, blocks: list[pd.DataFrame]) -> Fraud:
    """The forest of the first four blocks beside the probability, and the fifth as reference of both."""
    n = sum(map(len, blocks))
    if n < BLOCKS * MIN_REFERENCE:
        raise DataError(f"{n} payments; a reference of six blocks needs {BLOCKS * MIN_REFERENCE}")
    complete = pd.concat(blocks[:-2])[list(PATTERN)].dropna()
    if len(complete) < MIN_REFERENCE:
        raise DataError(f"{len(complete)} payments with a known past; a forest needs {MIN_REFERENCE}")
    grown_forest = fit(complete.to_numpy(float)[-FIT_ROWS:], SEED, TREES, min(SAMPLES, len(complete)))
    model = Fraud(chance, export(grown_forest, PATTERN), Percentiles(None, np.zeros(0)))
    names = feature_names()
    values = matrix(blocks[-2], names)
    strange = model.strangeness(values, names, 2)
    cuts = np.linspace(0, 1, QUANTILES)
    of_chance = np.quantile(model.probability(values, names, 2), cuts) if chance else None
    return replace(model, reference=Percentiles(of_chance, np.quantile(strange[~np.isnan(strange)], cuts)))


def feature_names() -> tuple[str, ...]:
    """Names of a payment's features, in the order of the catalogue."""
    return tuple(feature.feature for feature in catalogue(NAME))


def _save(model: Fraud, folder: Path) -> None:
    (folder / FOREST).write_text(model.forest.text, encoding="utf-8")
    content = {
        "pattern": list(PATTERN),
        "trees": model.forest.trees,
        "samples": model.forest.samples,
        "chance": None if model.reference.chance is None else model.reference.chance.tolist(),
        "strangeness": model.reference.pattern.tolist(),
    }
    (folder / REFERENCE).write_text(json.dumps(content), encoding="utf-8")


def load(folder: Path) -> Fraud | None:
    """What scores fraud, as saved in `folder`; None when the build has none. Reading never runs code.

    Raises
    ------
    DataError : the files are of another version of the code
    """
    if not (folder / REFERENCE).exists():
        return None
    content = json.loads((folder / REFERENCE).read_text(encoding="utf-8"))
    if tuple(content["pattern"]) != PATTERN:
        raise DataError(f"{folder} is of another version of the code; run `python -m core build`")
    forest = Forest.from_text((folder / FOREST).read_text(encoding="utf-8"), content["trees"], content["samples"])
    chance = None if content["chance"] is None else np.array(content["chance"])
    model = None if chance is None else model_files.load(folder)
    return Fraud(model, forest, Percentiles(chance, np.array(content["strangeness"])))
