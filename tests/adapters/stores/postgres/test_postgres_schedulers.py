"""Schedulers that tick together on one database share the planning, and one that dies costs no channel its digest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from adapters.stores import _rows, postgres
from adapters.stores.postgres import PostgresStore
from bot import agenda, pipeline
from bot.models import Channel, Digest, Message
from tests.chats import FakeChat
from tests.making import DAY, NOW, paper, settings, subscription

HOMES = [Channel("fake", f"T{number % 3}", f"room{number:04}") for number in range(5 * agenda.PAGE + 30)]
PATIENCE = 30.0


class CountingChat(FakeChat):
    """Knows whose digests it rendered."""

    def __init__(self) -> None:
        super().__init__()
        self.rendered = Counter[Channel]()

    def render(self, digest: Digest) -> Sequence[Message]:
        self.rendered[digest.channel] += 1
        return super().render(digest)


class StickingChat(CountingChat):
    """Sticks in the middle of its second page."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck, self.goes_on = asyncio.Event(), Event()
        self._loop = asyncio.get_running_loop()

    def render(self, digest: Digest) -> Sequence[Message]:
        if self.rendered.total() == agenda.PAGE + 9:
            self._loop.call_soon_threadsafe(self.stuck.set)
            self.goes_on.wait(PATIENCE)
        return super().render(digest)


@pytest.fixture
async def stores(database: str, tmp_path: Path) -> AsyncIterator[Sequence[PostgresStore]]:
    """What two processes opened, in which every channel waits for its digest."""
    async with AsyncExitStack() as stack:
        opened = list[PostgresStore]()
        for _ in range(2):
            one = await postgres.store(postgres.Settings.at(database, tmp_path))
            assert isinstance(one, PostgresStore)
            stack.push_async_callback(one.aclose)
            opened.append(one)
        await opened[0].add_papers([paper("2608.00001")], NOW)
        await opened[0].put("settings", [_rows.settings_to_json(settings(home)) for home in HOMES])
        followed = [_rows.subscription_to_json(subscription("agents", home)) for home in HOMES]
        await opened[0].put("subscriptions", followed)
        yield opened


async def tick(store: PostgresStore, chat: FakeChat, later: timedelta = timedelta(0)) -> int:
    return await pipeline.plan(store, {chat.name: chat}, NOW + later, fetching=pipeline.Fetching())


async def planned(store: PostgresStore) -> Counter[Channel]:
    """How many messages each channel has."""
    assert all(days == {(DAY, "digest")} for days in (await store.planned_dates(DAY - timedelta(days=9))).values())
    return Counter(row.channel for row in await store.deliveries())


async def test_two_that_tick_together_each_plan_a_share_and_no_digest_is_composed_twice(
    stores: Sequence[PostgresStore],
) -> None:
    chats = CountingChat(), CountingChat()
    counts = await asyncio.gather(*(tick(store, chat) for store, chat in zip(stores, chats, strict=True)))
    assert min(counts) >= agenda.PAGE
    assert sum(counts) == len(HOMES)
    assert chats[0].rendered + chats[1].rendered == await planned(stores[0]) == Counter(HOMES)


async def test_what_was_planned_is_not_looked_at_before_its_next_digest(stores: Sequence[PostgresStore]) -> None:
    chat = FakeChat()
    assert await tick(stores[0], chat) == len(HOMES)
    later = NOW + agenda.LEASE + timedelta(minutes=1)
    assert await stores[1].awake({chat.name}, later, later + agenda.LONGEST, 9) == []


async def test_the_share_of_one_that_is_killed_is_planned_by_the_other_when_its_lease_is_over(
    stores: Sequence[PostgresStore],
) -> None:
    sticks, other = StickingChat(), CountingChat()
    dies = asyncio.create_task(tick(stores[0], sticks))
    await asyncio.wait_for(sticks.stuck.wait(), PATIENCE)
    assert await tick(stores[1], other) == len(HOMES) - 2 * agenda.PAGE
    dies.cancel()
    sticks.goes_on.set()
    await asyncio.wait([dies])
    assert await tick(stores[1], other, agenda.LEASE + timedelta(minutes=1)) == agenda.PAGE
    assert await planned(stores[1]) == Counter(HOMES)
    assert max(other.rendered.values()) == 1
