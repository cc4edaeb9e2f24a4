"""The channels that a worker has in hand, because the queue gave it their jobs.

The deliverer sends for these and no others. A job is over when nothing of its channel can go now. One that would wait
for long, because a tenant has many channels or its platform hangs, goes back to the outbox with a later moment: its
place is for others, and the sweep brings the job again when that has come.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from time import monotonic

from bot import sharing
from bot.models import Channel, Delivery
from bot.pacing import Buckets
from bot.ports import Chat, Shared, Store, Turn

PATIENCE = 5.0
"""Seconds that a channel waits in hand for its pace or for a place."""


class Everybody:
    """Leaves it to the outbox whose turn it is. Two who share that seldom reach for the same rows."""

    def __init__(self, store: Store, owner: str) -> None:
        self.turn = asyncio.Event()
        self._store = store
        self._owner = owner

    async def ready(
        self, now: datetime, limit: int, skip: Collection[tuple[str, str]], busy: Collection[Channel]
    ) -> Sequence[Delivery]:
        """Give the rows whose turn has come."""
        del busy  # a channel with a message under way has none
        rows = await self._store.ready(now, limit, skip)
        return rows if self._store.exclusive else sharing.mixed(rows, self._owner)


@dataclass(slots=True)
class _Held:
    done: asyncio.Future[None]
    since: float = field(default_factory=monotonic)
    """When it last made progress."""


class Given:
    """Hands channels to a deliverer and knows when it is done with each."""

    def __init__(self, store: Store, chats: Mapping[str, Chat], patience: float = PATIENCE) -> None:
        self.turn = asyncio.Event()
        """Rings when there is something to look at; the deliverer's own bell."""
        self._store = store
        self._chats = chats
        self._patience = patience
        self._held: dict[Channel, _Held] = {}
        self._booked = {name: Buckets(chat.pacing.per_tenant) for name, chat in chats.items()}
        """When those that were sent away come again, where the store counts that for nobody else."""

    async def deliver(self, channel: Channel) -> None:
        """Hand a channel over; this ends when nothing of it can go now."""
        held = self._held.setdefault(channel, _Held(asyncio.get_running_loop().create_future()))
        self.turn.set()
        try:
            await asyncio.shield(held.done)
        except asyncio.CancelledError:
            self._end(channel)
            raise

    def release(self) -> None:
        """Let go of all: nothing more is sent from here, or the store does not answer. The outbox has it."""
        for channel in tuple(self._held):
            self._end(channel)

    async def ready(
        self, now: datetime, limit: int, skip: Collection[tuple[str, str]], busy: Collection[Channel]
    ) -> Sequence[Delivery]:
        """Give the rows whose turn has come of channels in hand, those first that came first.

        ``busy`` are those with a message under way.
        """
        for channel in busy:
            if channel in self._held:
                self._held[channel].since = monotonic()
        late = set(self._late(busy))
        asked = [channel for channel in self._held if channel not in busy]
        rows = await self._store.ready(now, len(asked), channels=asked) if asked else ()
        for channel in {*asked} - {row.channel for row in rows}:
            self._end(channel)
        await self._send_away([row for row in rows if row.channel in late], now)
        found = {row.channel: row for row in rows if (row.channel.platform, row.channel.tenant) not in skip}
        return [found[channel] for channel in asked if channel in found and channel not in late][:limit]

    def _late(self, busy: Collection[Channel]) -> Sequence[Channel]:
        """Those that have waited for too long, and those that would, behind others of their tenant."""
        found, before, now = list[Channel](), Counter[tuple[str, str]](), monotonic()
        for channel, held in self._held.items():
            tenant = channel.platform, channel.tenant
            if channel not in busy and max(before[tenant] / self._rate(channel), now - held.since) > self._patience:
                found.append(channel)
            before[tenant] += 1
        return found

    async def _send_away(self, rows: Sequence[Delivery], now: datetime) -> None:
        """Give channels back to the outbox. Those of a tenant come again one by one, at its pace."""
        turns = [Turn(_later(row.channel), self._rate(row.channel), 1) for row in rows]
        if rows and isinstance(self._store, Shared):
            waits = await self._store.book(turns)
        else:
            waits = [self._book(turn, monotonic()) for turn in turns]
        for row, wait in zip(rows, waits, strict=True):
            moment = now + timedelta(seconds=self._patience + wait)
            await self._store.update(row, replace(row, next_at=moment))
            self._end(row.channel)

    def _book(self, turn: Turn, now: float) -> float:
        known = self._booked.get(turn.channel.platform)
        return known.book(turn.channel, now) if known else 0.0

    def _rate(self, channel: Channel) -> float:
        chat = self._chats.get(channel.platform)
        return chat.pacing.per_tenant if chat else inf

    def _end(self, channel: Channel) -> None:
        held = self._held.pop(channel, None)
        if held and not held.done.done():
            held.done.set_result(None)


def _later(channel: Channel) -> Channel:
    """What a tenant's turns to come again are counted under."""
    return Channel(channel.platform, channel.tenant, "(later)")
