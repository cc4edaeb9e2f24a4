"""Many channels, many parts, several deliverers, and a stop in the middle."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from math import inf
from time import monotonic

import pytest

from bot.errors import StoreFull, Verdict
from bot.models import Channel, State
from bot.ports import Pacing
from tests.chats import PROMPT, Act, loses_the_request, refuses, takes, waits_for
from tests.house import FullStore, House
from tests.making import DAY, FOREIGN_ROOM, OTHER_ROOM, ROOM, plan, rows, sending

ROOMS = [Channel("fake", f"T{n % 7}", f"room{n}") for n in range(40)]


def shown(house: House) -> dict[Channel, list[str]]:
    """What each channel shows, in order."""
    found: dict[Channel, list[str]] = defaultdict(list)
    for message in house.platform.posted:
        found[message.channel].append(str(message.payload["text"]))
    return found


async def test_parts_go_out_in_order_and_later_ones_under_the_first() -> None:
    house = House()
    first, second, third = await house.plan(parts=3)
    await house.drain()
    assert [message.key for message in house.platform.posted] == [first.key, second.key, third.key]
    assert [message.thread for message in house.platform.posted] == ["", "m1", "m1"]


@pytest.mark.parametrize("verdict", [Verdict.WAIT, Verdict.RETRY, Verdict.UNKNOWN])
async def test_a_part_that_waits_holds_the_later_ones_back(verdict: Verdict) -> None:
    house = House()
    planned = await house.plan(parts=3)
    house.platform.next(ROOM, refuses(verdict))
    await house.drain()
    assert house.platform.asked == 1
    for _ in range(3):
        await house.settle()
    assert [message.key for message in house.platform.posted] == [row.key for row in planned]


async def test_yesterdays_digest_goes_out_before_todays() -> None:
    house = House()
    (old,) = await house.plan(day=DAY)
    house.platform.next(ROOM, refuses(Verdict.RETRY))
    await house.drain()
    house.clock.move(hours=1)
    (new,) = await house.plan(day=DAY.replace(day=4))
    await house.drain()
    assert [message.key for message in house.platform.posted] == [old.key, new.key]


async def test_a_part_that_is_no_reply_stands_alone() -> None:
    house, made = House(), plan()
    await house.store.plan([(made, [replace(row, message=replace(row.message, reply=False)) for row in rows(made, 2)])])
    await house.drain()
    assert [message.thread for message in house.platform.posted] == ["", ""]


async def test_later_parts_stand_alone_when_the_first_never_came() -> None:
    house = House()
    first, second = await house.plan(parts=2)
    house.platform.next(ROOM, refuses(Verdict.BUG))
    await house.drain()
    assert await house.states(first, second) == [State.DEAD, State.SENT]
    assert [message.thread for message in house.platform.posted] == [""]


async def test_two_deliverers_on_one_store_send_every_row_once_and_in_order() -> None:
    house = House(shared=True)
    planned = [await house.plan(room, parts=3) for room in ROOMS]
    for room in ROOMS[::3]:
        house.platform.next(room, takes(0.01))
    await asyncio.gather(*(house.drain(house.deliverer(concurrency=5)) for _ in range(3)))
    await house.drain()
    assert [house.counts(*parts) for parts in planned] == [[1, 1, 1]] * 40
    assert shown(house) == {room: ["part 0", "part 1", "part 2"] for room in ROOMS}


async def test_no_more_messages_are_under_way_than_allowed() -> None:
    house, gate = House(), asyncio.Event()
    for room in ROOMS[:10]:
        await house.plan(room)
        house.platform.next(room, waits_for(gate))
    draining = asyncio.create_task(house.drain(house.deliverer(concurrency=4)))
    await house.until(lambda: house.platform.asked >= 4)
    await asyncio.sleep(0.05)
    assert house.platform.asked == 4
    gate.set()
    await draining
    assert len(house.platform.posted) == 10


async def test_a_slow_channel_delays_nobody_and_keeps_its_own_pace() -> None:
    house, gate = House(pacing=replace(PROMPT, per_channel=50.0, timeout=9)), asyncio.Event()
    (slow,) = await house.plan(ROOM)
    house.platform.next(ROOM, waits_for(gate))
    others = await house.plan(OTHER_ROOM, parts=5)
    draining = asyncio.create_task(house.drain())
    async with asyncio.timeout(2.5):
        await house.until(lambda: sum(house.counts(*others)) == 5)
    assert house.counts(slow) == [0]
    gate.set()
    await draining


async def test_a_tenant_that_hangs_leaves_room_for_the_others() -> None:
    house, gate = House(), asyncio.Event()
    for n in range(9):
        room = Channel("fake", "T0", f"room{n}")
        await house.plan(room)
        house.platform.next(room, waits_for(gate))
    (other,) = await house.plan(FOREIGN_ROOM)
    draining = asyncio.create_task(house.drain(house.deliverer(concurrency=4)))
    await house.until(lambda: house.counts(other) == [1])
    assert house.platform.asked == 3
    gate.set()
    await draining
    assert len(house.platform.posted) == 10


async def test_reading_back_leaves_room_for_sending() -> None:
    house, gate = House(), asyncio.Event()
    for room in ROOMS:
        await house.plan(room)
        house.platform.next(room, loses_the_request())
    await house.drain()

    async def read() -> None:
        await gate.wait()

    house.platform.read = read
    (other,) = await house.plan(Channel("fake", "new", "room"))
    house.clock.move(seconds=61)
    draining = asyncio.create_task(house.drain(house.deliverer(concurrency=6)))
    await house.until(lambda: house.counts(other) == [1])
    assert house.platform.looked == 3
    gate.set()
    await draining
    assert {len(texts) for texts in shown(house).values()} == {1}


async def test_rows_of_a_platform_that_is_served_elsewhere_are_left_alone_and_in_nobodys_way() -> None:
    house = House()
    strangers = [Channel("slack", f"T{n}", "room") for n in range(20)]
    for n, room in enumerate(strangers):
        made = plan(room)
        row = rows(made)[0]
        await house.store.plan([(made, [row if n else sending(row, owner="somebody else")])])
    house.clock.move(seconds=1)
    (row,) = await house.plan()
    await house.drain(house.deliverer(concurrency=2))
    assert house.counts(row) == [1]
    assert {stranger.state for room in strangers for stranger in await house.store.deliveries(channel=room)} == {
        State.PENDING,
        State.SENDING,
    }


async def test_a_channel_gets_no_more_than_its_pace() -> None:
    house = House(pacing=replace(PROMPT, per_channel=50.0, burst=2))
    await house.plan(ROOM, parts=8)
    started = monotonic()
    await house.drain()
    times = [message.at - started for message in house.platform.posted]
    assert len(times) == 8
    assert [n for n, time in enumerate(times) if time < 0.0199 * (n - 1)] == []


async def test_a_tenant_gets_no_more_than_its_pace_however_many_channels_it_has() -> None:
    house = House(pacing=replace(PROMPT, per_tenant=50.0))
    rooms = [Channel("fake", "T1", f"room{n}") for n in range(8)]
    for room in rooms:
        await house.plan(room)
    await house.plan(FOREIGN_ROOM)
    started = monotonic()
    await house.drain()
    times = [message.at - started for message in house.platform.posted if message.channel in rooms]
    assert len(times) == 8
    assert [n for n, time in enumerate(times) if time < 0.0199 * n] == []


@pytest.mark.parametrize("seconds", [60, 1e12])
async def test_a_rate_limit_closes_its_tenant_only_and_not_for_ever(seconds: float) -> None:
    house = House()
    rooms = [Channel("fake", "T1", f"room{n}") for n in range(5)]
    for room in (*rooms, FOREIGN_ROOM):
        await house.plan(room)
    house.platform.always[rooms[0]] = refuses(Verdict.WAIT, seconds=seconds)
    limited = house.deliverer(concurrency=1)
    await house.drain(limited)
    assert house.platform.asked == 2
    assert len(house.platform.papers(FOREIGN_ROOM)) == 1
    house.platform.always.clear()
    house.clock.move(minutes=15)
    await house.drain(limited)
    assert house.platform.asked == 2, "its own clock did not move"
    assert limited._tenants["fake"].wait("T1", monotonic() + 900) == 0.0
    await house.drain()
    assert {len(texts) for texts in shown(house).values()} == {1}
    assert len(house.platform.posted) == 6


async def test_a_short_wait_is_waited_for() -> None:
    house = House()
    (row,) = await house.plan(ROOM)
    (other,) = await house.plan(OTHER_ROOM)
    house.platform.next(ROOM, refuses(Verdict.WAIT, seconds=1))
    started = monotonic()
    await house.drain(house.deliverer(concurrency=1))
    assert house.counts(row, other) == [0, 1]
    assert monotonic() - started >= 1
    house.clock.move(seconds=1)
    await house.drain()
    assert house.counts(row, other) == [1, 1]


async def test_a_stop_lets_what_is_under_way_end_and_leaves_the_rest_to_the_next_process() -> None:
    house, gate, stop = House(), asyncio.Event(), asyncio.Event()
    planned = await house.plan(parts=3)
    house.platform.next(ROOM, waits_for(gate))
    draining = asyncio.create_task(house.deliverer().drain(stop))
    await house.until(lambda: house.platform.asked == 1)
    stop.set()
    await asyncio.sleep(0.02)
    assert not draining.done()
    gate.set()
    await draining
    assert await house.states(*planned) == [State.SENT, State.PENDING, State.PENDING]
    await house.drain()
    assert house.counts(*planned) == [1, 1, 1]


@pytest.mark.parametrize("act", [takes(9), waits_for(asyncio.Event())], ids=["it arrived", "it did not"])
async def test_what_does_not_end_in_time_is_settled_by_the_next_process(act: Act) -> None:
    house = House(pacing=replace(PROMPT, timeout=9))
    (row,) = await house.plan()
    house.platform.next(ROOM, act)
    stop = asyncio.Event()
    draining = asyncio.create_task(house.deliverer(drain=0.05).drain(stop))
    await house.until(lambda: house.platform.asked == 1)
    stop.set()
    async with asyncio.timeout(4):
        await draining
    assert await house.states(row) == [State.SENDING]
    await house.drain()
    await house.settle()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


async def test_a_process_that_was_told_to_stop_sends_nothing() -> None:
    house, stop = House(), asyncio.Event()
    (row,) = await house.plan()
    stop.set()
    await house.deliverer().drain(stop)
    assert await house.states(row) == [State.PENDING]


async def test_nothing_is_left_running_after_a_drain() -> None:
    house = House()
    for room in ROOMS:
        await house.plan(room, parts=2)
    await house.drain()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("method", ["claim", "update"])
async def test_a_full_disk_is_told_once_and_nothing_is_lost_or_doubled(method: str) -> None:
    store = FullStore()
    house = House(store=store)
    planned = [(await house.plan(room))[0] for room in ROOMS[:3]]
    store.full = frozenset({method})
    with pytest.raises(StoreFull, match="Cannot save now"):
        await house.drain()
    asked = house.platform.asked
    assert asked == (0 if method == "claim" else 3)
    with pytest.raises(StoreFull):
        await house.drain()
    assert house.platform.asked == asked
    store.full = frozenset()
    await house.drain()
    await house.settle()
    assert house.counts(*planned) == [1, 1, 1]
    assert await house.states(*planned) == [State.SENT] * 3


async def test_one_that_waits_for_the_pace_is_sent_in_the_same_drain() -> None:
    house = House(pacing=Pacing(per_channel=2.0, per_tenant=inf))
    planned = await house.plan(parts=2)
    await house.drain()
    assert house.counts(*planned) == [1, 1]
