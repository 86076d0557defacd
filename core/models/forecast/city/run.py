"""The city part of a build: trains, measures accuracy on the last four quarters, and forecasts the next one.

Reads  market_sales, market_footfall, market_stores, market_areas, districts
Writes market_forecast (every series with a known last quarter), rows source = 'city' of forecast_accuracy and
       forecast_coverage, <build>/models/city/{card.json, line.json, global.txt, regional_*.txt, local_*.txt}

AutoTheta is left to `python -m core backtest`: it takes milliseconds a series, a build has seconds for all of them.
Weights and gates come from fewer earlier quarters than there, for the same reason (WARM_UP).
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, files, tables
from core.fingerprint import code_version
from core.models.forecast import hierarchy
from core.models.forecast.accuracy import clear
from core.models.forecast.city import backtest, learners
from core.models.forecast.city.features import FEATURES
from core.models.forecast.city.panel import Panel, read, shifted
from core.models.forecast.city.rolling_origin import QuarterForecast, rolling_forecasts
from core.models.forecast.conformal import NOMINAL, percent
from core.progress import Progress

NAME = "city"
CARD = "card.json"
TEST_QUARTERS = 4
WARM_UP = 2  # quarters before them that are forecast to choose weights, gates and intervals from
FACTS = ["area_code", "district_code", "industry_code", "category"]


def train(con: db.Connection, folder: Path, progress: Progress | None = None) -> int:
    """Forecast the quarter after the newest; rows of market_forecast."""
    tables.clear(con, "market_forecast")
    clear(con, NAME)
    if not db.count(con, "market_sales"):
        return 0
    panel = read(con)
    newest = panel.quarters[-1]
    first = max(shifted(newest, 1 - TEST_QUARTERS), shifted(panel.quarters[0], 2))
    *past, ahead = rolling_forecasts(panel, first, shifted(newest, 1), progress=progress, warm_up=WARM_UP)
    tables.keep(con, "market_forecast", market_forecast(panel, ahead))
    save(panel, ahead, _write_accuracy(con, panel, past), folder)
    return db.count(con, "market_forecast")


def market_forecast(panel: Panel, quarter: QuarterForecast) -> pd.DataFrame:
    """Rows of market_forecast: one per series with a last value, by area and industry."""
    forecast = quarter.forecasts["combined"]
    model = "combined" if quarter.models and quarter.gates["combination"] else "last_value"
    series = panel.series[FACTS].replace({"district_code": "", "category": ""}, None)
    rows = series.assign(quarter=quarter.target, sales_krw=forecast, **quarter.bounds["combined"], model=model)
    return rows[np.isfinite(forecast)]


def _write_accuracy(con: db.Connection, panel: Panel, past: Sequence[QuarterForecast]) -> pd.DataFrame:
    """Fill forecast_accuracy and forecast_coverage from quarters that have come; the accuracy rows."""
    if not past:
        return pd.DataFrame(columns=["model", "period", "wape"])
    rows = backtest.forecast_rows(panel, past)
    rows = rows[rows["actual"].notna()]
    accuracy = pd.DataFrame(
        [
            _accuracy(panel, past, str(model), period, part)
            for model, own in rows.groupby("model", sort=False)
            for period, part in backtest.periods(own)
        ]
    )
    shares = [
        (nominal, period, len(part), backtest.coverage(part)[percent(nominal)])
        for period, part in backtest.periods(rows[rows["model"] == "combined"])
        for nominal in NOMINAL
    ]
    coverage = pd.DataFrame(shares, columns=["nominal", "period", "n", "coverage"])
    for table, entries in (("forecast_accuracy", accuracy), ("forecast_coverage", coverage)):
        tables.append(con, table, entries.assign(source=NAME, horizon=1, level="all"))
    return accuracy


def _accuracy(
    panel: Panel, past: Sequence[QuarterForecast], model: str, period: str, rows: pd.DataFrame
) -> dict[str, Any]:
    mase = [backtest.mase(panel, quarter, model) for quarter in past if period in ("all", str(quarter.target))]
    low, high = backtest.wape_interval(rows) if period == "all" else (np.nan, np.nan)
    facts = {"model": model, "period": period, "mase": float(np.mean(mase)), "low": low, "high": high}
    return facts | backtest.errors_of(rows)


def save(panel: Panel, quarter: QuarterForecast, accuracy: pd.DataFrame, folder: Path) -> None:
    """Write the fitted models of the newest quarter and their card, as text."""
    if quarter.models is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    hierarchy.save(quarter.models.trees, folder)
    files.write_json(folder / "line.json", quarter.models.line.as_json())
    files.write_json(folder / CARD, card(panel, quarter, accuracy))


def card(panel: Panel, quarter: QuarterForecast, accuracy: pd.DataFrame) -> dict[str, Any]:
    """What the model is, what it was trained on, and its accuracy on quarters it had not seen."""
    whole = accuracy[accuracy["period"] == "all"]
    newest = str(panel.quarters[-1])
    return {
        "algorithm": "robust line and LightGBM at three levels as corrections to the last value, mixed by past success",
        "label": "log of sales over the quarter before, less the move of the category",
        "features": FEATURES,
        "params": dict(learners.TREES.params) | {"rounds": learners.TREES.rounds},
        "fit": {"from": str(panel.quarters[0]), "to": newest},
        "target": quarter.target,
        "weights": quarter.weights,
        "gates": quarter.gates,
        "wape": {row.model: round(float(row.wape), 5) for row in whole.itertuples()},
        "test": {"from": str(min(accuracy["period"], default="")), "to": newest},
        "notes": [
            f"weights and gates from {WARM_UP} quarters before the judged ones on; AutoTheta is not in the build"
        ],
        "data_hash": hashlib.sha256(np.ascontiguousarray(panel.values["sales"]).tobytes()).hexdigest(),
        "code_version": code_version(__name__),
    }
