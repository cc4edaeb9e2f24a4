"""What a store of many channels (``bot.ports.Agenda``) must do beside the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.models import Channel
from bot.ports import Agenda, Store
from tests.contracts.store_values import HERE, HOUR, NOW, THERE, TWIN, settings

FAR = NOW + 6 * HOUR
ROOMS = (HERE, THERE, TWIN)
PLATFORMS = {channel.platform for channel in ROOMS}


async def awake(store: Store, now_later: timedelta = timedelta(0), limit: int = 10) -> list[Channel]:
    """All that are awake, read page by page."""
    assert isinstance(store, Agenda)
    found, after = list[Channel](), ""
    while page := await store.awake(PLATFORMS, NOW + now_later, FAR + now_later, after, limit):
        found, after = [*found, *(one.settings.channel for one in page)], page[-1].mark
    return found


async def rest(store: Store, channel: Channel, until: timedelta) -> None:
    assert isinstance(store, Agenda)
    (one,) = [one for one in await store.awake(PLATFORMS, NOW, FAR, "", 10) if one.settings.channel == channel]
    await store.rest({one.mark: NOW + until})


class Resting:
    """Who is given, and who rests."""

    async def test_every_channel_is_awake_at_first_and_given_once_in_pages_of_any_size(self, store: Store) -> None:
        for channel in ROOMS:
            await store.save_settings(settings(channel))
        for limit in (1, 2, 10):
            assert sorted(await awake(store, limit=limit)) == sorted(ROOMS)

    async def test_one_that_rests_comes_when_its_time_has_come(self, store: Store) -> None:
        for channel in ROOMS:
            await store.save_settings(settings(channel))
        await rest(store, HERE, HOUR)
        await rest(store, TWIN, 2 * HOUR)
        assert await awake(store) == [THERE]
        assert set(await awake(store, HOUR)) == {THERE, HERE}
        assert set(await awake(store, 2 * HOUR, limit=1)) == {*ROOMS}

    async def test_a_change_of_its_settings_wakes_a_channel(self, store: Store) -> None:
        await store.save_settings(settings(HERE))
        await rest(store, HERE, HOUR)
        assert await awake(store) == []
        await store.save_settings(settings(HERE, count=9))
        assert await awake(store) == [HERE]

    async def test_one_that_changed_since_it_was_read_does_not_rest(self, store: Store) -> None:
        assert isinstance(store, Agenda)
        await store.save_settings(settings(HERE))
        (read,) = await store.awake(PLATFORMS, NOW, FAR, "", 10)
        await store.save_settings(replace(read.settings, count=9))
        await store.rest({read.mark: NOW + HOUR})
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
        assert await store.awake({"carrier pigeons"}, NOW, FAR, "", 10) == []

    async def test_one_that_is_dropped_is_not_given(self, store: Store) -> None:
        await store.save_settings(settings(HERE))
        await store.drop(HERE)
        assert await awake(store) == []
