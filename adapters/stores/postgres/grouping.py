"""Calls that come while others are under way are made together: one transaction serves them all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.errors import StoreError

A = TypeVar("A")
R = TypeVar("R")

MOST = 200
"""Calls in one go."""


class Group(Generic[A, R]):
    """Calls of one kind. ``work`` does several at once, all or none, and gives an answer for each."""

    def __init__(self, work: Callable[[Sequence[A]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, call: A) -> R:
        """Have a call made. A caller who is cancelled loses the answer, not the call."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                _tell(some, await self._work([call for call, _ in some]))
            except StoreError as error:
                if len(some) == 1:
                    some[0][1].set_exception(error)
                else:
                    await self._one_by_one(some)

    async def _one_by_one(self, some: Sequence[tuple[A, asyncio.Future[R]]]) -> None:
        """What one of them cannot have must not cost the others."""
        for call, answer in some:
            try:
                _tell([(call, answer)], await self._work([call]))
            except StoreError as error:
                answer.set_exception(error)


def _tell(some: Sequence[tuple[A, asyncio.Future[R]]], answers: Sequence[R]) -> None:
    for (_, future), answer in zip(some, answers, strict=True):
        if not future.done():
            future.set_result(answer)
