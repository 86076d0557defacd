"""Scores a batch of messages: results and dead letters out. No I/O, no clock: the same batch gives the same bytes.

A result, with the customer as its key (a payment may come twice after a crash, with the same bytes: consumers must use
payment_id as the key of a result):

    {"payment_id", "customer_id", "business_id", "at", "amount_krw", "merchant_id", "merchant_category", "method",
     "succeeded", "p_success", "decision", "p_fraud",
     "risk": {"index", "level", "action", "parts": {...}, "contribution": {...}, "missing": [...]},
     "reasons": {"success": [...], "fraud": [...]} | null, "build", "partition", "offset"}

`contribution` is the share of each part in the index: the reasons of the risk. `reasons` explain a model's probability:
`success` when the decision is review, `fraud` when the chance of fraud is the largest part of a high index. Unknown is
null. A dead letter is {"reason", "detail", "partition", "offset", "value": its first characters}.
"""

from collections import defaultdict
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

DEAD_CHARACTERS = 1_000  # of a dead letter's value
SEOUL_OFFSET = SEOUL.utcoffset(None) // timedelta(microseconds=1)
# Microseconds. A payment further ahead of the broker's clock would make all later ones of its customer "backwards".
MAX_AHEAD = 5 * 60 * 1_000_000

# The names of the unknown parts, by the sum of their bits: sixteen lists instead of one for each payment.
BITS = 1 << np.arange(len(risk_index.PARTS))
MISSING = [
    [name for name, bit in zip(risk_index.PARTS, BITS, strict=True) if bits & bit] for bits in range(2 ** len(BITS))
]

FindCustomers = Callable[[int, Sequence[str]], dict[str, Customer]]


class Message(NamedTuple):
    """A message of transaction-events; `stamp` is the broker's time in milliseconds since 1970 UTC, 0 unknown."""

    partition: int
    offset: int
    stamp: int
    key: bytes | None
    value: bytes | None


class OutboundMessage(NamedTuple):
    """A message to be sent."""

    topic: str
    key: bytes | None
    value: bytes


@dataclass(frozen=True)
class BatchResult:
    """Results, then dead letters; the number of dead letters; the customers that changed, by partition."""

    outbound: list[OutboundMessage]
    dead: int
    customers: dict[int, dict[str, Customer]]


def process(messages: Sequence[Message], find_customers: FindCustomers, scorer: Scorer) -> BatchResult:
    """Results and dead letters of messages, those of a partition in their order.

    Parameters
    ----------
    find_customers : the customers of a partition by their ids; all payments of a customer are in one partition
    """
    parsed = [(message, _parse(message)) for message in messages]
    ids: dict[int, set[str]] = defaultdict(set)
    for message, event in parsed:
        if isinstance(event, Event):
            ids[message.partition].add(event.customer_id)
    customers = {partition: find_customers(partition, sorted(names)) for partition, names in ids.items()}
    features, scored, dead = [], [], []
    changed: dict[int, dict[str, Customer]] = defaultdict(dict)
    for message, event in parsed:
        try:
            if isinstance(event, Fault):
                raise event
            customer = customers[message.partition][event.customer_id]
            customer.refuse(event)
        except Fault as fault:
            dead.append(_dead_letter(message, fault))
            continue
        features.append(customer.features(event, scorer.usual.ln_amount(event)))
        customer.add(event)
        scored.append((message, event))
        changed[message.partition][event.customer_id] = customer
    results = _results(scored, np.array(features), scorer) if scored else []
    return BatchResult([*results, *dead], len(dead), changed)


def _parse(message: Message) -> Event | Fault:
    try:
        event = events.parse(message.value)
    except Fault as fault:
        return fault
    ahead = event.at - SEOUL_OFFSET - message.stamp * 1000
    if message.stamp and ahead > MAX_AHEAD:
        return Fault("clock_ahead", f"at lies {ahead / 1e6:.0f} s after the broker's time")
    return event


def _dead_letter(message: Message, fault: Fault) -> OutboundMessage:
    value = (message.value or b"")[: 4 * DEAD_CHARACTERS].decode("utf-8", "replace")[:DEAD_CHARACTERS]
    content = {
        "reason": fault.reason,
        "detail": fault.detail,
        "partition": message.partition,
        "offset": message.offset,
        "value": value,
    }
    return OutboundMessage(DEAD, message.key, orjson.dumps(content))


def _results(payments: Sequence[tuple[Message, Event]], features: np.ndarray, scorer: Scorer) -> list[OutboundMessage]:
    scores = scorer.score(features)
    reasons = scorer.reasons(features, scores.is_in_doubt())
    results = []
    for (message, event), answer, reason in zip(payments, _answers(scores), reasons, strict=True):
        content = _event_fields(event) | answer | {"reasons": reason, "build": scorer.build_id}
        content |= {"partition": message.partition, "offset": message.offset}
        results.append(OutboundMessage(RESULTS, event.customer_id.encode(), orjson.dumps(content)))
    return results


def _event_fields(event: Event) -> dict[str, Any]:
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
    """The fields of each payment's scores; orjson writes NaN as null."""
    is_unknown = np.isnan(scores.parts)
    shares = np.where(is_unknown, np.nan, scores.contribution)
    columns = (scores.p_success, scores.p_fraud, scores.index, scores.parts, shares)
    rows = zip(*(column.round(PLACES).tolist() for column in columns), strict=True)
    actions = {level: risk_index.action(level) for level in {*scores.level}}
    codes = zip(rows, scores.level, scores.decision(), is_unknown @ BITS, strict=True)
    for (p_success, p_fraud, index, parts, contribution), level, decision, missing in codes:
        yield {
            "p_success": p_success,
            "decision": decision,
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
