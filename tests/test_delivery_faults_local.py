"""The faults of delivery that begin on our side, by the numbers of docs/reliability.md."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.deliver import Deliverer
from bot.errors import StoreFull, Verdict
from bot.models import Channel, Delivery, State
from tests.chats import FakeChat, loses_the_answer, refuses, takes, waits_for
from tests.house import FullStore, House
from tests.making import NOW, OTHER_ROOM, ROOM

CANARY = "xoxb-canary-7f3a"
SENT, PENDING, EXPIRED = State.SENT, State.PENDING, State.EXPIRED


@pytest.mark.parametrize("method", ["claim", "update"])
async def test_a_fault_63_of_the_disk_is_told_and_costs_nothing(method: str) -> None:
    house = House(store=FullStore())
    assert isinstance(house.store, FullStore)
    planned = await house.plan(parts=2)
    house.store.full = frozenset({method})
    for _ in range(3):
        with pytest.raises(StoreFull, match="Cannot save now"):
            await house.drain()
    house.store.full = frozenset()
    await house.drain()
    await house.settle()
    assert (await house.states(*planned), house.counts(*planned)) == ([SENT, SENT], [1, 1])


@pytest.mark.parametrize(
    "step", [timedelta(hours=1), -timedelta(hours=1), timedelta(days=1), -timedelta(days=1)], ids=str
)
async def test_a_fault_68_of_the_clock_sends_nothing_twice_and_loses_nothing(step: timedelta) -> None:
    house = House()
    first, second = await house.plan(parts=2)
    house.platform.next(ROOM, takes(0.1), loses_the_answer())
    draining = asyncio.create_task(house.drain())
    await house.until(lambda: house.platform.asked == 1)
    house.clock.now += step
    await draining
    for _ in range(4):
        house.clock.move(minutes=20)
        await house.drain()
    house.clock.now = max(house.clock.now, NOW + timedelta(hours=3))
    for _ in range(3):
        await house.drain()
        house.clock.move(minutes=20)
    assert max(house.counts(first, second)) == 1
    posted = (await house.store.posted([ROOM]))[ROOM]
    for row in (first, second):
        assert (await house.row(row)).state in {SENT, EXPIRED}
        assert ((await house.row(row)).state is SENT) == (house.counts(row) == [1])
        assert (set(row.message.papers) <= set(posted)) == (house.counts(row) == [1])


async def test_a_fault_72_of_a_stop_in_the_middle_ends_in_the_next_process() -> None:
    house, stop, gate = House(), asyncio.Event(), asyncio.Event()
    planned = await house.plan(parts=3)
    house.platform.next(ROOM, waits_for(gate))
    draining = asyncio.create_task(house.deliverer().drain(stop))
    await house.until(lambda: house.platform.asked == 1)
    stop.set()
    gate.set()
    await draining
    assert await house.states(*planned) == [SENT, PENDING, PENDING]
    await house.drain()
    assert house.counts(*planned) == [1, 1, 1]


async def killed(house: House, row: Delivery) -> None:
    """A process that ends while this row is on its way, and the next one, which finds it."""
    life = asyncio.create_task(house.deliverer(drain=0.0).drain(asyncio.Event()))
    await house.until(lambda: house.counts(row) == [1])
    assert await house.states(row) == [State.SENDING]
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    await house.drain()
    house.clock.move(seconds=61)


async def test_a_fault_73_of_a_process_that_ends_in_every_part_is_settled() -> None:
    house = House()
    planned = await house.plan(parts=3)
    house.platform.next(ROOM, *(takes(9) for _ in planned))
    for row in planned:
        await killed(house, row)
    await house.drain()
    assert (await house.states(*planned), house.counts(*planned)) == ([SENT] * 3, [1, 1, 1])


@pytest.mark.parametrize("shared", [False, True], ids=["a process alone", "one of several"])
async def test_no_row_is_on_its_way_five_minutes_after_its_process_died(shared: bool) -> None:
    house = House(shared=shared)
    planned = await house.plan(parts=3)
    house.platform.next(ROOM, takes(9))
    life = asyncio.create_task(house.deliverer(drain=0.0).drain(asyncio.Event()))
    await house.until(lambda: house.platform.asked == 1)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    assert await house.states(*planned) == [State.SENDING, PENDING, PENDING]
    house.clock.move(minutes=5)
    await house.drain()
    assert not await house.store.deliveries(states=(State.SENDING,))
    await house.settle()
    assert (await house.states(*planned), house.counts(*planned)) == ([SENT] * 3, [1, 1, 1])


LIFE = """
import asyncio
from bot.deliver import Deliverer
from bot.serve import stopping
from tests.house import House
from tests.chats import waits_for
from tests.making import ROOM

async def main():
    house, stop = House(), asyncio.Event()
    await house.plan()
    house.platform.next(ROOM, waits_for(asyncio.Event()))
    with stopping(stop):
        draining = asyncio.create_task(house.deliverer(drain=600.0).drain(stop))
        while not house.platform.asked:
            await asyncio.sleep(0.01)
        print("under way", flush=True)
        await stop.wait()
        print("stopping", flush=True)
        await draining

asyncio.run(main())
"""


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_fault_74_of_a_second_signal_ends_the_process_at_once(second: signal.Signals) -> None:
    words = [sys.executable, "-c", LIFE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "under way\n"
            process.send_signal(signal.SIGTERM)
            assert process.stdout.readline() == "stopping\n"
            assert process.poll() is None
            process.send_signal(second)
            assert process.wait(60) == 130
        finally:
            process.kill()


async def test_a_fault_81_of_one_platform_leaves_the_other_running() -> None:
    house = House()
    bad = FakeChat(house.platform, name="bad")
    room = Channel("bad", "T1", "papers")
    (lost,), (row,) = await house.plan(room), await house.plan(ROOM)
    house.platform.always[room] = refuses(Verdict.TENANT, "invalid_auth: give Broadsheet a valid token")
    both = Deliverer(house.store, {"bad": bad, "fake": house.chat}, owner="both", now=house.clock)
    await house.drain(both)
    assert await house.states(lost, row) == [EXPIRED, SENT]
    paused = [str(kept.channel) for kept in await house.store.all_settings() if kept.paused]
    assert paused == ["bad:T1/papers"]


class ForgetfulStore(FullStore):
    """Fails in a way that no store should, once."""

    async def update(self, old: Delivery, new: Delivery) -> bool:
        if "update" in self.full:
            self.full = frozenset()
            raise LookupError(CANARY)
        return await super().update(old, new)


async def test_a_fault_84_of_a_task_costs_its_row_only_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    house = House(store=ForgetfulStore())
    assert isinstance(house.store, FullStore)
    first, other = (await house.plan(ROOM))[0], (await house.plan(OTHER_ROOM))[0]
    house.store.full = frozenset({"update"})
    await house.drain(house.deliverer(concurrency=1))
    assert sorted(await house.states(first, other)) == [State.SENDING, SENT]
    assert sum("ended in a fault of ours" in message for message in caplog.messages) == 1
    await house.drain()
    await house.settle()
    assert (await house.states(first, other), house.counts(first, other)) == ([SENT, SENT], [1, 1])
