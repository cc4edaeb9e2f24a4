"""What the benchmarks of Slack and Discord share: an emulated platform in a process of its own, and a digest for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import aiohttp

from adapters.stores.tinydb import Settings as StoreSettings
from adapters.stores.tinydb import store
from bench.papers import papers
from bot.deliver import Deliverer
from bot.desk import Context, FrontDesk
from bot.models import Channel, ChannelSettings, Delivery, Digest, Entry, Plan
from bot.pipeline import Fetching
from bot.ports import Chat, Listen, Store
from bot.summary import Summary, SummaryKind

WARM = 1.5
"""Seconds for the connection, and for the first messages to go out."""


class Listening(Chat, Listen, Protocol):
    """A chat that answers people, too."""


@dataclass(frozen=True)
class Far:
    """The emulated platform."""

    url: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        """Have something made or done there."""
        async with self.session.post(f"{self.url}/control/{path}", json=said) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def count(self, **where: str) -> int:
        """How many requests of a kind it had."""
        async with self.session.get(f"{self.url}/control/requests", params=where) as answer:
            return len(await answer.json())


@asynccontextmanager
async def emulated(platform: str, scale: str) -> AsyncIterator[Far]:
    """Serve it until the block ends; ``scale`` is how much faster its limits are."""
    words = [sys.executable, "-m", f"tests.emulators.{platform}", "--pipe", "--port", "0", "--scale", scale]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        try:
            yield Far(url, session)
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def temporary() -> AsyncIterator[Store]:
    """A store that is gone when the block ends."""
    with TemporaryDirectory() as folder:
        opened = await store(StoreSettings(path=Path(folder)))
        try:
            yield opened
        finally:
            await opened.aclose()


async def plan(opened: Store, chat: Chat, rooms: Sequence[Channel]) -> None:
    """A digest of five papers for each."""
    entries = tuple(Entry(one, 1.0, Summary(one.abstract[:400], SummaryKind.ABSTRACT)) for one in papers(5))
    now = datetime.combine(datetime.now(UTC), time(), UTC) + timedelta(seconds=1)
    made = []
    for room in rooms:
        planned = Plan(channel=room, date=date(2026, 7, 31), kind="digest", planned=now)
        messages = chat.render(Digest(channel=room, date=planned.date, query="*", seen=30, entries=entries))
        rows = [
            Delivery(channel=room, plan=planned.id, part=part, message=message, planned=now, next_at=now)
            for part, message in enumerate(messages)
        ]
        made.append((planned, rows))
    await opened.plan(made)


def deliverer(opened: Store, chat: Chat) -> Deliverer:
    """Our sender."""
    return Deliverer(opened, {chat.name: chat}, owner="bench", now=lambda: datetime.now(UTC))


@asynccontextmanager
async def listening(chat: Listening, opened: Store, stop: asyncio.Event) -> AsyncIterator[None]:
    """Answer people until the block ends."""
    desk = FrontDesk(
        Context(
            store=opened,
            chats={chat.name: chat},
            defaults=lambda channel, owner: ChannelSettings(channel=channel, created=datetime.now(UTC), owner=owner),
            fetching=Fetching(),
        ),
        lambda: datetime.now(UTC),
    )
    answering = asyncio.create_task(chat.listen(desk, stop))
    yield
    stop.set()
    await answering


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return quantiles(values, n=100)[percent - 1]
