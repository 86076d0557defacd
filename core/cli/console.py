"""What every command prints through: stdout and stderr, tables, plain lines, a progress bar and a spinner."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from core import progress

out = Console()
err = Console(stderr=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """Print a table to stdout; a cell may have Rich's markup."""
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*row)
    out.print(table)


def print_line(text: str, console: Console = out, style: str | None = None) -> None:
    """Print one line as it is: no markup, no colours of numbers, not wrapped at the width of the terminal."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress_bar(title: str) -> Iterator[progress.Progress]:
    """A progress bar on stderr; yields the function that moves it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda note, share: bar.update(task, description=f"{title}: {note}", completed=share)


@contextmanager
def spinner(title: str) -> Iterator[progress.Progress]:
    """A spinner on stderr with the note and the share that is done; yields the function that changes it."""
    with err.status(title) as status:
        yield lambda note, share: status.update(f"{title}: {note}, {share:.0%}")
