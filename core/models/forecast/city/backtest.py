"""Backtest of the trade-area forecasts: a rolling origin over the city's own files, one quarter ahead.

Reads  a folder of the city's files as published (any names; recognised by their columns)
Writes OUT/forecasts.parquet (a row per series, quarter and model), OUT/report.json

Every figure is of quarters that the forecast had not seen: origin = the quarter before the target. Series without a
last value have no forecast and are counted.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db, files
from core.errors import DataError
from core.models.forecast.accuracy import errors, ratio_interval
from core.models.forecast.city.panel import KEYS, YEAR, Panel, read, shifted
from core.models.forecast.city.rolling_origin import MODELS, QuarterForecast, rolling_forecasts
from core.models.forecast.conformal import NOMINAL, bound_names, percent
from core.progress import Progress
from core.score.components import mean
from core.sources.file_probe import SUFFIXES
from core.sources.loader import RawFile, load_files
from core.sources.reference_tables import load_reference

TABLES = ("market_areas", "market_sales", "market_stores", "market_footfall")
BOUNDS = tuple(name for nominal in NOMINAL for name in bound_names(nominal))
# With less, the combined forecast loses to the last value by no more than rounding and luck explain (D8).
NEVER_WORSE = 0.02
DRAWS = 400


@dataclass(frozen=True)
class CityData:
    """The panel of a folder, notes on what was not used, and a hash of what was."""

    panel: Panel
    notes: list[str]
    data_hash: str


def backtest(folder: Path, first: int, last: int, out: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Forecast every quarter from first to last from `folder`; the content of OUT/report.json.

    Raises
    ------
    DataError : no file of sales, or a quarter cannot be forecast from the files
    """
    started = time.monotonic()
    data = load(folder)
    _check_span(data.panel, first, last)
    forecasts = list(rolling_forecasts(data.panel, first, last, theta=True, progress=progress))
    rows = forecast_rows(data.panel, forecasts)
    out.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(out / "forecasts.parquet", index=False)
    report = _facts(data, folder, forecasts) | results(rows) | {"seconds": round(time.monotonic() - started, 1)}
    files.write_json(out / "report.json", report)
    return report


def load(folder: Path) -> CityData:
    """The city's files below a folder as a panel; other files are named in the notes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"{folder} holds no CSV, Parquet or XLSX file; name the folder with the city's files")
    with db.connect() as con:
        load_reference(con)
        load_files(con, [RawFile(path) for path in paths], only=TABLES)
        panel = read(con)
        rows = db.query(con, "core/models/forecast/city/sql/files").set_index("file")
    used = rows[rows["rows_loaded"] > 0]
    reasons = rows["reason"].dropna().to_dict()
    notes = [
        f"{path.name} is not used: {reasons.get(path.name, 'it holds nothing that a forecast of sales looks at')}"
        for path in paths
        if path.name not in used.index
    ]
    left_out = used.loc[used["rows_quarantined"] > 0, "rows_quarantined"]
    notes += [f"{file}: {count:,} rows break the contract and were left out" for file, count in left_out.items()]
    return CityData(panel, notes, hashlib.sha256("".join(sorted(used["sha256"].astype(str))).encode()).hexdigest())


def _check_span(panel: Panel, first: int, last: int) -> None:
    begins, ends = panel.quarters[0], panel.quarters[-1]
    if first > last or first % 10 not in (1, 2, 3, 4) or last % 10 not in (1, 2, 3, 4):
        raise DataError(f"quarters {first} to {last} are no span; write YYYYQ, for example --from 20221 --to 20224")
    if first < shifted(begins, 2) or last > shifted(ends, 1):
        raise DataError(
            f"sales run from {begins} to {ends}: quarters {shifted(begins, 2)} to {shifted(ends, 1)} can be forecast, "
            f"not {first} to {last}"
        )


def forecast_rows(panel: Panel, forecasts: Iterable[QuarterForecast]) -> pd.DataFrame:
    """One row per series, quarter and model that has a forecast; `actual` is NaN where it is not known."""
    parts = []
    for quarter in forecasts:
        facts = panel.series[KEYS].assign(origin=shifted(quarter.target, -1), target=quarter.target)
        for model, forecast in quarter.forecasts.items():
            part = facts.assign(model=model, forecast=forecast, **quarter.bounds[model])
            parts.append(part.assign(actual=panel.at(quarter.target))[np.isfinite(forecast)])
    return pd.concat(parts, ignore_index=True)


def periods(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and rows of each quarter, and of all."""
    yield from ((str(target), part) for target, part in rows.groupby("target"))
    yield "all", rows


def results(rows: pd.DataFrame) -> dict[str, Any]:
    """Errors by model and quarter, coverage, and the comparison with the last value."""
    rows = rows[rows["actual"].notna()]
    models = {
        model: {period: errors_of(part) for period, part in periods(own)}
        for model, own in rows.groupby("model", sort=False)
    }
    served = rows[rows["model"] == "combined"]
    by_period = {period: coverage(part) for period, part in periods(served)}
    return {"models": models, "coverage": by_period, "against_last_value": _against_last_value(models)}


