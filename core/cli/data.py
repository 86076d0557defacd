"""`python -m core demo | import | build | status`: from files to a published build, and what that build holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.console import out, print_table, progress_bar
from core.config import Settings
from core.errors import CoreError

if TYPE_CHECKING:
    from core.sources.importer import Report


def demo(
    businesses: Annotated[int, typer.Option(min=100, help="Number of businesses in the made-up bank.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 20190101,
) -> None:
    """Write the files of a made-up bank and of made-up trade areas to data/raw."""
    from core import demo as generator

    settings = Settings.from_env()
    with progress_bar("demo") as on_progress:
        rows = generator.write(settings.raw, businesses, seed, on_progress)
    table = [(name, f"{count:,}") for name, count in rows.items()]
    print_table(("table", "rows"), table, f"Demo files written to {settings.raw}")


def import_(
    path: Annotated[Path, typer.Argument(help="A file, or a folder of files, of a bank's book or of the city.")],
    check: Annotated[bool, typer.Option("--check", help="Only report; copy nothing.")] = False,
) -> None:
    """Check files and copy the good ones to data/raw; rows that break the contract are named."""
    from core.sources import importer

    settings = Settings.from_env()
    if not path.exists():
        raise CoreError(f"{path} does not exist; name a file or a folder")
    with progress_bar("import"):
        report = importer.check_files(path, settings.raw) if check else importer.import_files(path, settings.raw)
    _print_report(report, "Checked" if check else "Imported")
    if not any(file.accepted for file in report.files):
        raise CoreError(f"nothing in {path} could be used; see the problems above")


def build() -> None:
    """Build everything from data/raw and publish it, put its alerts on the desk; the app notices by itself."""
    from core import build as builder
    from core import calendar, refresh

    settings = Settings.from_env()
    with progress_bar("build") as on_progress:
        summary = builder.build(settings, on_progress)
    _print_summary(summary)
    refresh.send(settings, summary["build_id"], calendar.today())


def status() -> None:
    """Show the served build: as-of, steps, rows loaded and rows in quarantine by source."""
    from core import build as builder
    from core import db

    settings = Settings.from_env()
    summary = builder.status(settings)
    _print_summary(summary)
    with db.open_build(settings.builds, summary["build_id"]) as con:
        sources = con.execute(db.sql("core/sources/sql/status")).fetchall()
    rows = [
        (name, str(files), f"{read:,}", f"{loaded:,}", f"{bad:,}", f"{first or '–'} … {last or '–'}")
        for name, files, read, loaded, bad, first, last in sources
    ]
    print_table(("source", "files", "rows read", "loaded", "quarantined", "period"), rows, "Sources")


def _print_report(report: "Report", title: str) -> None:
    rows = [
        (
            file.file,
            file.table or "–",
            f"{file.rows:,}",
            f"{file.quarantined:,}",
            "[green]ok[/green]" if file.accepted else "[red]not used[/red]",
        )
        for file in report.files
    ]
    print_table(("file", "table", "rows", "quarantined", ""), rows, title)
    for file in report.files:
        for problem in file.problems:
            out.print(f"  {file.file}: {problem}", markup=False)


def _print_summary(summary: dict[str, Any]) -> None:
    demo_note = "  [yellow]DEMO DATA[/yellow]" if summary["is_demo"] else ""
    as_of = summary["as_of"] or "no bank's book: market part only"
    out.print(f"[bold]{summary['build_id']}[/bold]  as of {as_of}{demo_note}")
    steps = [(step["step"], f"{step['rows']:,}", f"{step['seconds']:.1f}") for step in summary["steps"]]
    print_table(("step", "rows", "seconds"), steps, "Build")
    out.print(f"{summary['seconds']:.1f} s, peak {summary['peak_rss_mb']:,} MB")
    _print_candidates("PD", "bands", summary.get("pd", {}))
    _print_candidates("Chance of leaving", "levels", summary.get("churn", {}))


def _print_candidates(model: str, bands: str, report: dict[str, Any]) -> None:
    """The champion beside the other candidates: loss out of time, and how many bands chance alone moves."""
    if report.get("state") == "refused":
        out.print(f"No {model}: {report['reason']}", markup=False)
    if "candidates" not in report:
        return
    rows = [
        (
            name,
            f"{metrics['log_loss']:.4f}",
            f"{metrics['roc_auc']:.3f}",
            f"{metrics['band_changes_on_reseed']:.1%}",
        )
        for name, metrics in report["candidates"].items()
    ]
    columns = ("model", "log loss", "ROC-AUC", f"{bands} moved by other seeds")
    print_table(columns, rows, f"{model}, out of time")
