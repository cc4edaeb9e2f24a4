"""What a worker does: it takes jobs from the queue and has the deliverer send, or a source asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.deliver import Deliverer
from bot.given import Given
from bot.ports import Chat, Job, Queue, Store
from bot.ports.working import SOURCES
from bot.schedule import safely

LOOK = 2.0
"""Seconds between two looks of an idle worker for orphans and for what can be settled."""
PAUSE = 1.0
"""Seconds before a worker whose store failed looks again."""
MOST = 1_000
"""Channels for which one look at the outbox puts in jobs."""


async def sweep(store: Store, chats: Mapping[str, Chat], queue: Queue, now: datetime) -> None:
    """Put in a job for each channel in which something is due: to be tried again, sent away before, or lost."""
    skip: set[tuple[str, str]] = set()
    hidden = True
    while hidden:
        rows = await store.ready(now, MOST, skip)
        strange = {(row.channel.platform, row.channel.tenant) for row in rows if row.channel.platform not in chats}
        await queue.defer([Job.of(row.channel, row.plan) for row in rows if row.channel.platform in chats])
        hidden, skip = len(rows) == MOST and bool(strange), skip | strange


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One process's worker. Any number may share a store and a queue."""

    queue: Queue
    deliverer: Deliverer
    given: Given
    """What the deliverer is given."""
    sweep: Callable[[], Awaitable[None]]
    refresh: Callable[[str], Awaitable[object]]
    """Asks the source of this name."""
    chats: Mapping[str, Chat]
    places: int
    """Jobs in hand at once."""

    async def run(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Work until told to stop. ``wake`` says that there is something new in the outbox."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ring(stop, wake))
            group.create_task(self._look(stop, wake))
            group.create_task(self._deliver(stop))
            lines = (*self.chats, SOURCES)
            await self.queue.work(self._do(stop), self._sweep, stop, lines=lines, places=self.places)

    def _do(self, stop: asyncio.Event) -> Callable[[Job], Awaitable[None]]:
        async def do(job: Job) -> None:
            if stop.is_set():
                return
            if job.channel:
                await self.given.deliver(job.channel)
            else:
                await self._asked(job.source, stop)

        return do

    async def _asked(self, source: str, stop: asyncio.Event) -> None:
        """Ask a source, but not beyond the end: what it would say then is asked for again."""
        asking = asyncio.create_task(safely(lambda: self.refresh(source)))
        ending = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((asking, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()
            ending.cancel()
            await asyncio.gather(asking, ending, return_exceptions=True)

    async def _sweep(self) -> None:
        await safely(self.sweep)

    async def _deliver(self, stop: asyncio.Event) -> None:
        """Send what is in hand. What cannot be written down is let go of: the outbox has it."""
        while not stop.is_set():
            fine = await safely(lambda: self.deliverer.drain(stop))
            if not fine:
                self.given.release()
            with suppress(TimeoutError):
                await asyncio.wait_for((self.given.turn if fine else stop).wait(), LOOK if fine else PAUSE)
        self.given.release()

    async def _look(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        while not stop.is_set():
            await wake.wait()
            wake.clear()
            await self._sweep()

    async def _ring(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Nobody sleeps through the end."""
        await stop.wait()
        self.given.turn.set()
        wake.set()
