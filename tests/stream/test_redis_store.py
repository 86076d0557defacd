"""The store of the stream: all of a batch or nothing, never twice, expired after thirty days."""

import orjson
import pytest
import redis

from core.payments.customer_state import Customer
from core.stream.redis_store import FencedError, Store
from core.stream.topics import Addresses
from tests.payments.test_customer_state import event
from tests.stream.conftest import redis_url


@pytest.fixture
def store(memory, request) -> Store:
    return Store(Addresses("", redis_url(memory), group=request.node.name))


def payer(number: int = 1) -> Customer:
    customer = Customer()
    customer.add(event(number))
    return customer


def test_states_and_position_come_back_as_they_were_saved(store):
    assert (store.position(0), store.customers(0, ["U1"])) == (None, {"U1": Customer()})
    store.save(0, None, 7, {"U1": payer(), "U2": payer(2)})
    assert store.position(0) == 7
    assert store.customers(0, ["U2", "U1", "U3"]) == {"U2": payer(2), "U1": payer(), "U3": Customer()}


def test_a_worker_that_lost_its_partition_changes_nothing(store):
    store.save(0, None, 7, {"U1": payer()})
    for stale in (None, 3, 8):
        with pytest.raises(FencedError, match="FENCED 7"):
            store.save(0, stale, 9, {"U1": payer(5), "U9": payer(9)})
    assert store.position(0) == 7
    assert store.customers(0, ["U1", "U9"]) == {"U1": payer(), "U9": Customer()}


def test_partitions_are_separate(store):
    store.save(0, None, 7, {"U1": payer()})
    assert store.position(1) is None
    assert store.customers(1, ["U1"]) == {"U1": Customer()}


def test_a_customer_is_forgotten_after_thirty_days_and_a_position_never(store):
    store.save(0, None, 7, {"U1": payer()})
    assert 30 * 86_400 - 60 < store.redis.ttl(store.key(0, "customer", "U1")) <= 30 * 86_400
    assert store.redis.ttl(store.key(0, "position")) == -1


def test_states_are_json_that_other_tools_can_read(store):
    store.save(0, None, 1, {"U1": payer()})
    assert orjson.loads(store.redis.get(store.key(0, "customer", "U1"))) == orjson.loads(orjson.dumps(payer().state()))


def test_a_redis_that_is_not_there_is_an_error_at_once():
    with pytest.raises(redis.ConnectionError):
        Store(Addresses("", "redis://127.0.0.1:1/0")).position(0)
