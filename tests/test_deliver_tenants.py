"""A tenant of many channels takes its own pace, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Verdict
from bot.models import Channel, State
from tests.chats import PROMPT, refuses
from tests.house import House
from tests.making import OTHER_ROOM, ROOM


async def test_a_tenant_of_many_channels_does_not_hide_the_one_behind_it() -> None:
    house = House(pacing=replace(PROMPT, per_tenant=1e6, tenant_burst=1))
    for number in range(60):
        await house.plan(Channel("fake", "T1", f"room{number:02}"))
    last = Channel("fake", "T2", "papers")
    await house.plan(last)
    await house.drain(house.deliverer(concurrency=4))
    order = [message.channel for message in house.platform.posted]
    assert len(order) == 61
    assert order.index(last) < 10


async def test_what_a_busy_moment_did_not_use_is_made_up_for() -> None:
    house = House(pacing=replace(PROMPT, per_tenant=1e-3, burst=1, tenant_burst=5))
    for number in range(8):
        await house.plan(Channel("fake", "T1", f"room{number}"))
    await house.drain()
    assert len(house.platform.posted) == 5


@pytest.mark.parametrize("alone", [True, False])
async def test_a_wait_is_the_whole_tenants_unless_it_is_the_channels_alone(alone: bool) -> None:
    house = House(pacing=PROMPT)
    sender = house.deliverer()
    (row,) = await house.plan(ROOM)
    house.platform.next(ROOM, refuses(Verdict.WAIT, seconds=600, alone=alone))
    await house.drain(sender)
    (other,) = await house.plan(OTHER_ROOM)
    await house.drain(sender)
    assert await house.states(row, other) == [State.RETRY_WAIT, State.SENT if alone else State.PENDING]
