"""Messages in, results and dead letters out. No I/O, no clock: the same batch gives the same bytes.

A result, keyed by the customer (the same payment may come twice after a crash, with the same bytes: readers key on
payment_id):

    {"payment_id", "customer_id", "business_id", "at", "amount_krw", "merchant_id", "merchant_category", "method",
     "succeeded", "p_success", "decision", "p_fraud",
     "risk": {"index", "level", "action", "parts": {...}, "contribution": {...}, "missing": [...]},
     "reasons": {"success": [...], "fraud": [...]} | null, "build", "partition", "offset"}

`contribution` says how much of the index each part is: the reasons of the risk. `reasons` go deeper where it matters:
`success` when the decision is review, `fraud` when that chance is the largest part of a high index. Unknown is null.
A dead letter is {"reason", "detail", "partition", "offset", "value": its first characters}.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import orjson

from core.calendar import SEOUL
from core.payments import events, risk_index
from core.payments.customer_state import Customer
from core.payments.events import Event, Fault
from core.payments.scorer import PLACES, Scorer, Scores
from core.stream.topics import DEAD, RESULTS

KEPT_CHARACTERS = 1_000  # of a dead letter
OFFSET = SEOUL.utcoffset(None) // timedelta(microseconds=1)
MOST_AHEAD = 5 * 60 * 1_000_000  # microseconds: a clock further ahead would shut its customer out until then

# The names of unknown parts, by the sum of their bits: sixteen lists instead of one a payment.
BITS = 1 << np.arange(len(risk_index.PARTS))
MISSING = [
    [name for name, bit in zip(risk_index.PARTS, BITS, strict=True) if bits & bit] for bits in range(2 ** len(BITS))
]

Remember = Callable[[int, Sequence[str]], dict[str, Customer]]


class Message(NamedTuple):
    """A message of transaction-events; `stamp` is the broker's, in milliseconds since 1970 UTC, 0 unknown."""

    partition: int
    offset: int
    stamp: int
    key: bytes | None
    value: bytes | None


class Letter(NamedTuple):
    """What goes out: topic, key, value."""

    topic: str
    key: bytes | None
    value: bytes


@dataclass(frozen=True)
class Done:
    """What came of a batch: results, then dead letters, and the customers it changed, by partition."""

    letters: list[Letter]
    customers: dict[int, dict[str, Customer]]
    dead: int


def answered(messages: Sequence[Message], remember: Remember, scorer: Scorer) -> Done:
    """Results and dead letters of messages, those of a partition in their order.

    `remember` finds the customers of a partition by their ids; a customer is at home in one partition.
    """
    read = [(message, _read(message)) for message in messages]
    asked: dict[int, set[str]] = {}
    for message, one in read:
        if isinstance(one, Event):
            asked.setdefault(message.partition, set()).add(one.customer_id)
    found = {partition: remember(partition, sorted(ids)) for partition, ids in asked.items()}
    values, taken, faults = [], [], []
    changed: dict[int, dict[str, Customer]] = {}
    for message, one in read:
        try:
            event = _raised(one)
            customer = found[message.partition][event.customer_id]
            customer.refuse(event)
            values.append(customer.features(event, scorer.usual.ln_amount(event)))
            customer.add(event)
            taken.append((message, event))
            changed.setdefault(message.partition, {})[event.customer_id] = customer
        except Fault as fault:
            faults.append(_dead(message, fault))
    results = _results(taken, np.array(values), scorer) if taken else []
    return Done([*results, *faults], changed, len(faults))


def _read(message: Message) -> Event | Fault:
    try:
        event = events.parse(message.value)
    except Fault as fault:
        return fault
    ahead = event.at - OFFSET - message.stamp * 1000
    if message.stamp and ahead > MOST_AHEAD:
        return Fault("clock_ahead", f"at lies {ahead / 1e6:.0f} s after the broker's time")
    return event


def _raised(one: Event | Fault) -> Event:
    if isinstance(one, Fault):
        raise one
    return one


def _dead(message: Message, fault: Fault) -> Letter:
    value = (message.value or b"")[: 4 * KEPT_CHARACTERS].decode("utf-8", "replace")[:KEPT_CHARACTERS]
    place = {"partition": message.partition, "offset": message.offset}
    said = {"reason": fault.reason, "detail": fault.detail, **place, "value": value}
    return Letter(DEAD, message.key, orjson.dumps(said))


def _results(taken: Sequence[tuple[Message, Event]], values: np.ndarray, scorer: Scorer) -> list[Letter]:
    scores = scorer.score(values)
    reasons = scorer.reasons(values, scores.is_in_doubt())
    letters = []
    for (message, event), answers, why in zip(taken, _answers(scores), reasons, strict=True):
        last = {"reasons": why, "build": scorer.build_id}
        said = _echo(event) | answers | last | {"partition": message.partition, "offset": message.offset}
        letters.append(Letter(RESULTS, event.customer_id.encode(), orjson.dumps(said)))
    return letters


def _echo(event: Event) -> dict[str, Any]:
    return {
        "payment_id": event.payment_id,
        "customer_id": event.customer_id,
        "business_id": event.business_id,
        "at": events.written(event.at),
        "amount_krw": event.amount_krw,
        "merchant_id": event.merchant_id,
        "merchant_category": event.merchant_category,
        "method": event.method,
        "succeeded": 1 - event.failed,
    }


def _answers(scores: Scores) -> Iterable[dict[str, Any]]:
    """Of each payment; orjson writes NaN as null."""
    gone = np.isnan(scores.parts)
    shares = np.where(gone, np.nan, scores.contribution)
    columns = (scores.p_success, scores.p_fraud, scores.index, scores.parts, shares)
    rows = zip(*(column.round(PLACES).tolist() for column in columns), strict=True)
    actions = {level: risk_index.action(level) for level in {*scores.level}}
    others = zip(rows, scores.level, scores.decision(), gone @ BITS, strict=True)
    for (p_success, p_fraud, index, parts, contribution), level, decided, missing in others:
        yield {
            "p_success": p_success,
            "decision": decided,
            "p_fraud": p_fraud,
            "risk": {
                "index": index,
                "level": level,
                "action": actions[level],
                "parts": dict(zip(risk_index.PARTS, parts, strict=True)),
                "contribution": dict(zip(risk_index.PARTS, contribution, strict=True)),
                "missing": MISSING[missing],
            },
        }
