"""Trains the 79 revenue models, tests them out of time and forecasts every business one to three months ahead.

Reads  businesses, revenue, balances, market_sales, market_footfall; opportunity_history(business_id, as_of, tier) if
       there; data/reference/{regions, categories}.csv
Writes revenue_forecast, revenue_models, forecast_accuracy and forecast_coverage (source bank), hierarchy_verdict,
       models/revenue/{global.txt, regional_<r>.txt, local_<r>_<c>.txt, model.json}

The steps: rows of many origins -> folds -> gates, weights and intervals from the validation folds -> the test fold,
used once: does the hierarchy pay, is the model better than the best baseline, do the intervals hold -> models fitted on
the newest outcomes -> forecasts. What a short history cannot carry is left out, with a note in the card.
"""

import logging
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, reference, tables
from core.calendar import month_end
from core.fingerprint import code_version
from core.models.classifier.model import data_hash
from core.models.forecast import conformal, hierarchy
from core.models.forecast.accuracy import clear
from core.models.forecast.arrays import Array
from core.models.forecast.bank import accuracy, folds, model_files
from core.models.forecast.bank.choice import BASELINE, COMBINED, GLOBAL, Choice, choose
from core.models.forecast.bank.features import FEATURES, HORIZONS, ForecastRows, at_origin, states
from core.models.forecast.bank.folds import BACK, EVERY, FOLD, RECIPE, Cells, Fold, Plan
from core.models.forecast.bank.model_files import RevenueModel
from core.models.forecast.bank.series import ALL_HASHES, Book, Season, index_of, load, month_of, season
from core.models.forecast.conformal import NOMINAL, Bands, bound_names
from core.models.forecast.hierarchy import LEVELS, Rows, predict
from core.models.forecast.hierarchy_weights import Verdict, Weights, global_only, verdict
from core.progress import Progress

log = logging.getLogger("beacon.revenue")

NAME = "revenue"
MAX_BUSINESSES = 20_000  # trained on; of a larger book a sample by hash: the models are small and need no more
SLICE = 50_000  # businesses scored at a time
HASHES = 4096


@dataclass
class TrainingRun:
    """The book that is trained on, its folds, and notes on what its history cannot carry."""

    book: Book
    plan: Plan
    cells: Cells
    folds: list[Fold] = field(default_factory=list)
    test: Fold | None = None
    notes: list[str] = field(default_factory=list)


def train(con: db.Connection, folder: Path, as_of: date, progress: Progress | None = None) -> int:
    """Train, test, save and forecast; the number of rows of revenue_forecast."""
    newest = season(con, as_of)
    model_files.save(_model(con, as_of, newest, progress or _no_progress), folder)
    return score(con, folder, as_of, newest)


def _model(con: db.Connection, as_of: date, newest: Season, progress: Progress) -> RevenueModel:
    """Models, weights, intervals and choice; writes every table but revenue_forecast."""
    clear(con, "bank")
    run = _folds(con, as_of, progress)
    progress("models", 0.6)
    models = folds.newest_models(run.book, newest, run.plan, run.cells)
    if models is None:
        return _untrained(con, run)
    weights = folds.weights_of(run.folds, models) if run.folds else global_only(models.counts)
    choice = _choice(con, run, weights)
    progress("served", 0.9)
    served_weights = folds.with_counts(weights, models)
    _write_models(con, served_weights, choice)
    bands = _bands([*run.folds, *([run.test] if run.test else [])], weights, choice)
    return RevenueModel(choice, models, served_weights, bands, _card(run, served_weights, choice))


def _folds(con: db.Connection, as_of: date, progress: Progress) -> TrainingRun:
    """The book to train on, and the folds that its history can carry."""
    last = index_of(as_of)
    book = load(con, as_of, _sample(con), last - 2 * BACK)
    cells = reference.column("regions.csv", "region"), reference.column("categories.csv", "category")
    run = TrainingRun(book, folds.plan(book.sales.first, last), cells)
    if not book.flows:
        run.notes.append("no balances: the models know nothing of the money on the accounts")
    if not book.market:
        run.notes.append("no city files: the models know nothing of the street")
    cuts = run.plan.cuts
    if not cuts:
        run.notes.append("history too short to validate or test: no gates, no weights, no measured accuracy")
        return run
    progress("panel", 0.1)
    # One index for every fold, from what was known at the first cut: no fold knows the season of its own future.
    rows = folds.history(book, season(con, month_end(month_of(cuts[0]))), run.plan)
    progress("folds", 0.2)
    fitted = folds.folds_of(rows, cuts, cells)
    run.test = next((fold for fold in fitted if fold.cut == run.plan.test), None)
    run.folds = [fold for fold in fitted if fold.cut != run.plan.test]
    if not run.folds:
        run.notes.append("history too short for validation folds: every gate is shut")
    return run


