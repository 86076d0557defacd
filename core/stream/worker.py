"""The worker: reads payments from Kafka, scores them, writes results to Kafka. `python -m core stream`.

One round: read up to BATCH messages -> score them (core/stream/batch.py) -> wait until the broker has every result and
dead letter -> save the states and the position of each partition in one step (core/stream/redis_store.py). A worker
that is killed reads the round again from the saved position: results that were sent already are sent again with the
same bytes (or those of a new build, when one was published in between), nothing is counted twice and nothing is left
out. The positions that Kafka stores for the group only serve displays of the lag.

Without Kafka or Redis the worker logs it, waits, and continues from the position in Redis. Several workers share the
partitions; the store refuses one that has lost a partition without noticing.

Reads  topic transaction-events; models/ and stream/ of the served build, of a new build as soon as it is published
Writes topics prediction-results, transaction-events-dead; the keys of core/stream/redis_store.py
"""

import gc
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import redis
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from core import db
from core.config import Settings
from core.errors import CoreError
from core.payments.customer_state import Customer
from core.payments.scorer import Scorer
from core.stream.batch import Message, OutboundMessage, process
from core.stream.redis_store import FencedError, Store
from core.stream.topics import DEAD, EVENTS, RESULTS, Addresses

log = logging.getLogger("beacon.stream")

BATCH = 2_000
BATCH_SECONDS = 0.01  # to gather a batch
LOG_EVERY = 10.0  # seconds
CHECK_BUILD_EVERY = 5.0  # seconds
MAX_CACHED = 20_000  # customers of a partition in memory, so that Redis need not be read again
KAFKA_TIMEOUT = 5.0  # seconds for a reply of the broker
# The partitions of a worker that dies go to the others after six seconds (45 by default).
CONSUMER: dict[str, Any] = {
    "enable.auto.commit": False,
    "auto.offset.reset": "error",  # a position that the topic does not have must be logged
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 500,
    "fetch.wait.max.ms": 15,  # Tansu answers a fetch at the end of a topic only after this time
    "fetch.message.max.bytes": 4_000_000,
    "queued.max.messages.kbytes": 65_536,
}
PRODUCER: dict[str, Any] = {"linger.ms": 2, "message.timeout.ms": 0, "message.max.bytes": 4_000_000}


def make_topics(kafka: str, partitions: int) -> None:
    """Make the topics that are missing; where the bank makes its own, no right to do so is needed.

    Raises
    ------
    KafkaException : the broker is away
    """
    client = AdminClient(_quiet(kafka))  # in a variable, as its futures die with it
    existing = client.list_topics(timeout=KAFKA_TIMEOUT).topics
    missing = [NewTopic(name, partitions, 1) for name in (EVENTS, RESULTS, DEAD) if name not in existing]
    if not missing:
        return
    for future in client.create_topics(missing, request_timeout=KAFKA_TIMEOUT).values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _quiet(kafka: str) -> dict[str, Any]:
    """Settings without librdkafka's own log lines: ten a second while a broker is away, where ours is one."""
    return {"bootstrap.servers": kafka, "log_level": 2, "logger": logging.getLogger("beacon.kafka")}


