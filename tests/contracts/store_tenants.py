"""The contract about tenants: channels that share all but one part of their name never see each other's rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.models import Channel, State
from bot.ports import Store
from tests.contracts.store_values import EVER, HERE, NOW, digest, moved, settings, subscription

ALIKE = (HERE, Channel("slack", "T2", "C1"), Channel("slack", "T1", "C2"), Channel("discord", "T1", "C1"))
"""In turn: another tenant, another room, another platform."""


async def filled(store: Store) -> None:
    """Give each channel the same things under the same names."""
    for number, channel in enumerate(ALIKE):
        await store.subscribe(replace(subscription(channel), owner=f"U{number}"), settings(channel, count=number + 1))
        plan, rows = digest(channel, [f"p{number}"], [f"q{number}"])
        await store.plan([(plan, rows)])
        await moved(store, rows[0], State.SENT)


async def told(store: Store, channel: Channel) -> list[object]:
    """All that a store says about one channel."""
    return [
        await store.subscriptions(channel),
        await store.settings(channel),
        await store.plans(channel, EVER),
        await store.deliveries(channel=channel),
        (await store.posted([channel]))[channel],
    ]


async def save(store: Store, channel: Channel) -> None:
    await store.save_settings(settings(channel, count=9))


async def unsubscribe(store: Store, channel: Channel) -> None:
    assert await store.unsubscribe(channel, "agents") == 1


async def unsubscribe_all(store: Store, channel: Channel) -> None:
    assert await store.unsubscribe(channel, None) == 1


async def drop(store: Store, channel: Channel) -> None:
    await store.drop(channel)


async def end(store: Store, channel: Channel) -> None:
    _, row = await store.deliveries(channel=channel)
    await moved(store, row, State.DEAD)


class Parting:
    async def test_channels_that_are_named_nearly_alike_see_their_own_rows_only(self, store: Store) -> None:
        await filled(store)
        for number, channel in enumerate(ALIKE):
            assert [one.owner for one in await store.subscriptions(channel)] == [f"U{number}"]
            assert await store.settings(channel) == settings(channel, count=number + 1)
            assert {plan.channel for plan in await store.plans(channel, EVER)} == {channel}
            assert {row.channel for row in await store.deliveries(channel=channel)} == {channel}
            assert set((await store.posted([channel]))[channel]) == {f"p{number}", f"q{number}"}

    @pytest.mark.parametrize("change", [save, unsubscribe, unsubscribe_all, drop, end], ids=lambda do: do.__name__)
    async def test_a_change_of_one_channel_is_no_change_of_another(
        self, store: Store, change: Callable[[Store, Channel], Awaitable[None]]
    ) -> None:
        await filled(store)
        for channel in ALIKE:
            before = {other: await told(store, other) for other in ALIKE}
            await change(store, channel)
            after = {other: await told(store, other) for other in ALIKE}
            assert {other for other in ALIKE if before[other] != after[other]} == {channel}

    async def test_a_tenants_channels_are_its_own(self, store: Store) -> None:
        await filled(store)
        for platform, tenant in {(one.platform, one.tenant) for one in ALIKE}:
            own = sorted(one for one in ALIKE if (one.platform, one.tenant) == (platform, tenant))
            assert [one.channel for one in await store.all_settings((platform, tenant))] == own
        assert [one.channel for one in await store.all_settings()] == sorted(ALIKE)
        assert list(await store.all_settings(("slack", ""))) == []

    async def test_a_census_counts_what_is_there(self, store: Store) -> None:
        await filled(store)
        await store.save_settings(replace(settings(ALIKE[1]), paused="it asked"))
        found = await store.census()
        assert (found.papers, found.subscriptions) == (0, {"slack": 3, "discord": 1})
        assert found.channels == {("slack", False): 2, ("slack", True): 1, ("discord", False): 1}
        states = {("slack", State.SENT): 3, ("slack", State.PENDING): 3}
        assert found.messages == states | {("discord", State.SENT): 1, ("discord", State.PENDING): 1}

    async def test_what_is_compacted_stays_with_its_channel(self, store: Store) -> None:
        await filled(store)
        for channel in ALIKE:
            await end(store, channel)
        await store.compact(NOW.replace(year=NOW.year + 1))
        for number, channel in enumerate(ALIKE):
            assert set((await store.posted([channel]))[channel]) == {f"p{number}"}
