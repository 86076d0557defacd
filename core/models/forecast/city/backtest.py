"""How good are the forecasts of trade-area sales: a rolling origin over the city's own files, one quarter ahead.

Reads  a folder of the city's files as published (any names; recognised by their columns)
Writes OUT/forecasts.parquet (a row per series, quarter and model), OUT/report.json

Every figure is of quarters that the forecast had not seen: origin = the quarter before the target. WAPE = sum of
absolute errors over the sum of sales; MdAPE = median of error / sales; series without a last value have no forecast
and are counted.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core.errors import DataError
from core.models.forecast.city.folds import MODELS, Step, rolled
from core.models.forecast.city.panel import KEYS, YEAR, Array, Panel, read, shifted
from core.sources.districts import load_reference
from core.sources.file_probe import SUFFIXES
from core.sources.load import Found, load_files

TABLES = ("market_areas", "market_sales", "market_stores", "market_footfall")
BOUNDS = ("low80", "high80", "low95", "high95")
NOMINAL = {"80": 0.80, "95": 0.95}
# Below this the served forecast loses to the last value by more than rounding and luck can explain (the goal's margin).
NEVER_WORSE = 0.02
DRAWS = 400
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Loaded:
    """The panel of a folder, what was not used and why, and a hash of what was."""

    panel: Panel
    notes: list[str]
    data_hash: str


def backtest(folder: Path, first: int, last: int, out: Path, tell: Tell | None = None) -> dict[str, Any]:
    """Forecast every quarter from first to last from `folder`; the content of OUT/report.json.

    Raises
    ------
    DataError : no file of sales, or not one of the quarters can be forecast from the files
    """
    started = time.monotonic()
    loaded = load(folder)
    _refuse(loaded.panel, first, last)
    steps = list(rolled(loaded.panel, first, last, theta=True, tell=tell))
    rows = forecasts(loaded.panel, steps)
    out.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(out / "forecasts.parquet", index=False)
    report = _about(loaded, folder, steps) | judged(rows) | {"seconds": round(time.monotonic() - started, 1)}
    (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return report


def load(folder: Path) -> Loaded:
    """The city's files below a folder as a panel; other files are named in the notes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"{folder} holds no CSV, Parquet or XLSX file; name the folder with the city's files")
    with db.connect() as con:
        load_reference(con)
        load_files(con, [Found(path) for path in paths], only=TABLES)
        panel = read(con)
        used, notes = _used(con, paths)
    digest = hashlib.sha256("".join(used).encode()).hexdigest()
    return Loaded(panel, notes, digest)


