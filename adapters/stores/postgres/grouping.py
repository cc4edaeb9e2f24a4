"""Calls that come while others are under way are made together: one transaction serves them all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.errors import StoreError

from .database import Unreachable

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
            _tell(some, await separately(self._work, [call for call, _ in some]))


async def separately(work: Callable[[Sequence[A]], Awaitable[Sequence[R]]], calls: Sequence[A]) -> list[R | StoreError]:
    """Make calls together; when that is refused, one by one: what one of them cannot have must not cost the others."""
    if not calls:
        return []
    try:
        return list(await work(calls))
    except Unreachable as error:
        return [error for _ in calls]
    except StoreError as error:
        if len(calls) == 1:
            return [error]
    return [answer for call in calls for answer in await separately(work, [call])]


def _tell(some: Sequence[tuple[A, asyncio.Future[R]]], answers: Sequence[R | StoreError]) -> None:
    for (_, future), answer in zip(some, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, StoreError):
            future.set_exception(answer)
        else:
            future.set_result(answer)
