"""`python -m core models list | show | promote | rollback | release`: the registry of the data folder.

Every change takes effect with the next build; a published build is never changed.
"""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import out, print_table
from core.config import Settings
from core.errors import DataError

if TYPE_CHECKING:
    from core.models.registry import Entry

app = typer.Typer(help="Versions of the models: which there are, which one serves, and who decided that.")

Name = Annotated[str, typer.Argument(help="default, churn, payments, revenue, anomaly or city.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept for good.")]
NEXT_BUILD = "takes effect with the next `python -m core build`"
CARD = (
    *("name", "version", "state", "created_at", "data_hash", "code_version"),
    *("params", "features", "card", "gates", "approvals"),
)


@app.command("list")
def list_() -> None:
    """Show every version of every model: state, data, code, figures out of time."""
    from core.models import registry

    columns = ("model", "version", "state", "made", "data", "code", "ROC-AUC", "slope", "files")
    rows = [_row(entry) for entry in registry.entries(Settings.from_env().models)]
    print_table(columns, rows)


def _row(entry: "Entry") -> tuple[str, ...]:
    metrics = {
        row["metric"]: row["value"] for row in entry.metrics if row["model"] == entry.name and row["slice"] == "all"
    }
    return (
        entry.name,
        entry.version,
        entry.state,
        entry.created_at[:16],
        entry.data_hash or "–",
        entry.code_version or "–",
        _figure(metrics.get("roc_auc")),
        _figure(metrics.get("calibration_slope")),
        "yes" if entry.has_files else "entry only",
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@app.command()
def show(name: Name, version: Annotated[str, typer.Argument(help="v1, v2, …; by default the champion.")] = "") -> None:
    """Print the card of a version as JSON: purpose, windows, features, figures, limits, approvals."""
    from core.models import registry

    models = Settings.from_env().models
    shown = version or registry.champion(models, name)
    entry = next((entry for entry in registry.entries(models, name) if entry.version == shown), None)
    if entry is None:
        raise DataError(f"there is no {name} {shown or 'champion'}; `python -m core models list` shows what there is")
    content = {key: getattr(entry, key) for key in CARD}
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))


@app.command()
def promote(name: Name, version: Annotated[str, typer.Argument(help="v1, v2, …")], by: By, reason: Reason) -> None:
    """Make a version the champion and hold it there until `release`."""
    from core.models import registry

    before = registry.promote(Settings.from_env().models, name, version, by, reason)
    out.print(f"{name} {version} is champion and held, instead of {before or 'none'}; {NEXT_BUILD}")


@app.command()
def rollback(name: Name, by: By, reason: Reason) -> None:
    """Return to the champion before the present one and hold it there until `release`."""
    from core.models import registry

    version = registry.rollback(Settings.from_env().models, name, by, reason)
    out.print(f"{name} {version} is champion again and held; {NEXT_BUILD}")


@app.command()
def release(name: Name, by: By, reason: Reason) -> None:
    """Let builds choose the champion again: the newest version that passes the gates."""
    from core.models import registry

    version = registry.release(Settings.from_env().models, name, by, reason)
    out.print(f"{name} {version} is no longer held; {NEXT_BUILD}")
