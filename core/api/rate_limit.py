"""How often a key may ask: a bucket of one second's worth that fills steadily.

Our own dozen lines: `limits`, the engine under slowapi, starts a thread for every few hits on its memory storage and
waits for it, which under load cost more than the prediction itself.
"""

import time
from collections.abc import Callable


class Rates:
    """The buckets of all keys, each full at first.

    >>> now = 0.0
    >>> rates = Rates(lambda: now)
    >>> [rates.take("k", 2) for _ in range(3)]
    [0.0, 0.0, 0.5]
    >>> now = 0.5
    >>> rates.take("k", 2)
    0.0
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_second: int, cost: int = 1) -> float:
        """Take `cost` from a bucket; 0 when it was there, otherwise the seconds until it is, and nothing is taken.

        What costs more than a second's worth passes when the bucket is full: it could never pass otherwise.
        """
        now = self._clock()
        left, seen = self._left.get(name, (float(per_second), now))
        left = min(float(per_second), left + (now - seen) * per_second)
        wanted = min(cost, per_second)
        if left < wanted:
            self._left[name] = left, now
            return (wanted - left) / per_second
        self._left[name] = left - wanted, now
        return 0.0
