"""The worker: payments from Kafka, customers in Redis, answers back to Kafka. `python -m core stream`.

A round: read up to BATCH messages -> answer them (core/stream/batch.py) -> wait until the broker has every result and
dead letter -> save the states and the position of each partition in one step (core/stream/redis_store.py). Killed
anywhere, the
round is read again from the saved position: results that were sent already are sent once more with the same bytes (or
as a new build says, when one began to serve in between), nothing is counted twice and nothing is left out. The
positions that Kafka keeps for the group are for displays of lag.

Kafka or Redis away: it says so, waits, and goes on where Redis says it was. Several workers share the partitions; one
that has lost a partition without noticing is refused by the store.

Reads  topic transaction-events; models/ and stream/ of the served build, a new build at once
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
from core.stream.batch import Letter, Message, answered
from core.stream.redis_store import FencedError, Store
from core.stream.topics import DEAD, EVENTS, RESULTS, Addresses

log = logging.getLogger("beacon.stream")

BATCH = 2_000
ROUND = 0.01  # seconds to gather a batch
SAY_EVERY = 10.0  # seconds
LOOK_EVERY = 5.0  # seconds between looks for a new build
MOST_KEPT = 20_000  # customers of a partition that are kept at hand, so that Redis is not asked again
KAFKA_PATIENCE = 5.0  # seconds for an answer of the broker
# A worker that dies leaves its partitions to the others after six seconds (45 by default).
CONSUMER: dict[str, Any] = {
    "enable.auto.commit": False,
    "auto.offset.reset": "error",  # a position that the topic does not have is worth a word
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 500,
    "fetch.wait.max.ms": 15,  # Tansu answers a fetch at the end of a topic only when this is over
    "fetch.message.max.bytes": 4_000_000,
    "queued.max.messages.kbytes": 65_536,
}
PRODUCER: dict[str, Any] = {"linger.ms": 2, "message.timeout.ms": 0, "message.max.bytes": 4_000_000}


def make_topics(kafka: str, partitions: int) -> None:
    """Make the topics that are missing; a bank that makes its own needs to give us no right to.

    Raises
    ------
    KafkaException : the broker is away
    """
    client = AdminClient(_quiet(kafka))  # kept by name: its futures die with it
    known = client.list_topics(timeout=KAFKA_PATIENCE).topics
    wanted = [NewTopic(name, partitions, 1) for name in (EVENTS, RESULTS, DEAD) if name not in known]
    if not wanted:
        return
    for future in client.create_topics(wanted, request_timeout=KAFKA_PATIENCE).values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _quiet(kafka: str) -> dict[str, Any]:
    """librdkafka's own lines about a broker that is away would come ten a second; ours say it once."""
    return {"bootstrap.servers": kafka, "log_level": 2, "logger": logging.getLogger("beacon.kafka")}


