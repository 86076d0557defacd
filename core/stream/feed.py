"""The newest answers of the stream, kept in memory for whoever looks: the app's live feed.

A reader of its own, outside every consumer group: it takes nothing from anybody and remembers nothing across a start.
It begins some messages before the end of each partition, so that a page has something to show at once.

Reads  topic prediction-results (core/stream/batch.py)
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import orjson
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from core.stream.topics import RESULTS

log = logging.getLogger("beacon.feed")

KEPT = 2_000  # answers
BACK = 300  # messages of each partition that are read again at the start
PATIENCE = 5.0  # seconds for an answer of the broker
QUIET = 30.0  # seconds between looks for a broker that is away

Answer = dict[str, Any]
Kept = tuple[int, Answer]  # with the broker's time, in milliseconds


class Feed:
    """Follows the stream's answers in a thread of its own until `stop`.

    `is_connected` tells whether the broker answered when it was last asked; one that goes away is noticed within QUIET.
    """

    def __init__(self, kafka: str, kept: int = KEPT) -> None:
        self.is_connected = False
        self._kafka, self._kept = kafka, kept
        self._answers: OrderedDict[str, Kept] = OrderedDict()
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="beacon-feed", daemon=True)

    def start(self) -> "Feed":
        """Begin to follow; the feed itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Follow no longer; returns when the thread has ended."""
        self._ended.set()
        self._thread.join()

    def newest(self) -> list[Answer]:
        """The answers kept, the newest first over all partitions; a payment that was answered twice stands once."""
        with self._lock:
            kept = list(self._answers.values())
        return [answer for _, answer in sorted(kept, key=itemgetter(0), reverse=True)]

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with _consumer(self._kafka) as consumer:
                    self._follow(consumer)
            except KafkaException as error:
                log.warning("there is nothing to follow yet, or no more: %s", error.args[0])
            self.is_connected = False
            self._ended.wait(PATIENCE)

    def _follow(self, consumer: Consumer) -> None:
        consumer.assign(_near_the_end(consumer))
        self.is_connected = True
        asked = time.monotonic()
        while not self._ended.is_set():
            found = [kept for message in consumer.consume(500, timeout=0.5) if (kept := _answer(message))]
            if not found and time.monotonic() - asked > QUIET:
                consumer.list_topics(RESULTS, timeout=PATIENCE)  # raises when the broker is away
                asked = time.monotonic()
            self._keep(found)

    def _keep(self, found: list[Kept]) -> None:
        with self._lock:
            for stamp, answer in found:
                self._answers[answer["payment_id"]] = stamp, answer
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)


@contextmanager
def _consumer(kafka: str) -> Iterator[Consumer]:
    consumer = Consumer(_settings(kafka))
    try:
        yield consumer
    finally:
        consumer.close()


def _settings(kafka: str) -> dict[str, Any]:
    # The group is named because librdkafka wants one; nothing is ever committed to it.
    return {
        "bootstrap.servers": kafka,
        "group.id": "beacon-feed",
        "enable.auto.commit": False,
        "auto.offset.reset": "latest",
        "log_level": 2,
        "logger": logging.getLogger("beacon.kafka"),
    }


def _near_the_end(consumer: Consumer) -> list[TopicPartition]:
    """Every partition of the answers, some messages before its end."""
    topic = consumer.list_topics(RESULTS, timeout=PATIENCE).topics[RESULTS]
    if topic.error:
        raise KafkaException(topic.error)
    return [_before_end(consumer, number) for number in topic.partitions]


def _before_end(consumer: Consumer, number: int) -> TopicPartition:
    low, high = consumer.get_watermark_offsets(TopicPartition(RESULTS, number), timeout=PATIENCE)
    return TopicPartition(RESULTS, number, max(low, high - BACK))


def _answer(message: Message) -> Kept | None:
    """The answer of a message; None for news of errors and for what is none, which must not end the feed."""
    value = message.value()
    if message.error() or value is None:
        return None
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    is_answer = isinstance(found, dict) and isinstance(found.get("payment_id"), str)
    return (message.timestamp()[1], found) if is_answer else None