def _used(con: db.Connection, paths: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Hashes of the files that gave rows, and a note on each of the others."""
    rows = db.query(con, "core/models/forecast/city/sql/files")
    given = rows[rows["rows_loaded"] > 0]
    notes = [
        f"{path.name} is not used: {_why(rows, path.name)}" for path in paths if path.name not in set(given["file"])
    ]
    left_out = given.loc[given["rows_quarantined"] > 0, ["file", "rows_quarantined"]].itertuples(index=False)
    notes += [f"{file}: {rows:,} rows break the contract and were left out" for file, rows in left_out]
    return sorted(given["sha256"].astype(str)), notes


def _why(rows: pd.DataFrame, file: str) -> str:
    found = rows.loc[rows["file"] == file, "reason"].dropna()
    return str(found.iloc[0]) if len(found) else "it holds nothing that a forecast of sales looks at"


def _refuse(panel: Panel, first: int, last: int) -> None:
    begins, ends = panel.quarters[0], panel.quarters[-1]
    if first > last or first % 10 not in (1, 2, 3, 4) or last % 10 not in (1, 2, 3, 4):
        raise DataError(f"quarters {first} to {last} are no span; write YYYYQ, for example --from 20221 --to 20224")
    if first < shifted(begins, 2) or last > shifted(ends, 1):
        raise DataError(
            f"sales run from {begins} to {ends}: quarters {shifted(begins, 2)} to {shifted(ends, 1)} can be forecast, "
            f"not {first} to {last}"
        )


def forecasts(panel: Panel, steps: Iterable[Step]) -> pd.DataFrame:
    """One row per series, quarter and model that has a forecast; `actual` is NaN where it never became known."""
    parts = []
    for step in steps:
        for model, forecast in step.forecasts.items():
            facts = {"origin": shifted(step.target, -1), "target": step.target, "model": model, "forecast": forecast}
            bounds = {name: step.bounds[model][name] for name in BOUNDS}
            part = panel.series[KEYS].assign(**facts, **bounds, actual=panel.at(step.target))
            parts.append(part[np.isfinite(forecast)])
    return pd.concat(parts, ignore_index=True)


def judged(rows: pd.DataFrame) -> dict[str, Any]:
    """Errors by model and quarter, coverage, and whether the goal against the last value is met."""
    known = rows[rows["actual"].notna()]
    found: dict[str, Any] = {"models": {model: _by_quarter(own) for model, own in known.groupby("model", sort=False)}}
    served = known[known["model"] == "combined"]
    found["coverage"] = {str(target): covered(own) for target, own in served.groupby("target")}
    found["coverage"]["all"] = covered(served)
    return found | {"against_last_value": _against(found["models"])}


def _by_quarter(own: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {str(target): errors(part) for target, part in own.groupby("target")} | {"all": errors(own)}


def errors(rows: pd.DataFrame) -> dict[str, float]:
    """n, WAPE, MdAPE and bias of forecasts; MdAPE is over series that sold something."""
    actual, forecast = rows["actual"].to_numpy(), rows["forecast"].to_numpy()
    total, off = actual.sum(), np.abs(actual - forecast)
    sold = actual > 0
    return {
        "n": len(rows),
        "wape": float(off.sum() / total) if total else float("nan"),
        "mdape": float(np.median(off[sold] / actual[sold])) if sold.any() else float("nan"),
        "bias": float((forecast - actual).sum() / total) if total else float("nan"),
    }


def covered(rows: pd.DataFrame) -> dict[str, float]:
    """Share of actual values inside the interval, by nominal coverage."""
    inside = {name: rows["actual"].between(rows[f"low{name}"], rows[f"high{name}"]).mean() for name in NOMINAL}
    return {name: float(share) for name, share in inside.items()}


def _against(models: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """WAPE of the combined forecast over the last value's, less one, by quarter and over all."""
    ours, naive = models.get("combined", {}), models.get("last_value", {})
    change = {key: ours[key]["wape"] / naive[key]["wape"] - 1 for key in ours if naive[key]["wape"] > 0}
    worst = max((value for key, value in change.items() if key != "all"), default=float("nan"))
    return {"change": change, "worst_quarter": worst, "never_worse": worst <= NEVER_WORSE}


def wape_interval(rows: pd.DataFrame, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the WAPE, by resampling series."""
    off = (rows["actual"] - rows["forecast"]).abs()
    sums = pd.DataFrame({"off": off, "actual": rows["actual"]}).groupby([rows[key] for key in KEYS]).sum().to_numpy()
    random = np.random.default_rng(seed)
    drawn = [sums[random.integers(0, len(sums), len(sums))].sum(axis=0) for _ in range(DRAWS)]
    low, high = np.quantile([off / actual for off, actual in drawn if actual > 0] or [np.nan], [0.025, 0.975])
    return float(low), float(high)


def scaled_error(panel: Panel, step: Step, model: str) -> float:
    """MASE: mean error over the mean error of the seasonal naive forecast before the target."""
    sales = panel.before(step.target).values["sales"]
    if sales.shape[1] <= YEAR:
        return float("nan")
    usual = np.abs(sales[:, YEAR:] - sales[:, :-YEAR])
    seen = np.isfinite(usual)
    usual_mean = np.where(seen, usual, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    off: Array = np.abs(panel.at(step.target) - step.forecasts[model])
    fair = np.isfinite(off) & (usual_mean > 0)
    return float((off[fair] / usual_mean[fair]).mean()) if fair.any() else float("nan")


def _about(loaded: Loaded, folder: Path, steps: Sequence[Step]) -> dict[str, Any]:
    panel = loaded.panel
    return {
        "data": str(folder),
        "data_hash": loaded.data_hash,
        "notes": loaded.notes + _theta_note(steps),
        "series": len(panel.series),
        "quarters": [panel.quarters[0], panel.quarters[-1]],
        "steps": [_step_facts(panel, step) for step in steps],
        "libraries": {name: version(name) for name in ("lightgbm", "statsforecast", "scikit-learn", "numpy")},
    }


def _theta_note(steps: Sequence[Step]) -> list[str]:
    short = {str(step.target): step.short for step in steps if step.short}
    if not short:
        return []
    listed = ", ".join(f"{target}: {count:,}" for target, count in short.items())
    return [f"auto_theta needs 8 quarters in a row; series that took the last value instead: {listed}"]


def _step_facts(panel: Panel, step: Step) -> dict[str, Any]:
    """How the forecast of one quarter came about."""
    actual = panel.at(step.target)
    verdict = step.learned.verdict if step.learned else None
    return {
        "target": step.target,
        "forecasts": int(np.isfinite(step.last).sum()),
        "without_last_value": int((np.isfinite(actual) & ~np.isfinite(step.last)).sum()),
        "weights": dict(step.weights),
        "gates": dict(step.gates),
        "season": {name: float(step.season[own[0]]) for name, own in panel.categories().items()},
        "models_fitted": len(step.learned.trees.boosters) if step.learned else 0,
        "models_used": verdict.used if verdict else min(1, len(step.learned.trees.boosters)) if step.learned else 0,
        "regions": sorted(set(step.regions) - {""}),
    }


def table(report: dict[str, Any], metric: str) -> list[list[str]]:
    """A metric as rows of text: model, one column a quarter, and over all; models in a fixed order."""
    targets = [str(step["target"]) for step in report["steps"]] + ["all"]
    known = [name for name in MODELS if name in report["models"]]
    rows = [
        [name, *(_percent(report["models"][name].get(target, {}).get(metric)) for target in targets)] for name in known
    ]
    return [["model", *targets], *rows]


def sentences(report: dict[str, Any]) -> list[str]:
    """What the tables do not say: against the last value, coverage, what was left out."""
    against, coverage = report["against_last_value"], report["coverage"]["all"]
    change = against["change"].get("all")
    lines = (
        [] if change is None else [f"Combined against last value: {change:+.1%} WAPE; worst quarter {_worst(against)}."]
    )
    if not np.isnan(coverage["80"]):
        lines.append(
            f"Coverage of the combined forecast: 80 % interval {coverage['80']:.1%}, 95 % {coverage['95']:.1%}."
        )
    missing = sum(step["without_last_value"] for step in report["steps"])
    lines.append(f"Without a last value and so without a forecast: {missing:,} values that came.")
    return lines + [f"Note: {note}" for note in report["notes"]]


def _worst(against: dict[str, Any]) -> str:
    return f"{against['worst_quarter']:+.1%}"


def _percent(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{value:.2%}"
