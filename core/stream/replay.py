"""The build's payments once more, as if they happened now: for `make run-live`, and to warm up a new stream.

Times stay as they were: a feature is what it was on that day, and the models know the months.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import orjson
from confluent_kafka import KafkaException, Producer

from core import db
from core.config import CORE, Settings
from core.errors import CoreError
from core.stream import local_servers
from core.stream.topics import EVENTS, Addresses
from core.stream.worker import KAFKA_PATIENCE, make_topics

log = logging.getLogger("beacon.replay")

WARM_DAYS = 60  # sent at once before the replay proper, so that customers have a past
ROWS = 1_000


def replay(settings: Settings, addresses: Addresses, days: int, rate: float, until_days: int = 0) -> int:
    """Send payments of the newest `days` days but the newest `until_days`; how many. `rate` a second, 0: no pause.

    Raises
    ------
    CoreError : the broker does not answer
    """
    try:
        make_topics(addresses.kafka, 3)
    except KafkaException as error:
        raise CoreError(f"the broker {addresses.kafka} does not answer: {error}") from error
    producer = Producer({"bootstrap.servers": addresses.kafka, "linger.ms": 5})
    started, sent = time.monotonic(), 0
    for key, value in payments(settings, days, until_days):
        while len(producer) > 50_000:
            producer.poll(0.1)
        producer.produce(EVENTS, value, key)
        sent += 1
        if rate:
            producer.poll(max(0.0, started + sent / rate - time.monotonic()))
    if producer.flush(60):
        raise CoreError(f"the broker {addresses.kafka} took only a part of the payments")
    return sent


def payments(settings: Settings, days: int, until_days: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Key and message of each payment, in order of time."""
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        found = con.execute(db.sql("core/stream/sql/replayed"), {"days": days, "until_days": until_days})
        names = [column[0] for column in found.description or []]
        while rows := found.fetchmany(ROWS):
            for row in rows:
                said = dict(zip(names, row, strict=True))
                yield said["customer_id"].encode(), orjson.dumps(said)


def run_live(settings: Settings, port: int, rate: float) -> None:
    """Broker, Redis, worker, replay and app until the app ends or Ctrl-C is pressed."""
    db.current_build(settings.builds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beacon-live-")))
        kafka = stack.enter_context(local_servers.broker(folder))
        memory = stack.enter_context(local_servers.redis_server(folder))
        addresses = Addresses(f"127.0.0.1:{kafka.port}", f"redis://127.0.0.1:{memory.port}/0")
        told = os.environ | {"BEACON_KAFKA": addresses.kafka, "BEACON_REDIS": addresses.redis}
        log.info("BEACON_KAFKA=%s BEACON_REDIS=%s", addresses.kafka, addresses.redis)
        warm = replay(settings, addresses, WARM_DAYS + 30, 0, until_days=30)
        log.info("customers' past: %d payments", warm)
        core = [sys.executable, "-m", "core"]
        stack.enter_context(_child([*core, "stream"], told))
        stack.enter_context(_child([*core, "replay", "--days", "30", "--rate", str(rate)], told))
        page = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        with suppress(KeyboardInterrupt):
            stack.enter_context(_child(page, told)).wait()


@contextmanager
def _child(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, env=environment, cwd=CORE.parent)  # noqa: S603
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(KAFKA_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
