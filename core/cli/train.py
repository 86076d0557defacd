"""`python -m core train | backtest`: models compared on a table of any kind, and forecasts of the city's sales."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import out, print_line, print_table, progress_bar
from core.config import Settings


def train(
    table: Annotated[Path | None, typer.Option(help="A Parquet or CSV file.")] = None,
    label: Annotated[str | None, typer.Option(help="Its column with the outcome, two values.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Instead of a table: default, churn or payments of the build.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Folder for report.json and predictions.parquet.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the date of each row: tested out of time.")] = None,
    entity: Annotated[str | None, typer.Option(help="Column with the customer: never on both sides of a fold.")] = None,
    fold: Annotated[str | None, typer.Option(help="Column with given folds, or the words train and test.")] = None,
    train_fold: Annotated[
        str | None, typer.Option(help="Value of --fold to learn from; the rest is tested once.")
    ] = None,
    scheme: Annotated[str, typer.Option(help="auto, out_of_time, time_folds, grouped_folds, given_folds.")] = "auto",
    positive: Annotated[str | None, typer.Option(help="Value of the label that is the event.")] = None,
    horizon: Annotated[int, typer.Option(min=0, help="Months a label looks ahead (with --time).")] = 0,
    gap: Annotated[int, typer.Option(min=0, help="Months until a label is reported (with --time).")] = 0,
    features: Annotated[str, typer.Option(help="Only these columns, separated by commas.")] = "",
    drop: Annotated[str, typer.Option(help="Columns to leave out, separated by commas.")] = "",
    keep: Annotated[str, typer.Option(help="Columns to keep although they look like leaks or keys.")] = "",
    categorical: Annotated[str, typer.Option(help="Columns of numbers that are codes.")] = "",
    header: Annotated[bool, typer.Option(help="The CSV's first line holds the names.")] = True,
    cost_fp: Annotated[float, typer.Option(min=0.001, help="Cost of a false alarm.")] = 1.0,
    cost_fn: Annotated[float, typer.Option(min=0.001, help="Cost of a missed event.")] = 10.0,
    seconds: Annotated[float, typer.Option(min=0, help="Time for search and comparison.")] = 80.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same folds and models.")] = 0,
    smote: Annotated[bool, typer.Option(help="Also try each model with SMOTE.")] = True,
) -> None:
    """Compare models on a table: split, search, calibration, metrics; writes report.json and predictions.parquet."""
    options = locals()
    from core.compare import command

    request = command.Request(**options)
    with progress_bar("train") as on_progress:
        report = command.run(request, Settings.from_env(), on_progress)
    columns = ("model", "roc_auc", "pr_auc", "brier", "log loss", "slope", "seconds")
    print_table(columns, command.lines(report), "Models compared")
    for line in command.sentences(report, request.folder(Settings.from_env())):
        print_line(line)


def backtest(
    data: Annotated[Path, typer.Option(help="Folder with the city's files as published.")],
    first: Annotated[int, typer.Option("--from", help="First quarter to forecast, YYYYQ.")],
    last: Annotated[int, typer.Option("--to", help="Last quarter to forecast, YYYYQ.")],
    to: Annotated[Path, typer.Option("--out", help="Folder for forecasts.parquet and report.json.")],
) -> None:
    """Forecast trade-area sales one quarter ahead, quarter by quarter, and compare with what came (WAPE, MdAPE)."""
    from core.models.forecast.city import backtest as city_backtest

    with progress_bar("backtest") as on_progress:
        report = city_backtest.backtest(data, first, last, to, on_progress)
    for metric, title in (("wape", "WAPE"), ("mdape", "MdAPE")):
        columns, *rows = city_backtest.table(report, metric)
        print_table(columns, rows, f"{title}, one quarter ahead")
    for line in city_backtest.sentences(report):
        out.print(line, markup=False, highlight=False)
    out.print(f"forecasts.parquet and report.json are in {to}; {report['seconds']:.1f} s", markup=False)
