"""What people asked a chat and are not answered yet: bounded, and given a moment when the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.talk import Line, Reply, said

MOST = 200
"""Requests of one chat under way at once; what comes beyond them is refused in words."""
LAST = 3.0
"""Seconds that they still have when the process ends."""
BUSY = Reply((Line(said("I have a lot to do right now. Please try again in a minute.")),))


class UnderWay:
    """Counts what is under way, and knows when nothing is."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def is_full(self) -> bool:
        """Whether no more should be begun."""
        return self._count >= MOST

    @contextmanager
    def one(self) -> Iterator[None]:
        """Something that should be done before the end."""
        self._count += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._idle.set()

    async def finish(self, seconds: float = LAST) -> None:
        """Wait a moment for what is under way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
