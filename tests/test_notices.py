from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot import notices
from bot.errors import Verdict
from bot.models import Channel
from tests.chats import refuses
from tests.house import House
from tests.making import FOREIGN_ROOM, OTHER_ROOM, ROOM


async def paused(owner: str = "U1", *, reached: bool) -> House:
    """A house in which ROOM was paused, and its owner could be spoken to or not."""
    house = House()
    house.platform.shy = frozenset() if reached else frozenset({"U1"})
    await house.plan(ROOM, owner=owner)
    await house.plan(OTHER_ROOM, owner="U2")
    await house.plan(FOREIGN_ROOM, owner=owner)
    house.platform.next(ROOM, refuses(Verdict.PAUSE, "not_in_channel"))
    await house.drain()
    return house


async def test_an_owner_who_was_spoken_to_is_owed_nothing() -> None:
    house = await paused(reached=True)
    assert len(house.platform.told) == 1
    assert await notices.owed(house.store, ROOM, "U1") == ()


async def test_the_next_asker_in_the_channel_is_told_and_nobody_after() -> None:
    house = await paused(reached=False)
    (said,) = await notices.owed(house.store, ROOM, "somebody")
    assert said.startswith(f"I paused the digest in {ROOM}: not_in_channel")
    assert await notices.owed(house.store, ROOM, "U1") == ()


async def test_of_many_who_ask_at_once_one_is_told() -> None:
    house = await paused(reached=False)
    answers = await asyncio.gather(*(notices.owed(house.store, ROOM) for _ in range(9)))
    assert sorted(map(len, answers)) == [0] * 8 + [1]


@pytest.mark.parametrize(
    ("channel", "person", "count"),
    [
        (OTHER_ROOM, "U1", 1),
        (OTHER_ROOM, "U2", 0),
        (OTHER_ROOM, "", 0),
        (FOREIGN_ROOM, "U1", 0),
        (replace(ROOM, platform="other"), "U1", 0),
    ],
)
async def test_an_owner_may_ask_anywhere_in_the_tenant(channel: Channel, person: str, count: int) -> None:
    house = await paused(reached=False)
    assert len(await notices.owed(house.store, channel, person)) == count


async def test_a_channel_without_an_owner_owes_nothing_to_nobody() -> None:
    house = await paused(owner="", reached=False)
    assert await notices.owed(house.store, OTHER_ROOM, "") == ()
    assert len(await notices.owed(house.store, ROOM, "")) == 1


async def test_every_channel_of_a_tenant_that_was_stopped_has_its_own_sentence() -> None:
    house = House()
    for room in (ROOM, OTHER_ROOM, FOREIGN_ROOM):
        await house.plan(room)
    house.platform.next(ROOM, refuses(Verdict.TENANT, "token_revoked"))
    await house.drain()
    assert house.platform.told == []
    told = [await notices.owed(house.store, room) for room in (ROOM, OTHER_ROOM, FOREIGN_ROOM)]
    assert [len(some) for some in told] == [1, 1, 0]


async def test_a_sentence_that_stands_already_is_not_owed_again_unless_it_happened_again() -> None:
    house = House()
    for again, count in ((False, 1), (False, 0), (True, 1)):
        await notices.owe(house.store, ROOM, "no such zone", house.clock(), again=again)
        assert len(await notices.owed(house.store, ROOM)) == count
    await notices.owe(house.store, ROOM, "another one", house.clock(), again=False)
    assert await notices.owed(house.store, ROOM) == ("another one",)


async def test_status_goes_on_showing_what_was_told() -> None:
    house = await paused(reached=False)
    assert await notices.owed(house.store, ROOM)
    assert len(await house.notices()) == 1
