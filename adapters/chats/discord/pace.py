"""How soon the next request may leave: what Discord allows the whole of a bot in a second.

A turn is waited for when a request's connection stands and its headers are about to be written, so that it leaves in
its turn: before that it may still have waited, for a bucket of its own or for the connection.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from dataclasses import replace
from time import monotonic
from typing import Protocol

from adapters.chats.discord import limits
from bot.errors import StoreError
from bot.models import Channel
from bot.ports import Shared, Turn

log = logging.getLogger(__name__)

TIGHTEST = 0.5
"""Of the ordinary distance, what is left between two requests when time was lost."""
MADE_UP = 0.15
"""Seconds of requests that are made up for."""
BATCH = 8
"""Turns that are booked at once, when so many requests wait."""
VAGUE = 0.025
"""Seconds that a booking takes, from which on its turns may lie too far from where the store put them: of one that
took twice as long half are used, so that no more can come on top of others'."""
LATE = 0.015
"""Seconds after which a turn is over: who uses it then may come on top of others."""


APART = 1.04
"""By how much more than wanted new sessions of several processes lie apart: some are on their way for longer."""


class Pace(Protocol):
    """Hands out turns."""

    async def turn(self) -> None:
        """Wait for one's turn."""
        ...

    async def session(self, seconds: float, *, first: bool) -> float:
        """Give how long to wait before a new session begins, of which there may be one in so many seconds.

        ``first`` is the first of this process.
        """
        ...


class Alone:
    """Evenly so many requests in so many seconds, however one cuts those, also when this process was held up.

    What a held-up moment did not use is made up for, as far as the same seconds allow it.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._gap, self._seconds = seconds / most, seconds
        self._made: deque[float] = deque(maxlen=most)
        self._due = 0.0
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for one's turn."""
        async with self._lock:
            made = self._made
            close = made[-1] + TIGHTEST * self._gap if made else 0.0
            full = made[0] + self._seconds if len(made) == made.maxlen else 0.0
            await asyncio.sleep(max(0.0, max(self._due, close, full) - monotonic()))
            made.append(monotonic())
            self._due = max(self._due + self._gap, made[-1] - MADE_UP)

    async def session(self, seconds: float, *, first: bool) -> float:
        """One after the other."""
        return 0.0 if first else seconds


class Together:
    """The turns of one bot, which all its processes book in the store that they share, a few at a time.

    A turn that comes too late is let go, and so are some of a booking that took so long that nobody can say when they
    are. While the store is away each goes its own pace: then no digests are sent.
    """

    def __init__(self, store: Shared, token: str, alone: Pace) -> None:
        self._store = store
        self._alone = alone
        self._turn = token_turn(token)
        self._waiting = 0
        self._booked: deque[float] = deque()
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Wait for one's turn."""
        self._waiting += 1
        try:
            async with self._lock:
                while not await self._used():
                    pass
        except StoreError as error:
            log.warning("Discord: the pace cannot be shared: %s", error)
            await self._alone.turn()
        finally:
            self._waiting -= 1

    async def session(self, seconds: float, *, first: bool) -> float:
        """Give the wait for one's turn among all processes."""
        room = f"{self._turn.channel.room} session"
        turn = Turn(replace(self._turn.channel, room=room), 1 / (seconds * APART), 1)
        try:
            (wait,) = await self._store.book([turn])
        except StoreError as error:
            log.warning("Discord: new sessions cannot be told to others: %s", error)
            return await self._alone.session(seconds, first=first)
        return wait

    async def hold(self, seconds: float) -> None:
        """Give nobody a turn for so long."""
        self._booked.clear()
        try:
            await self._store.hold(self._turn, seconds)
        except StoreError as error:
            log.warning("Discord: others could not be told to wait: %s", error)

    async def _used(self) -> bool:
        """Wait for the next turn; False when it is over."""
        if not self._booked:
            self._booked.extend(await self._book())
        at = self._booked.popleft()
        await asyncio.sleep(at - monotonic())
        return monotonic() - at < LATE

    async def _book(self) -> list[float]:
        """When the next turns are; the last one can be used, however long this takes."""
        asked = monotonic()
        waits = await self._store.book([self._turn] * min(self._waiting, BATCH))
        took = monotonic() - asked
        sure = max(1, int(len(waits) * min(1.0, VAGUE / took))) if took else len(waits)
        *others, last = (asked + took / 2 + wait for wait in waits[-sure:])
        return [*others, max(last, asked + took)]


def token_turn(token: str) -> Turn:
    """The turn of a bot: nothing of its token can be read from its name."""
    name = hashlib.sha256(token.encode()).hexdigest()[:32]
    return Turn(Channel("discord", "", f"bot {name}"), limits.TOGETHER, 1)
