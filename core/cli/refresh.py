"""`python -m core refresh`: fetch, build, watch and alert, for cron or an orchestrator.

Exit codes: 0 done, also when nothing had changed; 1 the build failed, what served before still serves, or the desk, and
the next run sends the alerts; 2 wrong usage; 3 another refresh or build is running; 4 done, but an outside service did
not answer.
"""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from core import calendar
from core.config import Settings
from core.errors import BusyError

if TYPE_CHECKING:
    from core.refresh import Refreshed

out = Console()
err = Console(stderr=True)
BUSY, UNANSWERED = 3, 4


def refresh(
    force: Annotated[bool, typer.Option("--force", help="Build even when nothing has changed.")] = False,
) -> None:
    """Fetch what is configured, build when something has changed, watch, and put alerts on the desk."""
    from core import refresh as refreshing

    try:
        with err.status("refresh") as shown:
            done = refreshing.refresh(
                Settings.from_env(),
                calendar.today(),
                force=force,
                tell=lambda note, share: shown.update(f"refresh: {note}, {share:.0%}"),
            )
    except BusyError as error:
        err.print(f"busy: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(BUSY) from error
    _tell(done)
    if done.fetch_failures:
        raise typer.Exit(UNANSWERED)


def _tell(done: "Refreshed") -> None:
    said = "built" if done.built else "nothing had changed, still served"
    out.print(f"{done.build_id}: {said}", markup=False, highlight=False)
    sent = done.sent
    out.print(f"alerts: {sent.new} new, {sent.held} standing, {sent.woken} woken, {sent.ended} over", highlight=False)
    for failure in done.fetch_failures:
        err.print(f"not fetched: {failure}", markup=False, highlight=False, soft_wrap=True)