def errors_of(rows: pd.DataFrame) -> dict[str, float]:
    """n, WAPE, MdAPE and bias of these rows."""
    return errors(rows["forecast"].to_numpy(), rows["actual"].to_numpy())


def coverage(rows: pd.DataFrame) -> dict[str, float]:
    """Share of actual values inside the interval, by nominal coverage in percent."""
    limits = {percent(nominal): bound_names(nominal) for nominal in NOMINAL}
    return {name: float(rows["actual"].between(rows[low], rows[high]).mean()) for name, (low, high) in limits.items()}


def _against_last_value(models: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """WAPE of the combined forecast over the last value's, less one, by quarter and over all."""
    combined, naive = models.get("combined", {}), models.get("last_value", {})
    change = {key: combined[key]["wape"] / naive[key]["wape"] - 1 for key in combined if naive[key]["wape"] > 0}
    worst = max((value for key, value in change.items() if key != "all"), default=float("nan"))
    return {"change": change, "worst_quarter": worst, "never_worse": worst <= NEVER_WORSE}


def wape_interval(rows: pd.DataFrame) -> tuple[float, float]:
    """95 % interval of the WAPE, by resampling series."""
    error, actual = (rows["actual"] - rows["forecast"]).abs().to_numpy(), rows["actual"].to_numpy()
    return ratio_interval(error, actual, rows.groupby(KEYS).ngroup().to_numpy(), np.zeros(len(rows)), DRAWS)


def mase(panel: Panel, quarter: QuarterForecast, model: str) -> float:
    """Mean error over the mean error of the seasonal naive forecast before the target."""
    sales = panel.before(quarter.target).values["sales"]
    usual = mean(np.abs(sales[:, YEAR:] - sales[:, :-YEAR]))
    scaled = np.abs(panel.at(quarter.target) - quarter.forecasts[model])[usual > 0] / usual[usual > 0]
    return float(np.nanmean(scaled)) if np.isfinite(scaled).any() else float("nan")


def _facts(data: CityData, folder: Path, forecasts: Sequence[QuarterForecast]) -> dict[str, Any]:
    panel = data.panel
    short = ", ".join(f"{quarter.target}: {quarter.short:,}" for quarter in forecasts if quarter.short)
    theta = [f"auto_theta needs 8 quarters in a row; series that took the last value instead: {short}"] if short else []
    return {
        "data": str(folder),
        "data_hash": data.data_hash,
        "notes": data.notes + theta,
        "series": len(panel.series),
        "quarters": [panel.quarters[0], panel.quarters[-1]],
        "steps": [_quarter_facts(panel, quarter) for quarter in forecasts],
        "libraries": {name: version(name) for name in ("lightgbm", "statsforecast", "scikit-learn", "numpy")},
    }


def _quarter_facts(panel: Panel, quarter: QuarterForecast) -> dict[str, Any]:
    """What the forecasts of one quarter were made from."""
    actual, models = panel.at(quarter.target), quarter.models
    fitted = len(models.trees.boosters) if models else 0
    return {
        "target": quarter.target,
        "forecasts": int(np.isfinite(quarter.last).sum()),
        "without_last_value": int((np.isfinite(actual) & ~np.isfinite(quarter.last)).sum()),
        "weights": quarter.weights,
        "gates": quarter.gates,
        "season": {name: float(quarter.season[own[0]]) for name, own in panel.categories().items()},
        "models_fitted": fitted,
        "models_used": models.weights.used if models and models.weights else min(1, fitted),
        "regions": sorted(set(quarter.regions) - {""}),
    }


def table(report: dict[str, Any], metric: str) -> list[list[str]]:
    """A metric as rows of text: model, one column per quarter, and over all; models in a fixed order."""
    periods = [str(step["target"]) for step in report["steps"]] + ["all"]
    models = {name: report["models"][name] for name in MODELS if name in report["models"]}
    rows = [[name, *(_percent(own.get(period, {}).get(metric)) for period in periods)] for name, own in models.items()]
    return [["model", *periods], *rows]


def sentences(report: dict[str, Any]) -> list[str]:
    """What the tables do not show: against the last value, coverage, what was left out."""
    against, covered = report["against_last_value"], report["coverage"]["all"]
    lines = []
    if "all" in against["change"]:
        change, worst = against["change"]["all"], against["worst_quarter"]
        lines.append(f"Combined against last value: {change:+.1%} WAPE; worst quarter {worst:+.1%}.")
    if not np.isnan(covered["80"]):
        lines.append(f"Coverage of the combined forecast: 80 % interval {covered['80']:.1%}, 95 % {covered['95']:.1%}.")
    missing = sum(step["without_last_value"] for step in report["steps"])
    lines.append(f"Without a last value and so without a forecast: {missing:,} values that came.")
    return lines + [f"Note: {note}" for note in report["notes"]]


def _percent(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.2%}"
