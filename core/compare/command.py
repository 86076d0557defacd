"""The command `python -m core train`: from its options to a table, from the report to lines on the terminal."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from core import db
from core.compare import labels, table_files
from core.compare.table import COST_FN, COST_FP, Options, Progress, Scheme, Table
from core.compare.training import train
from core.config import Settings
from core.errors import ConfigError, DataError

SCHEMES = get_args(Scheme)
# Payments are events in time: five blocks, each tested by models that learned from earlier ones.
OWN_SCHEMES: dict[str, Scheme] = {"payments": "time_folds"}


@dataclass(frozen=True)
class Request:
    """The options of the command line."""

    table: Path | None
    label: str | None
    model: str | None
    to: Path | None
    time: str | None = None
    entity: str | None = None
    fold: str | None = None
    train_fold: str | None = None
    scheme: str = "auto"
    positive: str | None = None
    horizon: int = 0
    gap: int = 0
    features: str = ""
    drop: str = ""
    keep: str = ""
    categorical: str = ""
    header: bool = True
    cost_fp: float = COST_FP
    cost_fn: float = COST_FN
    seconds: float = 80.0
    seed: int = 0
    smote: bool = True

    @property
    def options(self) -> Options:
        """How to train."""
        if self.scheme not in SCHEMES:
            raise ConfigError(f"--scheme is {self.scheme!r}, must be one of {', '.join(SCHEMES)}")
        return Options(
            scheme=self.scheme,  # type: ignore[arg-type]
            train_fold=self.train_fold,
            seconds=self.seconds,
            cost_fp=self.cost_fp,
            cost_fn=self.cost_fn,
            seed=self.seed,
            smote=self.smote,
            keep=_names(self.keep),
            drop=_names(self.drop),
        )

    def folder(self, settings: Settings) -> Path:
        """Where the report goes: --out, or the model's own folder among the models of the bank."""
        return self.to or settings.data_dir / "models" / str(self.model) / "comparison"


def _names(text: str) -> tuple[str, ...]:
    """Column names separated by commas; a name with a comma in it is quoted.

    >>> _names('a, "b, c"')
    ('a', 'b, c')
    """
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())


def run(request: Request, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Train on the file or the model's table that the request names, and return the report.

    Raises
    ------
    ConfigError : the options do not fit together
    """
    if request.model is not None:
        if request.table is not None:
            raise ConfigError("--model trains on the build's own table; leave --table out, or --model")
        return train_on_build(request, settings, progress)
    for option, value in {"table": request.table, "label": request.label, "out": request.to}.items():
        if value is None:
            raise ConfigError(f"--{option} is missing; say --table FILE --label COLUMN --out FOLDER, or --model NAME")
    return train_on_file(request, progress)


def train_on_build(request: Request, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Train on the rows that one of the bank's own models learns from, as the served build holds them."""
    from core.compare.bank_tables import PROBLEMS  # imports every model of the bank, which a file does not need

    make = PROBLEMS.get(str(request.model))
    if make is None:
        names = ", ".join(PROBLEMS) or "none yet"
        raise ConfigError(f"there is no model {request.model!r} to train; there are: {names}")
    folder = settings.builds / db.current_build(settings.builds)
    with db.connect() as con:
        con.execute(f"ATTACH '{folder / db.DATABASE}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        table = make(con)
    options = request.options
    if options.scheme == "auto":
        options = replace(options, scheme=OWN_SCHEMES.get(table.name, "auto"))
    return train(table, request.folder(settings), options, progress)


def train_on_file(request: Request, progress: Progress) -> dict[str, Any]:
    """Train on a file, and return the report; changes to its header and label are among the warnings."""
    assert request.table is not None
    assert request.label is not None
    assert request.to is not None
    rows, notes = table_files.read(request.table, request.header)
    for role in ("label", "time", "entity", "fold"):
        name = getattr(request, role)
        if name is not None and name not in rows.columns:
            names = ", ".join(rows.columns[:15]) + (f" and {rows.shape[1] - 15} more" if rows.shape[1] > 15 else "")
            raise DataError(f"{request.table.name} has no column {name!r} (--{role}); it has {names}")
    values, meaning = labels.binary(rows[request.label], request.positive)
    roles = {request.label, request.time, request.entity, request.fold}
    table = Table(
        rows.assign(**{request.label: values}),
        request.label,
        request.entity,
        request.time,
        _names(request.features) or tuple(name for name in rows.columns if name not in roles),
        _names(request.categorical),
        request.fold,
        horizon_months=request.horizon,
        gap_months=request.gap,
    )
    return train(table, request.to, request.options, progress, notes=[*notes, meaning])


def lines(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Rows of the comparison, best first: model, roc_auc, pr_auc, brier, log loss, slope, seconds."""
    for key, metrics in sorted(report["models"].items(), key=lambda item: item[1]["log_loss"]):
        mark = "* " if key == report["champion"] else "  "
        slope = metrics["calibration_slope"]
        yield (
            mark + key,
            *(f"{metrics[name]:.4f}" for name in ("roc_auc", "pr_auc", "brier", "log_loss")),
            "–" if slope is None else f"{slope:.2f}",
            f"{metrics['seconds']:.1f}",
        )


def sentences(report: dict[str, Any], folder: Path) -> Iterator[str]:
    """Sentences under the comparison: the test, the reason for the champion, columns left out, warnings."""
    yield f"Tested: {report['validation']['sentence']}."
    yield f"Champion: {report['why']['sentence']}."
    for dropped in report["table"]["dropped"]:
        yield f"Left out: {dropped['column']}: {dropped['reason']}"
    for notice in report["table"]["warnings"]:
        if notice["code"] != "maps_label":
            yield f"Mind: {notice['column']}{': ' if notice['column'] else ''}{notice['text']}"
    yield f"{report['seconds']:.0f} s; report.json and predictions.parquet are in {folder}"
