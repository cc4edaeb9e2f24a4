"""Which process answers. Discord tells every connection of a shard what somebody did; who notes it first has it.

So a new process can connect before the old one leaves, and every command is answered once. Whoever comes second stays
at hand: when the first one dies, what it has left is done here. Discord itself tells whether it died before it gave the
first answer, for it takes only one; after that its signs of life do (``shards``).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeGuard
from uuid import uuid4

from discord.utils import snowflake_time

from adapters.chats.discord.shards import PROCESSES
from bot.errors import StoreError
from bot.models import JSON
from bot.ports import Notes

log = logging.getLogger(__name__)

ASKED = "discord/asked/"
KEPT = 300.0
"""Seconds for which it is known who has something: Discord tells a connection that was away what it missed."""
TIDY = 60.0
MOST = 200
"""Acts at once for which we stand by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Seconds that a process gives the store, and for which it stands by for another one."""

    noting: float = 1.0
    """Of the three until the first answer. After them, and while the store is away, whoever heard of it answers:
    Discord takes one first answer."""
    turn: float = 2.3
    """From hearing of an act until we give the first answer ourselves, if there is none: Discord waits for three, and
    one that works has given it after two."""
    look: float = 5.0
    silence: float = 15.0
    """Without a sign of life of whoever has it."""
    window: float = KEPT
    """In all; Discord takes answers for 15 minutes."""


class Claims:
    """What this process has to answer. It takes nothing more once ``stop`` is set: the next one hears of it too.

    ``name`` is that under which it gives signs of life.
    """

    def __init__(self, notes: Notes, stop: asyncio.Event, name: str = "", standing: Standing | None = None) -> None:
        self._notes = notes
        self._stop = stop
        self._mine = {"by": name or uuid4().hex}
        self._standing = standing or Standing()
        self._stands = 0
        self._ours: deque[tuple[float, str]] = deque()

    async def take(self, asked: str) -> bool:
        """Take an interaction, by its id. True for one process."""
        if self._stop.is_set():
            return False
        key = f"{ASKED}{asked}"
        try:
            async with asyncio.timeout(self._standing.noting):
                taken = await self._notes.note(key, self._mine, once=True)
        except (StoreError, TimeoutError):
            return True
        if taken:
            self._ours.append((monotonic(), key))
        return taken

    async def done(self, asked: str) -> None:
        """Tell those who stand by that it is answered."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._standing.noting):
                await self._notes.note(f"{ASKED}{asked}", {**self._mine, "done": True}, over=self._mine)

    async def inherit(self, asked: str, defer: Callable[[], Awaitable[bool]]) -> bool:
        """Stand by for whoever took it. True when that one died: it is ours, and the person knows that we are at it.

        ``defer`` is the first answer, which says that another one will come; False where there was one before.
        """
        if self._stands >= MOST:
            return False
        self._stands += 1
        try:
            async with asyncio.timeout(self._standing.window):
                return await self._left(f"{ASKED}{asked}", defer)
        except (StoreError, TimeoutError):
            return False
        finally:
            self._stands -= 1

    async def _left(self, key: str, defer: Callable[[], Awaitable[bool]]) -> bool:
        if await self._leaving(self._standing.turn) or not _is_open(note := await self._notes.noted(key)):
            return False
        if await defer():
            return await self._take_over(key, note)
        seen, since = None, monotonic()
        while not await self._leaving(self._standing.look) and _is_open(note := await self._notes.noted(key)):
            sign = note, await self._notes.noted(f"{PROCESSES}{note['by']}")
            if sign != seen:
                seen, since = sign, monotonic()
            elif monotonic() - since > self._standing.silence:
                return await self._take_over(key, note)
        return False

    async def _leaving(self, seconds: float) -> bool:
        """Wait; give whether this process is about to leave."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        return self._stop.is_set()

    async def _take_over(self, key: str, note: JSON) -> bool:
        taken = await self._notes.note(key, self._mine, over=note)
        if taken:
            log.warning("Discord: the process %s left a command unanswered; it is answered here", note["by"])
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


def _is_open(note: JSON | None) -> TypeGuard[JSON]:
    """Whether somebody has it and has not answered yet."""
    return note is not None and "done" not in note
