"""Sends the payments of the build to the stream as if they happened now: for `make run-live`, and to fill a new stream.

Their times stay as they are, so that features and models see the months in which the payments happened.
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
from core.stream.worker import KAFKA_TIMEOUT, make_topics

log = logging.getLogger("beacon.replay")

HISTORY_DAYS = 60  # sent at once before the live days, so that customers have a history
LIVE_DAYS = 30
ROWS = 1_000


def replay(settings: Settings, addresses: Addresses, days: int, rate: float, until_days: int = 0) -> int:
    """Send the payments of the newest `days` days without the newest `until_days`; the number of payments.

    Parameters
    ----------
    rate : payments a second, 0 for no pause

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
        params = {"days": days, "until_days": until_days}
        cursor = con.execute(db.sql("core/stream/sql/newest_payments"), params)
        names = [column[0] for column in cursor.description or []]
        while rows := cursor.fetchmany(ROWS):
            for row in rows:
                payment = dict(zip(names, row, strict=True))
                yield payment["customer_id"].encode(), orjson.dumps(payment)


def run_live(settings: Settings, port: int, rate: float) -> None:
    """Run broker, Redis, worker, replay and app until the app ends or Ctrl-C is pressed."""
    db.current_build(settings.builds)  # raises without a build, before anything is started
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beacon-live-")))
        broker = stack.enter_context(local_servers.broker(folder))
        redis = stack.enter_context(local_servers.redis_server(folder))
        addresses = Addresses(f"127.0.0.1:{broker.port}", f"redis://127.0.0.1:{redis.port}/0")
        environment = os.environ | {"BEACON_KAFKA": addresses.kafka, "BEACON_REDIS": addresses.redis}
        log.info("BEACON_KAFKA=%s BEACON_REDIS=%s", addresses.kafka, addresses.redis)
        history = replay(settings, addresses, HISTORY_DAYS + LIVE_DAYS, 0, until_days=LIVE_DAYS)
        log.info("payments of the customers' history: %d", history)
        core = [sys.executable, "-m", "core"]
        stack.enter_context(_child([*core, "stream"], environment))
        stack.enter_context(_child([*core, "replay", "--days", str(LIVE_DAYS), "--rate", str(rate)], environment))
        app = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        with suppress(KeyboardInterrupt):
            stack.enter_context(_child(app, environment)).wait()


@contextmanager
def _child(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, env=environment, cwd=CORE.parent)  # noqa: S603
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(KAFKA_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
