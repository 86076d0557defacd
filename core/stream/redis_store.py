"""The stream's state in Redis: the position of a partition and its customers' states, saved in one step.

    {<group>:<topic>:<partition>}:position           next offset to read
    {<group>:<topic>:<partition>}:customer:<id>      state as JSON, expires after 30 days without a payment

The braces put all keys of a partition into one slot of a Redis Cluster. One Lua script writes them, and refuses when
the position is not the one that was read (fencing): a worker that has lost its partition, or whose events another
worker has counted, changes nothing.
"""

from collections.abc import Mapping, Sequence

import orjson
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.payments.customer_state import Customer, forget_after
from core.stream.topics import EVENTS, Addresses

TIMEOUT = 5.0  # seconds; without a reply Redis counts as away

SAVE = """
local at = redis.call('GET', KEYS[1]) or ''
if at ~= ARGV[1] then return redis.error_reply('FENCED ' .. at) end
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 2], 'EX', ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[2])
return #KEYS - 1"""


class FencedError(Exception):
    """Another worker has changed the position of this partition: what was computed from it must be thrown away."""


class Store:
    """The state of one stream."""

    def __init__(self, addresses: Addresses) -> None:
        # No retries by the client: a save that timed out may have happened, and only the worker can find out.
        self.redis = redis.Redis.from_url(
            addresses.redis, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
        )
        self._save = self.redis.register_script(SAVE)
        self._group = addresses.group

    def key(self, partition: int, *rest: str) -> str:
        """Name of a key of a partition."""
        return ":".join((f"{{{self._group}:{EVENTS}:{partition}}}", *rest))

    def position(self, partition: int) -> int | None:
        """Next offset to read; None when nothing has been read."""
        position = self.redis.get(self.key(partition, "position"))
        return None if position is None else int(position)

    def customers(self, partition: int, ids: Sequence[str]) -> dict[str, Customer]:
        """The states of these customers; a customer without one is new."""
        states = self.redis.mget([self.key(partition, "customer", name) for name in ids]) if ids else []
        return {
            name: Customer.of(orjson.loads(state)) if state else Customer()
            for name, state in zip(ids, states, strict=True)
        }

    def save(self, partition: int, before: int | None, after: int, customers: Mapping[str, Customer]) -> None:
        """Write the states and change the position from `before` to `after`, in one step.

        Raises
        ------
        FencedError : the position is not `before`; nothing was written
        """
        keys = [self.key(partition, "position"), *(self.key(partition, "customer", name) for name in customers)]
        states = [orjson.dumps(customer.state()) for customer in customers.values()]
        seconds = forget_after() // 1_000_000
        try:
            self._save(keys=keys, args=["" if before is None else before, after, seconds, *states])
        except redis.ResponseError as error:
            if "FENCED" in str(error):
                raise FencedError(f"partition {partition}: expected {before}, found {error}") from error
            raise
