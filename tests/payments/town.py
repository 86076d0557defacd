"""Payments of a made-up town for the stream, and what must come of them, counted again by SQL."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import redis
from confluent_kafka import Consumer, Producer, TopicPartition

from core.stream.redis_store import Store
from core.stream.topics import EVENTS, Addresses
from core.stream.worker import make_topics
from tests.conftest import ROOT

PARTITIONS = 3
BUILD = "20250101T000000-aaaaaa"


def town(events: int, customers: int, seed: int = 1) -> pd.DataFrame:
    """Payments in order of time within two days, by chance."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.integers(0, 2 * 86_400, events))
    return pd.DataFrame(
        {
            "payment_id": [f"P{number:07d}" for number in range(events)],
            "customer_id": [f"U{number:05d}" for number in random.integers(0, customers, events)],
            "at": [(datetime(2024, 12, 2) + timedelta(seconds=int(second))).isoformat() for second in seconds],
            "amount_krw": random.integers(1, 300, events) * 500,
            "merchant_id": [f"M{number:03d}" for number in random.integers(0, 200, events)],
            "merchant_category": "cafe",
            "method": random.choice(["card", "mobile"], events),
            "succeeded": (random.random(events) > 0.05).astype(int),
        }
    )


def empty_build(folder: Path) -> Path:
    """A data folder whose build has no models: amounts and hours are all that the risk rests on."""
    (folder / "builds" / BUILD).mkdir(parents=True)
    (folder / "builds" / "CURRENT").write_text(BUILD)
    return folder


def send(addresses: Addresses, rows: pd.DataFrame) -> None:
    """Payments to the stream, keyed by customer."""
    make_topics(addresses.kafka, PARTITIONS)
    send_raw(addresses, [(row["customer_id"], orjson.dumps(row)) for row in rows.to_dict("records")])


def send_raw(addresses: Addresses, messages: Sequence[tuple[str, bytes]]) -> None:
    """Messages as they are."""
    make_topics(addresses.kafka, PARTITIONS)
    producer = Producer({"bootstrap.servers": addresses.kafka, "linger.ms": 5, "message.max.bytes": 4_000_000})
    for key, value in messages:
        while len(producer) > 50_000:
            producer.poll(0.1)
        producer.produce(EVENTS, value, key)
    assert producer.flush(60) == 0


def read(addresses: Addresses, topic: str) -> list[dict]:
    """Everything in a topic, each with its broker's time as `stamp`, in seconds."""
    consumer = Consumer(
        {"bootstrap.servers": addresses.kafka, "group.id": "reader", "enable.auto.commit": False, "log_level": 0}
    )
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    found: list[dict] = []
    # Until nothing comes any more: Tansu's answer where a topic ends counts batches, not messages.
    while batch := consumer.consume(5_000, 1.5):
        found += [json.loads(message.value()) | {"stamp": message.timestamp()[1] / 1000} for message in batch]
    consumer.close()
    return found


@dataclass(frozen=True)
class Workers:
    """Starts `python -m core stream` as a user would."""

    data: Path
    addresses: Addresses
    log: Path

    def start(self, *said: str) -> subprocess.Popen:
        """A worker; its lines go to `log`."""
        told = {
            "BEACON_DATA_DIR": str(self.data),
            "BEACON_KAFKA": self.addresses.kafka,
            "BEACON_REDIS": self.addresses.redis,
            "BEACON_GROUP": self.addresses.group,
        }
        with self.log.open("ab") as file:
            command = [sys.executable, "-m", "core", "stream", *said]
            return subprocess.Popen(command, cwd=ROOT, env=os.environ | told, stdout=file, stderr=file)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Wait until a worker has said `words`."""
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert time.monotonic() < deadline, f"nobody said {words!r}: {self.said()[-2000:]}"
            time.sleep(0.1)


def handled(addresses: Addresses) -> int:
    """Messages whose effects are saved, over all partitions."""
    store = Store(addresses)
    return sum(store.position(number) or 0 for number in range(PARTITIONS))


def wait_until(addresses: Addresses, messages: int, seconds: float = 120) -> None:
    """Wait until so many messages are saved."""
    deadline = time.monotonic() + seconds
    while handled(addresses) < messages:
        assert time.monotonic() < deadline, f"{handled(addresses)} of {messages} after {seconds} s"
        time.sleep(0.02)


def assert_exactly_once(addresses: Addresses, rows: pd.DataFrame, results: list[dict]) -> int:
    """Each payment has a result (two have the same bytes), each customer is what DuckDB counts; results sent twice."""
    import duckdb

    seen = Counter(result["payment_id"] for result in results)
    assert seen.keys() == {*rows["payment_id"]}
    told = {orjson.dumps({key: value for key, value in one.items() if key != "stamp"}) for one in results}
    assert len(told) == len(rows), "a payment has two results that differ"
    asked = """
        SELECT customer_id, count(*), sum(amount_krw), count(DISTINCT payment_id), sum(1 - succeeded), max("at")
        FROM rows GROUP BY customer_id"""
    with duckdb.connect() as con:
        con.register("rows", rows)
        wanted = {row[0]: row[1:] for row in con.execute(asked).fetchall()}
    assert remembered(addresses) == wanted
    return len(results) - len(rows)


def remembered(addresses: Addresses) -> dict[str, tuple]:
    """Of every customer in Redis: payments counted, won, different ids, failures, newest time."""
    client = redis.Redis.from_url(addresses.redis)
    keys = list(client.scan_iter("*:customer:*", count=5_000))
    found = {}
    for key, text in zip(keys, client.mget(keys), strict=True):
        _, known, *_, recent, waiting = orjson.loads(text)
        assert known + len(waiting) == len(recent)  # the running count and the list of 90 days agree
        newest = datetime(1970, 1, 1) + timedelta(microseconds=recent[-1][0])
        sums = sum(row[1] for row in recent), len({row[4] for row in recent}), sum(row[2] for row in recent)
        found[key.decode().rsplit(":", 1)[1]] = (known + len(waiting), *sums, newest.isoformat())
    return found
