"""One thread for blocking work that must not overlap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from bot.errors import StoreError

T = TypeVar("T")


class Thread:
    """A thread that does what it is given, in order."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, name)

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Queue a call. Raises ``StoreError`` after ``aclose``."""
        try:
            return self._pool.submit(call)
        except RuntimeError as error:
            raise StoreError("The store is closed.") from error

    async def run(self, call: Callable[[], T]) -> T:
        """Queue a call and wait for its answer. A caller who is cancelled loses the answer, the call is made."""
        return await asyncio.shield(asyncio.wrap_future(self.start(call)))

    async def aclose(self, last: Callable[[], None]) -> None:
        """Do what is queued, then ``last``, then take no more. Does nothing the second time."""
        with suppress(StoreError):
            await self.run(last)
        self._pool.shutdown(wait=False)
