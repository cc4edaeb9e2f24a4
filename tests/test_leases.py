"""A sender that lives keeps what it holds, however long that takes; one that is dead is found out soon."""

from __future__ import annotations

import asyncio

import pytest

from adapters.chats.discord.limits import PACING as DISCORD
from adapters.chats.slack.limits import PACING as SLACK
from bot import transitions
from bot.deliver import BEAT, Limits
from bot.errors import StoreFull
from bot.leases import Leases
from bot.models import Delivery, State
from bot.ports import Pacing
from bot.serve import LOOK
from bot.settings import DeliverySettings
from tests.chats import waits_for
from tests.fakes import MemoryStore
from tests.house import FullStore, House
from tests.making import OTHER_ROOM, ROOM, Clock

PROMISED = 90.0
"""Seconds after which at the latest the digest of a sender that was killed goes on elsewhere."""
ASKING = 3.0
"""Seconds for reading back, and for the message itself."""
SHORT = 0.15


@pytest.mark.parametrize(
    "pacing",
    [
        pytest.param(SLACK, id="slack"),
        pytest.param(DISCORD, id="discord"),
        pytest.param(Pacing(per_channel=1.0, per_tenant=1.0), id="any other"),
    ],
)
def test_a_dead_senders_digest_goes_on_within_90_seconds(pacing: Pacing) -> None:
    lease = Limits().lease
    noticed = lease + LOOK + BEAT
    settled = pacing.settle + LOOK + BEAT
    assert noticed + settled + ASKING <= PROMISED
    assert pacing.settle >= 2 * pacing.timeout
    assert lease / 3 >= 2 * BEAT


def test_the_setting_has_the_same_default() -> None:
    assert DeliverySettings().lease == Limits().lease


async def test_a_message_that_takes_longer_than_its_lease_stays_with_its_sender() -> None:
    house, gate = House(shared=True), asyncio.Event()
    (row,) = await house.plan()
    house.platform.next(ROOM, waits_for(gate))
    draining = asyncio.create_task(house.drain(house.deliverer(lease=SHORT)))
    await house.until(lambda: house.platform.asked == 1)
    for _ in range(4):
        before = (await house.row(row)).lease_until
        house.clock.move(seconds=SHORT * 2 / 3)
        await _renewed(house, row, before)
        await house.drain()
        assert await house.states(row) == [State.SENDING]
    gate.set()
    await draining
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])


async def _renewed(house: House, row: Delivery, before: object) -> None:
    async with asyncio.timeout(5):
        while (await house.row(row)).lease_until == before:  # noqa: ASYNC110  (a store rings no bell)
            await asyncio.sleep(0.002)


class HeldUp(MemoryStore):
    """A store that is slow to say where a thread begins."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.asked = False

    async def delivery(self, key: str) -> Delivery | None:
        self.asked = True
        await self.may.wait()
        return await super().delivery(key)


async def test_what_others_took_from_a_sender_that_was_held_up_is_not_sent_by_it() -> None:
    store = HeldUp()
    house = House(store=store, shared=True)
    _, second = await house.plan(parts=2)
    draining = asyncio.create_task(house.drain(house.deliverer(lease=SHORT)))
    await house.until(lambda: store.asked)
    (leased,) = await store.deliveries(states=(State.SENDING,))
    assert leased.key == second.key
    for held in await store.deliveries(states=(State.SENDING,)):
        assert await store.update(held, _lost(held))
    await asyncio.sleep(2 * SHORT)
    store.may.set()
    await draining
    assert house.counts(second) == [0]


def _lost(row: Delivery) -> Delivery:
    return transitions.unconfirmed(row, Clock()(), SLACK, "taken for dead")


async def test_a_lease_that_cannot_be_renewed_is_kept_and_tried_again() -> None:
    store = FullStore()
    house = House(store=store, shared=True)
    (row,) = await house.plan()
    leases = Leases(store, "me", house.clock, SHORT)
    await leases.take([row.key])
    store.full = frozenset({"update"})
    keeping = asyncio.create_task(leases.keep())
    await asyncio.sleep(SHORT)
    with pytest.raises(StoreFull):
        await leases.is_good(row.key)
    before = (await house.row(row)).lease_until
    store.full = frozenset()
    house.clock.move(seconds=1)
    await _renewed(house, row, before)
    assert await leases.is_good(row.key)
    keeping.cancel()


async def test_the_end_of_a_message_is_written_down_over_a_renewed_lease() -> None:
    house = House(shared=True)
    (row,) = await house.plan()
    leases = Leases(house.store, "me", house.clock, SHORT)
    (held,) = await leases.take([row.key])
    await asyncio.sleep(SHORT)
    house.clock.move(seconds=1)
    await leases.renew()
    assert (await house.row(row)).lease_until != held.lease_until
    assert await leases.end(held, _lost(held))
    assert await house.states(row) == [State.UNKNOWN]


class HalfFullStore(FullStore):
    """One whose disk becomes full after so many updates."""

    room = 1

    async def update(self, old: Delivery, new: Delivery) -> bool:
        self.room -= 1
        if self.room < 0:
            raise StoreFull("Cannot save now: the disk is full.")
        return await super().update(old, new)


async def test_what_was_renewed_before_the_store_failed_is_known_as_it_stands() -> None:
    store = HalfFullStore()
    house = House(store=store, shared=True)
    (first,) = await house.plan()
    (second,) = await house.plan(OTHER_ROOM)
    leases = Leases(store, "me", house.clock, SHORT)
    held = await leases.take([first.key, second.key])
    assert len(held) == 2
    await asyncio.sleep(SHORT)
    house.clock.move(seconds=1)
    store.room = 1
    with pytest.raises(StoreFull):
        await leases.renew()
    store.room = 4
    await leases.renew()
    assert len(leases) == 2
    for row in held:
        assert await leases.end(row, _lost(row))
