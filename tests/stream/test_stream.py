"""The worker with a real broker and a real Redis: killed, paused, doubled; nothing lost, nothing counted twice."""

import os
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from confluent_kafka import Producer

from core.stream import local_servers
from core.stream.redis_store import Store
from core.stream.topics import DEAD, EVENTS, RESULTS, Addresses
from tests.payments.town import Workers, assert_exactly_once, empty_build, read, send, send_raw, town, wait_until
from tests.stream.conftest import redis_url

pytestmark = pytest.mark.slow
# Without a group a worker starts in a second; with one, a killed member holds its partitions for six.
ALONE = ("--only", "0,1,2")


@pytest.fixture
def workers(own: Addresses, tmp_path: Path) -> Workers:
    return Workers(empty_build(tmp_path / "data"), own, tmp_path / "stream.log")


def sent_twice_after_kills(workers: Workers, events: int, kills: int, *options: str, seed: int = 3) -> int:
    """Send payments, kill the worker at random points, let the last one finish; the number of results sent twice."""
    rows = town(events, events // 20)
    send(workers.addresses, rows)
    points = np.sort(np.random.default_rng(seed).integers(events // 50, events * 49 // 50, kills))
    for point in points.tolist():
        process = workers.start(*options)
        wait_until(workers.addresses, point)
        process.kill()
        process.wait()
    process = workers.start(*options)
    wait_until(workers.addresses, events)
    process.terminate()
    assert process.wait(20) == 0, workers.said()[-2000:]
    return assert_exactly_once(workers.addresses, rows, read(workers.addresses, RESULTS))


def test_killed_three_times_nothing_is_lost_doubled_or_missing(workers):
    sent_twice_after_kills(workers, 10_000, 3, *ALONE)


@pytest.mark.long
def test_killed_ten_times_in_a_hundred_thousand_nothing_is_lost_doubled_or_missing(workers):
    print("results sent twice:", sent_twice_after_kills(workers, 100_000, 10))


def test_without_redis_or_kafka_it_logs_waits_and_recovers(tmp_path: Path):
    rows, home = town(3_000, 100), tmp_path / "home"
    home.mkdir()
    with local_servers.broker(home) as kafka, local_servers.redis_server(home) as memory:
        addresses = Addresses(f"127.0.0.1:{kafka.port}", redis_url(memory))
        workers = Workers(empty_build(tmp_path / "data"), addresses, tmp_path / "stream.log")
        send(addresses, rows[:1_000])
        process = workers.start(*ALONE)
        wait_until(addresses, 1_000)
        memory.process.kill()
        memory.process.wait()
        send(addresses, rows[1_000:2_000])
        workers.wait_for("redis is away")
        with local_servers.redis_server(home, memory.port):  # it reads the file that the first one wrote
            workers.wait_for("redis is back")
            wait_until(addresses, 2_000)
            os.kill(kafka.process.pid, signal.SIGSTOP)
            time.sleep(1)
            os.kill(kafka.process.pid, signal.SIGCONT)
            send(addresses, rows[2_000:])
            wait_until(addresses, 3_000)
            process.terminate()
            assert process.wait(20) == 0
            assert_exactly_once(addresses, rows, read(addresses, RESULTS))


@pytest.mark.long
def test_a_worker_that_starts_before_its_broker_waits_for_it(tmp_path: Path, memory):
    addresses = Addresses(f"127.0.0.1:{local_servers.free_port()}", redis_url(memory), group="early")
    workers = Workers(empty_build(tmp_path / "data"), addresses, tmp_path / "stream.log")
    process = workers.start(*ALONE)
    workers.wait_for("kafka is away")
    with local_servers.broker(tmp_path, int(addresses.kafka.rsplit(":", 1)[1])):
        workers.wait_for("kafka is back")
        process.terminate()
        assert process.wait(20) == 0


def test_two_workers_share_the_partitions_and_send_bad_messages_to_the_dead_letters(workers):
    rows = town(4_000, 200)
    good = [(row["customer_id"], orjson.dumps(row)) for row in rows.to_dict("records")]
    bad = [("k", b"{"), ("k", b"[1]"), ("k", b'{"payment_id": "P1"}'), ("k", b"x" * 3_000_000), good[0], good[7]]
    backwards = orjson.dumps(orjson.loads(good[0][1]) | {"payment_id": "P-late", "at": "2024-12-01T00:00:00"})
    second = replace(workers, log=workers.log.with_suffix(".2"))
    both = [workers.start(), second.start()]
    for worker in (workers, second):
        worker.wait_for("reading from {")
    send_raw(workers.addresses, [*good[:2_000], *bad, (good[0][0], backwards), *good[2_000:]])
    wait_until(workers.addresses, len(good) + 7)
    for process in both:
        process.terminate()
        assert process.wait(20) == 0
    assert_exactly_once(workers.addresses, rows, read(workers.addresses, RESULTS))
    expected = {"not_json": 2, "missing_field": 1, "too_large": 1, "duplicate": 2, "clock_backwards": 1}
    assert Counter(letter["reason"] for letter in read(workers.addresses, DEAD)) == expected
    shares = [int(worker.said().rsplit("handled=", 1)[1].split()[0]) for worker in (workers, second)]
    assert sum(shares) == len(good) + 7
    assert min(shares) > 500


@pytest.mark.long
def test_a_second_worker_on_the_same_partitions_is_fenced_off(workers):
    rows = town(4_000, 100)
    both = [workers.start(*ALONE), workers.start(*ALONE)]
    send(workers.addresses, rows)
    wait_until(workers.addresses, 4_000)
    for process in both:
        process.terminate()
        assert process.wait(20) == 0
    assert_exactly_once(workers.addresses, rows, read(workers.addresses, RESULTS))


def test_a_position_that_the_topic_does_not_have_is_logged_and_its_messages_are_read(tmp_path: Path, memory):
    # librdkafka's mock broker: Tansu answers a fetch beyond the end with nothing, Kafka with an error.
    mock = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 0})
    broker = mock.list_topics(timeout=10).brokers[1]
    for topic in (EVENTS, RESULTS, DEAD):
        mock.list_topics(topic, timeout=10)
    addresses = Addresses(f"{broker.host}:{broker.port}", redis_url(memory), group="adrift")
    Store(addresses).save(0, None, 5_000, {})
    row = town(1, 1).to_dict("records")[0]
    mock.produce(EVENTS, orjson.dumps(row), row["customer_id"], partition=0)
    assert mock.flush(10) == 0
    workers = Workers(empty_build(tmp_path / "data"), addresses, tmp_path / "stream.log")
    process = workers.start("--only", "0")
    workers.wait_for("has no offset 5000")
    workers.wait_for("reading from {0: 0}")
    while Store(addresses).position(0) != 1:
        time.sleep(0.05)
    process.terminate()
    assert process.wait(20) == 0
