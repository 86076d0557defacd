"""Questions that arrive at the same moment are answered in one go: a model costs nearly the same for eight as for one.

Nobody waits for company: what has arrived by the next turn of the event loop goes together. A quiet server answers one
at a time, a busy one spends less on each.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from core.api.build_follower import Served
from core.api.problems import Refused
from core.errors import CoreError

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Asks `answers(build, questions)`, one answer a question, for all who ask in one turn."""

    def __init__(self, answers: Callable[[Served, Sequence[Question]], Sequence[Answer]]) -> None:
        self._answers = answers
        self._waiting: list[tuple[Served, Question, asyncio.Future[Answer]]] = []

    async def ask(self, served: Served, question: Question) -> Answer:
        """The answer to one question.

        Raises
        ------
        Refused, CoreError : what `answers` raised, for every question of the turn
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((served, question, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._turn)
        return await future

    def _turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        # A new build may have begun to serve between two of them.
        for served in {id(served): served for served, _, _ in waiting}.values():
            some = [(question, future) for build, question, future in waiting if build is served]
            self._answer(served, [question for question, _ in some], [future for _, future in some])

    def _answer(self, served: Served, questions: list[Question], futures: list[asyncio.Future[Answer]]) -> None:
        try:
            found = self._answers(served, questions)
        except (Refused, CoreError) as error:
            _tell(futures, error)
        else:
            for future, answer in zip(futures, found, strict=True):
                if not future.done():  # whoever asked may have gone
                    future.set_result(answer)
        finally:
            # A bug goes on to the log; nobody waits for ever for what it did not answer.
            _tell(futures, RuntimeError("answering together failed; the log has the reason"))


def _tell(futures: Sequence[asyncio.Future], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
