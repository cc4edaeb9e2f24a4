"""A tick that looks at few channels plans what a tick that looks at all of them plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest

from bot import agenda, pipeline
from bot.models import Cadence, Channel, ChannelSettings
from bot.pipeline import Fetching
from tests.chats import FakeChat, Platform
from tests.fakes import MemoryStore
from tests.making import LONG_AGO, NOW, ROOM, subscription
from tests.resting import RestingStore

EVER = date(2000, 1, 1)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe")
HALF = timedelta(minutes=30)


async def tick(store: MemoryStore, now: object = NOW) -> int:
    chat = FakeChat(Platform())
    return await pipeline.plan(store, {chat.name: chat}, now, fetching=Fetching())  # type: ignore[arg-type]


def wish(number: int, random: Random) -> ChannelSettings:
    return ChannelSettings(
        channel=Channel("fake", f"T{number % 3}", f"room{number}"),
        created=LONG_AGO,
        cadence=random.choice(list(Cadence)),
        day=random.randrange(7),
        time=time(random.randrange(24), random.choice((0, 30))),
        timezone=random.choice(ZONES),
        quiet=False,
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_plans_of_four_days_are_the_same_however_few_are_looked_at(seed: int) -> None:
    random, every, few = Random(seed), MemoryStore(), RestingStore()
    held = [wish(number, random) for number in range(40)]
    for settings in held:
        for store in (every, few):
            await store.subscribe(subscription("agents", settings.channel), settings)
    for step in range(4 * 48):
        now = NOW + step * HALF
        if random.random() < 0.1:
            number = random.randrange(len(held))
            held[number] = replace(wish(number, random), paused=random.choice(("", "for a while")))
            for store in (every, few):
                await store.save_settings(held[number])
        assert await tick(every, now) == await tick(few, now)
    for settings in held:
        assert await every.plans(settings.channel, EVER) == await few.plans(settings.channel, EVER)
    assert few.looks < 4 * 48 * len(held) / 5


async def test_a_channel_rests_until_its_next_digest_and_never_longer_than_some_hours() -> None:
    store = RestingStore()
    await store.subscribe(
        subscription("agents"), ChannelSettings(channel=ROOM, created=NOW, time=(NOW + timedelta(hours=2)).time())
    )
    assert await tick(store) == 0
    assert store.until[ROOM] == NOW + timedelta(hours=2)
    await store.save_settings(ChannelSettings(channel=ROOM, created=NOW, time=(NOW - timedelta(hours=2)).time()))
    assert await tick(store) == 0
    assert agenda.LONGEST / 2 <= store.until[ROOM] - NOW <= agenda.LONGEST


async def test_a_scheduler_whose_clock_is_a_day_ahead_costs_nobody_a_digest() -> None:
    store = RestingStore()
    await store.subscribe(
        subscription("agents"),
        ChannelSettings(channel=ROOM, created=LONG_AGO, time=(NOW + timedelta(hours=1)).time(), quiet=False),
    )
    await tick(store, NOW + timedelta(days=1))
    await tick(store, NOW + timedelta(days=1))
    assert store.until[ROOM] > NOW + agenda.LONGEST
    assert await tick(store, NOW + timedelta(hours=1)) == 1


async def test_more_channels_than_a_page_are_all_looked_at() -> None:
    store = RestingStore()
    for number in range(agenda.PAGE + 3):
        await store.save_settings(ChannelSettings(channel=Channel("fake", "T", f"{number:05}"), created=NOW))
    await tick(store)
    assert store.looks == agenda.PAGE + 3
    await tick(store)
    assert store.looks == agenda.PAGE + 3


async def test_of_many_channels_some_are_read_also_while_they_rest() -> None:
    few, every = RestingStore(), MemoryStore()
    homes = [Channel("fake", "T", f"{number}") for number in range(5)]
    for store in (few, every):
        for home in (*homes, Channel("other", "T", "0")):
            await store.save_settings(ChannelSettings(channel=home, created=NOW))
    await tick(few)
    assert len(few.until) == len(homes)
    first = sorted(homes, key=few.until.__getitem__)[:3]
    assert [one.channel for one in await agenda.soonest(few, {"fake"}, NOW, 3)] == first
    assert [one.channel for one in await agenda.soonest(every, {"fake"}, NOW, 3)] == homes