class Worker:
    """One worker of the stream; `run` works until `stop` is called."""

    def __init__(self, settings: Settings, addresses: Addresses, partitions: int = 3, only: Sequence[int] = ()) -> None:
        self.settings, self.addresses, self.partitions, self.only = settings, addresses, partitions, tuple(only)
        self.store = Store(addresses)
        self.scorer = Scorer.of_build(settings.builds / db.current_build(settings.builds))
        self.handled = self.dead = 0
        self._stop = threading.Event()
        self._outages: dict[str, tuple[float, float]] = {}  # server -> since when, and when it was logged last
        self._build_checked = self._logged = time.monotonic()
        # Of each partition that is read: the next offset, and the position in the store.
        self._next: dict[int, int] = {}
        self._saved: dict[int, int | None] = {}
        # Customers as in the store; valid as long as the position there is ours, which every save checks.
        self._cache: dict[int, dict[str, Customer]] = {}
        self._unassigned: set[int] = set()  # partitions whose position has not been read from the store
        self._out_of_range: set[int] = set()  # those whose position the topic does not have

    def stop(self) -> None:
        """End after the present batch."""
        self._stop.set()

    def run(self, idle: float | None = None) -> int:
        """Work until stopped, or until no message has come for `idle` seconds; messages handled."""
        if not self._wait_for_kafka():
            return 0
        kafka = _quiet(self.addresses.kafka) | {"error_cb": self._on_error}
        self.producer = Producer(kafka | PRODUCER)
        self.consumer = Consumer(kafka | CONSUMER | {"group.id": self.addresses.group})
        self._join()
        # The cache holds many small lists without cycles: garbage collection would cost a fifth of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)
        last = time.monotonic()
        try:
            while not self._stop.is_set() and (idle is None or time.monotonic() - last < idle):
                if self._round():
                    last = time.monotonic()
                self._log_and_check_build()
        finally:
            self.consumer.close()
        log.info("stopped handled=%d dead=%d", self.handled, self.dead)
        return self.handled

    def _wait_for_kafka(self) -> bool:
        """True when the topics exist, False when stopped before."""
        while not self._stop.is_set():
            try:
                make_topics(self.addresses.kafka, self.partitions)
            except KafkaException as error:
                self._is_away("kafka", error)
            else:
                self._is_back("kafka")
                return True
        return False

    def _join(self) -> None:
        if self.only:
            self._on_assign(self.consumer, [TopicPartition(EVENTS, number) for number in self.only])
        else:
            self.consumer.subscribe([EVENTS], on_assign=self._on_assign, on_revoke=self._on_revoke)

    def _round(self) -> int:
        """One batch; the number of messages handled, 0 when a server was away."""
        try:
            self._assign_from_store()
            received = [self._message(message) for message in self.consumer.consume(BATCH, BATCH_SECONDS)]
            return self._handle([message for message in received if message is not None])
        except redis.RedisError as error:
            self._is_away("redis", error)
        except KafkaException as error:
            self._is_away("kafka", error)
        except FencedError as error:
            log.warning("fenced, starting again from the saved position: %s", error)
        # What was read and not saved is read again. A save that timed out may have happened; only the store knows.
        self._unassigned |= {*self._next}
        self._forget()
        return 0

    def _forget(self) -> None:
        """Drop everything that the store has not confirmed."""
        self._next.clear()
        self._cache.clear()

    def _customers(self, number: int, ids: Sequence[str]) -> dict[str, Customer]:
        """These customers of a partition, from the cache or from the store."""
        cache = self._cache.setdefault(number, {})
        if len(cache) > MAX_CACHED:
            cache.clear()
        cache |= self.store.customers(number, [name for name in ids if name not in cache])
        return {name: cache[name] for name in ids}

    def _handle(self, messages: Sequence[Message]) -> int:
        if not messages:
            return 0
        result = process(messages, self._customers, self.scorer)
        self._send(result.outbound)
        for number, offset in {message.partition: message.offset for message in messages}.items():
            self.store.save(number, self._saved[number], offset + 1, result.customers.get(number, {}))
            self._saved[number] = self._next[number] = offset + 1
        self.handled += len(messages)
        self.dead += result.dead
        self._is_back("redis")
        self._is_back("kafka")
        positions = [TopicPartition(EVENTS, number, offset) for number, offset in self._next.items()]
        self.consumer.commit(offsets=positions, asynchronous=True)
        return len(messages)

    def _send(self, messages: Iterable[OutboundMessage]) -> None:
        """Send the messages and wait until the broker has them all, however long that takes."""
        failures: list[KafkaError] = []

        def on_delivery(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failures.append(error)

        for message in messages:
            self.producer.produce(message.topic, message.value, message.key, on_delivery=on_delivery)
        while self.producer.flush(KAFKA_TIMEOUT):
            if self._stop.is_set():
                self.producer.purge()
            self._is_away("kafka", "results are not taken", pause=0.0)
        if failures:
            raise KafkaException(failures[0])

    def _message(self, message: Any) -> Message | None:
        """A message that is next in its partition; None for a notice of an error, or if fetched before a seek."""
        if message.error():
            self._on_error(message.error(), message.partition())
            return None
        number, offset = message.partition(), message.offset()
        if offset < self._next.get(number, offset + 1):
            return None
        return Message(number, offset, max(message.timestamp()[1], 0), message.key(), message.value())

    def _on_assign(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        """Take partitions; nothing is read until `_assign_from_store` has their positions."""
        self._unassigned = {partition.partition for partition in partitions}
        self._forget()
        consumer.assign([])
        log.info("partitions=%s", sorted(self._unassigned))

    def _on_revoke(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._unassigned.clear()
        self._forget()
        consumer.unassign()
        log.info("gave up partitions=%s", sorted(partition.partition for partition in partitions))

    def _assign_from_store(self) -> None:
        """Read every new partition from its position in the store."""
        if not self._unassigned:
            return
        for number in sorted(self._unassigned):
            self._saved[number] = self.store.position(number)
            self._next[number] = 0 if number in self._out_of_range else self._saved[number] or 0
        self._unassigned.clear()
        self._out_of_range.clear()
        starts = {number: offset or OFFSET_BEGINNING for number, offset in self._next.items()}
        self.consumer.assign([TopicPartition(EVENTS, number, offset) for number, offset in starts.items()])
        log.info("reading from %s", self._next)

    def _log_and_check_build(self) -> None:
        """From time to time log the counts, and load the models of a new build."""
        now = time.monotonic()
        if now - self._logged > LOG_EVERY:
            log.info("handled=%d dead=%d at=%s build=%s", self.handled, self.dead, self._next, self.scorer.build_id)
            self._logged = now
        if now - self._build_checked > CHECK_BUILD_EVERY:
            self._build_checked = now
            self._load_new_build()

    def _load_new_build(self) -> None:
        try:
            newest = db.current_build(self.settings.builds)
            if newest != self.scorer.build_id:
                self.scorer = Scorer.of_build(self.settings.builds / newest)
                log.info("build=%s", newest)
        except (CoreError, OSError, ValueError) as error:  # the last two: its files are incomplete, or being deleted
            log.error("going on with build=%s: %s", self.scorer.build_id, error)

    def _on_error(self, error: KafkaError, partition: int | None = None) -> None:
        if error.code() == KafkaError._AUTO_OFFSET_RESET and partition in self._next:
            at = self._next.pop(partition)
            self._cache.clear()
            log.error("partition=%d has no offset %d: made anew, or kept too short; reading what it has", partition, at)
            self._out_of_range.add(partition)
            self._unassigned.add(partition)
        elif error.code() != KafkaError._TRANSPORT:  # one connection of several, which librdkafka opens again
            self._is_away("kafka", error, pause=0.0)

    def _is_away(self, server: str, reason: object, pause: float = 0.5) -> None:
        """Log an outage, again every ten seconds; wait a little."""
        now = time.monotonic()
        since, logged = self._outages.get(server, (now, -LOG_EVERY))
        if now - logged > LOG_EVERY:
            log.warning("%s is away for %.0f s, waiting: %s", server, now - since, reason)
            logged = now
        self._outages[server] = since, logged
        self._stop.wait(pause)

    def _is_back(self, server: str) -> None:
        if server in self._outages:
            since, _ = self._outages.pop(server)
            log.warning("%s is back after %.0f s", server, time.monotonic() - since)
