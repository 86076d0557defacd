"""The way in: the key behind a request, what it may do, and how often.

Rates are counted in this process. Several servers behind one address each count alone.
"""

from dataclasses import dataclass
from math import ceil
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from core.api.build_follower import Follower, Served
from core.api.keys import Key, Keys
from core.api.observability import Metrics
from core.api.problems import Refused
from core.api.rate_limit import Rates

ROWS_A_REQUEST = 100  # of a batch, counted as one request

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Made with `python -m core key make`.")


class Door:
    """What every route needs: the served build, the keys, the rates, the metrics."""

    def __init__(self, follower: Follower, keys: Keys, metrics: Metrics) -> None:
        self.follower, self.keys, self.metrics = follower, keys, metrics
        self._rates = Rates()

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
        wait = self._rates.take(key.id, key.per_second, -(-rows // ROWS_A_REQUEST))
        if wait:
            self.metrics.refused.labels(key.id).inc()
            raise Refused(
                "rate_limited", f"at most {key.per_second} requests a second", {"Retry-After": str(ceil(wait))}
            )


@dataclass(frozen=True)
class Call:
    """Who asks, and which build answers. One object: each dependency of a route costs a twentieth of a millisecond."""

    door: Door
    served: Served
    key: Key

    def admit(self, rows: int = 1) -> None:
        """Count this call against the rate of its key."""
        self.door.admit(self.key, rows)


async def _call(request: Request, told: Annotated[str | None, Security(_header)]) -> Call:
    door: Door = request.app.state.door
    key = door.key(request, told)
    return Call(door, door.follower.now(), key)


async def _payments_call(request: Request, told: Annotated[str | None, Security(_header)]) -> Call:
    call = await _call(request, told)
    if not call.key.payments:
        raise Refused("payments_not_granted", "make a key with --payments")
    return call


AnyCall = Annotated[Call, Depends(_call)]
PaymentsCall = Annotated[Call, Depends(_payments_call)]
