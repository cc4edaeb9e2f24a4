"""Ways to empty the outbox: ours, and the two that everybody writes first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from adapters.queues import inprocess, procrastinate
from bot import transitions
from bot.deliver import Deliverer, Limits
from bot.given import Given
from bot.ports import Chat, Host, Queue, Store
from bot.work import Worker, sweep

OURS, QUEUED = "outbox", "outbox through the queue"
BEFORE, AFTER, HASTY = "mark before send", "mark after send", "outbox without settling"
CONTROLS = (BEFORE, AFTER, HASTY)
"""Strategies that must fail, or the harness proves nothing."""
SWIFT = procrastinate.Settings(heartbeat=0.2, stalled=1.0, sweep=1, poll=0.1)
LIMITS = Limits(lease=0.5)


class Strategy(Protocol):
    """Sends what can be sent now."""

    def __call__(
        self, store: Store, chats: Mapping[str, Chat], now: Callable[[], datetime], stop: asyncio.Event, /
    ) -> Awaitable[None]: ...


def outbox(number: int) -> Strategy:
    """Ours, with a name of its own for each worker."""

    async def send(store: Store, chats: Mapping[str, Chat], now: Callable[[], datetime], stop: asyncio.Event) -> None:
        await Deliverer(store, chats, owner=f"{os.getpid()}-{number}", now=now, limits=LIMITS).drain(stop)

    return send


class Queued:
    """Ours, as a worker does it: told by a queue what is due."""

    def __init__(self, number: int) -> None:
        self._owner = f"{os.getpid()}-{number}"
        self._queue: Queue | None = None

    async def open(self, store: Store) -> None:
        """Open the queue that suits the store, before anything is planned."""
        if isinstance(store, Host):
            self._queue = await procrastinate.queue(SWIFT, store)
        else:
            self._queue = await inprocess.queue(inprocess.Settings(sweep=0.2), store)

    async def __call__(
        self, store: Store, chats: Mapping[str, Chat], now: Callable[[], datetime], stop: asyncio.Event
    ) -> None:
        """Work until no job is left."""
        assert self._queue
        given, over, queue = Given(store, chats), asyncio.Event(), self._queue
        deliverer = Deliverer(store, chats, owner=self._owner, now=now, limits=LIMITS, given=given)
        worker = Worker(
            queue=queue,
            deliverer=deliverer,
            given=given,
            sweep=lambda: sweep(store, chats, queue, now()),
            refresh=_nobody,
            chats=chats,
            places=8,
        )
        await deliverer.drain(stop)  # with nothing in hand: it clears up what others left
        await sweep(store, chats, queue, now())
        working = asyncio.create_task(worker.run(over, asyncio.Event()))
        try:
            while not stop.is_set() and await queue.depth():  # noqa: ASYNC110  (a table rings no bell)
                await asyncio.sleep(0.02)
        finally:
            over.set()
            await working


async def _nobody(source: str) -> None:
    raise AssertionError(f"nobody asked for {source}")


async def mark_before(
    store: Store, chats: Mapping[str, Chat], now: Callable[[], datetime], stop: asyncio.Event
) -> None:
    """Write down that it is sent, then send it."""
    while not stop.is_set() and (rows := await store.ready(now(), 10)):
        for row in rows:
            if await store.update(row, transitions.sent(row, "")):
                await chats[row.channel.platform].post(row.channel, row.message, row.key, "")


async def mark_after(store: Store, chats: Mapping[str, Chat], now: Callable[[], datetime], stop: asyncio.Event) -> None:
    """Send it, then write down that it is sent."""
    while not stop.is_set() and (rows := await store.ready(now(), 10)):
        for row in rows:
            found = await chats[row.channel.platform].post(row.channel, row.message, row.key, "")
            await store.update(row, transitions.sent(row, found))


def strategy(name: str, number: int) -> Strategy:
    """Find one by the name that the table gives it."""
    if name == QUEUED:
        return Queued(number)
    return {BEFORE: mark_before, AFTER: mark_after}.get(name) or outbox(number)