def _sample(con: db.Connection) -> tuple[str, str]:
    """Hashes of the businesses to train on."""
    share = MAX_BUSINESSES / max(1, db.count(con, "businesses"))
    return ALL_HASHES if share >= 1 else ("", _hash_at(max(1, int(share * HASHES))))


def _hash_at(number: int) -> str:
    """The number-th of HASHES, as the SQL files cut it from the hash of an id: three hexadecimal digits."""
    return format(number, "03x")


def _choice(con: db.Connection, run: TrainingRun, weights: Weights) -> Choice:
    """The choice by the test fold; writes its accuracy, its coverage and the verdict on the hierarchy."""
    if run.test is None:
        run.notes.append("no month left to test on: the global model serves untested")
        choice = Choice(GLOBAL, "moving_average", "untested")
        _write_verdict(con, choice, weights)
        return choice
    rows, predictions = run.test.rows, run.test.predictions
    combined, whole, loss = weights.combined(predictions, rows), predictions.whole, folds.loss_of(rows)
    forecasts = {COMBINED: rows.won(combined)}
    for level in LEVELS:  # the global forecast where a level has no model, so that every model has every row
        own = predictions.of(level)
        forecasts[level] = rows.won(np.where(np.isnan(own), whole, own))
    forecasts |= accuracy.baselines(rows)
    choice = choose(verdict(loss(whole), loss(combined), rows, rows.month), forecasts, rows)
    tier = _tiers(con, run.book, rows)
    tables.append(con, "forecast_accuracy", accuracy.accuracy(forecasts, rows, tier))
    tables.append(con, "forecast_accuracy", accuracy.theta_accuracy(run.book, forecasts, rows))
    _write_coverage(con, run, weights, choice, tier)
    _write_verdict(con, choice, weights)
    return choice


def _bands(past: list[Fold], weights: Weights, choice: Choice) -> Bands:
    """Width of the intervals from the errors of these folds, by category, each horizon on its own."""
    if not past:
        return Bands({})
    rows = ForecastRows.concat([fold.rows for fold in past])
    forecast = np.concatenate([choice.forecast(fold.rows, fold.predictions, weights) for fold in past])
    return conformal.calibrate(rows.target - forecast, rows.sigma, rows.category, rows.horizon)


def _limits(rows: ForecastRows, forecast: Array, bands: Bands, nominal: float) -> tuple[Array, Array]:
    """Lower and upper end in won; NaN where there were too few errors to know the width."""
    half = bands.half_width(rows.category, rows.horizon, rows.sigma, nominal)
    half = np.where(np.isfinite(half), half, np.nan)
    return rows.won(forecast - half), rows.won(forecast + half)


def _write_coverage(con: db.Connection, run: TrainingRun, weights: Weights, choice: Choice, tier: Array) -> None:
    """Coverage on the test fold of intervals from the validation folds alone."""
    if run.test is None or not run.folds:
        return
    rows, bands = run.test.rows, _bands(run.folds, weights, choice)
    forecast = choice.forecast(rows, run.test.predictions, weights)
    for nominal in NOMINAL:
        limits = _limits(rows, forecast, bands, nominal)
        tables.append(con, "forecast_coverage", accuracy.coverage(*limits, nominal, rows, tier))


def _tiers(con: db.Connection, book: Book, rows: ForecastRows) -> Array:
    """Tier of each row's business on the day of its origin, as text; "" where the score's history does not reach."""
    if not db.has_table(con, "opportunity_history"):
        return np.full(len(rows), "", dtype=object)
    tiers = db.query(con, "core/models/forecast/bank/sql/tiers").astype({"tier": str})
    tier = tiers.set_index(["business_id", "origin"])["tier"]
    ids = book.businesses["business_id"].to_numpy()[rows.entity]
    return tier.reindex(pd.MultiIndex.from_arrays([ids, rows.period])).fillna("").to_numpy(dtype=object)


def _write_models(con: db.Connection, weights: Weights, choice: Choice) -> None:
    table = weights.table.rename(columns={"entities": "businesses", "periods": "months"})
    is_global = table["level"] == "global"
    used = np.where(is_global, choice.source != BASELINE, table["used"] & (choice.source == COMBINED))
    tables.clear(con, "revenue_models")
    tables.append(con, "revenue_models", table.assign(used=used, reason=[_reason(row) for row in table.itertuples()]))


def _reason(row: Any) -> str:
    """Why a model has a weight or none, as a code."""
    if not row.fitted:
        return "TOO_SMALL"
    if row.level == "global":
        return "BASE"
    if not row.gate:
        return "GATE_SHUT" if np.isfinite(row.difference) else "UNTESTED"
    return "GATE_OPEN" if row.weight > 0 else "NO_GAIN"


def _write_verdict(con: db.Connection, choice: Choice, weights: Weights | None) -> None:
    row = asdict(choice.verdict) | {
        "pays": choice.verdict.pays,
        "used_models": choice.used_models(weights) if weights else 0,
        "weighted_models": weights.used if weights else 0,
        "served": choice.source,
        "baseline": choice.baseline,
        "reason": choice.reason,
    }
    tables.keep(con, "hierarchy_verdict", pd.DataFrame([row]))


