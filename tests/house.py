"""A store, a platform, a clock and the deliverer between them, for the tests of delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.deliver import Deliverer, Limits
from bot.errors import StoreFull
from bot.models import JSON, Channel, Delivery, State
from bot.ports import Chat, Pacing
from tests.chats import PROMPT, BlindChat, FakeChat, Platform
from tests.fakes import MemoryStore
from tests.making import DAY, ROOM, Clock, plan, rows, settings

FOR_EVER = 5.0
"""Seconds after which a test that should have ended has failed."""


class House:
    """Everything that outlives a process. ``drain`` is one life of one process."""

    def __init__(
        self, *, pacing: Pacing = PROMPT, blind: bool = False, store: MemoryStore | None = None, shared: bool = False
    ) -> None:
        self.store = store or MemoryStore()
        self.store.exclusive = not shared
        self.clock = Clock()
        self.platform = Platform()
        self.chat: Chat = (BlindChat if blind else FakeChat)(self.platform, pacing=pacing)
        self.limits = Limits(lease=30.0, drain=FOR_EVER)
        self._lives = 0

    async def plan(
        self, channel: Channel = ROOM, parts: int = 1, *, day: date = DAY, owner: str = "U1"
    ) -> list[Delivery]:
        """Decide a digest of so many parts; give its rows."""
        if await self.store.settings(channel) is None:
            await self.store.save_settings(settings(channel, owner=owner))
        made = plan(channel, day, planned=self.clock())
        planned = rows(made, parts)
        assert await self.store.plan([(made, planned)])
        return planned

    def deliverer(self, **limits: float) -> Deliverer:
        self._lives += 1
        chats = {self.chat.name: self.chat}
        limited = replace(self.limits, **limits)  # type: ignore[arg-type]
        return Deliverer(self.store, chats, owner=f"life {self._lives}", now=self.clock, limits=limited)

    async def drain(self, deliverer: Deliverer | None = None) -> None:
        async with asyncio.timeout(FOR_EVER):
            await (deliverer or self.deliverer()).drain(asyncio.Event())

    async def until(self, happened: Callable[[], bool]) -> None:
        """Let others run until this has happened."""
        async with asyncio.timeout(FOR_EVER / 2):
            while not happened():  # noqa: ASYNC110  (a fake's state rings no bell)
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Wait until what is unknown can be cleared up, then let a process do it."""
        self.clock.move(seconds=self.chat.pacing.settle + 1)
        await self.drain()

    async def row(self, row: Delivery) -> Delivery:
        found = await self.store.delivery(row.key)
        assert found is not None
        return found

    async def states(self, *some: Delivery) -> list[State]:
        return [(await self.row(row)).state for row in some]

    async def notices(self) -> list[str]:
        return [str(note["text"]) for note in (await self.store.notes("notice/")).values()]

    def counts(self, *some: Delivery) -> list[int]:
        """How often each row's message stands on the platform."""
        return [self.platform.count(row.key) for row in some]


class SlowStore(MemoryStore):
    """A store that writes nothing about a sent message down until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def update(self, old: Delivery, new: Delivery) -> bool:
        await self.may.wait()
        return await super().update(old, new)


class FullStore(MemoryStore):
    """A store whose disk can be full."""

    def __init__(self) -> None:
        super().__init__()
        self.full: frozenset[str] = frozenset()
        """The methods that find no room."""

    async def claim(
        self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]
    ) -> Sequence[Delivery]:
        self._need_room("claim")
        return await super().claim(owner, now, lease_until, keys)

    async def update(self, old: Delivery, new: Delivery) -> bool:
        self._need_room("update")
        return await super().update(old, new)

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        self._need_room("note")
        return await super().note(key, value, once=once, over=over)

    def _need_room(self, method: str) -> None:
        if method in self.full:
            raise StoreFull("Cannot save now: the disk is full.")
