"""What a store of many channels (``bot.ports.Agenda``) must do beside the rest."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.models import Channel
from bot.ports import Agenda, Store
from tests.contracts.store_values import HERE, HOUR, NOW, THERE, TWIN, settings

FAR = NOW + 6 * HOUR
MOMENT = timedelta(microseconds=1)
ROOMS = (HERE, THERE, TWIN)
PLATFORMS = {channel.platform for channel in ROOMS}


PAGE = NOW + timedelta(seconds=20)
"""Until when a page is somebody's."""


async def awake(store: Store, later: timedelta = timedelta(0)) -> list[Channel]:
    """All that are awake; they stay it."""
    assert isinstance(store, Agenda)
    return [one.channel for one in await store.awake(PLATFORMS, NOW + later, FAR + later, 10)]


async def taken(store: Store, limit: int = 10, later: timedelta = timedelta(0)) -> list[Channel]:
    """Those that somebody is given, as many at the most."""
    assert isinstance(store, Agenda)
    found = await store.awake(PLATFORMS, NOW + later, FAR + later, limit, PAGE + later)
    return sorted(one.channel for one in found)


async def rest(store: Store, channel: Channel, moment: timedelta, later: timedelta = timedelta(0)) -> None:
    """Take all that are awake, and let one of them rest from now on."""
    assert isinstance(store, Agenda)
    await taken(store, later=later)
    await store.rest({channel: NOW + moment}, PAGE + later)


class Resting:
    """Who is given, and who rests."""

    async def test_every_channel_is_awake_at_first_and_stays_so_for_whoever_only_reads(self, store: Store) -> None:
        for channel in ROOMS:
            await store.save_settings(settings(channel))
        assert sorted(await awake(store)) == sorted(await awake(store)) == sorted(ROOMS)

    async def test_what_is_given_to_one_is_given_to_nobody_else_in_pages_of_any_size(self, store: Store) -> None:
        for channel in ROOMS:
            await store.save_settings(settings(channel))
        pages = [await taken(store, 2), await taken(store, 2), await taken(store, 2)]
        assert [len(page) for page in pages] == [2, 1, 0]
        assert sorted(pages[0] + pages[1]) == sorted(ROOMS)
        assert await awake(store) == []

    async def test_many_who_ask_at_once_are_each_given_others(self, store: Store) -> None:
        homes = [Channel("slack", "T1", f"C{number:02}") for number in range(40)]
        for home in homes:
            await store.save_settings(settings(home))
        pages = await asyncio.gather(*(taken(store, 5) for _ in range(12)))
        left = [await taken(store, 40)]
        assert sorted(channel for page in [*pages, *left] for channel in page) == homes

    async def test_what_was_given_to_one_who_died_is_given_to_another_when_its_time_has_passed(
        self, store: Store
    ) -> None:
        await store.save_settings(settings(HERE))
        assert await taken(store) == [HERE]
        assert await taken(store, later=PAGE - NOW - MOMENT) == []
        assert await taken(store, later=PAGE - NOW) == [HERE]

    async def test_one_that_was_late_does_not_send_to_rest_what_another_was_given_after_it(self, store: Store) -> None:
        assert isinstance(store, Agenda)
        await store.save_settings(settings(HERE))
        await taken(store)
        await taken(store, later=HOUR)
        await store.rest({HERE: NOW + 3 * HOUR}, PAGE)
        assert await awake(store, HOUR + (PAGE - NOW)) == [HERE]

    async def test_one_that_rests_comes_when_its_time_has_come(self, store: Store) -> None:
        assert isinstance(store, Agenda)
        for channel in ROOMS:
            await store.save_settings(settings(channel))
        await taken(store)
        await store.rest({HERE: NOW + HOUR, TWIN: NOW + 2 * HOUR}, PAGE)
        assert await awake(store, HOUR - MOMENT) == [THERE]
        assert await awake(store, HOUR) == [THERE, HERE]
        assert await awake(store, 2 * HOUR) == [THERE, HERE, TWIN]

    async def test_a_change_of_its_settings_wakes_a_channel(self, store: Store) -> None:
        await store.save_settings(settings(HERE))
        await rest(store, HERE, HOUR)
        assert await awake(store) == []
        await store.save_settings(settings(HERE, count=9))
        assert await awake(store) == [HERE]

    async def test_one_that_changed_since_it_was_given_does_not_rest(self, store: Store) -> None:
        assert isinstance(store, Agenda)
        await store.save_settings(settings(HERE))
        await taken(store)
        await store.save_settings(settings(HERE, count=9))
        await store.rest({HERE: NOW + HOUR}, PAGE)
        assert await awake(store) == [HERE]

    async def test_a_rest_that_is_too_long_to_be_true_is_none(self, store: Store) -> None:
        """A clock that was a day ahead sent it there."""
        await store.save_settings(settings(HERE))
        await rest(store, HERE, timedelta(days=1))
        assert await awake(store) == [HERE]
        await rest(store, HERE, 6 * HOUR)
        assert await awake(store) == []

    async def test_only_channels_of_these_platforms_are_given(self, store: Store) -> None:
        assert isinstance(store, Agenda)
        await store.save_settings(settings(HERE))
        for until in (None, PAGE):
            assert await store.awake({"carrier pigeons"}, NOW, FAR, 10, until) == []

    async def test_one_that_is_dropped_is_not_given(self, store: Store) -> None:
        await store.save_settings(settings(HERE))
        await store.drop(HERE)
        assert await awake(store) == []
