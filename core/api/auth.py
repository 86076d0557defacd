"""Authentication of a request: the key it carries, what this key may read, and how often it may ask.

Requests are counted in this process: several servers behind one address count separately.
"""

from dataclasses import dataclass
from math import ceil
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from core.api.build_follower import BuildFollower, ServedBuild
from core.api.keys import Key, Keys
from core.api.observability import Metrics
from core.api.problems import ProblemError
from core.api.rate_limit import RateLimiter

ROWS_PER_REQUEST = 100  # rows of a batch that count as one request

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Made with `python -m core key make`.")


class Gatekeeper:
    """What every route needs: the served build, the keys, the rate limits, the metrics."""

    def __init__(self, follower: BuildFollower, keys: Keys, metrics: Metrics) -> None:
        self.follower, self.keys, self.metrics = follower, keys, metrics
        self._rates = RateLimiter()

    def key(self, request: Request, secret: str | None) -> Key:
        """The key that the request carries.

        Raises
        ------
        ProblemError : it carries none, or one that does not exist or was revoked
        """
        key = self.keys.find(secret) if secret else None
        if key is None:
            raise ProblemError("unauthorized", "send a key in X-API-Key", {"WWW-Authenticate": "ApiKey"})
        request.scope["beacon.key"] = key.id
        return key

    def admit(self, key: Key, rows: int = 1) -> None:
        """Count a request against the rate of its key; a batch counts once for every hundred rows or part of them.

        Raises
        ------
        ProblemError : the rate is used up
        """
        wait = self._rates.take(key.id, key.per_second, -(-rows // ROWS_PER_REQUEST))
        if wait:
            self.metrics.refused.labels(key.id).inc()
            detail = f"at most {key.per_second} requests a second"
            raise ProblemError("rate_limited", detail, {"Retry-After": str(ceil(wait))})


@dataclass(frozen=True)
class Call:
    """The key of a request and the build that answers it.

    One object, because each dependency of a route costs a twentieth of a millisecond.
    """

    gatekeeper: Gatekeeper
    served: ServedBuild
    key: Key

    def admit(self, rows: int = 1) -> None:
        """Count this call against the rate of its key."""
        self.gatekeeper.admit(self.key, rows)


async def _call(request: Request, secret: Annotated[str | None, Security(_header)]) -> Call:
    gatekeeper: Gatekeeper = request.app.state.gatekeeper
    key = gatekeeper.key(request, secret)
    return Call(gatekeeper, gatekeeper.follower.current(), key)


async def _payments_call(request: Request, secret: Annotated[str | None, Security(_header)]) -> Call:
    call = await _call(request, secret)
    if not call.key.payments:
        raise ProblemError("payments_not_granted", "make a key with --payments")
    return call


AnyCall = Annotated[Call, Depends(_call)]
PaymentsCall = Annotated[Call, Depends(_payments_call)]
