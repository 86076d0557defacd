"""`python -m core stream | replay | live`: live payments; `live` starts everything they need on one machine."""

import logging
import signal
from typing import Annotated

import typer

from core.config import Settings


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)


def stream(
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of topics that are made.")] = 3,
    only: Annotated[str, typer.Option(help="Work on these partitions without a group: 0,2.")] = "",
    idle: Annotated[float | None, typer.Option(min=0.1, help="End after so many seconds without an event.")] = None,
) -> None:
    """Score payments as they happen: BEACON_KAFKA in and out, customers remembered in BEACON_REDIS."""
    from core.stream.topics import Addresses
    from core.stream.worker import Worker

    _log_to_stderr()
    numbers = [int(number) for number in only.split(",") if number.strip()]
    worker = Worker(Settings.from_env(), Addresses.required(), partitions, numbers)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    worker.run(idle)


def replay(
    rate: Annotated[float, typer.Option(min=0, help="Payments a second; 0: as fast as they go.")] = 5.0,
    days: Annotated[int, typer.Option(min=1, help="The newest so many days of the build's payments.")] = 30,
) -> None:
    """Send the build's newest payments to the stream, in order, as if they happened now."""
    from core.stream import replay as payment_replay
    from core.stream.topics import Addresses

    _log_to_stderr()
    count = payment_replay.replay(Settings.from_env(), Addresses.required(), days, rate)
    typer.echo(f"{count:,} payments sent")


def live(
    port: Annotated[int, typer.Option(help="Port of the app.")] = 8501,
    rate: Annotated[float, typer.Option(min=0.1, help="Payments a second.")] = 5.0,
) -> None:
    """Start a broker, Redis, the stream, a replay of the build's payments and the app; Ctrl-C or a kill ends all."""
    from core.stream import replay as payment_replay

    _log_to_stderr()
    # SIGTERM ends only this process by default; as a KeyboardInterrupt it also ends the processes started here.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    payment_replay.run_live(Settings.from_env(), port, rate)
