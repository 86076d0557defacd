"""One payment as it comes over the wire: JSON into an Event, or the reason why not.

A message is one JSON object; times are Korean time unless they say otherwise:

    {"payment_id": "P1", "customer_id": "U1", "at": "2024-12-03T12:30:05", "amount_krw": 12000, "merchant_id": "M1",
     "merchant_category": "cafe", "method": "card", "succeeded": 1, "business_id": "B1" (may be missing)}

`succeeded` is the outcome, known at once. It goes into what is remembered of the customer, never into this payment's
own features.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from core.calendar import SEOUL

MOST_BYTES = 64_000  # a payment has some 300; more is no payment, and a dead letter keeps only its beginning
MOST_CHARACTERS = 64  # of an id
MOST_WON = 10**12
START = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
TEXTS = ("payment_id", "customer_id", "merchant_id", "merchant_category", "method")
NEEDED = (*TEXTS, "at", "amount_krw", "succeeded")


class Event(NamedTuple):
    """A payment; `at` in microseconds of Korean time since 1970."""

    payment_id: str
    customer_id: str
    at: int
    amount_krw: int
    merchant_id: str
    merchant_category: str
    method: str
    failed: int
    business_id: str | None = None


class Fault(Exception):
    """Why a message is no payment of this stream: a code for machines, a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def parse(message: bytes | None) -> Event:
    """The payment of a message.

    Raises
    ------
    Fault : too_large, not_json, missing_field or wrong_value

    >>> parse(b'{"payment_id": "P1"}')
    Traceback (most recent call last):
    core.payments.events.Fault: ('missing_field', 'customer_id is missing')
    """
    if message is None or len(message) > MOST_BYTES:
        size = 0 if message is None else len(message)
        raise Fault("too_large" if size else "not_json", f"{size} bytes; a payment has 1 to {MOST_BYTES}")
    try:
        payload = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise Fault("not_json", str(error)) from error
    if not isinstance(payload, dict):
        raise Fault("not_json", f"a payment is an object, this is a {type(payload).__name__}")
    return _event(payload)


def _event(payment: dict[str, Any]) -> Event:
    for name in NEEDED:
        if payment.get(name) is None:
            raise Fault("missing_field", f"{name} is missing")
    for name in TEXTS:
        _check(name, payment[name], _is_text(payment[name]))
    amount, outcome, business = payment["amount_krw"], payment["succeeded"], payment.get("business_id")
    _check("amount_krw", amount, type(amount) is int and 0 <= amount < MOST_WON)
    _check("succeeded", outcome, outcome in (0, 1))
    _check("business_id", business, business is None or _is_text(business))
    return Event(
        payment_id=payment["payment_id"],
        customer_id=payment["customer_id"],
        at=instant(payment["at"]),
        amount_krw=amount,
        merchant_id=payment["merchant_id"],
        merchant_category=payment["merchant_category"],
        method=payment["method"],
        failed=1 - int(outcome),
        business_id=business,
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS


def _check(name: str, value: object, is_right: bool) -> None:
    if not is_right:
        raise Fault("wrong_value", f"{name} is {str(value)[:MOST_CHARACTERS]!r}")


def instant(text: object) -> int:
    """Microseconds since 1970, Korean time, of an ISO time; without a zone it is Korean already.

    >>> instant("1970-01-01T09:00:00+09:00") == instant("1970-01-01T00:00:00Z") == instant("1970-01-01 09:00:00")
    True
    """
    try:
        at = datetime.fromisoformat(text)  # type: ignore[arg-type]
        local = at if at.tzinfo is None else at.astimezone(SEOUL).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError) as error:  # the last: Korea's hours lead out of the calendar
        raise Fault(
            "wrong_value", f"at is {str(text)[:MOST_CHARACTERS]!r}, must be like 2024-12-03T12:30:05"
        ) from error
    return (local - START) // MICROSECOND


def written(at: int) -> str:
    """ISO text of an instant.

    >>> written(instant("2024-12-03T12:30:05"))
    '2024-12-03T12:30:05'
    """
    return (START + timedelta(microseconds=at)).isoformat()
