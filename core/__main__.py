"""The command line: `python -m core demo | import | build | status | train | …`. One function call per command.

Exit codes: 0 done, 1 something the user can act on (one sentence on stderr), 2 wrong usage.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.cli import advice, fetch, live, models, serve
from core.cli import refresh as commands_refresh
from core.cli import report as commands_report
from core.config import Settings
from core.errors import CoreError

if TYPE_CHECKING:
    from core.sources.importing import Report

app = typer.Typer(
    help="SOHO Beacon: from a bank's files and the city's trade-area files to the pages of the app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models.app, name="models")
app.command()(commands_report.report)
app.add_typer(fetch.app, name="fetch")
app.command()(serve.serve)
app.add_typer(serve.app, name="key")
app.command()(live.stream)
app.command()(live.replay)
app.command()(live.live)
app.command("recommend-eval")(advice.recommend_eval)
app.command()(commands_refresh.refresh)
out = Console()
err = Console(stderr=True)


@app.command()
def demo(
    businesses: Annotated[int, typer.Option(min=100, help="Number of businesses in the made-up bank.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 20190101,
) -> None:
    """Write the files of a made-up bank and of made-up trade areas to data/raw."""
    from core import demo as generator

    settings = Settings.from_env()
    with _progress("demo") as tell:
        rows = generator.write(settings.raw, businesses, seed, tell)
    _print_rows("Demo files written to " + str(settings.raw), rows)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file, or a folder of files, of a bank's book or of the city.")],
    check: Annotated[bool, typer.Option("--check", help="Only report; copy nothing.")] = False,
) -> None:
    """Check files and copy the good ones to data/raw; rows that break the contract are named."""
    from core.sources import importing

    settings = Settings.from_env()
    if not path.exists():
        raise CoreError(f"{path} does not exist; name a file or a folder")
    with _progress("import"):
        report = importing.check(path, settings.raw) if check else importing.bring(path, settings.raw)
    _print_report(report, check)
    if not any(file.accepted for file in report.files):
        raise CoreError(f"nothing in {path} could be used; see the problems above")


@app.command()
def build() -> None:
    """Build everything from data/raw and publish it, put its alerts on the desk; the app notices by itself."""
    from core import build as builder
    from core import calendar, refresh

    settings = Settings.from_env()
    with _progress("build") as tell:
        summary = builder.build(settings, tell)
    _print_summary(summary)
    refresh.send(settings, summary["build_id"], calendar.today())


@app.command()
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
    said = locals()
    from core.compare import command

    asked = command.Asked(**said)
    with _progress("train") as tell:
        report = command.run(asked, Settings.from_env(), tell)
    _print_comparison(report, asked.folder(Settings.from_env()))


@app.command()
def status() -> None:
    """Show the served build: as-of, steps, rows loaded and rows in quarantine by source."""
    from core import build as builder
    from core import db

    settings = Settings.from_env()
    summary = builder.status(settings)
    _print_summary(summary)
    with db.open_build(settings.builds, summary["build_id"]) as con:
        sources = con.execute(db.sql("core/sources/sql/status")).fetchall()
    _print_sources(sources)


@app.command()
def backtest(
    data: Annotated[Path, typer.Option(help="Folder with the city's files as published.")],
    first: Annotated[int, typer.Option("--from", help="First quarter to forecast, YYYYQ.")],
    last: Annotated[int, typer.Option("--to", help="Last quarter to forecast, YYYYQ.")],
    to: Annotated[Path, typer.Option("--out", help="Folder for forecasts.parquet and report.json.")],
) -> None:
    """Forecast trade-area sales one quarter ahead, quarter by quarter, and compare with what came (WAPE, MdAPE)."""
    from core.models.forecast.city import backtest as city_backtest

    with _progress("backtest") as tell:
        report = city_backtest.backtest(data, first, last, to, tell)
    _print_backtest(report, to)


def _print_backtest(report: dict, to: Path) -> None:
    from core.models.forecast.city import backtest as city_backtest

    for metric, title in (("wape", "WAPE"), ("mdape", "MdAPE")):
        head, *rows = city_backtest.table(report, metric)
        table = Table(*head, title=f"{title}, one quarter ahead")
        for row in rows:
            table.add_row(*row)
        out.print(table)
    for line in city_backtest.sentences(report):
        out.print(line, markup=False, highlight=False)
    out.print(f"forecasts.parquet and report.json are in {to}; {report['seconds']:.1f} s", markup=False)


def _print_comparison(report: dict, folder: Path) -> None:
    from core.compare import command

    table = Table("model", "roc_auc", "pr_auc", "brier", "log loss", "slope", "seconds", title="Models compared")
    for row in command.lines(report):
        table.add_row(*row)
    out.print(table)
    for line in command.sentences(report, folder):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _print_rows(title: str, rows: dict[str, int]) -> None:
    table = Table("table", "rows", title=title)
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    out.print(table)


def _print_summary(summary: dict) -> None:
    demo_note = "  [yellow]DEMO DATA[/yellow]" if summary["is_demo"] else ""
    as_of = summary["as_of"] or "no bank's book: market part only"
    out.print(f"[bold]{summary['build_id']}[/bold]  as of {as_of}{demo_note}")
    table = Table("step", "rows", "seconds", title="Build")
    for step in summary["steps"]:
        table.add_row(step["step"], f"{step['rows']:,}", f"{step['seconds']:.1f}")
    out.print(table)
    out.print(f"{summary['seconds']:.1f} s, peak {summary['peak_rss_mb']:,} MB")
    _print_judged("PD", "bands", summary.get("pd", {}))
    _print_judged("Chance of leaving", "levels", summary.get("churn", {}))


def _print_judged(what: str, bands: str, report: dict) -> None:
    """The champion beside the other candidates: loss out of time, and how many bands chance alone moves."""
    if report.get("state") == "refused":
        out.print(f"No {what}: {report['reason']}", markup=False)
    if "candidates" not in report:
        return
    table = Table("model", "log loss", "ROC-AUC", f"{bands} moved by other seeds", title=f"{what}, out of time")
    for name, found in report["candidates"].items():
        moved = f"{found['band_changes_on_reseed']:.1%}"
        table.add_row(name, f"{found['log_loss']:.4f}", f"{found['roc_auc']:.3f}", moved)
    out.print(table)


def _print_sources(sources: list[tuple]) -> None:
    table = Table("source", "files", "rows read", "loaded", "quarantined", "period", title="Sources")
    for name, files, read, loaded, bad, first, last in sources:
        table.add_row(name, str(files), f"{read:,}", f"{loaded:,}", f"{bad:,}", f"{first or '–'} … {last or '–'}")
    out.print(table)


def _print_report(report: "Report", check: bool) -> None:
    table = Table("file", "table", "rows", "quarantined", "", title="Checked" if check else "Imported")
    for file in report.files:
        mark = "[green]ok[/green]" if file.accepted else "[red]not used[/red]"
        table.add_row(file.file, file.table or "–", f"{file.rows:,}", f"{file.quarantined:,}", mark)
    out.print(table)
    for file in report.files:
        for problem in file.problems:
            out.print(f"  {file.file}: {problem}", markup=False)


@contextmanager
def _progress(title: str) -> Iterator:
    """A progress bar on stderr; yields tell(note, fraction)."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda note, fraction: bar.update(task, description=f"{title}: {note}", completed=fraction)


def main() -> int:
    """Run a command; a CoreError becomes one sentence and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        app(standalone_mode=True)
    except CoreError as error:
        err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
