"""The live feed over a real broker: what was answered before it began, each payment once, a broker that goes away."""

import time
from collections.abc import Callable, Iterator
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

pytestmark = pytest.mark.slow


@contextmanager
def following(kafka: str, **said: int) -> Iterator[Feed]:
    found = Feed(kafka, **said).start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[local_servers.Server]:
    """A broker that has the stream's topics."""
    with local_servers.broker(tmp_path) as server:
        make_topics(address(server), PARTITIONS)
        yield server


def address(server: local_servers.Server) -> str:
    return f"127.0.0.1:{server.port}"


def answered(kafka: str, *numbers: int, began: int = 1_700_000_000_000, **more: object) -> None:
    """Answers on payments P<number>, a second apart, spread over the partitions."""
    tell(kafka, *((number % PARTITIONS, began + 1_000 * number, _answer(number) | more) for number in numbers))


def _answer(number: int) -> dict:
    return {"payment_id": f"P{number}", "business_id": "B1", "risk": {"level": "low"}}


def tell(kafka: str, *told: tuple[int, int, object]) -> None:
    """Messages by partition, broker's time, and content: bytes as they are, everything else as JSON."""
    make_topics(kafka, PARTITIONS)
    producer = Producer({"bootstrap.servers": kafka})
    for partition, stamp, content in told:
        value = content if isinstance(content, bytes) else orjson.dumps(content)
        producer.produce(RESULTS, value, partition=partition, timestamp=stamp)
        assert producer.flush(20) == 0  # one by one: where a topic of Tansu's ends counts batches, not messages


def payments(found: Feed) -> list[str]:
    return [answer["payment_id"] for answer in found.newest()]


def wait_for(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_begins_some_messages_back_with_the_newest_of_all_partitions_first(broker, monkeypatch):
    monkeypatch.setattr(feed, "BACK", 4)
    answered(address(broker), *range(30))
    with following(address(broker)) as found:
        wait_for(lambda: len(found.newest()) == 4 * PARTITIONS)
        assert payments(found) == [f"P{number}" for number in range(29, 17, -1)]
        answered(address(broker), 30)
        wait_for(lambda: payments(found)[0] == "P30")
        assert found.is_connected


def test_a_payment_that_was_answered_twice_stands_once_and_the_oldest_leave(broker):
    with following(address(broker), kept=5) as found:
        wait_for(lambda: found.is_connected)
        answered(address(broker), 1, 2, 1, 2)
        answered(address(broker), 3, 3)
        wait_for(lambda: "P3" in payments(found))
        assert payments(found) == ["P3", "P2", "P1"]
        answered(address(broker), *range(4, 9))
        wait_for(lambda: "P8" in payments(found) and len(found.newest()) == 5)


def test_what_is_no_answer_is_passed_over(broker):
    with following(address(broker)) as found:
        wait_for(lambda: found.is_connected)
        tell(address(broker), *((0, 1, content) for content in (b"{", b"", b"[1]", {"at": "now"}, {"payment_id": 7})))
        answered(address(broker), 3)
        wait_for(lambda: payments(found) == ["P3"])


def test_a_broker_that_goes_away_is_said_and_followed_again_when_it_is_back(broker, tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "QUIET", 1.0)
    monkeypatch.setattr(feed, "PATIENCE", 1.0)
    answered(address(broker), 1)
    with following(address(broker)) as found:
        wait_for(lambda: payments(found) == ["P1"])
        broker.process.kill()
        broker.process.wait()
        wait_for(lambda: not found.is_connected)
        assert payments(found) == ["P1"], "what it has is still there to be looked at"
        with local_servers.broker(tmp_path, broker.port):
            answered(address(broker), 2)
            wait_for(lambda: payments(found) == ["P2", "P1"])
            assert found.is_connected


def test_it_begins_before_its_broker_and_before_the_topics(tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "PATIENCE", 1.0)
    port = local_servers.free_port()
    with following(f"127.0.0.1:{port}") as found:
        time.sleep(1.5)
        assert (found.is_connected, found.newest()) == (False, [])
        with local_servers.broker(tmp_path, port):
            answered(f"127.0.0.1:{port}", 1)
            wait_for(lambda: payments(found) == ["P1"])


@pytest.mark.parametrize("kafka", ["127.0.0.1:1", "no broker at all, and no address: either"])
def test_it_stops_when_told_whatever_is_there(kafka, monkeypatch):
    monkeypatch.setattr(feed, "PATIENCE", 0.5)
    found = Feed(kafka).start()
    time.sleep(0.2)
    started = time.monotonic()
    found.stop()
    assert time.monotonic() - started < 10
    assert not found.is_connected
