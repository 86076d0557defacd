"""How many requests a key may make: a token bucket per key (https://en.wikipedia.org/wiki/Token_bucket).

Written here because `limits`, the library under slowapi, starts a thread for every few requests on its memory storage
and waits for it. Under load that cost more than the prediction itself.
"""

import time
from collections.abc import Callable


class RateLimiter:
    """The buckets of all keys. A bucket holds the tokens of one second, and is full at first.

    >>> now = 0.0
    >>> rates = RateLimiter(lambda: now)
    >>> [rates.take("k", 2) for _ in range(3)]
    [0.0, 0.0, 0.5]
    >>> now = 0.5
    >>> rates.take("k", 2)
    0.0
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens, and the time at which there were so many

    def take(self, name: str, per_second: int, cost: int = 1) -> float:
        """Take `cost` tokens; 0 if they were there, otherwise the seconds until they are, and none is taken.

        A cost above one second's tokens needs a full bucket only: it could never be paid otherwise.
        """
        now = self._clock()
        tokens, since = self._buckets.get(name, (float(per_second), now))
        tokens = min(float(per_second), tokens + (now - since) * per_second)
        missing = min(cost, per_second) - tokens
        self._buckets[name] = (tokens if missing > 0 else -missing), now
        return max(missing, 0.0) / per_second