class Worker:
    """One worker of the stream; `run` until `stop`."""

    def __init__(self, settings: Settings, addresses: Addresses, partitions: int = 3, only: Sequence[int] = ()) -> None:
        self.settings, self.addresses, self.partitions, self.only = settings, addresses, partitions, tuple(only)
        self.store = Store(addresses)
        self.scorer = Scorer.of_build(settings.builds / db.current_build(settings.builds))
        self.handled = self.dead = 0
        self._stop = threading.Event()
        self._away: dict[str, float] = {}
        self._looked = self._said = time.monotonic()
        # Next offset to read of each partition that is ours and placed, and the position that the store had.
        self._at: dict[int, int] = {}
        self._saved: dict[int, int | None] = {}
        # Customers at hand: what the store holds as long as the position there is ours, which every save makes sure of.
        self._known: dict[int, dict[str, Customer]] = {}
        self._unplaced: set[int] = set()
        self._adrift: set[int] = set()  # their position is none that the topic has

    def stop(self) -> None:
        """End after the batch that is under way."""
        self._stop.set()

    def run(self, idle: float | None = None) -> int:
        """Work until stopped, or until nothing has come for `idle` seconds; messages handled."""
        if not self._until_kafka_answers():
            return 0
        kafka = _quiet(self.addresses.kafka) | {"error_cb": self._on_error}
        self.producer = Producer(kafka | PRODUCER)
        self.consumer = Consumer(kafka | CONSUMER | {"group.id": self.addresses.group})
        self._join()
        # Customers at hand are many small lists without cycles: looking through them again and again costs a fifth.
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)
        last = time.monotonic()
        try:
            while not self._stop.is_set() and (idle is None or time.monotonic() - last < idle):
                if self._round():
                    last = time.monotonic()
                self._look_around()
        finally:
            self.consumer.close()
        log.info("stopped handled=%d dead=%d", self.handled, self.dead)
        return self.handled

    def _until_kafka_answers(self) -> bool:
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
        """One batch; the number of messages handled, 0 when something was away."""
        try:
            self._place()
            messages = [self._message(found) for found in self.consumer.consume(BATCH, ROUND)]
            handled = self._handle([message for message in messages if message is not None])
        except redis.RedisError as error:
            self._is_away("redis", error)
        except KafkaException as error:
            self._is_away("kafka", error)
        except FencedError as error:
            log.warning("fenced, starting again from the saved position: %s", error)
        else:
            return handled
        # Whatever was read but not saved is read again; whether a save that timed out has happened, the store knows.
        self._unplaced |= {*self._at}
        self._forget()
        return 0

    def _forget(self) -> None:
        """Believe nothing that the store has not said."""
        self._at.clear()
        self._known.clear()

    def _customers(self, number: int, ids: Sequence[str]) -> dict[str, Customer]:
        """These customers, from what is at hand or from the store."""
        known = self._known.setdefault(number, {})
        if len(known) > MOST_KEPT:
            known.clear()
        known |= self.store.customers(number, [name for name in ids if name not in known])
        return {name: known[name] for name in ids}

    def _handle(self, messages: Sequence[Message]) -> int:
        if not messages:
            return 0
        done = answered(messages, self._customers, self.scorer)
        self._send(done.letters)
        for number, at in {message.partition: message.offset for message in messages}.items():
            self.store.save(number, self._saved[number], at + 1, done.customers.get(number, {}))
            self._saved[number] = self._at[number] = at + 1
        self.handled += len(messages)
        self.dead += done.dead
        self._is_back("redis")
        self._is_back("kafka")
        places = [TopicPartition(EVENTS, number, at) for number, at in self._at.items()]
        self.consumer.commit(offsets=places, asynchronous=True)
        return len(messages)

    def _send(self, letters: Iterable[Letter]) -> None:
        """Hand the letters to the broker and wait until it has them all, however long that takes."""
        failed: list[KafkaError] = []

        def heard(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failed.append(error)

        for letter in letters:
            self.producer.produce(letter.topic, letter.value, letter.key, on_delivery=heard)
        while self.producer.flush(KAFKA_PATIENCE):
            if self._stop.is_set():
                self.producer.purge()
            self._is_away("kafka", "results are not taken", pause=0.0)
        if failed:
            raise KafkaException(failed[0])

    def _message(self, found: Any) -> Message | None:
        """A message that is next in its partition; None for news of errors and for what was fetched before a seek."""
        if found.error():
            self._on_error(found.error(), found.partition())
            return None
        number, offset = found.partition(), found.offset()
        if offset < self._at.get(number, offset + 1):
            return None
        return Message(number, offset, max(found.timestamp()[1], 0), found.key(), found.value())

    def _on_assign(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        """Take partitions, at rest until `_place` has asked the store where they are."""
        self._unplaced = {place.partition for place in places}
        self._forget()
        consumer.assign([])
        log.info("partitions=%s", sorted(self._unplaced))

    def _on_revoke(self, consumer: Consumer, places: Sequence[TopicPartition]) -> None:
        self._unplaced.clear()
        self._forget()
        consumer.unassign()
        log.info("gave up partitions=%s", sorted(place.partition for place in places))

    def _place(self) -> None:
        """Start every partition where the store says that it was."""
        if not self._unplaced:
            return
        for number in sorted(self._unplaced):
            self._saved[number] = self.store.position(number)
            self._at[number] = 0 if number in self._adrift else self._saved[number] or 0
        self._unplaced.clear()
        self._adrift.clear()
        starts = {number: at or OFFSET_BEGINNING for number, at in self._at.items()}
        self.consumer.assign([TopicPartition(EVENTS, number, at) for number, at in starts.items()])
        log.info("reading from %s", self._at)

    def _look_around(self) -> None:
        """Now and then: say how it goes, take a new build's models."""
        now = time.monotonic()
        if now - self._said > SAY_EVERY:
            log.info("handled=%d dead=%d at=%s build=%s", self.handled, self.dead, self._at, self.scorer.build_id)
            self._said = now
        if now - self._looked > LOOK_EVERY:
            self._looked = now
            self._take_new_build()

    def _take_new_build(self) -> None:
        try:
            newest = db.current_build(self.settings.builds)
            if newest != self.scorer.build_id:
                self.scorer = Scorer.of_build(self.settings.builds / newest)
                log.info("build=%s", newest)
        except (CoreError, OSError, ValueError) as error:  # the latter two: its files are half there, or half gone
            log.error("going on with build=%s: %s", self.scorer.build_id, error)

    def _on_error(self, error: KafkaError, partition: int | None = None) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._is_away("kafka", error, pause=0.0)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET and partition in self._at:
            at = self._at.pop(partition)
            self._known.clear()
            log.error("partition=%d has no offset %d: made anew, or kept too short; reading what it has", partition, at)
            self._adrift.add(partition)
            self._unplaced.add(partition)
        elif error.code() != KafkaError._TRANSPORT:  # one connection of several, which librdkafka makes anew
            self._is_away("kafka", error, pause=0.0)

    def _is_away(self, what: str, why: object, pause: float = 0.5) -> None:
        """Say it once, and again every ten seconds; rest a little."""
        now = time.monotonic()
        since, said = self._away.get(what, now), self._away.get(f"{what} said", 0.0)
        self._away[what] = since
        if now - said > SAY_EVERY:
            self._away[f"{what} said"] = now
            log.warning("%s is away for %.0f s, waiting: %s", what, now - since, why)
        self._stop.wait(pause)

    def _is_back(self, what: str) -> None:
        since = self._away.pop(what, None)
        self._away.pop(f"{what} said", None)
        if since is not None:
            log.warning("%s is back after %.0f s", what, time.monotonic() - since)
