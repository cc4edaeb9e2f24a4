"""Which papers the next digests have room for: what is asked of others for money is asked for those alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from bot import acronyms, agenda, digest, due, listing
from bot.errors import SettingsError
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Store
from bot.summary import Style

CHANNELS = 1_000
"""Channels that are looked at, the next ones: more of them show mostly the same, and a tick must not take long."""
OWN_WORDS = {Style.ABSTRACT, Style.EXTRACT}
"""Styles of channels that read the authors' words alone."""


async def coming(store: Store, platforms: Collection[str], now: datetime) -> frozenset[str]:
    """Give the ids of papers that would stand in a digest now, of channels there that take a summary by others."""
    today = now.date()
    listed = await listing.listed(store, today - due.REACH, today, today, await acronyms.table(store))
    every = await agenda.soonest(store, platforms, now, CHANNELS)
    asked = [one for one in every if not one.paused and one.style not in OWN_WORDS][:CHANNELS]
    homes = [one.channel for one in asked]
    followed: defaultdict[Channel, list[Subscription]] = defaultdict(list)
    for item in await store.subscriptions(homes):
        followed[item.channel].append(item)
    posted, planned = await store.posted(homes), await store.planned_dates(today - due.REACH, homes)

    def shown(one: ChannelSettings) -> Iterator[str]:
        home = one.channel
        try:
            day = due.local_date(one, now)
            window = due.window(one, day, max((date for date, _ in planned.get(home, ())), default=None))
        except SettingsError:
            return
        matches = listed.matching.matches(followed[home], listed.within(*window))
        made = digest.compose(
            home, day, matches, query="", seen=0, posted=posted.get(home, {}), budget=one.count, today=today
        )
        yield from (entry.paper.id for entry in made.entries)

    def all_shown() -> frozenset[str]:
        listed.matching.ask(item.query for items in followed.values() for item in items)
        return frozenset(id_ for one in asked for id_ in shown(one))

    return await asyncio.to_thread(all_shown)
