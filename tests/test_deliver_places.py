"""The places of messages under way: who takes one, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime

from bot.models import Channel, Delivery, State
from tests.chats import loses_the_request, waits_for
from tests.fakes import MemoryStore
from tests.house import House, SlowStore
from tests.making import FOREIGN_ROOM

ROOMS = [Channel("fake", f"T{n % 7}", f"room{n}") for n in range(9)]


async def test_a_disk_that_is_slow_does_not_idle_the_wire() -> None:
    store = SlowStore()
    house = House(store=store)
    planned = [(await house.plan(room))[0] for room in ROOMS]
    draining = asyncio.create_task(house.drain(house.deliverer(concurrency=2)))
    await house.until(lambda: house.counts(*planned) == [1] * 9)
    assert await house.states(*planned) == [State.SENDING] * 9
    store.may.set()
    await draining
    assert await house.states(*planned) == [State.SENT] * 9


async def test_a_part_does_not_leave_before_the_one_before_it_is_written_down() -> None:
    store = SlowStore()
    house = House(store=store)
    first, second = await house.plan(parts=2)
    (other,) = await house.plan(FOREIGN_ROOM)
    draining = asyncio.create_task(house.drain())
    await house.until(lambda: house.counts(first, other) == [1, 1])
    await asyncio.sleep(0.05)
    assert house.counts(second) == [0]
    store.may.set()
    await draining
    assert house.counts(first, second, other) == [1, 1, 1]


async def test_the_last_free_place_is_taken_while_all_others_hang() -> None:
    house, gate = House(), asyncio.Event()
    hanging = [Channel("fake", tenant, f"room{n}") for tenant in ("A", "B") for n in range(4)][:7]
    for room in hanging:
        await house.plan(room)
        house.platform.next(room, waits_for(gate))
    (other,) = await house.plan(FOREIGN_ROOM)
    draining = asyncio.create_task(house.drain(house.deliverer(concurrency=8)))
    await house.until(lambda: house.platform.asked == 8)
    await house.until(lambda: house.counts(other) == [1])
    gate.set()
    await draining
    assert len(house.platform.posted) == 8


async def test_a_message_is_read_back_once_however_slow_the_disk_is() -> None:
    store = SlowStore()
    store.may.set()
    house = House(store=store)
    (row,) = await house.plan()
    house.platform.next(row.channel, loses_the_request())
    await house.drain()
    store.may.clear()
    house.clock.move(seconds=house.chat.pacing.settle + 1)
    deliverer = house.deliverer()
    draining = asyncio.create_task(house.drain(deliverer))
    await house.until(lambda: house.platform.looked == 1)
    await asyncio.sleep(1.2)
    assert house.platform.looked == 1
    store.may.set()
    await draining
    assert house.counts(row) == [1]


async def test_a_message_that_ends_while_the_next_is_looked_for_does_not_end_the_day() -> None:
    class LateStore(MemoryStore):
        """Says how things stood a moment ago, as a database does."""

        async def ready(
            self,
            now: datetime,
            limit: int,
            skip: Collection[tuple[str, str]] = (),
            channels: Collection[Channel] | None = None,
        ) -> Sequence[Delivery]:
            found = await super().ready(now, limit, skip, channels)
            await asyncio.sleep(0.01)
            return found

        async def update(self, old: Delivery, new: Delivery) -> bool:
            await asyncio.sleep(0.005)
            return await super().update(old, new)

    house = House(store=LateStore())
    planned = [row for room in ROOMS[:4] for row in await house.plan(room, parts=3)]
    await house.drain()
    assert await house.states(*planned) == [State.SENT] * 12
