"""Items of one turn of the event loop share a call and its failure; each gets its own result."""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.api.micro_batch import MicroBatch
from core.api.problems import ProblemError


def _run(coroutine: Coroutine) -> list:
    """In a thread, because the browser of other tests leaves an event loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result(20)


def test_items_of_one_turn_are_one_call_and_each_gets_its_own_result():
    calls: list[tuple[str, list[int]]] = []

    def doubled(served: str, numbers: Sequence[int]) -> list[int]:
        calls.append((served, list(numbers)))
        return [2 * number for number in numbers]

    async def requests() -> list[int]:
        batch = MicroBatch(doubled)
        first = await asyncio.gather(batch.result("old", 1), batch.result("new", 2), batch.result("old", 3))
        return [*first, await batch.result("new", 4)]

    assert _run(requests()) == [2, 4, 6, 8]
    assert calls == [("old", [1, 3]), ("new", [2]), ("new", [4])]


@pytest.mark.parametrize(
    ("error", "raised"), [(ProblemError("no_model", ""), ProblemError), (ValueError("bug"), RuntimeError)]
)
def test_every_item_of_the_batch_gets_the_error(error: Exception, raised: type[Exception]):
    def fails(_served: str, _numbers: Sequence[int]) -> list[int]:
        raise error

    async def requests() -> list[object]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the bug is raised in the loop as well
        batch = MicroBatch(fails)
        return await asyncio.gather(batch.result("build", 1), batch.result("build", 2), return_exceptions=True)

    assert [type(error) for error in _run(requests())] == [raised, raised]
