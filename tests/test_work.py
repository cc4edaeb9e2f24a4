"""A worker between a queue and the outbox: what it has in hand is sent, what would wait goes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot.deliver import Deliverer
from bot.given import PATIENCE, Given
from bot.models import Channel, State
from bot.ports import Job, Kind
from bot.work import MOST, Worker, sweep
from tests.chats import PROMPT, waits_for
from tests.house import FOR_EVER, FullStore, House
from tests.making import NOW, ROOM, plan, rows, settings

OTHER = Channel("fake", "T2", "news")
FAR = Channel("elsewhere", "T1", "papers")


class Office:
    """A house with a worker in it."""

    def __init__(self, house: House, *, patience: float = PATIENCE, places: int = 8, sweep_every: float = 0.05) -> None:
        chats = {house.chat.name: house.chat}
        self.house = house
        self.queue = InProcessQueue(Settings(sweep=sweep_every))
        self.given = Given(house.store, chats, patience)
        self.swept = 0
        self.refreshed: list[str] = []
        self.stop, self.wake = asyncio.Event(), asyncio.Event()
        self.worker = Worker(
            queue=self.queue,
            deliverer=Deliverer(
                house.store, chats, owner="worker", now=house.clock, limits=house.limits, given=self.given
            ),
            given=self.given,
            sweep=self.sweep,
            refresh=self.refresh,
            chats=chats,
            places=places,
        )

    async def sweep(self) -> None:
        await sweep(self.house.store, {self.house.chat.name: self.house.chat}, self.queue, self.house.clock())
        self.swept += 1

    async def refresh(self, source: str) -> None:
        self.refreshed.append(source)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """At work in here, and told to stop in the end."""
        working = asyncio.create_task(self.worker.run(self.stop, self.wake))
        try:
            yield
        finally:
            self.stop.set()
            async with asyncio.timeout(FOR_EVER):
                await working


async def test_what_is_planned_is_swept_up_and_sent_in_order() -> None:
    house = House()
    planned = [*await house.plan(parts=3), *await house.plan(OTHER, parts=2)]
    async with Office(house).open():
        await house.until(lambda: house.counts(*planned) == [1] * 5)
    assert [message.key for message in house.platform.posted if message.channel == ROOM] == [r.key for r in planned[:3]]
    assert await house.states(*planned) == [State.SENT] * 5


async def test_a_call_is_heard_before_the_next_sweep() -> None:
    house = House()
    office = Office(house, sweep_every=3600)
    async with office.open():
        await house.until(lambda: office.swept == 1)
        (row,) = await house.plan()
        office.wake.set()
        await house.until(lambda: house.counts(row) == [1])


async def test_only_what_is_in_hand_is_sent() -> None:
    house = House()
    mine, others = await house.plan(), await house.plan(OTHER)
    given = Given(house.store, {house.chat.name: house.chat})
    deliverer = Deliverer(
        house.store, {house.chat.name: house.chat}, owner="me", now=house.clock, limits=house.limits, given=given
    )
    job = asyncio.create_task(given.deliver(ROOM))
    await asyncio.sleep(0)
    await deliverer.drain(asyncio.Event())
    await asyncio.wait_for(job, FOR_EVER)
    assert house.counts(*mine, *others) == [1, 0]


async def test_a_job_for_a_channel_in_which_nothing_is_due_ends_at_once() -> None:
    house = House()
    office = Office(house)
    async with office.open(), asyncio.timeout(FOR_EVER):
        await office.given.deliver(ROOM)


async def test_two_jobs_for_one_channel_send_once() -> None:
    house = House()
    (row,) = await house.plan()
    office = Office(house)
    async with office.open(), asyncio.timeout(FOR_EVER):
        await asyncio.gather(office.given.deliver(ROOM), office.given.deliver(ROOM))
    assert house.counts(row) == [1]


async def test_who_came_into_hand_first_goes_first() -> None:
    """Others that come later all the time do not keep a channel waiting, whatever their names are."""
    house = House(shared=True)
    given = Given(house.store, {house.chat.name: house.chat})
    rooms = [Channel("fake", f"T{name}", name) for name in "dbeac"]
    for room in rooms:
        await house.plan(room)
    jobs = [asyncio.create_task(given.deliver(room)) for room in rooms]
    await asyncio.sleep(0)
    assert [row.channel for row in await given.ready(house.clock(), 4, (), rooms[1:2])] == [rooms[0], *rooms[2:]]
    given.release()
    await asyncio.wait(jobs)


async def test_those_who_would_wait_long_for_their_tenants_pace_go_back_and_come_one_by_one() -> None:
    house = House(pacing=replace(PROMPT, per_tenant=1.0))
    crowd = [(await house.plan(Channel("fake", "T1", f"room{number:02}")))[0] for number in range(12)]
    (behind,) = await house.plan(OTHER)
    office = Office(house, places=13)
    async with office.open():
        await house.until(lambda: house.counts(behind) == [1])
    later = sorted(row.next_at for row in [await house.row(row) for row in crowd] if row.state is State.PENDING)
    back = [moment for moment in later if moment > NOW]
    assert len(back) == 12 - int(PATIENCE) - 1
    assert back[0] >= NOW + timedelta(seconds=PATIENCE)
    apart = [(after - before).total_seconds() for before, after in pairwise(back)]
    assert apart == pytest.approx([1.0] * len(apart), abs=0.5)


async def test_a_tenant_that_hangs_does_not_keep_the_places_in_hand() -> None:
    house, gate = House(pacing=replace(PROMPT, timeout=60.0)), asyncio.Event()
    crowd = [Channel("fake", "T1", f"room{number}") for number in range(6)]
    for channel in crowd:
        house.platform.always[channel] = waits_for(gate)
        await house.plan(channel)
    house.limits = replace(house.limits, concurrency=4)
    office = Office(house, patience=0.1, places=6)
    async with office.open():
        await house.until(lambda: house.platform.asked == 2)
        (other,) = await house.plan(OTHER)
        office.wake.set()
        await house.until(lambda: house.counts(other) == [1])
        gate.set()


async def test_a_source_is_asked() -> None:
    house = House()
    office = Office(house)
    async with office.open():
        await office.queue.defer([Job(Kind.REFRESH, source="arxiv")])
        await house.until(lambda: office.refreshed == ["arxiv"])


async def test_a_source_that_hangs_does_not_hold_up_the_end() -> None:
    office = Office(House())
    asked = asyncio.Event()

    async def refresh(source: str) -> None:
        asked.set()
        await asyncio.Event().wait()

    office.worker = replace(office.worker, refresh=refresh)
    async with office.open(), asyncio.timeout(FOR_EVER):
        await office.queue.defer([Job(Kind.REFRESH, source="arxiv")])
        await asked.wait()


async def test_a_store_that_fails_costs_the_jobs_in_hand_and_the_sweep_brings_them_again() -> None:
    store = FullStore()
    house = House(store=store)
    (row,) = await house.plan()
    store.full = frozenset({"claim"})
    office = Office(house)
    async with office.open():
        job = asyncio.create_task(office.given.deliver(ROOM))
        async with asyncio.timeout(FOR_EVER):
            await job
        store.full = frozenset()
        await house.until(lambda: house.counts(row) == [1])


async def test_a_sweep_looks_behind_the_rows_of_a_platform_that_is_not_here() -> None:
    house = House()
    made = plan(FAR)
    far = [replace(row, channel=Channel("elsewhere", f"T{n}", "x")) for n in range(MOST) for row in rows(made)]
    await house.store.plan([(made, far)])
    house.clock.move(seconds=1)
    await house.store.save_settings(settings(ROOM))
    await house.plan()
    queue = InProcessQueue(Settings())
    await sweep(house.store, {house.chat.name: house.chat}, queue, house.clock())
    assert (await queue.depth())[Kind.DIGEST].waiting == 1


async def test_what_a_person_asked_for_is_a_reply() -> None:
    house = House()
    asked = plan(ROOM, kind="extra-0930")
    await house.store.plan([(asked, rows(asked))])
    await house.plan(OTHER)
    queue = InProcessQueue(Settings())
    await sweep(house.store, {house.chat.name: house.chat}, queue, house.clock())
    assert {kind: found.waiting for kind, found in (await queue.depth()).items()} == {Kind.REPLY: 1, Kind.DIGEST: 1}
