"""Is a payment fraud? Chance learned from confirmed cases, and how unlike other payments its pace and partners are.

Kept apart from the success model (core/payments/success.py): fraud labels are few, come weeks late, and only for cases
somebody reported or looked into. A payment without a label is not clean: it is left out of fitting and of figures.

Payments are cut in six blocks of time. The chance is fitted on the first four and calibrated on the fifth, which is
also the frozen reference of both percentiles; the sixth, which neither has seen, is what is shown and judged
(core/payments/build_step.py). Labels of the newest weeks are missing there only. The version that serves is the one
that was judged.

- `percentile of the chance`: a calibrated chance of fraud is near zero for everybody; the risk index takes its rank.
- `percentile of the pattern`: an isolation forest on pace, partners and failures, without amount and hour, which are
  parts of the index of their own. It has no truth to learn from.

Reads  payment_features, payments
Writes rows of model `fraud` (block six) in model_metrics and model_test;
       models/fraud/{seed_<n>.txt, model.json, forest.txt, reference.json, model_report.json}
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.config import policy
from core.errors import DataError
from core.fingerprint import code_version
from core.models.classifier import metrics, model_files
from core.models.classifier.model import SMALL, Model, Recipe, data_hash, grown, matrix, platt
from core.models.isolation_forest import Forest, exported, fitted
from core.payments import success

Array = np.ndarray

NAME, LABEL = "fraud", "fraud"
FOREST, REFERENCE, REPORT = "forest.txt", "reference.json", "model_report.json"
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
        found = np.full(len(values), np.nan)
        found[known] = self.forest.score(self.forest.depth(seen[known], threads))
        return found


def _columns(values: Array, features: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
    return np.ascontiguousarray(values[:, [features.index(name) for name in wanted]])


def _percentile(values: Array, quantiles: Array) -> Array:
    """Place in the reference, 0 to 1; values that many share take the middle of their places."""
    places = (np.searchsorted(quantiles, values, "left") + np.searchsorted(quantiles, values, "right")) / 2
    return np.where(np.isnan(values), np.nan, places / len(quantiles))


def train(con: db.Connection, rows: pd.DataFrame, folder: Path) -> Fraud | None:
    """Train, judge and save; None when there are too few payments for a reference (the report says so).

    `rows` are the payments of payment_features in order of time, with their column fraud (NaN unknown).
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables.ensure(con, "model_metrics", "model_test")
    report: dict[str, Any] = {"model": NAME, "label": "the payment was fraud", "labels": success.provenance(con)}
    model = None
    try:
        if len(rows) < success.BLOCKS * MIN_REFERENCE:
            raise DataError(f"{len(rows)} payments; a reference of six blocks needs {success.BLOCKS * MIN_REFERENCE}")
        *past, reference, test = success.time_blocks(rows)
        model = _trained(pd.concat(past), reference, report)
        _save(model, folder)
        _judge(con, model, test)
        report["state"] = "trained"
    except DataError as refusal:
        report |= {"state": "refused", "reason": str(refusal)}
    (folder / REPORT).write_text(json.dumps(report, indent=1, default=str), encoding="utf-8")
    return model


def _trained(past: pd.DataFrame, reference: pd.DataFrame, report: dict[str, Any]) -> Fraud:
    try:
        chance = _chance(past, reference, report)
    except DataError as refusal:
        # Without confirmed cases the index goes on without this part, and says so.
        chance, report["chance_refused"] = None, str(refusal)
    names = payments_features()
    complete = past[list(PATTERN)].dropna()
    if len(complete) < MIN_REFERENCE:
        raise DataError(f"{len(complete)} payments with a known past; a forest needs {MIN_REFERENCE}")
    grown_forest = fitted(complete.to_numpy(float)[-FIT_ROWS:], SEED, TREES, min(SAMPLES, len(complete)))
    model = Fraud(chance, exported(grown_forest, PATTERN), Percentiles(None, np.zeros(0)))
    values = matrix(reference, names)
    strange = model.strangeness(values, names, 2)
    cuts = np.linspace(0, 1, QUANTILES)
    of_chance = np.quantile(model.probability(values, names, 2), cuts) if chance else None
    return replace(model, reference=Percentiles(of_chance, np.quantile(strange[~np.isnan(strange)], cuts)))


