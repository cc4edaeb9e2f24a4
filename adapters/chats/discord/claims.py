"""Which process answers. Discord tells every connection of a shard what somebody did; who notes it first has it.

So a new process can connect before the old one leaves, and every command is answered once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

from discord.utils import snowflake_time

from bot.errors import StoreError
from bot.ports import Notes

log = logging.getLogger(__name__)

ASKED = "discord/asked/"
PATIENCE = 1.0
"""Seconds that noting may take, of the three until the first answer. After them, and while the store is away, whoever
heard of it answers: Discord takes one first answer."""
KEPT = 300.0
"""Seconds for which it is known who has something: Discord tells a connection that was away what it missed."""
TIDY = 60.0


class Claims:
    """What this process has to answer. It takes nothing more once ``stop`` is set: the next one hears of it too."""

    def __init__(self, notes: Notes, stop: asyncio.Event) -> None:
        self._notes = notes
        self._stop = stop
        self._name = uuid4().hex
        self._ours: deque[tuple[float, str]] = deque()

    async def take(self, asked: str) -> bool:
        """Take an interaction, by its id. True for one process."""
        if self._stop.is_set():
            return False
        key = f"{ASKED}{asked}"
        try:
            async with asyncio.timeout(PATIENCE):
                taken = await self._notes.note(key, {"by": self._name}, once=True)
        except (StoreError, TimeoutError):
            return True
        if taken:
            self._ours.append((monotonic(), key))
        return taken

    async def tidy(self, every: float = TIDY, kept: float = KEPT) -> None:
        """Forget what is long over, until cancelled: ours, and first what processes before us have left."""
        left: deque[tuple[float, str]] | None = None
        while True:
            try:
                if left is None:
                    left = await self._left_behind(kept)
                for old in (left, self._ours):
                    await self._forget(old, monotonic() - kept)
            except StoreError as error:
                log.warning("Discord: what was answered could not be forgotten: %s", error)
            await asyncio.sleep(every)

    async def _left_behind(self, kept: float) -> deque[tuple[float, str]]:
        since = datetime.now(UTC) - timedelta(seconds=kept)
        found = await self._notes.notes(ASKED)
        return deque((-kept, key) for key in found if snowflake_time(int(key.removeprefix(ASKED))) < since)

    async def _forget(self, some: deque[tuple[float, str]], before: float) -> None:
        while some and some[0][0] <= before:
            await self._notes.forget(some[0][1])
            some.popleft()
