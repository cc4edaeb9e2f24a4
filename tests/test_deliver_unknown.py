"""Messages that may have been sent: settle, read back, and never blindly again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.deliver import BEAT
from bot.errors import DeliveryError, Verdict
from bot.models import State
from bot.ports import Pacing
from tests.chats import Act, breaks, commits_behind, loses_the_answer, loses_the_request, refuses, takes
from tests.house import House
from tests.making import NOW, OTHER_ROOM, ROOM, plan, rows, sending

BUSY = DeliveryError("come back later", Verdict.RETRY)
HOPELESS = DeliveryError("no right to read", Verdict.PAUSE)
QUICK = Pacing(per_channel=1000.0, per_tenant=1000.0, burst=100, timeout=0.05, settle=60.0)


@pytest.mark.parametrize("act", [loses_the_answer(), loses_the_request(), breaks(OSError(104, "reset"))])
async def test_an_unconfirmed_message_is_settled_then_read_back_and_stands_there_once(act: Act) -> None:
    house = House()
    (row,) = await house.plan()
    house.platform.next(ROOM, act)
    await house.drain()
    house.clock.move(seconds=59)
    await house.drain()
    assert (house.platform.looked, await house.states(row)) == (0, [State.UNKNOWN])
    await house.settle()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])
    assert (await house.row(row)).remote_id == house.platform.posted[0].id


async def test_a_message_that_the_platform_commits_after_our_timeout_stands_there_once() -> None:
    house, gate = House(pacing=QUICK), asyncio.Event()
    (row,) = await house.plan()
    house.platform.next(ROOM, commits_behind(gate))
    await house.drain()
    assert (await house.states(row), house.counts(row)) == ([State.UNKNOWN], [0])
    gate.set()
    await house.until(lambda: house.platform.count(row.key) == 1)
    await house.settle()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


@pytest.mark.parametrize("trouble", [BUSY, KeyError("messages"), None], ids=["refused", "a fault", "no answer"])
async def test_what_cannot_be_read_back_stays_unknown_is_not_sent_again_and_delays_nobody(
    trouble: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(pacing=QUICK)

    async def read() -> None:
        if trouble:
            raise trouble
        await asyncio.Event().wait()

    house.platform.read = read
    (row,) = await house.plan(ROOM)
    house.platform.next(ROOM, loses_the_answer())
    await house.drain()
    (other,) = await house.plan(OTHER_ROOM)
    await house.settle()
    assert await house.states(row, other) == [State.UNKNOWN, State.SENT]
    for _ in range(40):
        house.clock.move(hours=1)
        await house.drain()
    now = await house.row(row)
    assert (now.state, now.lease_until) == (State.UNKNOWN, None)
    assert "cannot be read back" in now.error
    assert 20 < house.platform.looked < 40
    assert house.counts(row) == [1]
    assert set(row.message.papers) <= set((await house.store.posted([ROOM]))[ROOM])


async def test_what_can_never_be_read_back_is_left_to_a_person_at_once() -> None:
    house = House()

    async def read() -> None:
        raise HOPELESS

    house.platform.read = read
    (row,) = await house.plan(ROOM)
    house.platform.next(ROOM, loses_the_answer())
    await house.drain()
    await house.settle()
    now = await house.row(row)
    assert (now.state, now.lease_until, house.platform.looked) == (State.UNKNOWN, None, 1)
    assert "no right to read" in now.error
    (later,) = await house.plan(day=NOW.date() + timedelta(days=1))
    await house.drain()
    assert await house.states(later) == [State.SENT]


async def test_one_hanging_read_back_does_not_hold_up_the_sending_and_is_not_begun_anew() -> None:
    house, gate = House(pacing=replace(QUICK, timeout=9)), asyncio.Event()

    async def read() -> None:
        await gate.wait()

    house.platform.read = read
    (row,) = await house.plan(ROOM)
    house.platform.next(ROOM, loses_the_answer())
    await house.drain()
    (other,) = await house.plan(OTHER_ROOM)
    house.clock.move(seconds=61)
    draining = asyncio.create_task(house.drain())
    await house.until(lambda: house.counts(other) == [1])
    await asyncio.sleep(1.1 * BEAT)
    gate.set()
    await draining
    assert house.platform.looked == 1
    assert await house.states(row, other) == [State.SENT, State.SENT]


async def test_what_needs_no_time_to_settle_is_cleared_up_at_once() -> None:
    house = House(pacing=replace(QUICK, settle=0.0))
    (row,) = await house.plan()
    house.platform.next(ROOM, loses_the_request())
    await house.drain()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


async def test_where_nothing_can_be_read_back_a_person_decides() -> None:
    house = House(blind=True)
    first, second = await house.plan(parts=2)
    house.platform.next(ROOM, loses_the_answer())
    await house.drain()
    assert await house.states(first, second) == [State.UNKNOWN, State.PENDING]
    await house.settle()
    assert await house.states(first, second) == [State.UNKNOWN, State.SENT]
    assert (await house.row(first)).lease_until is None
    assert house.counts(first, second) == [1, 1]
    assert set(first.message.papers) <= set((await house.store.posted([ROOM]))[ROOM])


async def test_a_platform_where_a_copy_harms_less_than_none_gets_one_more_with_the_same_key() -> None:
    house = House(blind=True, pacing=replace(QUICK, resend=True))
    (row,) = await house.plan()
    house.platform.always[ROOM] = loses_the_answer()
    for _ in range(5):
        await house.drain()
        await house.settle()
    assert (house.counts(row), await house.states(row)) == ([2], [State.UNKNOWN])
    assert (await house.row(row)).lease_until is None


async def test_a_plain_refusal_takes_nothing_from_the_one_more_copy() -> None:
    house = House(blind=True, pacing=replace(QUICK, resend=True))
    (row,) = await house.plan()
    house.platform.next(ROOM, refuses(Verdict.RETRY), refuses(Verdict.RETRY))
    house.platform.always[ROOM] = loses_the_answer()
    for _ in range(6):
        await house.drain()
        house.clock.move(minutes=10)
    now = await house.row(row)
    assert (house.counts(row), now.unclear, now.state, now.lease_until) == ([2], 2, State.UNKNOWN, None)


async def test_a_row_of_a_dead_process_is_settled_and_not_sent_blindly() -> None:
    house = House()
    made = plan()
    (row,) = rows(made)
    await house.store.plan([(made, [sending(row, owner="a dead process")])])
    await house.platform.post(ROOM, row.message, row.key, "")
    await house.drain()
    assert await house.states(row) == [State.UNKNOWN]
    await house.settle()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


async def test_a_lease_of_another_process_holds_until_its_end_where_processes_share_a_store() -> None:
    house = House(shared=True)
    made = plan()
    (row,) = rows(made)
    await house.store.plan([(made, [sending(row, owner="a living process")])])
    await house.drain()
    assert await house.states(row) == [State.SENDING]
    house.clock.move(seconds=61)
    await house.drain()
    assert await house.states(row) == [State.UNKNOWN]


async def test_a_process_that_lives_long_looks_again_for_what_others_left_behind() -> None:
    house = House(shared=True)
    lasting = house.deliverer()
    await house.drain(lasting)
    made = plan()
    (row,) = rows(made)
    await house.store.plan([(made, [sending(row, owner="a process that died meanwhile")])])
    house.clock.move(seconds=61)
    await asyncio.sleep(1.1 * BEAT)
    await house.drain(lasting)
    assert await house.states(row) == [State.UNKNOWN]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.PENDING, State.EXPIRED])
async def test_an_answer_that_comes_after_the_row_was_taken_for_lost_still_counts(state: State) -> None:
    house = House(shared=True)
    (row,) = await house.plan()
    house.platform.next(ROOM, takes(0.1))
    draining = asyncio.create_task(house.drain())
    await house.until(lambda: house.platform.asked == 1)
    leased = await house.row(row)
    lease = NOW + timedelta(minutes=2) if state is State.UNKNOWN else None
    lost = replace(leased, state=state, lease_owner="", lease_until=lease, next_at=NOW + timedelta(minutes=2))
    assert await house.store.update(leased, lost)
    await draining
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


async def test_a_message_older_than_a_day_is_not_sent_and_its_papers_return() -> None:
    house = House()
    first, second = await house.plan(parts=2)
    house.platform.next(ROOM, refuses(Verdict.RETRY))
    await house.drain()
    house.clock.move(hours=24, seconds=1)
    await house.drain()
    assert await house.states(first, second) == [State.EXPIRED, State.EXPIRED]
    assert house.platform.asked == 1
    assert await house.store.posted([ROOM]) == {ROOM: {}}
    assert "24 hours" in (await house.row(second)).error
