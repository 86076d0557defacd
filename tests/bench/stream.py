"""The stream on this machine: events a second in catch-up, milliseconds from event to result at 1,000 a second.

One worker with the models of the build, a broker and a Redis share the cores. The events are the newest ninety days of
the build's payments, copied for as many customers as are needed: a third gives the customers a history, the rest is
measured.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from core.config import Settings
from core.stream import local_servers
from core.stream.replay import payments
from core.stream.topics import EVENTS, RESULTS, Addresses
from tests.payments.town import PARTITIONS, Workers, handled, send_raw

RATE, SECONDS, WARM = 1_000, 20, 3
DAYS, EVENTS_NEEDED = 90, 150_000

Sent = tuple[bytes, bytes]


def measure(data_dir: Path) -> dict[str, float]:
    """events_per_second, p50_ms, p99_ms of one worker over the build in `data_dir`."""
    with tempfile.TemporaryDirectory() as folder, local_servers.broker(Path(folder)) as kafka:
        home = Path(folder) / "redis"
        home.mkdir()
        with local_servers.redis_server(home) as memory:
            own = Addresses(f"127.0.0.1:{kafka.port}", f"redis://127.0.0.1:{memory.port}/0")
            events = _events(data_dir)
            waiting, live = events[: -RATE * (SECONDS + WARM)], events[-RATE * (SECONDS + WARM) :]
            send_raw(own, waiting)
            worker = Workers(data_dir, own, Path(folder) / "stream.log").start("--only", "0,1,2")
            try:
                return {"events_per_second": _catch_up_rate(own, len(waiting))} | _latency(own, live)
            finally:
                worker.kill()
                worker.wait()


def _events(data_dir: Path) -> list[Sent]:
    """Key and message of the newest payments, every customer several times, in order of time."""
    newest = [orjson.loads(value) for _, value in payments(Settings(data_dir), DAYS)]
    events = []
    for payment in newest:
        for copy in range(EVENTS_NEEDED // len(newest) + 1):
            ids = {name: f"{payment[name]}-{copy}" for name in ("payment_id", "customer_id")}
            events.append((ids["customer_id"].encode(), orjson.dumps(payment | ids)))
    return events


def _catch_up_rate(own: Addresses, events: int) -> float:
    """Events a second over the last two thirds of the waiting events."""
    while (first := handled(own)) < events / 3:
        time.sleep(0.05)
    started = time.monotonic()
    while (now := handled(own)) < events:
        time.sleep(0.05)
    return (now - first) / (time.monotonic() - started)


def _latency(own: Addresses, events: Sequence[Sent]) -> dict[str, float]:
    """Milliseconds from sending an event to having its result, without the first seconds."""
    settings = {"bootstrap.servers": own.kafka, "log_level": 0}
    producer = Producer(settings | {"linger.ms": 5})
    reader = Consumer(settings | {"group.id": "bench", "enable.auto.commit": False, "fetch.wait.max.ms": 15})
    reader.assign([TopicPartition(RESULTS, number, 0) for number in range(PARTITIONS)])
    while any(message.error() is None for message in reader.consume(10_000, 1.0)):
        pass  # results of the catch-up
    sent_at: dict[str, float] = {}
    latency: dict[str, float] = {}
    messages = [(orjson.loads(value)["payment_id"], key, value) for key, value in events]
    started = time.perf_counter()
    while len(latency) < len(messages) and time.perf_counter() - started < 3 * (SECONDS + WARM):
        due = min(len(messages), int((time.perf_counter() - started) * RATE))
        for name, key, value in messages[len(sent_at) : due]:
            sent_at[name] = time.perf_counter()
            producer.produce(EVENTS, value, key)
        producer.poll(0)
        for message in reader.consume(1_000, 0.003):
            name = orjson.loads(message.value())["payment_id"]
            latency[name] = 1_000 * (time.perf_counter() - sent_at[name])
    times = [latency.get(name, float("inf")) for name, _, _ in messages[RATE * WARM :]]
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "results": len(latency)}
