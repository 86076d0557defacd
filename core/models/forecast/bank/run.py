"""Sales of each business one to three months ahead: 79 models, how much each is believed, and what they are worth.

Reads  businesses, revenue, balances, market_sales, market_footfall; opportunity_history(business_id, as_of, tier) if
       there; data/reference/{regions, categories}.csv
Writes revenue_forecast, revenue_models, forecast_accuracy and forecast_coverage (source bank), hierarchy_verdict,
       models/revenue/{global.txt, regional_<r>.txt, local_<r>_<c>.txt, model.json}

The steps: a panel of origins -> folds (bank_rolling) -> gates, weights, reach of intervals from the validation folds ->
one look at the test fold: does the hierarchy pay, is the model better than the best baseline, do the intervals hold ->
the recipe refitted on the newest outcomes -> forecasts. What a short history cannot carry is left out and said.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, reference
from core import tables as outputs
from core.fingerprint import code_version
from core.models.classifier.model import data_hash
from core.models.forecast import conformal, hierarchy
from core.models.forecast.bank import accuracy, files
from core.models.forecast.bank.features import FEATURES, HORIZONS, Panel, at_origin, states
from core.models.forecast.bank.files import Served
from core.models.forecast.bank.folds import (
    BACK,
    RECIPE,
    THINNED,
    Cells,
    Fold,
    Plan,
    alone,
    counted,
    folds_of,
    history,
    loss_of,
    plan,
    served_fit,
    weights_of,
)
from core.models.forecast.bank.series import (
    EVERYBODY,
    Array,
    Book,
    Season,
    index_of,
    load,
    month_end_of,
    month_of,
    season,
)
from core.models.forecast.conformal import NOMINAL, Bands
from core.models.forecast.hierarchy import Hierarchy, Rows, predict
from core.models.forecast.hierarchy_weights import Verdict, Weights, verdict

log = logging.getLogger("beacon.revenue")

NAME = "revenue"
BUSINESSES_CAP = 20_000  # learned from; of a larger book a sample by hash: the models are small and long satisfied
SLICE = 50_000  # businesses scored at a time
HASHES = 4096
COMBINED, GLOBAL, BASELINE = "combined", "global", "baseline"

Progress = Callable[[str, float], None]


@dataclass
class Training:
    """One training run on its way: the learned-from book, the folds, what was found."""

    book: Book
    plan: Plan
    cells: Cells
    tick: Progress
    folds: list[Fold] = field(default_factory=list)
    test: Fold | None = None
    notes: list[str] = field(default_factory=list)


def train(con: db.Connection, folder: Path, as_of: date, tick: Progress | None = None) -> int:
    """Train, judge, save and forecast; the number of rows of revenue_forecast."""
    newest = season(con, as_of)
    files.save(learned(con, as_of, newest, tick or _silent), folder)
    return score(con, folder, as_of, newest)


def learned(con: db.Connection, as_of: date, newest: Season, tick: Progress) -> Served:
    """Models, weights, intervals and verdict; writes every table but revenue_forecast."""
    outputs.ensure(con, "forecast_accuracy", "forecast_coverage")
    for table in ("forecast_accuracy", "forecast_coverage"):
        con.execute(f"DELETE FROM {table} WHERE source = 'bank'")
    run = _prepared(con, as_of, tick)
    tick("models", 0.6)
    models = served_fit(run.book, newest, run.plan, run.cells)
    if models is None:
        return _untrained(con, run)
    weights = weights_of(run.folds, models) if run.folds else alone(models)
    found = _judged(con, run, weights)
    tick("served", 0.9)
    serving = counted(weights, models)
    _keep_models(con, serving, found)
    bands = _bands([*run.folds, *([run.test] if run.test else [])], weights, found.source, found.baseline)
    card = _card(run, serving, found)
    return Served(found.source, found.baseline, models, serving, bands, card)


def _prepared(con: db.Connection, as_of: date, tick: Progress) -> Training:
    """The book to learn from, and the folds its history can carry, fitted and asked."""
    last = index_of(as_of)
    book = load(con, as_of, _sample(con), last - 2 * BACK)
    run = Training(book, plan(book.sales.first, last), grid(), tick)
    if not book.flows:
        run.notes.append("no balances: the models know nothing of the money on the accounts")
    if not book.street:
        run.notes.append("no city files: the models know nothing of the street")
    cuts = run.plan.cuts
    if not cuts:
        run.notes.append("history too short to validate or test: no gates, no weights, no measured accuracy")
        return run
    tick("panel", 0.1)
    # One index for every fold, from what was known at the first cut: no fold knows the season of its own future.
    rows = history(book, season(con, month_end_of(cuts[0])), run.plan)
    tick("folds", 0.2)
    for found in folds_of(rows, cuts, run.cells):
        if found.cut == run.plan.test:
            run.test = found
        else:
            run.folds.append(found)
    if not run.folds:
        run.notes.append("history too short for validation folds: every gate is shut")
    return run


def grid() -> Cells:
    """The regions and categories of the reference files: 6 x 12."""
    return reference.column("regions.csv", "region"), reference.column("categories.csv", "category")


def _sample(con: db.Connection) -> tuple[str, str]:
    share = BUSINESSES_CAP / max(1, db.count(con, "businesses"))
    return EVERYBODY if share >= 1 else ("", format(max(1, int(share * HASHES)), "03x"))


@dataclass(frozen=True)
class Found:
    """What the test fold said: which forecast serves, and why."""

    source: str
    baseline: str
    verdict: Verdict
    reason: str


def _judged(con: db.Connection, run: Training, weights: Weights) -> Found:
    """One look at the test fold: accuracy, coverage, does the hierarchy pay, and so what serves."""
    nothing = Verdict(False, np.nan, np.nan, np.nan, "", np.nan, "untested")
    if run.test is None:
        run.notes.append("no month left to test on: the global model serves untested")
        _keep_verdict(con, weights, found := Found(GLOBAL, "moving_average", nothing, "untested"))
        return found
    asked, said = run.test.asked, run.test.said
    combined = weights.combined(said, asked.rows)
    forecasts = {COMBINED: asked.won(combined), GLOBAL: asked.won(said.whole)}
    forecasts |= {"regional": _or_global(asked, said.regional, said.whole)}
    forecasts |= {"local": _or_global(asked, said.local, said.whole)}
    forecasts |= accuracy.baselines(asked)
    loss = loss_of(asked)
    found = _choice(verdict(loss(said.whole), loss(combined), asked.rows, asked.month), forecasts, asked)
    tier = _tiers(con, run.book, asked)
    tables = [accuracy.accuracy(forecasts, asked, tier), accuracy.with_theta(run.book, forecasts, asked)]
    outputs.append(con, "forecast_accuracy", pd.concat(tables, ignore_index=True))
    _keep_coverage(con, run, weights, found, tier)
    _keep_verdict(con, weights, found)
    return found


def _or_global(asked: Panel, said: Array, whole: Array) -> Array:
    """A level's own forecast in won; where it has no model, the global one's, so that every row has one."""
    return asked.won(np.where(np.isnan(said), whole, said))


def _choice(tested: Verdict, forecasts: dict[str, Array], asked: Panel) -> Found:
    """Combined if it pays, else global, unless a baseline was better still."""
    errors = {name: accuracy.wape(forecast, asked.actual) for name, forecast in forecasts.items()}
    best = min(accuracy.BASELINES, key=errors.__getitem__)
    source = COMBINED if tested.pays else GLOBAL
    if errors[best] <= errors[source]:
        return Found(BASELINE, best, tested, f"{best} was better out of time")
    return Found(source, best, tested, tested.reason)


def _forecast(served_by: str, baseline: str, weights: Weights | None, asked: Panel, models_say: Any) -> Array:
    """The served forecast of each row, as the target is counted (ln of won over the anchor)."""
    if served_by == BASELINE or weights is None:
        return asked.log(accuracy.baselines(asked)[baseline])
    return weights.combined(models_say, asked.rows) if served_by == COMBINED else models_say.whole


def _bands(folds: list[Fold], weights: Weights, source: str, baseline: str) -> Bands:
    """Reach of the intervals from what these folds came to, by category, each horizon on its own."""
    if not folds:
        return Bands({})
    parts = [(one.asked, _forecast(source, baseline, weights, one.asked, one.said)) for one in folds]
    error = np.concatenate([asked.rows.target - said for asked, said in parts])
    sigma, category, horizon = (
        np.concatenate(columns)
        for columns in zip(*((a.sigma, a.rows.category, a.horizon) for a, _ in parts), strict=True)
    )
    return conformal.calibrate(error, sigma, category, horizon)


def _limits(asked: Panel, said: Array, bands: Bands, nominal: float) -> tuple[Array, Array]:
    """Lower and upper end in won; NaN where the past could not tell how far an interval must reach."""
    half = bands.half(asked.rows.category, asked.horizon, asked.sigma, nominal)
    half = np.where(np.isfinite(half), half, np.nan)
    return asked.won(said - half), asked.won(said + half)


def _keep_coverage(con: db.Connection, run: Training, weights: Weights, found: Found, tier: Array) -> None:
    """Coverage on the test fold of intervals that know the validation folds only."""
    if run.test is None or not run.folds:
        return
    asked = run.test.asked
    bands = _bands(run.folds, weights, found.source, found.baseline)
    said = _forecast(found.source, found.baseline, weights, asked, run.test.said)
    tables = [accuracy.coverage(*_limits(asked, said, bands, nominal), nominal, asked, tier) for nominal in NOMINAL]
    outputs.append(con, "forecast_coverage", pd.concat(tables, ignore_index=True))


def _tiers(con: db.Connection, book: Book, asked: Panel) -> Array:
    """Tier of each row's business on the day of its origin, as a word; "" where the score's history does not reach."""
    if not db.has_table(con, "opportunity_history"):
        return np.full(len(asked), "", dtype=object)
    tiers = db.query(con, "core/models/forecast/bank/sql/tiers")
    keys = pd.MultiIndex.from_arrays([tiers["business_id"], tiers["origin"]])
    ids = book.businesses["business_id"].to_numpy()[asked.rows.entity]
    at = keys.get_indexer(pd.MultiIndex.from_arrays([ids, asked.rows.period]))
    words = tiers["tier"].astype(str).to_numpy(dtype=object)
    return np.where(at < 0, "", words[at] if len(words) else "")


def _keep_models(con: db.Connection, weights: Weights, found: Found) -> None:
    table = weights.table.rename(columns={"entities": "businesses", "periods": "months"})
    speaks = np.array([found.source == COMBINED, found.source in (COMBINED, GLOBAL)])
    used = np.where(table["level"] == "global", speaks[1], speaks[0] & table["used"])
    con.execute("DROP TABLE IF EXISTS revenue_models")
    table = table.assign(used=used, reason=[_reason(row) for row in table.itertuples()])
    outputs.append(con, "revenue_models", table)


def _reason(row: Any) -> str:
    """Why a model has a say or not, as a code."""
    if not row.fitted:
        return "TOO_SMALL"
    if row.level == "global":
        return "BASE"
    if not row.gate:
        return "GATE_SHUT" if np.isfinite(row.difference) else "UNTESTED"
    return "GATE_OPEN" if row.weight > 0 else "NO_GAIN"


def _keep_verdict(con: db.Connection, weights: Weights | None, found: Found) -> None:
    used = weights.used if weights is not None and found.source == COMBINED else int(found.source == GLOBAL)
    tested = found.verdict
    row = {
        "pays": tested.pays,
        "difference": tested.difference,
        "low": tested.low,
        "high": tested.high,
        "used_models": used,
        "weighted_models": weights.used if weights is not None else 0,
        "worst_cell": tested.worst_cell,
        "worst": tested.worst if np.isfinite(tested.worst) else np.nan,
        "served": found.source,
        "baseline": found.baseline,
        "reason": found.reason,
    }
    outputs.keep(con, "hierarchy_verdict", pd.DataFrame([row]))


def _untrained(con: db.Connection, run: Training) -> Served:
    """Nothing to learn from: the moving average serves, without intervals, and the tables say so."""
    run.notes.append("too few months of sales for a model: the mean of the last three known months, without interval")
    none, words = np.zeros(0), np.zeros(0, dtype=object)
    nobody = Rows(np.zeros((0, len(FEATURES))), none, none, none, words, words)
    empty = alone(Hierarchy(RECIPE, {}, *run.cells, hierarchy.grid(RECIPE, nobody, *run.cells)))
    untested = Verdict(False, np.nan, np.nan, np.nan, "", np.nan, "untrained")
    found = Found(BASELINE, "moving_average", untested, "too few months of sales for a model")
    _keep_models(con, empty, found)
    _keep_verdict(con, None, found)
    return Served(BASELINE, "moving_average", None, None, Bands({}), {"notes": run.notes})


def _card(run: Training, weights: Weights, found: Found) -> dict[str, Any]:
    last = run.plan.last
    test = run.plan.test
    return {
        "algorithm": "LightGBM, one model for all, one a region, one a region x category; shrunk and gated",
        "label": "sales of the month one, two and three months after the as_of",
        "fit": {"from": str(month_of(max(run.plan.first, last - BACK))), "to": str(month_of(last - 1))},
        "validation": [str(month_of(one.cut)) for one in run.folds],
        "test": {"from": str(month_of(test)), "to": str(month_of(test + 5))} if test and run.test else None,
        "fit_rows": int(weights.table.loc[weights.table["level"] == "global", "rows"].iloc[0]),
        "models_fitted": int(weights.table["fitted"].sum()),
        "models_used": weights.used if found.source == COMBINED else int(found.source == GLOBAL),
        "served": found.source,
        "why": found.reason,
        "data_hash": _hash(run.book),
        "code_version": code_version(__name__),
        "params": dict(RECIPE.params) | {"rounds": dict(RECIPE.rounds), "thinned": THINNED, "months_back": BACK},
        "notes": run.notes,
    }


def _hash(book: Book) -> str:
    """Fingerprint of the sales the models learned from, whatever the order of the rows."""
    wide = pd.DataFrame(book.sales.values).assign(business_id=book.businesses["business_id"].to_numpy())
    return data_hash(wide)


def score(con: db.Connection, folder: Path, as_of: date, newest: Season | None = None) -> int:
    """Forecast every known business with the models in `folder` into revenue_forecast; its number of rows.

    A business that is closed, suspended or known too short keeps its rows, without a figure and with its state.
    """
    served, newest = files.load(folder), newest or season(con, as_of)
    outputs.clear(con, "revenue_forecast_rows")
    for hashes in _slices(con):
        book = load(con, as_of, hashes, index_of(as_of) - 1)
        if len(book):
            outputs.append(con, "revenue_forecast_rows", _scored(served, book, newest, as_of))
    rows = db.create_table(con, "revenue_forecast", "core/models/forecast/bank/sql/revenue_forecast")
    con.execute("DROP TABLE revenue_forecast_rows")
    return rows


def _slices(con: db.Connection) -> list[tuple[str, str]]:
    parts = -(-db.count(con, "businesses") // SLICE)
    ends = [format(HASHES * part // max(parts, 1), "03x") for part in range(1, parts)]
    return list(zip(["", *ends], [*ends, "g"], strict=True))


def _scored(served: Served, book: Book, newest: Season, as_of: date) -> pd.DataFrame:
    origin = index_of(as_of)
    asked = at_origin(book, newest, origin)
    says = predict(served.models, asked.rows) if served.models is not None else None
    said = _forecast(served.source, served.baseline, served.weights, asked, says)
    found = pd.DataFrame({"entity": asked.rows.entity, "horizon": asked.horizon, "revenue_krw": asked.won(said)})
    for nominal in NOMINAL:
        low, high = _limits(asked, said, served.bands, nominal)
        found = found.assign(**{f"low{nominal:.0%}"[:-1]: low, f"high{nominal:.0%}"[:-1]: high})
    everybody = pd.DataFrame({"entity": np.repeat(np.arange(len(book)), len(HORIZONS))})
    everybody["horizon"] = np.tile(HORIZONS, len(book))
    rows = everybody.merge(found, on=["entity", "horizon"], how="left")
    owner = book.businesses[["business_id", "manager_id"]].iloc[rows["entity"]].reset_index(drop=True)
    months = [month_of(origin + horizon) for horizon in HORIZONS]
    rows = pd.concat([owner, rows], axis=1).assign(as_of=as_of, month=months * len(book))
    state = states(book, origin)[rows["entity"]]
    source = pd.Series(served.source, index=rows.index).where(state == "OK", None)
    return rows.assign(state=state, source=source).drop(columns="entity")


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
