"""A person asks about one channel: no command reads all channels' rows, of which there may be millions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from bot.models import Channel, ChannelSettings, Delivery, State, Subscription
from bot.talk import VERBS
from tests.fakes import MemoryStore
from tests.making import ROOM
from tests.talking import ANA, Town, seen


class CountedStore(MemoryStore):
    """Knows who asked for everything."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: list[str] = []

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        self.whole += ["subscriptions"] if channel is None else []
        return await super().subscriptions(channel)

    async def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        self.whole += [] if tenant else ["settings"]
        return await super().all_settings(tenant)

    async def deliveries(
        self,
        *,
        states: Collection[State] = (),
        channel: Channel | Collection[Channel] | None = None,
        limit: int | None = None,
    ) -> Sequence[Delivery]:
        self.whole += ["deliveries"] if channel is None and limit is None else []
        return await super().deliveries(states=states, channel=channel, limit=limit)


async def test_neither_does_a_persons_own_page_nor_the_end_of_an_installation() -> None:
    store = CountedStore()
    town = await Town.founded(store=store)
    await town.follow("agents")
    store.whole.clear()
    assert "agents" in seen(await town.desk.home(ANA, town.clock()))
    await town.desk.tenant_gone("fake", "T1", "the app was removed")
    await town.desk.installed(ROOM)
    assert store.whole == []


@pytest.mark.parametrize(
    "asked",
    [
        *(verb.name for verb in VERBS),
        "search agents",
        "subscribe agents",
        "why 2608.20000",
        "digest send",
        "digest pause",
    ],
)
async def test_no_command_reads_the_rows_of_all_channels(asked: str) -> None:
    store = CountedStore()
    town = await Town.founded(store=store)
    await town.follow("agents")
    store.whole.clear()
    await town.ask(asked)
    assert store.whole == []
