"""The command line: `python -m core demo | import | build | status | train | …`, put together from core/cli.

Exit codes: 0 done, 1 something the user can act on (one sentence on stderr), 2 wrong usage.
"""

import logging
import sys
from collections.abc import Callable

import typer

from core.cli import advice, data, fetch, live, models, refresh, report, serve, train
from core.cli.console import err, print_line
from core.errors import CoreError

app = typer.Typer(
    help="SOHO Beacon: from a bank's files and the city's trade-area files to the pages of the app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# In the order of `--help`.
COMMANDS: dict[str, Callable[..., None]] = {
    "report": report.report,
    "serve": serve.serve,
    "stream": live.stream,
    "replay": live.replay,
    "live": live.live,
    "recommend-eval": advice.recommend_eval,
    "refresh": refresh.refresh,
    "demo": data.demo,
    "import": data.import_,
    "build": data.build,
    "train": train.train,
    "status": data.status,
    "backtest": train.backtest,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in {"models": models.app, "fetch": fetch.app, "key": serve.app}.items():
    app.add_typer(group, name=name)


def main() -> int:
    """Run a command; a CoreError becomes one sentence and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        app(standalone_mode=True)
    except CoreError as error:
        print_line(f"error: {error}", err, style="red")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
