"""What will each trade area sell next quarter? The city part of a build: train, judge on the last four quarters, say.

Reads  market_sales, market_footfall, market_stores, market_areas, districts
Writes market_forecast (every series with a known last quarter), rows source = 'city' of forecast_accuracy and
       forecast_coverage, <build>/models/city/{card.json, line.json, global.txt, regional_*.txt, local_*.txt}

AutoTheta is left to `python -m core backtest`: it takes milliseconds a series, a build has seconds for all of them.
Weights and gates are learned from fewer earlier quarters than there, for the same reason (WARM).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, tables
from core.fingerprint import code_version
from core.models.forecast.city import backtest, learners
from core.models.forecast.city.features import FEATURES
from core.models.forecast.city.folds import Step, rolled
from core.models.forecast.city.panel import Panel, read, shifted
from core.models.forecast.hierarchy import model_id

NAME = "city"
CARD = "card.json"
JUDGED = 4
JUDGEMENTS = ("forecast_accuracy", "forecast_coverage")
# Quarters before the judged ones from which weights, gates and intervals begin to be learned.
WARM = 2
FACTS = ["area_code", "district_code", "industry_code", "category"]
Tell = Callable[[str, float], None]


def train(con: db.Connection, folder: Path, tell: Tell | None = None) -> int:
    """Forecast the quarter after the newest; rows of market_forecast."""
    tables.clear(con, "market_forecast")
    tables.ensure(con, *JUDGEMENTS)
    for table in JUDGEMENTS:
        con.execute(f"DELETE FROM {table} WHERE source = $source", {"source": NAME})
    if not db.count(con, "market_sales"):
        return 0
    panel = read(con)
    newest = panel.quarters[-1]
    first = max(shifted(newest, 1 - JUDGED), shifted(panel.quarters[0], 2))
    steps = list(rolled(panel, first, shifted(newest, 1), tell=tell, judged=WARM))
    if not steps:
        return 0
    tables.keep(con, "market_forecast", ahead(panel, steps[-1]))
    rows = judge(con, panel, steps[:-1])
    save(panel, steps[-1], rows, folder)
    return db.count(con, "market_forecast")


def ahead(panel: Panel, step: Step) -> pd.DataFrame:
    """Rows of market_forecast: one a series with a last value, by area and industry."""
    forecast = step.forecasts["combined"]
    served = "combined" if step.learned and step.gates["combination"] else "last_value"
    bounds = {name: step.bounds["combined"][name] for name in backtest.BOUNDS}
    rows = panel.series[FACTS].assign(quarter=step.target, sales_krw=forecast, **bounds, model=served)
    named = rows.assign(
        district_code=rows["district_code"].replace("", None), category=rows["category"].replace("", None)
    )
    return named[np.isfinite(forecast)]


def judge(con: db.Connection, panel: Panel, steps: Sequence[Step]) -> pd.DataFrame:
    """Fill forecast_accuracy and forecast_coverage from quarters that have come; the accuracy rows."""
    if not steps:
        return pd.DataFrame(columns=["model", "period", "wape"])
    rows = backtest.forecasts(panel, steps)
    rows = rows[rows["actual"].notna()]
    accuracy = pd.DataFrame([_accuracy(panel, steps, *part) for part in _parts(rows)])
    tables.append(con, JUDGEMENTS[0], accuracy)
    served = rows[rows["model"] == "combined"]
    tables.append(con, JUDGEMENTS[1], pd.DataFrame(_coverage(served)))
    return accuracy


def _parts(rows: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Model, period and rows of everything that is reported."""
    found = []
    for model, own in rows.groupby("model", sort=False):
        found.append((str(model), "all", own))
        found += [(str(model), str(target), part) for target, part in own.groupby("target")]
    return found


def _accuracy(panel: Panel, steps: Sequence[Step], model: str, period: str, rows: pd.DataFrame) -> dict[str, Any]:
    counted = [step for step in steps if period in ("all", str(step.target))]
    scaled = [backtest.scaled_error(panel, step, model) for step in counted]
    low, high = backtest.wape_interval(rows) if period == "all" else (np.nan, np.nan)
    mase = float(np.mean(scaled)) if scaled else np.nan
    facts = {"source": NAME, "model": model, "horizon": 1, "period": period, "level": "all", "mase": mase}
    return facts | {"low": low, "high": high} | backtest.errors(rows)


def _coverage(rows: pd.DataFrame) -> list[dict[str, Any]]:
    parts = [("all", rows), *((str(target), part) for target, part in rows.groupby("target"))]
    return [
        {
            "source": NAME,
            "horizon": 1,
            "nominal": backtest.NOMINAL[name],
            "period": period,
            "level": "all",
            "n": len(part),
            "coverage": share,
        }
        for period, part in parts
        for name, share in backtest.covered(part).items()
    ]


def save(panel: Panel, step: Step, accuracy: pd.DataFrame, folder: Path) -> None:
    """Write the fitted models of the newest quarter and their card, as text."""
    if step.learned is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for cell, booster in step.learned.trees.boosters.items():
        (folder / f"{model_id(cell)}.txt").write_text(booster.model_to_string(), encoding="utf-8")
    _write(folder / "line.json", step.learned.line.as_json())
    _write(folder / CARD, card(panel, step, accuracy))


def card(panel: Panel, step: Step, accuracy: pd.DataFrame) -> dict[str, Any]:
    """What the model is, learned from, and how well it did on quarters it had not seen."""
    whole = accuracy[accuracy["period"] == "all"]
    return {
        "algorithm": "robust line and LightGBM at three levels as corrections to the last value, mixed by past success",
        "label": "log of sales over the quarter before, less the move of the category",
        "features": list(FEATURES),
        "params": dict(learners.TREES.params) | {"rounds": dict(learners.TREES.rounds)},
        "fit": {"from": str(panel.quarters[0]), "to": str(panel.quarters[-1])},
        "target": step.target,
        "weights": dict(step.weights),
        "gates": dict(step.gates),
        "wape": {row.model: round(float(row.wape), 5) for row in whole.itertuples()},
        "test": {"from": str(min(accuracy["period"], default="")), "to": str(panel.quarters[-1])},
        "notes": [f"weights and gates from {WARM} quarters before the judged ones on; AutoTheta is not in the build"],
        "data_hash": hashlib.sha256(np.ascontiguousarray(panel.values["sales"]).tobytes()).hexdigest(),
        "code_version": code_version(__name__),
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
