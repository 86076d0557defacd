"""`python -m core train`: a file and the names of its roles in, a comparison on the terminal and on disk out."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from core import db
from core.compare import labels, read_table
from core.compare.table import COST_FN, COST_FP, Options, Scheme, Table, Tell
from core.compare.training import train
from core.config import Settings
from core.errors import ConfigError, DataError

SCHEMES = get_args(Scheme)
OWN_SCHEMES: dict[str, Scheme] = {"payments": "time_folds"}  # events: five folds in order of time


@dataclass(frozen=True)
class Asked:
    """What the command line said, as it said it."""

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
        """Where the answer goes: --out, or the model's own folder among the models of the bank."""
        return self.to or settings.data_dir / "models" / str(self.model) / "comparison"


def _names(text: str) -> tuple[str, ...]:
    """Column names separated by commas; a name with a comma in it is quoted.

    >>> _names('a, "b, c"')
    ('a', 'b, c')
    """
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())


def run(asked: Asked, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Train as asked and return the report.

    Raises
    ------
    ConfigError : the options do not fit together
    """
    if asked.model is not None:
        if asked.table is not None:
            raise ConfigError("--model trains on the build's own table; leave --table out, or --model")
        return of_build(asked, settings, tell)
    for option in ("table", "label", "to"):
        if getattr(asked, option) is None:
            name = {"to": "out"}.get(option, option)
            raise ConfigError(f"--{name} is missing; say --table FILE --label COLUMN --out FOLDER, or --model NAME")
    return of_file(asked, tell)


def of_build(asked: Asked, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Train on the rows that one of the bank's own models learns from, as the served build holds them."""
    from core.compare.bank_tables import PROBLEMS  # every model of the bank; a user's file needs none of them

    make = PROBLEMS.get(str(asked.model))
    if make is None:
        known = ", ".join(PROBLEMS) or "none yet"
        raise ConfigError(f"there is no model {asked.model!r} to train; there are: {known}")
    folder = settings.builds / db.current_build(settings.builds)
    with db.connect() as con:
        con.execute(f"ATTACH '{folder / db.DATABASE}' AS served (READ_ONLY)")
        con.execute("SET search_path = 'memory,served'")
        table = make(con)
    options = asked.options
    if options.scheme == "auto":
        options = replace(options, scheme=OWN_SCHEMES.get(table.name, "auto"))
    return train(table, asked.folder(settings), options, tell)


def of_file(asked: Asked, tell: Tell) -> dict[str, Any]:
    """Train on a file; the report, with what was done to its header and its label among the warnings."""
    assert asked.table is not None
    assert asked.to is not None
    rows, notes = read_table.read(asked.table, asked.header)
    for role in ("label", "time", "entity", "fold"):
        name = getattr(asked, role)
        if name is not None and name not in rows.columns:
            raise DataError(f"{asked.table.name} has no column {name!r} (--{role}); it has {shown(rows)}")
    table, meaning = tabled(asked, rows)
    return train(table, asked.to, asked.options, tell, notes=[*notes, meaning])


def tabled(asked: Asked, rows: pd.DataFrame) -> tuple[Table, str]:
    """The table of a file with its label as 0 and 1, and a sentence saying what 1 means."""
    assert asked.label is not None
    values, meaning = labels.binary(rows[asked.label], asked.positive)
    roles = {asked.label, asked.time, asked.entity, asked.fold}
    table = Table(
        rows.assign(**{asked.label: values}),
        asked.label,
        asked.entity,
        asked.time,
        _names(asked.features) or tuple(name for name in rows.columns if name not in roles),
        _names(asked.categorical),
        asked.fold,
        horizon_months=asked.horizon,
        gap_months=asked.gap,
    )
    return table, meaning


def shown(rows: pd.DataFrame) -> str:
    """The first columns of a table, for a message."""
    names = [str(name) for name in rows.columns]
    return ", ".join(names[:15]) + (f" and {len(names) - 15} more" if len(names) > 15 else "")


def lines(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Rows of the comparison, best first: model, roc_auc, pr_auc, brier, log loss, slope, seconds."""
    models = report["models"]
    for key in sorted(models, key=lambda key: models[key]["log_loss"]):
        found = models[key]
        mark = "* " if key == report["champion"] else "  "
        figures = [found[name] for name in ("roc_auc", "pr_auc", "brier", "log_loss")]
        slope = found["calibration_slope"]
        yield (
            mark + key,
            *(f"{figure:.4f}" for figure in figures),
            "–" if slope is None else f"{slope:.2f}",
            f"{found['seconds']:.1f}",
        )


def sentences(report: dict[str, Any], folder: Path) -> Iterator[str]:
    """What must stand under the comparison: how it was tested, why the champion is it, what to mind."""
    yield f"Tested: {report['validation']['sentence']}."
    yield f"Champion: {report['why']['sentence']}."
    for dropped in report["table"]["dropped"]:
        yield f"Left out: {dropped['column']}: {dropped['reason']}"
    for notice in report["table"]["warnings"]:
        if notice["code"] != "maps_label":
            yield f"Mind: {notice['column']}{': ' if notice['column'] else ''}{notice['text']}"
    yield f"{report['seconds']:.0f} s; report.json, predictions.parquet and model/ are in {folder}"
