"""`python -m core fetch products`: products from outside, with keys from the environment.

Exit codes: 0 done, also when no key is set and nothing was asked; 1 when a question that was asked failed. What came
is kept in both cases, and the next build uses it.
"""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.config import Settings
from core.errors import CoreError

if TYPE_CHECKING:
    from core.sources.products.fetch import Report
    from core.sources.products.outcome import Outcome

app = typer.Typer(help="Fetch from outside services, as far as there are keys.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)
SHOWN = 5  # rows left out that are named a question; the rest is counted


@app.callback()
def fetch() -> None:
    """Fetch from outside services, as far as there are keys."""


@app.command()
def products(
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again for what came less than 20 hours ago.")] = False,
    company: Annotated[str, typer.Option(help="Ask the FSS for one company only: its code or name.")] = "",
) -> None:
    """Fetch products (FSS, BEACON_FINLIFE_KEY) and accounts of consenting customers (NH, BEACON_NH_TOKEN)."""
    from core.sources.products import fetch as fetching
    from core.sources.products.keys import Keys

    keys, external = Keys.from_env(), Settings.from_env().external
    with err.status("fetch") as shown:
        report = fetching.fetch(
            external, keys, fresh=fresh, company=company, tell=lambda note, f: shown.update(f"fetch: {note}, {f:.0%}")
        )
    _print_outcomes(report)
    if report.failed:
        raise CoreError(f"questions that failed: {len(report.failed)}, see above; what was kept before is still used")


def _print_outcomes(report: "Report") -> None:
    """What came in a table, what did not in sentences, and which catalogue holds."""
    table = Table("source", "what", "", "questions", "rows", "left out", title="Fetch")
    for (source, what, state), some in _grouped(report.outcomes).items():
        rows, left_out = sum(one.rows for one in some), sum(len(one.left_out) for one in some)
        table.add_row(source, what, state, str(len(some)), f"{rows:,}", f"{left_out:,}")
    out.print(table)
    for line in [*_reasons(report.outcomes), report.sentence]:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _grouped(outcomes: list["Outcome"]) -> dict[tuple[str, str, str], list["Outcome"]]:
    """Questions of one service that went the same way, in the order they were asked."""
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault((one.source, one.question.split()[0], one.state), []).append(one)
    return groups


def _reasons(outcomes: list["Outcome"]) -> list[str]:
    """Why something did not come: each reason once, with what it happened to first."""
    reasons: dict[str, str] = {}
    for one in outcomes:
        if one.why:
            reasons.setdefault(one.why, f"{one.source}, {one.question}: {one.state}: {one.why}")
    named = [f"{one.source}, {one.question}: left out: {line}" for one in outcomes for line in one.left_out[:SHOWN]]
    return [*reasons.values(), *named]
