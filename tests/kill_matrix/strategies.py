"""Ways to empty the outbox: ours, and the two that everybody writes first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from bot import transitions
from bot.deliver import Deliverer, Limits
from bot.ports import Chat, Store

OURS, BEFORE, AFTER, HASTY = "outbox", "mark before send", "mark after send", "outbox without settling"
CONTROLS = (BEFORE, AFTER, HASTY)
"""Strategies that must fail, or the harness proves nothing."""
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
    return {BEFORE: mark_before, AFTER: mark_after}.get(name) or outbox(number)
