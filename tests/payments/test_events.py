"""What is a payment and what is not: every fault is named."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.payments import events

GOOD = {
    "payment_id": "P1",
    "customer_id": "U1",
    "at": "2024-12-03T12:30:05",
    "amount_krw": 12_000,
    "merchant_id": "M1",
    "merchant_category": "cafe",
    "method": "card",
    "succeeded": 0,
}


def message(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def reason(sent: bytes | None) -> str:
    with pytest.raises(events.Fault) as caught:
        events.parse(sent)
    return caught.value.reason


def test_a_payment_is_read_whole():
    found = events.parse(message(business_id="B1"))
    assert (found.payment_id, found.amount_krw, found.failed, found.business_id) == ("P1", 12_000, 1, "B1")
    assert events.written(found.at) == GOOD["at"]


@pytest.mark.parametrize("field", GOOD)
def test_a_missing_or_empty_field_is_named(field: str):
    for broken in ({key: value for key, value in GOOD.items() if key != field}, GOOD | {field: None}):
        with pytest.raises(events.Fault, match=f"missing_field.*{field} is missing"):
            events.parse(json.dumps(broken).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_krw", -1),
        ("amount_krw", 10.5),
        ("amount_krw", "12,000"),
        ("amount_krw", True),
        ("amount_krw", 10**12),
        ("succeeded", 2),
        ("succeeded", "yes"),
        ("at", "yesterday"),
        ("at", 1_733_200_000),
        ("at", "0001-01-01T00:00:00+14:00"),  # no year has this hour in Korea
        ("at", "9999-12-31T23:59:59-10:00"),
        ("customer_id", ""),
        ("customer_id", 7),
        ("merchant_id", "M" * 65),
        ("business_id", 5),
    ],
)
def test_a_wrong_value_is_named_with_its_field(field: str, value: object):
    with pytest.raises(events.Fault, match=f"wrong_value.*{field} is"):
        events.parse(message(**{field: value}))


def test_broken_json_other_json_nothing_and_a_huge_message_are_told_apart():
    assert reason(b'{"payment_id": ') == reason(b"\xff\xfe") == reason(b"[1, 2]") == reason(b"") == "not_json"
    assert reason(None) == "not_json"
    assert reason(message(note="x" * 70_000)) == "too_large"


def test_a_time_with_a_zone_is_turned_into_korean_time():
    assert events.written(events.parse(message(at="2024-12-03T03:30:05Z")).at) == GOOD["at"]


values = st.none() | st.text(max_size=80) | st.integers() | st.floats() | st.just([])


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200) | st.dictionaries(st.sampled_from([*GOOD]), values).map(lambda bad: message(**bad)))
def test_any_bytes_are_a_payment_or_a_fault(sent: bytes):
    with suppress(events.Fault):
        events.parse(sent)
