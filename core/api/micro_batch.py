"""Micro-batches: requests that arrive at the same moment are predicted in one call, which costs little more than one.

There is no waiting time: a batch has the requests that arrived by the next turn of the event loop. So a quiet server
predicts one request at a time, and a busy one spends less on each.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from core.api.build_follower import ServedBuild
from core.api.problems import ProblemError
from core.errors import CoreError

Item = TypeVar("Item")
Result = TypeVar("Result")


class MicroBatch(Generic[Item, Result]):
    """Calls `predict(build, items)`, one result an item, for all items of one turn of the event loop."""

    def __init__(self, predict: Callable[[ServedBuild, Sequence[Item]], Sequence[Result]]) -> None:
        self._predict = predict
        self._waiting: list[tuple[ServedBuild, Item, asyncio.Future[Result]]] = []

    async def result(self, served: ServedBuild, item: Item) -> Result:
        """The result of one item.

        Raises
        ------
        ProblemError, CoreError : `predict` raised it, and every item of the batch gets it
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((served, item, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._run)
        return await future

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, []
        # A new build may have been loaded between two items.
        for served in {id(served): served for served, _, _ in waiting}.values():
            items, futures = zip(*((item, future) for build, item, future in waiting if build is served), strict=True)
            self._resolve(served, items, futures)

    def _resolve(self, served: ServedBuild, items: Sequence[Item], futures: Sequence[asyncio.Future[Result]]) -> None:
        try:
            results = self._predict(served, items)
        except (ProblemError, CoreError) as error:
            _fail(futures, error)
        else:
            for future, result in zip(futures, results, strict=True):
                if not future.done():  # a client that has gone cancels its future
                    future.set_result(result)
        finally:
            # After a bug, which the log has, no future may stay open for ever.
            _fail(futures, RuntimeError("a batch of predictions failed; the log has the reason"))


def _fail(futures: Sequence[asyncio.Future], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
