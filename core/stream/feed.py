"""The newest results of the stream, kept in memory for the app's live feed.

It reads outside every consumer group, so it takes no message from a worker and stores no position. It begins a few
messages before the end of each partition, so that a page has something to show at once.

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

MAX_ANSWERS = 2_000
MESSAGES_BACK = 300  # of each partition, read again at the start
TIMEOUT = 5.0  # seconds for a reply of the broker
CHECK_EVERY = 30.0  # seconds without a message after which the broker is checked

Answer = dict[str, Any]
StampedAnswer = tuple[int, Answer]  # with the broker's time, in milliseconds


class Feed:
    """Follows the results in a thread until `stop`.

    `is_connected` : whether the broker replied when it was last checked; an outage is noticed within CHECK_EVERY
    """

    def __init__(self, kafka: str, max_answers: int = MAX_ANSWERS) -> None:
        self.is_connected = False
        self._kafka, self._max_answers = kafka, max_answers
        self._answers: OrderedDict[str, StampedAnswer] = OrderedDict()
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="beacon-feed", daemon=True)

    def start(self) -> "Feed":
        """Begin to follow; returns the feed itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Follow no longer; returns when the thread has ended."""
        self._stop.set()
        self._thread.join()

    def newest(self) -> list[Answer]:
        """The answers in memory, the newest first over all partitions; a payment that came twice is there once."""
        with self._lock:
            answers = list(self._answers.values())
        return [answer for _, answer in sorted(answers, key=itemgetter(0), reverse=True)]

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with _consumer(self._kafka) as consumer:
                    self._follow(consumer)
            except KafkaException as error:
                log.warning("there is nothing to follow yet, or no more: %s", error.args[0])
            self.is_connected = False
            self._stop.wait(TIMEOUT)

    def _follow(self, consumer: Consumer) -> None:
        consumer.assign(_start_positions(consumer))
        self.is_connected = True
        checked = time.monotonic()
        while not self._stop.is_set():
            messages = consumer.consume(500, timeout=0.5)
            answers = [answer for message in messages if (answer := _answer(message))]
            if not answers and time.monotonic() - checked > CHECK_EVERY:
                consumer.list_topics(RESULTS, timeout=TIMEOUT)  # raises when the broker is away
                checked = time.monotonic()
            self._add(answers)

    def _add(self, answers: list[StampedAnswer]) -> None:
        with self._lock:
            for stamp, answer in answers:
                self._answers[answer["payment_id"]] = stamp, answer
            while len(self._answers) > self._max_answers:
                self._answers.popitem(last=False)


@contextmanager
def _consumer(kafka: str) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": "beacon-feed",  # librdkafka needs a name; no position is ever committed to it
            "enable.auto.commit": False,
            "auto.offset.reset": "latest",
            "log_level": 2,
            "logger": logging.getLogger("beacon.kafka"),
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def _start_positions(consumer: Consumer) -> list[TopicPartition]:
    """For every partition of the results, a few messages before its end."""
    topic = consumer.list_topics(RESULTS, timeout=TIMEOUT).topics[RESULTS]
    if topic.error:
        raise KafkaException(topic.error)
    positions = []
    for number in topic.partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(RESULTS, number), timeout=TIMEOUT)
        positions.append(TopicPartition(RESULTS, number, max(low, high - MESSAGES_BACK)))
    return positions


def _answer(message: Message) -> StampedAnswer | None:
    """The answer of a message; None for a notice of an error and for content that is no answer."""
    value = message.value()
    if message.error() or value is None:
        return None
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    is_answer = isinstance(content, dict) and isinstance(content.get("payment_id"), str)
    return (message.timestamp()[1], content) if is_answer else None