def _untrained(con: db.Connection, run: TrainingRun) -> RevenueModel:
    """Too little to train on: the moving average serves, without intervals, and the tables say so."""
    run.notes.append("too few months of sales for a model: the mean of the last three known months, without interval")
    none, no_text = np.zeros(0), np.zeros(0, dtype=object)
    no_rows = Rows(np.zeros((0, len(FEATURES))), none, none, none, no_text, no_text)
    choice = Choice(BASELINE, "moving_average", "too few months of sales for a model", Verdict("untrained"))
    _write_models(con, global_only(hierarchy.grid(RECIPE, no_rows, *run.cells)), choice)
    _write_verdict(con, choice, None)
    return RevenueModel(choice, None, None, Bands({}), {"notes": run.notes})


def _card(run: TrainingRun, weights: Weights, choice: Choice) -> dict[str, Any]:
    newest, test = run.plan.newest, run.plan.test
    return {
        "algorithm": "LightGBM, one model for all, one a region, one a region x category; shrunk and gated",
        "label": "sales of the month one, two and three months after the as_of",
        "fit": _span(newest[0], newest[-1]),
        "validation": [str(month_of(fold.cut)) for fold in run.folds],
        "test": _span(test, test + FOLD - 1) if test and run.test else None,
        "fit_rows": int(weights.table.loc[weights.table["level"] == "global", "rows"].iloc[0]),
        "models_fitted": int(weights.table["fitted"].sum()),
        "models_used": choice.used_models(weights),
        "served": choice.source,
        "why": choice.reason,
        "data_hash": _data_hash(run.book),
        "code_version": code_version(__name__),
        "params": dict(RECIPE.params) | {"rounds": RECIPE.rounds, "thinned": EVERY, "months_back": BACK},
        "notes": run.notes,
    }


def _span(first: int, last: int) -> dict[str, str]:
    return {"from": str(month_of(first)), "to": str(month_of(last))}


def _data_hash(book: Book) -> str:
    """Fingerprint of the sales that the models were trained on, whatever the order of the rows."""
    return data_hash(pd.DataFrame(book.sales.values).assign(business_id=book.businesses["business_id"].to_numpy()))


def score(con: db.Connection, folder: Path, as_of: date, newest: Season | None = None) -> int:
    """Forecast every business with the model in `folder` into revenue_forecast; its number of rows.

    A business that is closed, suspended or has too few known months keeps its rows, with its state and no figure.
    """
    model, newest = model_files.load(folder), newest or season(con, as_of)
    tables.clear(con, "revenue_forecast_rows")
    for hashes in _slices(con):
        book = load(con, as_of, hashes, index_of(as_of) - 1)
        if len(book):
            tables.append(con, "revenue_forecast_rows", _scored(model, book, newest, as_of))
    rows = db.create_table(con, "revenue_forecast", "core/models/forecast/bank/sql/revenue_forecast")
    con.execute("DROP TABLE revenue_forecast_rows")
    return rows


def _slices(con: db.Connection) -> list[tuple[str, str]]:
    """Hashes of the businesses scored at a time: first, and first of the next."""
    parts = -(-db.count(con, "businesses") // SLICE)
    ends = [_hash_at(HASHES * part // parts) for part in range(1, parts)]
    return list(zip([ALL_HASHES[0], *ends], [*ends, ALL_HASHES[1]], strict=True))


def _scored(model: RevenueModel, book: Book, newest: Season, as_of: date) -> pd.DataFrame:
    """Rows of revenue_forecast of these businesses."""
    origin = index_of(as_of)
    rows = at_origin(book, newest, origin)
    predictions = predict(model.models, rows) if model.models is not None else None
    forecast = model.choice.forecast(rows, predictions, model.weights)
    figures = {"revenue_krw": rows.won(forecast)}
    for nominal in NOMINAL:
        figures |= dict(zip(bound_names(nominal), _limits(rows, forecast, model.bands, nominal), strict=True))
    has_forecast = pd.MultiIndex.from_arrays([rows.entity, rows.horizon])
    everyone = pd.MultiIndex.from_product([range(len(book)), HORIZONS], names=["entity", "horizon"])
    table = pd.DataFrame(figures, index=has_forecast).reindex(everyone).reset_index()
    state = states(book, origin)[table["entity"]]
    owners = book.businesses[["business_id", "manager_id"]].iloc[table["entity"]].reset_index(drop=True)
    months = [month_of(origin + horizon) for horizon in HORIZONS] * len(book)
    source = pd.Series(model.choice.source, index=table.index).where(state == "OK", None)
    return pd.concat([owners, table], axis=1).assign(as_of=as_of, month=months, state=state, source=source)


def _no_progress(step: str, share: float) -> None:
    """Nothing is shown."""
