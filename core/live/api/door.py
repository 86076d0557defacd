"""The way in: the key behind a request, what it may do, and how often.

Rates are counted in this process by `limits` (moving window). Several servers behind one address each count alone.
"""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from core.live.api.keys import Key, Keys
from core.live.api.observe import Metrics
from core.live.api.problems import Refused
from core.live.api.served import Follower, Served

ROWS_A_REQUEST = 100  # of a batch, counted as one request

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Made with `python -m core key make`.")


class Door:
    """What every route needs: the served build, the keys, the rates, the metrics."""

    def __init__(self, follower: Follower, keys: Keys, metrics: Metrics) -> None:
        self.follower, self.keys, self.metrics = follower, keys, metrics
        self._rates = SlidingWindowCounterRateLimiter(MemoryStorage())

    def key(self, request: Request, told: str | None) -> Key:
        """The key that was sent.

        Raises
        ------
        Refused : there is none, or nobody has it
        """
        found = self.keys.find(told) if told else None
        if found is None:
            raise Refused("unauthorized", "send a key in X-API-Key", {"WWW-Authenticate": "ApiKey"})
        request.scope["beacon.key"] = found.id
        return found

    def admit(self, key: Key, rows: int = 1) -> None:
        """Count a request against the rate of its key; a batch counts one for each hundred rows begun.

        Raises
        ------
        Refused : the rate is used up
        """
        item = RateLimitItemPerSecond(key.per_second)
        # A batch larger than a second's rate passes when nothing else has been asked: it could never pass otherwise.
        cost = min(-(-rows // ROWS_A_REQUEST), key.per_second)
        if not self._rates.hit(item, key.id, cost=cost):
            self.metrics.refused.labels(key.id).inc()
            raise Refused("rate_limited", f"at most {key.per_second} requests a second", {"Retry-After": "1"})


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def _key(request: Request, told: Annotated[str | None, Security(_header)]) -> Key:
    return _door(request).key(request, told)


async def _payments_key(request: Request, told: Annotated[str | None, Security(_header)]) -> Key:
    key = _door(request).key(request, told)
    if not key.payments:
        raise Refused("payments_not_granted", "make a key with --payments")
    return key


async def _the_door(request: Request) -> Door:
    return _door(request)


async def _now(request: Request) -> Served:
    return _door(request).follower.now()


TheDoor = Annotated[Door, Depends(_the_door)]
TheBuild = Annotated[Served, Depends(_now)]
TheKey = Annotated[Key, Depends(_key)]
PaymentsKey = Annotated[Key, Depends(_payments_key)]
