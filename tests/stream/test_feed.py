"""The live feed over a real broker: results from before its start, each payment once, outages of the broker."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Producer

from core.stream import feed, local_servers
from core.stream.feed import Feed
from core.stream.topics import RESULTS
from core.stream.worker import make_topics
from tests.payments.town import PARTITIONS
from tests.stream.conftest import wait_for

pytestmark = pytest.mark.slow
FIRST_STAMP = 1_700_000_000_000


@contextmanager
def running_feed(kafka: str, **options: int) -> Iterator[Feed]:
    running = Feed(kafka, **options).start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[local_servers.Server]:
    """A broker that has the stream's topics."""
    with local_servers.broker(tmp_path) as server:
        make_topics(address(server), PARTITIONS)
        yield server


def address(server: local_servers.Server) -> str:
    return f"127.0.0.1:{server.port}"


def send_answers(kafka: str, *numbers: int) -> None:
    """Send answers on payments P<number>, a second apart, spread over the partitions."""
    send(kafka, *((number % PARTITIONS, FIRST_STAMP + 1_000 * number, _answer(number)) for number in numbers))


def _answer(number: int) -> dict:
    return {"payment_id": f"P{number}", "business_id": "B1", "risk": {"level": "low"}}


def send(kafka: str, *messages: tuple[int, int, object]) -> None:
    """Send messages of partition, broker's time and content; content that is not bytes is sent as JSON."""
    make_topics(kafka, PARTITIONS)
    producer = Producer({"bootstrap.servers": kafka})
    for partition, stamp, content in messages:
        value = content if isinstance(content, bytes) else orjson.dumps(content)
        producer.produce(RESULTS, value, partition=partition, timestamp=stamp)
        assert producer.flush(20) == 0  # one by one: the end of a topic of Tansu counts batches, not messages


def payments(source: Feed) -> list[str]:
    return [answer["payment_id"] for answer in source.newest()]


def test_it_begins_some_messages_back_with_the_newest_of_all_partitions_first(broker, monkeypatch):
    monkeypatch.setattr(feed, "MESSAGES_BACK", 4)
    send_answers(address(broker), *range(30))
    with running_feed(address(broker)) as live:
        wait_for(lambda: len(live.newest()) == 4 * PARTITIONS)
        assert payments(live) == [f"P{number}" for number in range(29, 17, -1)]
        send_answers(address(broker), 30)
        wait_for(lambda: payments(live)[0] == "P30")
        assert live.is_connected


def test_a_payment_that_came_twice_is_there_once_and_the_oldest_leave(broker):
    with running_feed(address(broker), max_answers=5) as live:
        wait_for(lambda: live.is_connected)
        send_answers(address(broker), 1, 2, 1, 2)
        send_answers(address(broker), 3, 3)
        wait_for(lambda: "P3" in payments(live))
        assert payments(live) == ["P3", "P2", "P1"]
        send_answers(address(broker), *range(4, 9))
        wait_for(lambda: "P8" in payments(live) and len(live.newest()) == 5)


def test_content_that_is_no_answer_is_ignored(broker):
    with running_feed(address(broker)) as live:
        wait_for(lambda: live.is_connected)
        send(address(broker), *((0, 1, content) for content in (b"{", b"", b"[1]", {"at": "now"}, {"payment_id": 7})))
        send_answers(address(broker), 3)
        wait_for(lambda: payments(live) == ["P3"])


def test_an_outage_of_the_broker_is_shown_and_the_feed_goes_on_afterwards(broker, tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "CHECK_EVERY", 1.0)
    monkeypatch.setattr(feed, "TIMEOUT", 1.0)
    send_answers(address(broker), 1)
    with running_feed(address(broker)) as live:
        wait_for(lambda: payments(live) == ["P1"])
        broker.process.kill()
        broker.process.wait()
        wait_for(lambda: not live.is_connected)
        assert payments(live) == ["P1"], "its answers are still shown"
        with local_servers.broker(tmp_path, broker.port):
            send_answers(address(broker), 2)
            wait_for(lambda: payments(live) == ["P2", "P1"])
            assert live.is_connected


def test_it_begins_before_its_broker_and_before_the_topics(tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "TIMEOUT", 1.0)
    port = local_servers.free_port()
    with running_feed(f"127.0.0.1:{port}") as live:
        time.sleep(1.5)
        assert (live.is_connected, live.newest()) == (False, [])
        with local_servers.broker(tmp_path, port):
            send_answers(f"127.0.0.1:{port}", 1)
            wait_for(lambda: payments(live) == ["P1"])


@pytest.mark.parametrize("kafka", ["127.0.0.1:1", "no broker at all, and no address: either"])
def test_it_stops_whatever_the_address_is(kafka, monkeypatch):
    monkeypatch.setattr(feed, "TIMEOUT", 0.5)
    live = Feed(kafka).start()
    time.sleep(0.2)
    started = time.monotonic()
    live.stop()
    assert time.monotonic() - started < 10
    assert not live.is_connected