def payments_features() -> tuple[str, ...]:
    """Names of a payment's features, in the order of the catalogue."""
    return tuple(feature.feature for feature in success.catalogue())


def _chance(past: pd.DataFrame, reference: pd.DataFrame, report: dict[str, Any]) -> Model:
    known = past[past[LABEL].notna()][-FIT_ROWS:]
    calibration = reference[reference[LABEL].notna()]
    if known[LABEL].sum() < MIN_FRAUDS or not len(calibration):
        raise DataError(f"{known[LABEL].sum():.0f} confirmed frauds; a chance of fraud needs {MIN_FRAUDS}")
    recipe = _recipe()
    boosters = grown(recipe, known, LABEL)
    model = Model(recipe.features, recipe.signs, recipe.reasons, recipe.seeds, boosters, 1.0, 0.0)
    slope, intercept = platt(model.raw(matrix(calibration, recipe.features), 2), calibration[LABEL].to_numpy(float))
    card = {
        "algorithm": f"LightGBM, mean of {len(recipe.seeds)} seeds; isolation forest of {TREES} trees beside it",
        "label": "the payment was fraud",
        "labels": report["labels"],
        "fit": _window(known),
        "calibration_window": _window(calibration),
        "data_hash": data_hash(known[[*recipe.features, LABEL]]),
        "code_version": code_version(__name__),
    }
    return replace(model, slope=slope, intercept=intercept, card=card)


def _recipe() -> Recipe:
    """The features of the success model; no sign is laid down, as what raises a failure need not raise fraud."""
    known = success.catalogue()
    return Recipe(
        tuple(feature.feature for feature in known),
        (0,) * len(known),
        tuple(feature.reason for feature in known),
        tuple(policy()["payments"]["seeds"]),
        params=SMALL | {"min_data_in_leaf": 20},
        rounds=ROUNDS,
        monotone=False,
    )


def _window(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "from": str(rows["at"].min()),
        "to": str(rows["at"].max()),
        "rows": len(rows),
        "frauds": int(rows[LABEL].sum()),
    }


def _judge(con: db.Connection, model: Fraud, test: pd.DataFrame) -> None:
    """Figures of the chance on the labelled payments of the last block."""
    known = test[test[LABEL].notna()]
    if model.chance is None or not 0 < known[LABEL].sum() < len(known):
        return
    p = model.probability(matrix(known, payments_features()), payments_features(), 2)
    scored = known.assign(p=p, bad=known[LABEL], as_of=known["at"].dt.to_period("M").dt.end_time.dt.normalize())
    found = metrics.table(scored, [], success.ENTITY)
    tables.keep_of_model(con, "model_metrics", NAME, found[success.METRICS])
    label = known[LABEL].astype(int)
    kept = {"entity_id": known[success.ENTITY], "as_of": known["at"].dt.date, "p": p, "label": label}
    outcome = label.map({1: "fraud", 0: "no_fraud"})
    tables.keep_of_model(con, "model_test", NAME, pd.DataFrame(kept).assign(outcome=outcome))


def _save(model: Fraud, folder: Path) -> None:
    if model.chance is not None:
        model_files.save(model.chance, folder)
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
    forest = Forest.of_text((folder / FOREST).read_text(encoding="utf-8"), content["trees"], content["samples"])
    chance = None if content["chance"] is None else np.array(content["chance"])
    model = None if chance is None else model_files.load(folder)
    return Fraud(model, forest, Percentiles(chance, np.array(content["strangeness"])))
