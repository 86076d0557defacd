"""Questions of one turn share an answer, and a failure; nobody gets another's."""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.api.micro_batch import Together
from core.api.problems import Refused


def _run(asking: Coroutine) -> list:
    """In a thread of its own: the browser of other tests leaves a loop running in the main one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, asking).result(20)


def test_questions_of_one_turn_are_asked_together_and_each_gets_its_own_answer():
    asked: list[tuple[str, list[int]]] = []

    def doubled(served: str, numbers: Sequence[int]) -> list[int]:
        asked.append((served, list(numbers)))
        return [2 * number for number in numbers]

    async def ask() -> list[int]:
        together = Together(doubled)
        first = await asyncio.gather(together.ask("old", 1), together.ask("new", 2), together.ask("old", 3))
        return [*first, await together.ask("new", 4)]

    assert _run(ask()) == [2, 4, 6, 8]
    assert asked == [("old", [1, 3]), ("new", [2]), ("new", [4])]


@pytest.mark.parametrize(("error", "told"), [(Refused("no_model", ""), Refused), (ValueError("bug"), RuntimeError)])
def test_a_failure_reaches_everybody_who_asked(error: Exception, told: type[Exception]):
    def fails(_served: str, _questions: Sequence[int]) -> list[int]:
        raise error

    async def ask() -> list[object]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the bug is raised in the loop as well
        together = Together(fails)
        return await asyncio.gather(together.ask("build", 1), together.ask("build", 2), return_exceptions=True)

    assert [type(found) for found in _run(ask())] == [told, told]
