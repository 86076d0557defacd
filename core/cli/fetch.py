"""`python -m core fetch products`: products from outside services, with keys from the environment.

Exit codes: 0 done, also when no key is set and no service was asked; 1 when a request failed. What the other requests
returned is kept in both cases, and the next build uses it.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import print_line, print_table, spinner
from core.config import Settings
from core.errors import CoreError

if TYPE_CHECKING:
    from core.sources.products.fetch import Report
    from core.sources.products.outcome import Outcome

app = typer.Typer(help="Fetch from outside services, as far as there are keys.", no_args_is_help=True)
SHOWN = 5  # skipped rows that are printed for each request; the table has the count of all


@app.callback()
def fetch() -> None:
    """Fetch from outside services, as far as there are keys."""


@app.command()
def products(
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again for what came less than 20 hours ago.")] = False,
    company: Annotated[str, typer.Option(help="Ask the FSS for one company only: its code or name.")] = "",
) -> None:
    """Fetch products (FSS, BEACON_FINLIFE_KEY) and accounts of consenting customers (NH, BEACON_NH_TOKEN)."""
    from core.sources.products import fetch as product_fetch
    from core.sources.products.keys import Keys

    with spinner("fetch") as on_progress:
        report = product_fetch.fetch(
            Settings.from_env().external, Keys.from_env(), fresh=fresh, company=company, progress=on_progress
        )
    _print_outcomes(report)
    if report.failed:
        raise CoreError(f"questions that failed: {len(report.failed)}, see above; what was kept before is still used")


def _print_outcomes(report: "Report") -> None:
    """Successes as a table, failures as sentences, and which catalogue the next build uses."""
    table = []
    for (source, service, state), outcomes in _groups(report.outcomes).items():
        rows = sum(outcome.rows for outcome in outcomes)
        left_out = sum(len(outcome.left_out) for outcome in outcomes)
        table.append((source, service, state, str(len(outcomes)), f"{rows:,}", f"{left_out:,}"))
    print_table(("source", "what", "", "questions", "rows", "left out"), table, "Fetch")
    for line in [*_reasons(report.outcomes), report.sentence]:
        print_line(line)


def _groups(outcomes: list["Outcome"]) -> dict[tuple[str, str, str], list["Outcome"]]:
    """Outcomes by source, service and state, in the order of the requests."""
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.source, outcome.question.split()[0], outcome.state), []).append(outcome)
    return groups


def _reasons(outcomes: list["Outcome"]) -> list[str]:
    """Each reason once, with the first request that it stopped; then the first rows that each request left out."""
    reasons: dict[str, str] = {}
    for outcome in outcomes:
        if outcome.why:
            line = f"{outcome.source}, {outcome.question}: {outcome.state}: {outcome.why}"
            reasons.setdefault(outcome.why, line)
    left_out = [
        f"{outcome.source}, {outcome.question}: left out: {row}"
        for outcome in outcomes
        for row in outcome.left_out[:SHOWN]
    ]
    return [*reasons.values(), *left_out]
