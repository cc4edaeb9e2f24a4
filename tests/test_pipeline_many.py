"""Many channels that are due together, and a store that has no room for all of their digests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot import agenda, notices, pipeline
from bot.app import App
from bot.errors import StoreError
from bot.models import Channel, Delivery, Digest, Message, Plan, State
from bot.settings import read
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.house import House
from tests.making import NOW, paper, settings, subscription

ROOMS = [Channel("fake", f"T{n % 3}", f"room{n:04}") for n in range(2 * agenda.PAGE + 30)]


class SmallStore(MemoryStore):
    """Takes so many plans and refuses the others."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.plans_stored = 0

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        await asyncio.sleep(0)
        room = self.most - self.plans_stored
        self.plans_stored += len(asked[:room])
        new = await super().plan(asked[:room])
        if asked[room:]:
            raise StoreError("The outbox is full: move to the larger store.")
        return new


class CountingChat(FakeChat):
    """Knows how many digests it rendered that are not stored yet, at the most."""

    def __init__(self, store: SmallStore) -> None:
        super().__init__()
        self.store = store
        self.rendered = self.most_held = 0

    def render(self, digest: Digest) -> Sequence[Message]:
        self.rendered += 1
        self.most_held = max(self.most_held, self.rendered - self.store.plans_stored)
        return super().render(digest)


async def a_store(rooms: Sequence[Channel], most: int = 10_000) -> SmallStore:
    """One in which these rooms wait for a digest."""
    store = SmallStore(most)
    await prepare(store, rooms)
    return store


async def prepare(store: MemoryStore, rooms: Sequence[Channel]) -> None:
    """Have channels wait for a digest."""
    await store.add_papers([paper("2608.00001")], NOW)
    for room in rooms:
        await store.subscribe(subscription("agents", room), settings(room))


async def test_a_day_is_planned_in_pieces_and_never_held_as_a_whole() -> None:
    store = await a_store(ROOMS)
    chat = CountingChat(store)
    assert await pipeline.plan(store, {"fake": chat}, NOW, fetching=pipeline.Fetching()) == len(ROOMS)
    assert chat.rendered == len(ROOMS)
    assert chat.most_held == agenda.PAGE


async def test_a_store_that_is_full_keeps_what_it_took_and_takes_the_rest_later() -> None:
    store, chats = await a_store(ROOMS[:9], most=4), {"fake": FakeChat()}
    with pytest.raises(StoreError, match="move to the larger store"):
        await pipeline.plan(store, chats, NOW, fetching=pipeline.Fetching())
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(await store.deliveries()) == 4
    store.most = 9
    assert await pipeline.plan(store, chats, NOW, fetching=pipeline.Fetching()) == 5
    assert {row.channel for row in await store.deliveries()} == set(ROOMS[:9])


class PickyStore(MemoryStore):
    """Cannot keep the digests of some channels."""

    def __init__(self, *refused: Channel) -> None:
        super().__init__()
        self.refused = refused

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        new = await super().plan([one for one in asked if one[0].channel not in self.refused])
        if any(plan.channel in self.refused for plan, _ in asked):
            raise StoreError("This cannot be kept.")
        return new


async def test_a_digest_that_cannot_be_stored_costs_no_other_channel_its_own() -> None:
    store = PickyStore(ROOMS[0], ROOMS[-1])
    await prepare(store, ROOMS)
    with pytest.raises(StoreError, match="This cannot be kept"):
        await pipeline.plan(store, {"fake": FakeChat()}, NOW, fetching=pipeline.Fetching())
    assert {row.channel for row in await store.deliveries()} == set(ROOMS[1:-1])


async def test_a_store_that_refuses_again_and_again_is_not_asked_for_the_rest() -> None:
    store = PickyStore(*ROOMS)
    await prepare(store, ROOMS)
    rendered = CountingChat(SmallStore(0))
    with pytest.raises(StoreError, match="This cannot be kept"):
        await pipeline.plan(store, {"fake": rendered}, NOW, fetching=pipeline.Fetching())
    assert rendered.rendered == 2 * agenda.PAGE


async def test_a_tick_delivers_although_no_more_can_be_planned() -> None:
    house = House(store=await a_store(ROOMS[:9], most=4))
    core = read(None).model_copy(update={"sources": ()})
    app = App(
        core=core,
        store=house.store,
        sources=(),
        queue=InProcessQueue(Settings()),
        chats={"fake": house.chat},
        now=house.clock,
    )
    with pytest.raises(StoreError, match="move to the larger store"):
        await app.tick(asyncio.Event())
    assert {row.state for row in await house.store.deliveries()} == {State.SENT}
    assert len(house.platform.posted) == 4


class OddStore(MemoryStore):
    """Says of one channel what no store should."""

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        odd: Mapping[str, Any] = {"2608.00001": None}
        return {home: odd if home == ROOMS[1] else {} for home in channels}


async def test_a_fault_of_ours_in_one_digest_costs_that_channel_its_own_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = OddStore()
    await prepare(store, ROOMS[:5])
    assert await pipeline.plan(store, {"fake": FakeChat()}, NOW, fetching=pipeline.Fetching()) == 4
    assert {row.channel for row in await store.deliveries()} == {*ROOMS[:5]} - {ROOMS[1]}
    assert f"{ROOMS[1]}: its digest cannot be made" in caplog.text
    (told,) = (await store.notes(notices.NOTICE)).values()
    assert told["text"] == f"{ROOMS[1]}: I cannot make its digest: a fault of ours (AttributeError)"
