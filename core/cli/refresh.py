"""`python -m core refresh`: fetch, build and send alerts, for cron or an orchestrator.

Exit codes: 0 done, also when nothing had changed; 1 the build failed (the old build still serves), or the desk could
not be reached (the next run sends the alerts); 2 wrong usage; 3 another refresh or build is running; 4 done, but an
outside service did not answer.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from core import calendar
from core.cli.console import err, print_line, spinner
from core.config import Settings
from core.errors import BusyError

if TYPE_CHECKING:
    from core.refresh import RefreshResult

BUSY, UNANSWERED = 3, 4


def refresh(
    force: Annotated[bool, typer.Option("--force", help="Build even when nothing has changed.")] = False,
) -> None:
    """Fetch what is configured, build when something has changed, and put alerts on the desk."""
    from core import refresh as refresher

    try:
        with spinner("refresh") as on_progress:
            result = refresher.refresh(Settings.from_env(), calendar.today(), force=force, progress=on_progress)
    except BusyError as error:
        print_line(f"busy: {error}", err)
        raise typer.Exit(BUSY) from error
    _print_result(result)
    if result.fetch_failures:
        raise typer.Exit(UNANSWERED)


def _print_result(result: "RefreshResult") -> None:
    state = "built" if result.built else "nothing had changed, still served"
    print_line(f"{result.build_id}: {state}")
    counts = result.sent
    print_line(f"alerts: {counts.new} new, {counts.held} standing, {counts.woken} woken, {counts.ended} over")
    for failure in result.fetch_failures:
        print_line(f"not fetched: {failure}", err)
